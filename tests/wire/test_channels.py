"""The channels: how they are asked for, and their rows as documented, there and back."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from bitget_margin_adapter.model.rows import Asset, Order
from bitget_margin_adapter.model.words import LoanType, Mode, OrderStatus, OrderType, Side, Source, TimeInForce
from bitget_margin_adapter.wire.channels import (
    CHANNELS,
    AccountChange,
    IndexPrice,
    OrderChange,
    channel_of,
    parse_push,
    render_push,
)
from bitget_margin_adapter.wire.parse import Malformed

Bare = Callable[[Any], Any]
D = Decimal

INDEX = {
    "baseCoin": "TRX", "indexPrice": "0.06362400", "key": "TRXUSDT", "quoteCoin": "USDT", "symbol": "TRXUSDT",
    "timestamp": "1679732272775", "version": "1679732272775",
}  # fmt: skip
ACCOUNT = {
    "available": "9628.96000000", "borrow": "0.00000000", "coin": "USDT", "frozen": "381.04000000",
    "id": "1020496190816575488", "interest": "0.00000000", "key": "1020496190816575488", "uTime": "1679728870940",
    "version": "1023369776782827520",
}  # fmt: skip
ORDER = {
    "baseQuantity": "0.010000000", "cTime": "1679729291287", "clientOid": "70715854a52e4daaa84e2a1e52ddb01d",
    "fillPrice": "19055.000000000", "fillQuantity": "0.010000000", "fillTotalAmount": "190.550000000",
    "key": "1023424313350610944", "loanType": "autoLoan", "orderId": "1023424313350610944", "orderType": "limit",
    "price": "19055.000000000", "quoteAmount": "190.550000000", "side": "buy", "source": "web",
    "status": "full-fill", "symbol": "BTCUSDT", "timeInForce": "normal", "version": "1023424313640017920",
}  # fmt: skip

ACCOUNT_CHANGE = AccountChange(
    "1020496190816575488", None, "USDT", D("9628.96"), D("381.04"), D(0), D(0), 1679728870940, "1023369776782827520"
)
ORDER_CHANGE = OrderChange(
    Order(
        "BTCUSDT", "1023424313350610944", "70715854a52e4daaa84e2a1e52ddb01d", OrderType.LIMIT, Side.BUY,
        LoanType.AUTO_LOAN, TimeInForce.GTC, D(19055), D("0.01"), D("190.55"), D(19055), D("0.01"), D("190.55"),
        OrderStatus.FULL_FILL, Source.WEB, 1679729291287,
    ),
    "1023424313640017920",
)  # fmt: skip

DOCUMENTED = [
    ("indexPrice", INDEX, IndexPrice("TRXUSDT", "TRX", "USDT", D("0.063624"), 1679732272775, "1679732272775")),
    ("cross_account", ACCOUNT, ACCOUNT_CHANGE),
    ("isolate_account", {**ACCOUNT, "symbol": "BTCUSDT_SPBL"}, ACCOUNT_CHANGE._replace(symbol="BTCUSDT")),
    ("cross_orders", ORDER, ORDER_CHANGE),
    ("isolate_orders", ORDER, ORDER_CHANGE),
]


@pytest.mark.parametrize(("channel", "raw", "expected"), DOCUMENTED, ids=[row[0] for row in DOCUMENTED])
def test_the_documented_rows_there_and_back(channel: str, raw: dict[str, str], expected: Any, bare: Bare) -> None:
    (row,) = parse_push(channel, [raw])
    assert bare(row) == expected
    assert row.info is raw
    argument = {"instId": "default", "channel": channel, "instType": "mabl"}
    push = render_push(channel, (row,), argument)
    assert push["arg"] is argument
    assert push["action"] == "snapshot"
    assert bare(parse_push(channel, json.loads(json.dumps(push))["data"])) == (expected,)
    # Every documented name is written, with the values settled against the documentation in place of its own.
    settled = {"timeInForce": "gtc", "source": "WEB", "symbol": raw.get("symbol", "").removesuffix("_SPBL")}
    plain = {name: trimmed(value) for name, value in raw.items()}
    assert push["data"] == [plain | {name: value for name, value in settled.items() if name in raw}]


def trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def test_every_documented_channel_is_there() -> None:
    assert set(CHANNELS) == {row[0] for row in DOCUMENTED}


def test_an_account_change_as_the_row_that_rest_has() -> None:
    row = ACCOUNT_CHANGE._replace(borrow=D(10), interest=D("0.5"))
    assert row.asset == Asset(
        None, "USDT", D(10010), D("9628.96"), D("381.04"), D(10), D("0.5"), D("9999.5"), None, None
    )


@pytest.mark.parametrize("status", OrderStatus)
def test_a_status_has_a_hyphen_on_the_stream_and_either_is_read(status: OrderStatus) -> None:
    change = ORDER_CHANGE._replace(order=ORDER_CHANGE.order._replace(status=status))
    (raw,) = render_push("cross_orders", (change,), {})["data"]
    assert raw["status"] == status.replace("_", "-")
    for spelling in (raw["status"], str(status)):
        (row,) = parse_push("cross_orders", [{**raw, "status": spelling}])
        assert row.order.status is status


def test_arguments_of_subscriptions() -> None:
    assert channel_of("orders", Mode.ISOLATED).argument("BTC/USDT") == {
        "instType": "mabl",
        "channel": "isolate_orders",
        "instId": "BTCUSDT_SPBL",
    }
    assert channel_of("account", "cross").argument("BTC/USDT")["instId"] == "default"
    with pytest.raises(ValueError, match="symbol by symbol"):
        CHANNELS["cross_orders"].argument()


def test_only_the_index_price_is_public() -> None:
    assert [name for name, row in CHANNELS.items() if not row.private] == ["indexPrice"]


@pytest.mark.parametrize(
    ("data", "path"), [({}, "data"), ([[]], "data[0]"), ([{**ORDER, "status": "gone"}], "data[0].status")]
)
def test_a_push_that_cannot_be_understood_says_where(data: Any, path: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_push("cross_orders", data)
    assert (caught.value.answer, caught.value.path) == ("cross_orders", path)
