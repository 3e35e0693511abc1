"""v2's channels: arguments and rows both ways, beside v1's."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitget_margin_adapter.model.rows import Order
from bitget_margin_adapter.model.words import LoanType, OrderStatus
from bitget_margin_adapter.wire.channels import CHANNELS, AccountChange, IndexPrice, OrderChange
from bitget_margin_adapter.wire.parse import Malformed
from bitget_margin_adapter.wire.v2.channels import (
    CHANNELS_V2,
    argument_v2,
    parse_push_v2,
    render_push_v2,
    stream_of_v2,
)

from .test_render import JSON, rows_of

ARGUMENTS = {
    "indexPrice": {"instType": "MARGIN", "channel": "index-price", "instId": "default"},
    "cross_account": {"instType": "MARGIN", "channel": "account-crossed", "coin": "default"},
    "isolate_account": {"instType": "MARGIN", "channel": "account-isolated", "coin": "default"},
    "cross_orders": {"instType": "MARGIN", "channel": "orders-crossed", "instId": "BTCUSDT"},
    "isolate_orders": {"instType": "MARGIN", "channel": "orders-isolated", "instId": "BTCUSDT"},
}


def test_every_channel_has_its_name_in_v2() -> None:
    assert set(CHANNELS_V2) == set(CHANNELS)


@pytest.mark.parametrize("name", CHANNELS)
def test_arguments_both_ways(name: str) -> None:
    symbol = "BTCUSDT" if CHANNELS[name].by_symbol else None
    assert argument_v2(name, symbol) == ARGUMENTS[name]
    assert stream_of_v2(ARGUMENTS[name]) == (name, symbol)


def test_orders_are_subscribed_symbol_by_symbol() -> None:
    with pytest.raises(ValueError, match="symbol"):
        argument_v2("cross_orders")
    assert stream_of_v2({"channel": "orders-crossed", "instId": "default"}) is None
    assert stream_of_v2({"channel": "orders-crossed", "instId": "BTCUSDT_UMCBL"}) is None
    assert stream_of_v2(CHANNELS["cross_orders"].argument("BTCUSDT")) is None


@given(argument=JSON | st.dictionaries(st.sampled_from(["channel", "instId", "coin"]), JSON))
def test_any_argument_is_a_stream_or_none(argument: Any) -> None:
    assert stream_of_v2(argument) is None


def said(row: Any) -> Any:
    """What v2 says of it: no versions, and one word for an order that is not filled yet."""
    if isinstance(row, OrderChange):
        row = row._replace(order=row.order._replace(info=None))
        if row.order.status is OrderStatus.INIT:
            row = row._replace(order=row.order._replace(status=OrderStatus.NEW))
    return row._replace(version="0", info=None)


@pytest.mark.parametrize("name", CHANNELS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_push_comes_back_as_it_was(name: str, data: st.DataObject) -> None:
    rows = data.draw(st.lists(rows_of(CHANNELS[name].shape), max_size=3).map(tuple))
    push = json.loads(json.dumps(render_push_v2(name, rows, ARGUMENTS[name])))
    assert push["arg"] == ARGUMENTS[name]
    assert not {"key", "version"} & {key for row in push["data"] for key in row}
    found = parse_push_v2(name, push["data"], push["arg"])
    assert tuple(map(said, found)) == tuple(map(said, rows))


ORDER_ROW = {
    "orderId": "1", "clientOid": "a", "orderType": "limit", "side": "buy", "loanType": "auto-loan", "force": "gtc",
    "price": "93.17", "baseSize": "0.1106", "quoteSize": "10.304602", "fillPrice": "93.17", "baseVolume": "0.1074",
    "fillTotalAmount": "10.006458", "status": "partially_filled", "enterPointSource": "web", "cTime": "1717875017306",
    "feeDetail": [{"feeCoin": "AAVE", "deduction": "no", "totalDeductionFee": "0", "totalFee": "-0.0001"}],
}  # fmt: skip


def test_an_order_takes_its_symbol_from_the_argument() -> None:
    (change,) = parse_push_v2("cross_orders", [ORDER_ROW], {"instId": "AAVEUSDT"})
    order: Order = change.order
    assert (order.symbol, order.status, order.loan_type) == (
        "AAVEUSDT",
        OrderStatus.PARTIAL_FILL,
        LoanType.AUTO_LOAN,
    )
    assert [str(order.fill_quantity), str(order.fill_total)] == ["0.1074", "10.006458"]
    assert change.version == "0"
    row = render_push_v2("cross_orders", (change,), {})["data"][0]
    assert (row["loanType"], row["baseVolume"], row["status"]) == ("auto-loan", "0.1074", "partially_filled")


def test_the_time_of_a_push_is_its_newest_rows() -> None:
    account = {"id": "1", "coin": "USDT", "available": "1", "frozen": "0", "borrow": "0", "interest": "0"}
    rows = [{**account, "uTime": "5"}, {**account, "uTime": "7"}, account]
    found = parse_push_v2("cross_account", rows, {})
    assert [type(row) for row in found] == [AccountChange] * 3
    assert render_push_v2("cross_account", found, {})["ts"] == 7
    assert render_push_v2("cross_account", (), {})["ts"] == 0
    price = {"symbol": "BTCUSDT", "baseCoin": "BTC", "quoteCoin": "USDT", "indexPrice": "1", "ts": "9"}
    (index,) = parse_push_v2("indexPrice", [price], {})
    assert isinstance(index, IndexPrice)
    assert render_push_v2("indexPrice", (index,), {})["ts"] == 9


@pytest.mark.parametrize("name", CHANNELS)
@given(data=JSON)
@settings(max_examples=15, deadline=None)
def test_any_json_is_rows_or_malformed(name: str, data: Any) -> None:
    for whole in (data, [data]):
        try:
            parse_push_v2(name, whole, {"instId": "BTCUSDT"})
        except Malformed:
            continue
