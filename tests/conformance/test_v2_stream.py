"""One stream of events, told to a client of each dialect: the same channels, symbols and rows."""

from decimal import Decimal
from typing import Any

import pytest

from bitget_margin_adapter.model.rows import Order
from bitget_margin_adapter.model.words import LoanType, OrderStatus, OrderType, Side, Source, TimeInForce
from bitget_margin_adapter.stream.events import Event, Push, Subscribed
from bitget_margin_adapter.stream.protocol import StreamProtocol
from bitget_margin_adapter.stream.server import ServerProtocol
from bitget_margin_adapter.venue.auth import login_code
from bitget_margin_adapter.venue.keyring import Keyring
from bitget_margin_adapter.wire import signing
from bitget_margin_adapter.wire.channels import CHANNELS, AccountChange, IndexPrice, OrderChange

from ..stream.link import check, login

NOW = 1_700_000_000_000
D = Decimal

ORDER = Order(
    "BTCUSDT", "1", "a", OrderType.LIMIT, Side.BUY, LoanType.AUTO_LOAN, TimeInForce.GTC, D(30000), D("0.2"), None,
    D(29990), D("0.1"), D(2999), OrderStatus.PARTIAL_FILL, Source.API, NOW,
)  # fmt: skip
ACCOUNT = AccountChange("7", None, "USDT", D(5), D(1), D(2), D("0.1"), NOW, "3")
ROWS: dict[str, Any] = {
    "indexPrice": IndexPrice("BTCUSDT", "BTC", "USDT", D(30000), NOW, "3"),
    "cross_account": ACCOUNT,
    "isolate_account": ACCOUNT._replace(symbol="BTCUSDT"),
    "cross_orders": OrderChange(ORDER, "3"),
    "isolate_orders": OrderChange(ORDER, "3"),
}


class Pair:
    """A client and its server on a perfect wire."""

    def __init__(self, dialect: Any) -> None:
        self.client = StreamProtocol(login, dialect=dialect)
        self.server = ServerProtocol(check)
        self.client.opened(NOW)
        self.server.opened(NOW)
        self.texts: list[str] = []

    def run(self, now: int) -> list[Event]:
        found: list[Event] = []
        for _ in range(4):
            for text in self.client.outgoing(now):
                self.server.receive(text, now)
            for text in self.server.outgoing():
                self.texts.append(text)
                found += self.client.receive(text, now)
        return found


def bare(row: Any) -> Any:
    """What a subscriber looks at: v2 numbers no changes."""
    if isinstance(row, OrderChange):
        row = row._replace(order=row.order._replace(info=None))
    return row._replace(version="", info=None)


@pytest.mark.parametrize("name", CHANNELS)
def test_both_dialects_hear_the_same(name: str) -> None:
    symbol = "BTCUSDT" if CHANNELS[name].by_symbol else None
    heard = []
    for dialect in ("v1", "v2"):
        pair = Pair(dialect)
        pair.client.subscribe(name, symbol)
        events = pair.run(NOW)
        assert events == [Subscribed(name, symbol)]
        assert pair.client.is_live
        assert pair.server.push(name, symbol, (ROWS[name],))
        (push,) = pair.run(NOW)
        assert isinstance(push, Push)
        heard.append((push.channel, tuple(map(bare, push.rows))))
        pair.client.unsubscribe(name, symbol)
        pair.run(NOW)
        assert not pair.server.streams
        assert ('"MARGIN"' in pair.texts[-1]) == (dialect == "v2")
    assert heard[0] == heard[1] == (name, (bare(ROWS[name]),))


def test_one_connection_may_speak_both() -> None:
    """A tolerant venue: the argument says which names its pushes have."""
    pair = Pair("v2")
    pair.client.subscribe("cross_orders", "BTCUSDT")
    pair.run(NOW)
    pair.server.receive(
        '{"op":"subscribe","args":[{"instType":"mabl","channel":"indexPrice","instId":"default"}]}', NOW
    )
    assert set(pair.server.streams) == {("cross_orders", "BTCUSDT"), ("indexPrice", None)}
    pair.server.outgoing()
    pair.server.push("indexPrice", None, (ROWS["indexPrice"],))
    pair.server.push("cross_orders", "BTCUSDT", (ROWS["cross_orders"],))
    old, new = pair.server.outgoing()
    assert '"indexPrice"' in old
    assert '"version"' in old
    assert '"orders-crossed"' in new
    assert '"version"' not in new


@pytest.mark.parametrize(
    ("stamp", "code"),
    [(NOW // 1000, None), (NOW, None), (NOW + 29_000, None), (NOW + 31_000, "30014"), (NOW // 1000 - 31, "30014")],
)
def test_a_login_is_dated_in_seconds_or_as_the_text_of_v2_says_in_milliseconds(stamp: int, code: str | None) -> None:
    keyring = Keyring()
    keyring.add("sbx_key", "phrase", "alice", secret="secret")
    (argument,) = signing.login_args("sbx_key", "phrase", signing.HmacSigner("secret"), stamp)
    plain = {name: str(value) for name, value in argument.items()}
    assert login_code(keyring, plain, (NOW,)) == code
