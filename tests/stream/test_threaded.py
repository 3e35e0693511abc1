"""MarginStream over real sockets: the emulator, a server of another library, and paper without any."""

import itertools
import threading
from decimal import Decimal
from typing import Any

import ccxt
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.stream.healing import PriceSeen
from bitget_margin_adapter.stream.server import ServerProtocol
from bitget_margin_adapter.stream.unified import StreamEvent
from bitget_margin_adapter.wire.channels import IndexPrice

from ..wire.test_channels import ACCOUNT_CHANGE, ORDER_CHANGE
from .foreign import Foreign

WAIT = 30.0


def until(stream: Any, kind: str, **data: Any) -> StreamEvent:
    """The next event of that kind whose data has these figures; others are kept for later calls.

    Which of two comes first, an order or its trade, is nobody's promise: one is pushed, the other read.
    """
    kept: list[StreamEvent] = stream.__dict__.setdefault("kept", [])
    for place, old in enumerate(kept):
        if old.kind == kind and all(old.data[name] == value for name, value in data.items()):
            return kept.pop(place)
    while True:
        event: StreamEvent | None = stream.get(WAIT)
        assert event is not None, f"no {kind} {data}"
        if event.kind == kind and all(event.data[name] == value for name, value in data.items()):
            return event
        kept.append(event)


def directed_at(foreign: Foreign, emulator: bma.Emulator) -> Any:
    """REST by the emulator, the stream by the other library."""
    config = emulator.config()
    config["urls"]["api"]["ws"] = foreign.url
    exchange = bma.bitgetmargin(config)
    exchange.load_markets()
    return exchange


def test_orders_trades_balances_and_prices(exchange: Any, emulator: bma.Emulator) -> None:
    with bma.MarginStream(exchange, ["cross_orders", "cross_account", "indexPrice"], ["BTC/USDT"]) as stream:
        until(stream, "status", connected=True)
        made = exchange.create_order("BTC/USDT", "market", "buy", 0.01)
        order = until(stream, "order", id=made["id"])
        assert (order.symbol, order.marginMode, order.channel) == ("BTC/USDT", "cross", "cross_orders")
        assert (order.data["status"], order.data["filled"]) == ("closed", 0.01)
        trade = until(stream, "trade", order=made["id"])
        assert trade.data["fee"] == {"currency": "BTC", "cost": 0.00001, "rate": None}
        assert trade.data["id"] == exchange.fetch_my_trades("BTC/USDT")[0]["id"]
        wanted = {code: exchange.fetch_balance()[code] for code in ("BTC", "USDT")}
        while not (told := until(stream, "balance").data).items() >= wanted.items():
            assert "USDT" in told
        emulator.control("market", {"symbol": "BTCUSDT", "price": "30123.5"})
        emulator.control("market", {"symbol": "ETHUSDT", "price": "2001"})
        emulator.control("market", {"symbol": "BTCUSDT", "price": "30124.5"})
        seen = until(stream, "ticker", indexPrice=30124.5)
        assert seen.symbol == "BTC/USDT"


def test_isolated_beside_cross(exchange: Any, emulator: bma.Emulator) -> None:
    emulator.control("fund", {"account": "isolated:BTCUSDT", "coin": "USDT", "amount": "1000"})
    channels = ["cross_orders", "isolate_orders", "isolate_account"]
    with bma.MarginStream(exchange, channels, "BTC/USDT") as stream:
        until(stream, "status", connected=True)
        isolated = exchange.create_order("BTC/USDT", "market", "buy", 0.01, params={"marginMode": "isolated"})
        assert until(stream, "trade", order=isolated["id"]).marginMode == "isolated"
        cross = exchange.create_order("BTC/USDT", "market", "buy", 0.01)
        assert until(stream, "trade", order=cross["id"]).marginMode == "cross"
        exchange.create_order("BTC/USDT", "market", "sell", 0.001, params={"marginMode": "isolated"})
        while "BTC" not in (pair := until(stream, "balance").data["BTC/USDT"]) or not pair["BTC"]["free"]:
            pass


def test_orders_from_before_are_not_told(exchange: Any) -> None:
    before = exchange.create_order("BTC/USDT", "market", "buy", 0.01)
    resting = exchange.create_order("BTC/USDT", "limit", "buy", 0.01, 20_000)
    # The venue's time is known to some milliseconds only.
    while exchange.fetch_time() < exchange.fetch_order(resting["id"], "BTC/USDT")["timestamp"] + 50:
        pass
    with bma.MarginStream(exchange, "cross_orders", "BTC/USDT") as stream:
        until(stream, "status", connected=True)
        exchange.cancel_order(resting["id"], "BTC/USDT")
        event = until(stream, "order")
        assert (event.data["id"], event.data["status"]) == (resting["id"], "canceled")
        assert event.data["id"] != before["id"]


