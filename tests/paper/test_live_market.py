"""Paper trades at real prices: public data is polled without a key; here ccxt's own calls are played by a stub."""

from typing import Any

import ccxt
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.paper import clock

MINUTE = 60_000
START = 1_700_000_040_000


class World:
    """What the public market shows, and the machine's time."""

    def __init__(self) -> None:
        self.now = START
        self.last = 100.0
        self.candles: list[list[float]] = []
        self.calls: list[Any] = []

    def fetch_tickers(self, symbols: list[str]) -> Any:
        self.calls.append(("tickers", tuple(symbols)))
        return {symbol: {"last": self.last} for symbol in symbols}

    def fetch_ohlcv(self, symbol: str, timeframe: str, since: int, limit: int) -> Any:
        self.calls.append(("ohlcv", symbol, since))
        return [row for row in self.candles if row[0] >= since]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(clock, "_machine_ms", lambda: world.now)
    monkeypatch.setattr(ccxt.bitget, "fetch_tickers", lambda self, symbols: world.fetch_tickers(symbols))
    monkeypatch.setattr(ccxt.bitget, "fetch_ohlcv", lambda self, *args: world.fetch_ohlcv(*args))
    return world


@pytest.fixture
def paper(world: World) -> Any:
    return bma.bitgetmargin({"options": {"paper": {"account": None, "market": "live"}}})


def test_the_last_price_is_asked_for_at_most_once_a_second(paper: Any, world: World) -> None:
    paper.create_order("ETH/USDT", "market", "buy", 1, 100)
    first = len(world.calls)
    paper.fetch_balance()
    world.now += 900
    paper.fetch_balance()
    assert len(world.calls) == first
    world.now += 200
    world.last = 120.0
    paper.create_order("ETH/USDT", "market", "sell", 0.5)
    assert paper.fetch_my_trades("ETH/USDT")[-1]["price"] == 120.0
    assert ("tickers", ("ETH/USDT",)) in world.calls


def test_missed_minutes_are_played_so_that_resting_orders_fill(paper: Any, world: World) -> None:
    paper.create_order("ETH/USDT", "limit", "buy", 1, 90)
    world.now += 5 * MINUTE
    begun = START - START % MINUTE
    world.candles = [[begun + MINUTE * n, 100.0, 101.0, 99.0, 100.0, 5.0] for n in range(1, 5)]
    world.candles[2][3] = 85.0
    trades = paper.fetch_my_trades("ETH/USDT")
    assert [trade["price"] for trade in trades] == [90.0]
    # Only whole minutes that were missed, and once.
    assert [call for call in world.calls if call[0] == "ohlcv"] == [("ohlcv", "ETH/USDT", begun + MINUTE)]


def test_nothing_private_goes_to_the_network(paper: Any, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "fetch", lambda *args, **kwargs: pytest.fail(f"sent {args}"))
    paper.borrow_cross_margin("USDT", 10)
    assert paper.fetch_balance()["USDT"]["debt"] > 0
    with pytest.raises(ccxt.NotSupported):
        paper.privateSpotGetV2SpotAccountAssets({})
