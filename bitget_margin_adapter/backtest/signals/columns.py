"""Many strategies over the same candles at once, each a column of a grid: threads share the candles, and the kernel."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any, Literal, NamedTuple

from ..errors import StrategyError
from ..feeds import Feed, profile_of, read_feeds
from .coasting import HOUR
from .compiled import has_numba
from .door import fits
from .frames import Provider, signals_of
from .plan import Plan, make_strategy, plan_of
from .simulation import SMALL, Room, Simulated, Terms, play, terms_of
from .venue import account_funds, can_compile, start_equity

__all__ = ["COLUMNS", "run_columns"]

COLUMNS = (
    "fills", "rejected_signals", "final_equity", "profit_abs", "total_return", "max_drawdown", "interest_paid",
    "liquidations",
)  # fmt: skip


class _Column(NamedTuple):
    strategy: Any
    plan: Plan
    terms: Terms


def run_columns(
    strategies: Sequence[Any],
    candles: Any,
    *,
    symbol: str | None = None,
    funds: Mapping[str, Any] = {"USDT": "10000"},
    margin_mode: Literal["cross", "isolated"] = "cross",
    config: Mapping[str, Any] = {},
    threads: int | None = None,
) -> Any:
    """One row for each freqtrade-style strategy (class or instance), as `run` by the venue's rules would find it.

    A DataFrame of COLUMNS, in the order given; figures are those of `Result.stats`. Nothing else is kept, so memory
    does not grow with the strategies. `threads` is by default one for each core. Raises StrategyError for a strategy
    that the kernel cannot play by itself (callbacks, several pairs); `run` and `sweep` can.
    """
    import pandas as pd

    if not strategies:
        raise ValueError("there is no strategy: give a list of classes or instances, one for each column")
    made = [make_strategy(strategy, config) for strategy in strategies]
    plans = [plan_of(strategy, config) for strategy in made]
    feeds = read_feeds(candles, symbol, config.get("gaps", "keep"), plans[0].timeframe or config.get("timeframe"))
    for number, plan in enumerate(plans):
        fits(plan, feeds)
        if not can_compile(plan, feeds, config):
            raise StrategyError(
                f"{plan.name} (number {number}): columns are for one pair, without callbacks (here: "
                f"{', '.join(sorted(plan.callbacks)) or 'none'}) and with orders that fill in whole; use run or sweep"
            )
    feed, money = feeds[0], account_funds(funds, margin_mode, feeds[0])
    profile = profile_of(feeds, config)
    columns = [
        _Column(strategy, plan, terms_of(plan, feed, profile, margin_mode, money, config))
        for strategy, plan in zip(made, plans, strict=True)
    ]
    fast = has_numba() and len(feed) * len(columns) > SMALL
    start = start_equity(feed, money)
    own = local()

    def row(column: _Column) -> tuple[Any, ...]:
        if not hasattr(own, "room"):
            own.room = Room(0, fast)
        provider = Provider([feed], column.plan.timeframe)
        column.strategy.dp = provider
        signals = signals_of(column.strategy, column.plan, feed, provider, config)
        played = play(feed, signals.flags, signals.first, column.terms, own.room, again=True)
        return _row(feed, column.terms, played, start)

    with ThreadPoolExecutor(threads or os.cpu_count() or 1, "columns") as pool:
        rows = list(pool.map(row, columns))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(feed: Feed, terms: Terms, played: Simulated, start: float) -> tuple[Any, ...]:
    final = played.worth
    return (
        len(played.fills), played.rejected, final, final - start, final / start - 1 if start else 0.0, -played.fall,
        _interest(feed, terms, played), len(played.liquidations),
    )  # fmt: skip


def _interest(feed: Feed, terms: Terms, played: Simulated) -> float:
    """At the last close: the first hour of each loan, and each full hour at the charge that stood."""
    import numpy as np

    last = (int(feed.columns.ms[-1]) + feed.interval) // HOUR
    paid = 0.0
    for coin, price in zip(terms.coins, (float(feed.columns.close[-1]), 1.0), strict=True):
        rows = played.loans[played.loans["coin"] == coin["place"]]
        hours = np.diff(rows["hour"], append=last)
        paid += float(rows["interest"][rows["kind"] == 0].sum() + (rows["charge"] * hours).sum()) * price
    return paid