def test_without_symbols_the_pairs_in_use(exchange: Any) -> None:
    with pytest.raises(ccxt.ArgumentsRequired, match="options"):
        bma.MarginStream(exchange, "cross_orders")
    exchange.options["symbols"] = ["ETH/USDT"]
    with bma.MarginStream(exchange, "cross_orders") as stream:
        until(stream, "status", connected=True)
        made = exchange.create_order("ETH/USDT", "market", "buy", 0.1)
        assert until(stream, "trade").data["order"] == made["id"]


@pytest.mark.parametrize(
    ("channels", "symbols", "kind"),
    [
        ("orders", ["BTC/USDT"], ccxt.BadRequest), ([], None, ccxt.ArgumentsRequired),
        ("cross_orders", ["NO/USDT"], ccxt.BadSymbol),
    ],
)  # fmt: skip
def test_what_there_is_not_is_refused_at_once(
    exchange: Any, channels: Any, symbols: Any, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        bma.MarginStream(exchange, channels, symbols)


def test_the_asyncio_class_is_not_for_threads(emulator: bma.Emulator) -> None:
    with pytest.raises(ccxt.BadRequest, match="synchronous"):
        bma.MarginStream(bma.async_support.bitgetmargin(emulator.config()), "indexPrice")


@pytest.mark.parametrize("dialect", ["v1", "v2"])
def test_in_either_dialect(emulator: bma.Emulator, dialect: str) -> None:
    config = emulator.config()
    exchange = bma.bitgetmargin({**config, "options": {**config["options"], "dialect": dialect}})
    channels = ["indexPrice", "cross_account", "cross_orders"]
    with bma.MarginStream(exchange, channels, "BTC/USDT") as stream:
        until(stream, "status", connected=True)
        made = exchange.create_order("BTC/USDT", "market", "buy", 0.01)
        assert until(stream, "order").data["id"] == made["id"]
        assert until(stream, "trade").data["order"] == made["id"]
        emulator.control("market", {"symbol": "BTCUSDT", "price": "30123"})
        until(stream, "ticker", indexPrice=30_123)
    exchange.session.close()


def test_private_channels_need_a_key(emulator: bma.Emulator) -> None:
    config = {**emulator.config(), "apiKey": ""}
    with pytest.raises(ccxt.AuthenticationError, match="apiKey"):
        bma.MarginStream(bma.bitgetmargin(config), "cross_account")
    with bma.MarginStream(bma.bitgetmargin(config), "indexPrice") as stream:
        until(stream, "ticker", symbol="BTC/USDT")


def test_another_library_understands_us(foreign: Foreign, emulator: bma.Emulator) -> None:
    exchange = directed_at(foreign, emulator)
    with bma.MarginStream(exchange, ["cross_orders", "cross_account"], "BTC/USDT") as stream:
        until(stream, "status", connected=True)
        for version in itertools.count(1):
            # What REST says may come after it, and only the latest balance is kept.
            foreign.push("cross_account", None, ACCOUNT_CHANGE._replace(version=str(version)))
            if until(stream, "balance").data["USDT"]["used"] == 381.04:
                break
        late = ORDER_CHANGE.order._replace(ctime=exchange.milliseconds())
        foreign.push("cross_orders", "BTCUSDT", ORDER_CHANGE._replace(order=late))
        foreign.push("cross_orders", "BTCUSDT", ORDER_CHANGE._replace(order=late))
        assert until(stream, "order").data["id"] == late.order_id
        assert not any('"ping"' in text for text in foreign.texts)


def test_a_lost_connection_is_made_again_and_nothing_is_missed(
    fast: None, foreign: Foreign, emulator: bma.Emulator
) -> None:
    """The other library's venue pushes nothing at all: every trade comes by healing."""
    exchange = directed_at(foreign, emulator)
    with bma.MarginStream(exchange, "cross_orders", "BTC/USDT") as stream:
        made: list[str] = []
        traded: list[str] = []
        codes = [1000, 1001, 1011, 3000]
        while len(traded) < 12:
            event = stream.get(WAIT)
            assert event is not None
            if event.kind == "trade":
                traded.append(event.data["order"])
            elif event.kind == "status" and event.data["connected"] and codes:
                foreign.cut(codes.pop())
                made += [exchange.create_order("BTC/USDT", "market", "buy", 0.001)["id"] for _ in range(3)]
        assert traded == made
        assert foreign.connections >= 4


def test_a_black_hole_is_found_and_left(fast: None, foreign: Foreign, emulator: bma.Emulator) -> None:
    with bma.MarginStream(directed_at(foreign, emulator), "indexPrice") as stream:
        until(stream, "status", connected=True)
        foreign.silent = True
        event = until(stream, "status", connected=False)
        assert "silent" in event.data["reason"]
        foreign.silent = False
        until(stream, "status", connected=True)


def test_a_venue_that_cannot_be_reached_raises_in_the_waiting_call(fast: None, emulator: bma.Emulator) -> None:
    with Foreign() as foreign:
        exchange = directed_at(foreign, emulator)
        stream = bma.MarginStream(exchange, "indexPrice")
        until(stream, "status", connected=True)
    until(stream, "status", connected=False)
    for _ in range(2):
        with pytest.raises(ccxt.NetworkError, match="tried again"):
            until(stream, "ticker")
    stream.close()


def test_a_refused_key_raises_for_good(emulator: bma.Emulator) -> None:
    with Foreign(refuse="30011") as foreign:
        stream = bma.MarginStream(directed_at(foreign, emulator), "cross_orders", "BTC/USDT")
        for _ in range(2):
            with pytest.raises(ccxt.AuthenticationError, match="30011"):
                until(stream, "order")
        assert foreign.connections == 1
        stream.close()


@pytest.mark.parametrize("place", ["heard", "looks"], ids=["in a connection's thread", "in the one that reads"])
def test_a_mistake_of_ours_ends_the_stream_loudly(
    exchange: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    def broken(*given: Any) -> Any:
        raise LookupError("our mistake")

    with bma.MarginStream(exchange, "cross_orders", "BTC/USDT") as stream:
        until(stream, "status", connected=True)
        monkeypatch.setattr(stream._healer, place, broken)
        exchange.create_order("BTC/USDT", "market", "buy", 0.01)
        for _ in range(2):
            with pytest.raises(ccxt.ExchangeError, match="our mistake"):
                until(stream, "balance")
    assert "our mistake" in caplog.text


def test_what_the_venue_refused_is_told_although_the_rest_goes_on(
    exchange: Any, emulator: bma.Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal comes with the acknowledgements of the others: being connected is no reason to forget it."""
    refusing = ServerProtocol._subscribe

    def subscribe(self: ServerProtocol, argument: Any, now: int) -> list[Any]:
        if argument["channel"] == "cross_orders" and argument["instId"].startswith("ETH"):
            argument = {**argument, "channel": "cross_others"}
            found = refusing(self, argument, now)
            self._texts[-1] = self._texts[-1].replace("cross_others", "cross_orders")
            return found
        return refusing(self, argument, now)

    monkeypatch.setattr(ServerProtocol, "_subscribe", subscribe)
    with bma.MarginStream(exchange, "cross_orders", ["ETH/USDT", "BTC/USDT"]) as stream:
        with pytest.raises(ccxt.BadRequest, match="cross_orders ETHUSDT"):
            until(stream, "trade")
        made = exchange.create_order("BTC/USDT", "market", "buy", 0.01)
        assert until(stream, "trade").data["order"] == made["id"]


def test_close_ends_waiting_calls_threads_and_may_come_twice(exchange: Any) -> None:
    def threads() -> list[threading.Thread]:
        return [each for each in threading.enumerate() if each.name.startswith("margin-stream")]

    assert not threads()
    stream = bma.MarginStream(exchange, "indexPrice", on_event=lambda event: None)
    reader = threading.Thread(target=lambda: list(stream))
    reader.start()
    stream.close()
    stream.close()
    reader.join(WAIT)
    assert not reader.is_alive()
    assert not threads()
    assert stream.get() is None


def test_what_a_connection_still_reads_after_close_is_not_told(exchange: Any) -> None:
    with bma.MarginStream(exchange, "indexPrice") as stream:
        until(stream, "ticker", symbol="BTC/USDT")
    while stream.get() is not None:
        pass
    stream._tell([PriceSeen(IndexPrice("BTCUSDT", "BTC", "USDT", Decimal(30_001), 1, "10"))])
    stream._status("", False, "cut")
    assert stream.get() is None


def test_callbacks_that_fail_do_not_end_the_stream(exchange: Any, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []
    done = threading.Event()

    def on_event(event: StreamEvent) -> None:
        seen.append(event.kind)
        if {"order", "trade"} <= set(seen):
            done.set()
            stream.close()
        raise ValueError("a bot's mistake")

    stream = bma.MarginStream(exchange, "cross_orders", "BTC/USDT", on_event)
    exchange.create_order("BTC/USDT", "market", "buy", 0.01)
    assert done.wait(WAIT)
    stream.close()
    assert "a bot's mistake" in caplog.text


def test_a_slow_bot_is_told_and_gets_what_was_kept(exchange: Any) -> None:
    with bma.MarginStream(exchange, "cross_orders", "BTC/USDT", most=5) as stream:
        while len(stream._mail) < 1:
            stream._bell.wait(0.01)
        for _ in range(6):
            exchange.create_order("BTC/USDT", "market", "buy", 0.001)
        while not stream._mail.overflowed:
            stream._bell.wait(0.01)
        assert sum(stream.get(WAIT) is not None for _ in range(5)) == 5
        with pytest.raises(ccxt.ExchangeError, match="slower"):
            stream.get(WAIT)


FAULTS = [("cut", 0.15), ("drop", 0.8), ("duplicate", 0.5), ("reorder", 0.5), ("blackhole", 0.05)]


@pytest.mark.parametrize(("kind", "probability"), FAULTS)
def test_every_trade_once_and_in_order_whatever_the_emulator_does(
    fast: None, exchange: Any, emulator: bma.Emulator, kind: str, probability: float
) -> None:
    fault = {"kind": kind, "endpoint": "cross_orders", "probability": probability, "seed": 7, "delay_ms": 5}
    with bma.MarginStream(exchange, "cross_orders", "BTC/USDT") as stream:
        until(stream, "status", connected=True)
        emulator.control("faults", fault)
        made = [exchange.create_order("BTC/USDT", "market", "buy", 0.001)["id"] for _ in range(40)]
        trades = [until(stream, "trade").data for _ in made]
        assert [trade["order"] for trade in trades] == made
        assert [trade["id"] for trade in trades] == [row["id"] for row in exchange.fetch_my_trades("BTC/USDT")]


PAPER: dict[str, Any] = {"account": None, "funds": {"USDT": "1000"}}


@pytest.mark.parametrize("clock", ["wall", "virtual"])
def test_on_paper(clock: str) -> None:
    exchange = bma.bitgetmargin({"options": {"paper": {**PAPER, "clock": clock}}})
    with bma.MarginStream(exchange, ["cross_orders", "cross_account", "indexPrice"], "BTC/USDT") as stream:
        until(stream, "status", connected=True)
        exchange.sandbox_control("market", {"symbol": "BTC/USDT", "price": "30000"})
        assert until(stream, "ticker").data["indexPrice"] == 30_000
        made = exchange.create_order("BTC/USDT", "limit", "buy", 0.01, 29_000)
        assert until(stream, "order").data["status"] == "open"
        exchange.sandbox_control("market", {"symbol": "BTC/USDT", "price": "28000"})
        trade = until(stream, "trade")
        assert (trade.data["order"], trade.data["price"]) == (made["id"], 28_000)
        assert until(stream, "order").data["status"] == "closed"
        while until(stream, "balance").data["USDT"]["free"] != 720:
            pass


def test_on_paper_over_candles_and_the_hours() -> None:
    hour = 3_600_000
    candles = [[1_620_000_000_000 + number * hour, 100.0, 110.0, 90.0, 100.0, 1e6] for number in range(4)]
    option = {**PAPER, "candles": {"ETH/USDT": candles}, "clock": "virtual"}
    exchange = bma.bitgetmargin({"options": {"paper": option}})
    exchange.load_markets()
    with bma.MarginStream(exchange, ["cross_orders", "cross_account"], "ETH/USDT") as stream:
        exchange.borrow_cross_margin("USDT", 100)
        exchange.create_order("ETH/USDT", "limit", "buy", 0.1, 95)
        exchange.sandbox_control("clock", {"advance_ms": hour})
        assert until(stream, "trade").data["price"] == 95
        debt = until(stream, "balance").data["USDT"]["debt"]
        exchange.sandbox_control("clock", {"advance_ms": hour})
        while until(stream, "balance").data["USDT"]["debt"] <= debt:
            pass


def test_two_streams_hear_the_same_paper_account() -> None:
    exchange = bma.bitgetmargin({"options": {"paper": {**PAPER, "account": "shared", "clock": "virtual"}}})
    other = bma.bitgetmargin({"options": {"paper": "shared"}})
    with (
        bma.MarginStream(exchange, "cross_orders", "BTC/USDT") as first,
        bma.MarginStream(other, "cross_orders", "BTC/USDT") as second,
    ):
        exchange.sandbox_control("market", {"symbol": "BTC/USDT", "price": "30000"})
        made = exchange.create_order("BTC/USDT", "market", "buy", 0.01)
        for stream in (first, second):
            assert until(stream, "trade").data["order"] == made["id"]
