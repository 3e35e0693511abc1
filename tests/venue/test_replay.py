"""Candles as they are played: when the bot is called, what it can see, what fills on the way and at which price."""

from typing import Any

import pytest

from bitget_margin_adapter.venue.profile import Profile
from bitget_margin_adapter.venue.replay import Replay
from bitget_margin_adapter.venue.service import Venue

from .conftest import dec

MINUTE, HOUR = 60_000, 3_600_000
ROWS = [
    (0, "100", "110", "95", "105", "10"),
    (MINUTE, "106", "107", "90", "91", "10"),
    (2 * MINUTE, "80", "120", "79", "110", "10"),
]


def start(rows: list[Any] | None = None, **options: Any) -> tuple[Venue, Replay]:
    venue = Venue(**options)
    venue.open_account("a", {"USDT": "10000", "BTC": "10"}, 0)
    return venue, Replay(venue, {"BTCUSDT": ROWS if rows is None else rows})


def order(venue: Venue, side: str, price: str | None = None, size: str = "1", **more: Any) -> str:
    params: dict[str, Any] = {"symbol": "BTCUSDT", "side": side, "loanType": "normal", "orderType": "market"}
    if price is not None:
        params |= {"orderType": "limit", "price": price, "baseQuantity": size}
    else:
        params |= {"quoteAmount" if side == "buy" else "baseQuantity": size}
    found: str = venue.handle("a", "cross_place_order", params | more, venue.now).order_id
    return found


def fills(venue: Venue) -> list[tuple[Any, Any, Any]]:
    rows = venue.handle("a", "cross_fills", {"symbol": "BTCUSDT", "startTime": "0"}, venue.now).rows
    return [(row.ctime, str(row.side), row.price) for row in reversed(rows)]


def test_the_bot_is_called_at_opens_and_sees_closed_candles_only() -> None:
    venue, replay = start()
    seen: list[Any] = []
    while (now := replay.step()) is not None:
        seen.append((now, venue.market.last("BTCUSDT"), list(venue.market.candles("BTCUSDT"))))
    assert seen == [(0, 100, []), (MINUTE, 106, ROWS[:1]), (2 * MINUTE, 80, ROWS[:2])]
    assert (venue.now, len(venue.market.candles("BTCUSDT"))) == (3 * MINUTE, 3)
    assert venue.market.last("BTCUSDT") == 110
    assert replay.step() is None


def test_market_orders_fill_at_the_open() -> None:
    venue, replay = start()
    replay.step()
    replay.step()
    order(venue, "sell")
    assert fills(venue) == [(MINUTE, "sell", 106)]


