"""How fast the engine is: filled market orders, reads beside a long history, hours of interest, replay of a journal;
and how fast `create_order` is on a paper account, which is the engine behind the whole exchange class.

    python benchmarks/engine_speed.py [--orders 100000] [--json FILE]

Each figure is measured in a fresh process with the default garbage collection, and is the median of the runs. Beside
each stands the machine's pace (`pace.py`), measured before and after it; exits with an error when a figure, at the pace
of the machine for which `LIMITS` were set, is worse than they allow.
"""

import argparse
import json
import operator
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pace import pace
from record import keep

from bitget_margin_adapter.venue.recall import recall
from bitget_margin_adapter.venue.service import Venue

HOUR = 3_600_000
ORDER = {"symbol": "BTCUSDT", "orderType": "market", "timeInForce": "gtc"}
BUY = {**ORDER, "side": "buy", "loanType": "autoLoan", "quoteAmount": "150"}
SELL = {**ORDER, "side": "sell", "loanType": "autoRepay", "baseQuantity": "0.004999"}


def trade(orders: int, journal: Any) -> tuple[Venue, float]:
    """Every second order borrows; the one after it repays. Returns the venue and the seconds."""
    venue = Venue(start=0, journal=journal)
    venue.open_account("alice", {"BTC": "100"}, 0)
    venue.set_price("BTCUSDT", "30000", 0)
    place = venue.handle
    started = time.perf_counter()
    for number in range(0, orders, 2):
        place("alice", "cross_place_order", BUY, number)
        place("alice", "cross_place_order", SELL, number + 1)
    return venue, time.perf_counter() - started


def market_orders(orders: int) -> dict[str, Any]:
    journal: list[str] = []
    venue, seconds = trade(orders, journal)
    wallet = venue.inside.wallet("alice", "cross")
    return {
        "orders": orders,
        "seconds": seconds,
        "orders_per_second": orders / seconds,
        "filled": len(wallet.fills["BTCUSDT"]),
        "loans": len(wallet.loans),
        "repayments": len(wallet.repays),
        "journal_lines": len(journal),
        "books_balance": venue.imbalance() == {},
    }


def paper_orders(orders: int) -> dict[str, Any]:
    """The same trade through `create_order`, its complete structure included; every second order borrows."""
    import bitget_margin_adapter as bma

    option = {"account": None, "funds": {"BTC": "100"}, "market": "manual"}
    exchange = bma.bitgetmargin({"options": {"paper": option}})
    exchange.sandbox_control("market", {"symbol": "BTCUSDT", "price": "30000"})
    exchange.load_markets()
    buy, sell = {"loanType": "autoLoan", "cost": 150}, {"loanType": "autoRepay"}
    place = exchange.create_order
    started = time.perf_counter()
    for _ in range(0, orders, 2):
        place("BTC/USDT", "market", "buy", None, None, buy)
        place("BTC/USDT", "market", "sell", 0.004999, None, sell)
    seconds = time.perf_counter() - started
    last = exchange.fetch_orders("BTC/USDT", None, 2)
    return {
        "orders": orders,
        "seconds": seconds,
        "orders_per_second": orders / seconds,
        "last_two": [row["status"] for row in last],
        "loans_of_the_last_page": len(exchange.fetch_borrow_history("USDT", None, None, 100)),
    }


def reads(orders: int) -> dict[str, Any]:
    """Microseconds of a balance and of the open orders after few and many orders, the best of rounds in turns."""
    venues = {count: trade(count, None)[0] for count in (orders // 100, orders)}
    figures: dict[str, Any] = {}
    for _ in range(20):
        for count, venue in venues.items():
            for endpoint, params in (("cross_assets", {}), ("cross_open_orders", {"symbol": "BTCUSDT"})):
                started = time.perf_counter()
                for _ in range(200):
                    venue.handle("alice", endpoint, params, orders)
                took = (time.perf_counter() - started) / 200 * 1e6
                name = f"{endpoint}_us_after_{count}"
                figures[name] = min(took, figures.get(name, took))
    return figures


def idle_hours(debtors: int = 1000, hours: int = 10_000) -> dict[str, Any]:
    venue = Venue(start=0)
    venue.set_price("BTCUSDT", "30000", 0)
    for number in range(debtors):
        name = f"debtor{number}"
        venue.open_account(name, {"BTC": "1"}, 0)
        venue.handle(name, "cross_borrow", {"coin": "USDT", "borrowAmount": "1000"}, 0)
    started = time.perf_counter()
    for hour in range(1, hours + 1):
        venue.advance(hour * HOUR)
    seconds = time.perf_counter() - started
    owed = venue.handle("debtor7", "cross_assets", {"coin": "USDT"}, hours * HOUR)[0].interest
    return {"debtors": debtors, "hours": hours, "seconds": seconds, "interest_of_one": str(owed)}


def replay(events: int) -> dict[str, Any]:
    journal: list[str] = []
    venue, _ = trade(events, journal)
    started = time.perf_counter()
    again = recall(journal)
    seconds = time.perf_counter() - started
    return {"events": len(journal), "seconds": seconds, "equal": again.state(events) == venue.state(events)}


PARTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "market_orders": market_orders,
    "paper_orders": paper_orders,
    "reads": reads,
    "idle_hours": lambda _: idle_hours(),
    "replay": replay,
}

# What must hold: the figure, and whether less or more than it is too bad.
LIMITS: dict[str, tuple[str, float, Callable[[float, float], bool]]] = {
    "market_orders": ("orders_per_second", 30_000, operator.lt),
    "paper_orders": ("orders_per_second", 20_000, operator.lt),
    "idle_hours": ("seconds", 5, operator.gt),
    "replay": ("seconds", 5, operator.gt),
}


def measured(part: str, orders: int, runs: int) -> dict[str, Any]:
    """The median of the runs, with the pace around them and, where there is a limit, the figure at the limit's pace."""
    command = [sys.executable, __file__, "--part", part, "--orders", str(orders)]
    before = pace()
    figures = [json.loads(subprocess.check_output(command)) for _ in range(runs)]
    around = (before + pace()) / 2
    result: dict[str, Any] = sorted(figures, key=lambda run: run.get("seconds", 0))[len(figures) // 2]
    result["pace"] = round(around, 3)
    if part in LIMITS:
        figure, limit, _ = LIMITS[part]
        result[f"{figure}_at_pace_1"] = result[figure] * around if figure == "seconds" else result[figure] / around
        result["limit"] = limit
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--part", choices=PARTS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(PARTS[options.part](options.orders)))
        return 0
    result = {part: measured(part, options.orders, options.runs) for part in PARTS}
    keep("engine_speed", result, options.json)
    missed = []
    for part, (figure, limit, is_worse) in LIMITS.items():
        reached = result[part][f"{figure}_at_pace_1"]
        if is_worse(reached, limit):
            missed.append(f"{part}: {figure} {reached:.5g} at pace 1, {limit:g} is the limit")
    for line in missed:
        print(line, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
