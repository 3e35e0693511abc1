"""Four real crashes: who must be liquidated is, at the price where the formula says, and the books balance."""

import csv
import gzip
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from bitget_margin_adapter.venue.replay import Replay
from bitget_margin_adapter.venue.service import Venue

from .fractions_model import up

DATA = Path(__file__).parent.parent / "data"
HOUR = 3_600_000
DAYS = ("2020-03-12", "2021-05-19", "2022-05-11", "2025-02-03")
# Mode, leverage: what of the own money is borrowed.
ACCOUNTS = [("cross", "1.9"), ("cross", "1"), ("isolated", "8.5"), ("isolated", "6"), ("isolated", "1.5")]
MAINTAIN = {"cross": Fraction(1, 10), "isolated": Fraction(1, 20)}
RATE = Fraction(126_279, 10**9)
OWN = 2_000


def candles(symbol: str, day: str) -> list[tuple[Any, ...]]:
    with gzip.open(DATA / f"{symbol}-1h-{day}.csv.gz", "rt") as file:
        return [(int(row[0]), *row[1:]) for row in list(csv.reader(file))[1:]]


def prices(rows: list[tuple[Any, ...]]) -> Iterator[tuple[int, int, Fraction]]:
    """(row, time, price) as candles are played: close before the next open, the nearer extreme first."""
    for number, row in enumerate(rows):
        ms, (opened, high, low, closed) = row[0], map(Fraction, row[1:5])
        near, far = (high, low) if high - opened <= opened - low else (low, high)
        shown = [(ms, opened), (ms + HOUR // 3, near), (ms + 2 * HOUR // 3, far), (ms + HOUR, closed)]
        yield from ((number, time, price) for time, price in shown)


def first_breach(rows: list[tuple[Any, ...]], mode: str, venue: Venue, entered: int) -> tuple[int, Fraction] | None:
    """When assets and debt as they were at entry first have a risk rate of 1, interest included."""
    wallet = asset(venue, mode, "ETH"), asset(venue, mode, "USDT")
    coins, money, principal = (Fraction(x) for x in (wallet[0].available, wallet[1].available, wallet[1].borrow))
    interest = Fraction(wallet[1].interest)
    hour, per_hour = entered // HOUR, up(principal * RATE / 24)
    for _, time, price in prices(rows):
        if time <= entered:
            continue
        # A close comes before the interest of its own instant.
        full = (time - 1) // HOUR if time % HOUR == 0 and price == Fraction(closing(rows, time)) else time // HOUR
        while hour < full:
            hour += 1
            interest += per_hour
        debt = principal + interest
        if debt * MAINTAIN[mode] >= coins * price + money - debt:
            return time, price
    return None


def closing(rows: list[tuple[Any, ...]], time: int) -> str:
    return next((row[4] for row in rows if row[0] + HOUR == time), "-1")


def asset(venue: Venue, mode: str, coin: str) -> Any:
    params = {"symbol": "ETHUSDT"} if mode == "isolated" else {}
    return next(row for row in venue.handle("a", f"{mode}_assets", params, venue.now) if row.coin == coin)


@pytest.mark.parametrize(("mode", "leverage"), ACCOUNTS, ids=lambda value: str(value))
@pytest.mark.parametrize("day", DAYS)
def test_liquidated_at_the_very_price(day: str, mode: str, leverage: str) -> None:
    rows = candles("ETHUSDT", day)
    venue = Venue(start=rows[0][0])
    place = "cross" if mode == "cross" else "isolated:ETHUSDT"
    venue.open_account("a", {place: {"USDT": OWN}}, venue.now)
    replay = Replay(venue, {"ETHUSDT": rows})
    entered: int = rows[0][0]
    assert replay.step() == entered
    size = OWN * (1 + Fraction(leverage)) - 1
    order = {"symbol": "ETHUSDT", "side": "buy", "orderType": "market", "loanType": "autoLoan"}
    order["quoteAmount"] = str(float(size))
    venue.handle("a", f"{mode}_place_order", order, entered)
    breach = first_breach(rows, mode, venue, entered)
    while replay.step() is not None:
        pass
    params = {"startTime": str(rows[0][0]), **({"symbol": "ETHUSDT"} if mode == "isolated" else {})}
    found = venue.handle("a", f"{mode}_liquidations", params, venue.now).rows
    assert bool(found) == (breach is not None)
    if breach is not None:
        first = found[-1]
        assert first.ctime == breach[0]
        assert first.risk >= 1
        debt, net = asset(venue, mode, "USDT"), asset(venue, mode, "ETH")
        assert min(debt.available, net.available) >= 0
    assert venue.imbalance() == {}


def test_some_must_be_liquidated_and_some_not() -> None:
    """The table above would be worth little if all of it went one way."""
    outcomes = set()
    for day in DAYS:
        rows = candles("ETHUSDT", day)
        opened = Fraction(rows[0][1])
        low = min(Fraction(row[3]) for row in rows)
        outcomes.add(low / opened < Fraction(7, 10))
    assert outcomes == {True, False}


def test_a_short_is_liquidated_when_prices_rise() -> None:
    rows = [(row[0], *row[1:]) for row in candles("ETHUSDT", "2020-03-12")][::-1]
    rows = [(number * HOUR, *row[1:]) for number, row in enumerate(rows)]
    venue = Venue()
    venue.open_account("a", {"isolated:ETHUSDT": {"USDT": OWN}}, 0)
    replay = Replay(venue, {"ETHUSDT": rows})
    replay.step()
    price = Fraction(rows[0][1])
    quantity = str(round(float(OWN * 6 / price), 3))
    order = {"symbol": "ETHUSDT", "side": "sell", "orderType": "market", "loanType": "autoLoan"}
    venue.handle("a", "isolated_place_order", {**order, "baseQuantity": quantity}, 0)
    while replay.step() is not None:
        pass
    found = venue.handle("a", "isolated_liquidations", {"symbol": "ETHUSDT", "startTime": "0"}, venue.now).rows
    wanted = {"symbol": "ETHUSDT", "startTime": "0", "source": "SYS"}
    trades = venue.handle("a", "isolated_order_history", wanted, venue.now).rows
    assert found
    assert {row.side for row in trades} == {"liquidation-buy"}
    assert venue.imbalance() == {}