def test_resting_orders_fill_on_the_way_at_their_own_price() -> None:
    """The low is nearer in the first candle, so it comes first."""
    venue, replay = start()
    replay.step()
    order(venue, "buy", "96")
    order(venue, "sell", "109")
    replay.step()
    assert fills(venue) == [(MINUTE // 3, "buy", 96), (2 * MINUTE // 3, "sell", 109)]


def test_a_gap_gives_the_better_price() -> None:
    venue, replay = start()
    replay.step()
    replay.step()
    order(venue, "buy", "85")
    replay.step()
    assert fills(venue) == [(2 * MINUTE, "buy", 80)]
    order(venue, "sell", "105")
    replay.step()
    assert fills(venue)[1:] == [(2 * MINUTE + 2 * MINUTE // 3, "sell", 105)]


def test_the_nearer_extreme_comes_first() -> None:
    venue, replay = start([(0, "100", "120", "99", "110", "1"), (MINUTE, "110", "111", "50", "60", "1")])
    replay.step()
    for moment, price in ((0, 100), (20_000, 99), (40_000, 120), (59_999, 120), (60_000, 110), (80_000, 111)):
        replay.play_until(moment)
        assert venue.market.last("BTCUSDT") == price
    replay.play_until(100_000)
    assert venue.market.last("BTCUSDT") == 50


def test_close_then_interest_then_opens_then_resting_orders() -> None:
    """A fill at the close is before the hour's interest, one at the open of the same instant after it."""
    rows = [(HOUR - MINUTE, "100", "100", "90", "90", "1"), (HOUR, "80", "80", "80", "80", "1")]
    venue, replay = start(rows)
    replay.step()
    venue.handle("a", "cross_borrow", {"coin": "BTC", "borrowAmount": "2"}, venue.now)
    order(venue, "buy", "90", loanType="autoRepay")
    order(venue, "buy", "89", loanType="autoRepay")
    replay.step()
    assert [row[2] for row in fills(venue)] == [90, 80]
    rows = venue.handle("a", "cross_interests", {"startTime": "0"}, venue.now).rows
    scheduled = [row for row in rows if row.type == "scheduled"]
    # One of the two BTC was repaid at the close, so the hour was charged on what was left.
    assert [row.amount for row in scheduled] == [dec("0.00000292")]
    assert venue.imbalance() == {}


def test_several_symbols_keep_the_order_they_came_in() -> None:
    venue = Venue()
    venue.open_account("a", {"USDT": "10000"}, 0)
    rows = {"ETHUSDT": [(0, 10, 11, 9, 10, 1), (MINUTE, 12, 13, 11, 12, 1)], "BTCUSDT": [(MINUTE, 50, 60, 40, 55, 1)]}
    replay = Replay(venue, rows)
    assert replay.step() == 0
    assert venue.market.last("BTCUSDT") is None
    assert replay.step() == MINUTE
    assert venue.market.last("ETHUSDT") == 12
    assert venue.market.last("BTCUSDT") == 50
    assert replay.symbols == ("ETHUSDT", "BTCUSDT")
    assert (replay.start, replay.end) == (0, 2 * MINUTE)


def test_holes_are_played_over() -> None:
    venue, replay = start([ROWS[0], ROWS[1], (5 * MINUTE, "100", "101", "99", "100", "1")])
    times = [replay.step(), replay.step(), replay.step()]
    assert times == [0, MINUTE, 5 * MINUTE]
    assert len(venue.market.candles("BTCUSDT")) == 2


def test_a_hand_set_price_holds_until_the_next_candle() -> None:
    venue, replay = start()
    replay.step()
    venue.set_price("BTCUSDT", "500", 1)
    replay.play_until(MINUTE - 1)
    assert venue.market.last("BTCUSDT") == 500
    replay.step()
    assert venue.market.last("BTCUSDT") == 106


def test_a_restored_venue_is_followed() -> None:
    venue, replay = start()
    replay.step()
    order(venue, "buy", "96")
    mark = venue.snapshot()
    ends = []
    for _ in range(2):
        while replay.step() is not None:
            pass
        ends.append(venue.state(venue.now))
        venue.restore(mark)
    assert ends[0] == ends[1]
    assert replay.step() == MINUTE


def test_impossible_candles_are_refused() -> None:
    for row in ((0, 10, 9, 8, 10, 1), (0, 10, 11, -1, 10, 1), (0, 10, 11, 9, float("nan"), 1), (0, 10, 11, 9, 10, -1)):
        with pytest.raises(ValueError, match="candle"):
            start([row])
    with pytest.raises(ValueError, match="rise"):
        start([ROWS[1], ROWS[0]])


def test_a_volume_share_spreads_a_fill_over_bars() -> None:
    """All orders together have a tenth of a candle's volume, at its open and on its way."""
    rows = [*ROWS, (3 * MINUTE, "110", "121", "105", "115", "10"), (4 * MINUTE, "115", "120", "114", "115", "10")]
    venue, replay = start(rows, fills={"volume_share": "0.1"})
    replay.step()
    replay.step()
    order(venue, "sell", size="2.5")
    order(venue, "sell", "118", "2")

    def filled() -> list[tuple[int, str, str]]:
        rows = venue.handle("a", "cross_fills", {"symbol": "BTCUSDT", "startTime": "0"}, venue.now).rows
        return [(row.ctime // MINUTE, str(row.order_type), f"{row.quantity:.1f}") for row in reversed(rows)]

    assert filled() == [(1, "market", "1.0")]
    while replay.step() is not None:
        pass
    assert filled() == [
        (1, "market", "1.0"),
        (2, "market", "1.0"),
        (3, "market", "0.5"),
        (3, "limit", "0.5"),
        (4, "limit", "1.0"),
    ]
    left = venue.handle("a", "cross_open_orders", {"symbol": "BTCUSDT"}, venue.now).rows
    assert [(str(row.status), row.fill_quantity) for row in left] == [("partial_fill", dec("1.5"))]
    assert venue.imbalance() == {}


def test_candles_by_hand() -> None:
    venue = Venue()
    venue.open_account("a", {"USDT": "1000"}, 0)
    venue.set_price("BTCUSDT", "100", 0)
    order(venue, "buy", "91")
    venue.play_candle("BTCUSDT", (0, 100, 101, 90, 95, 3), 5)
    assert fills(venue) == [(5, "buy", 91)]
    assert list(venue.market.candles("BTCUSDT")) == [(0, 100, 101, 90, 95, 3)]


def test_stepping_and_playing_agree() -> None:
    """Steps leave out what nobody is affected by; the rest is the same to the last digit."""
    ends = []
    for brief in (True, False):
        venue, replay = start()
        replay.step()
        for now in (MINUTE, 2 * MINUTE):
            order(venue, "buy", "96" if now == MINUTE else "50")
            order(venue, "sell", "108", loanType="autoLoan", size="12")
            replay.step() if brief else replay.play_until(now)
        ends.append(venue.state(3 * MINUTE))
    assert ends[0] == ends[1]


def test_isolated_risk_follows_the_quote_coins_price() -> None:
    """ETHBTC's account is worth less in USDT, debts and all, when BTC falls against what it owes."""
    venue = Venue(Profile.from_mapping({"pairs": {"ETHBTC": {"quote": "BTC", "min_value": "0"}}}))
    venue.set_prices({"BTCUSDT": "30000", "ETHUSDT": "3000", "ETHBTC": "0.1"}, 0)
    venue.open_account("a", {"isolated:ETHBTC": {"BTC": "1"}}, 0)
    venue.handle("a", "isolated_borrow", {"symbol": "ETHBTC", "coin": "ETH", "borrowAmount": "80"}, 0)
    ask = {"symbol": "ETHBTC", "side": "sell", "orderType": "market", "loanType": "normal", "baseQuantity": "80"}
    venue.handle("a", "isolated_place_order", ask, 0)
    venue.set_price("BTCUSDT", "27000", 1)
    assert venue.handle("a", "isolated_liquidations", {"symbol": "ETHBTC", "startTime": "0"}, 1).rows
    assert venue.imbalance() == {}
