"""The result of a walk by freqtrade's own wallet."""

from collections.abc import Sequence
from typing import Any

from ..books import FILLS, INTEREST, LIQUIDATIONS, LOANS, ORDERS, frame
from ..feeds import Feed, until
from ..result import Result
from ..trips import trade_table
from ..valuation import Curve
from .trade import Trade

__all__ = ["stopped_result", "trade_frame", "valued_result"]


def trade_frame(trades: Sequence[Trade]) -> Any:
    """In order of closing, under freqtrade's names."""
    rows = [
        (
            trade.pair, trade.is_short, trade.opened, trade.closed, trade.open_rate, trade.close_rate, trade.amount,
            trade.stake_amount, trade.leverage, trade.fee_open, trade.fee_close, trade.close_profit_abs,
            trade.close_profit, trade.exit_reason, trade.enter_tag, ((trade.closed or 0) - trade.opened) // 60_000,
            trade.is_open,
        )
        for trade in trades
    ]  # fmt: skip
    return trade_table(rows)


class _ValuedBooks:
    """Two fills a trade; nothing is borrowed."""

    def __init__(self, trades: Sequence[Trade]) -> None:
        rows = []
        for trade in trades:
            quote = trade.pair.partition("/")[2]
            for time, side, rate, fee, reason in (
                (trade.opened, trade.entry_side, trade.open_rate, trade.fee_open, trade.enter_tag),
                (trade.closed or 0, trade.exit_side, trade.close_rate or 0.0, trade.fee_close, trade.exit_reason),
            ):
                cost = trade.amount * rate
                rows.append((time, trade.pair, side, rate, trade.amount, cost, cost * fee, quote, reason))
        rows.sort(key=lambda row: row[0])
        self.fills = frame(
            FILLS,
            [(str(n), str(n), row[0], None, row[1], "market", *row[2:]) for n, row in enumerate(rows, 1)],
        )
        self.orders = frame(
            ORDERS,
            [
                (str(n), str(n), row[0], None, row[1], "market", row[2], "GTC", None, row[4], row[4], 0.0, row[3],
                 row[5], "closed", None)
                for n, row in enumerate(rows, 1)
            ],
        )  # fmt: skip
        self.loans, self.interest = frame(LOANS, []), frame(INTEREST, [])
        self.liquidations = frame(LIQUIDATIONS, [])


def valued_result(title: str, feeds: Sequence[Feed], trades: Sequence[Trade], start: float, rejected: int) -> Result:
    kept = list(trades)
    return Result(
        title, feeds, _ValuedBooks(kept), lambda: _curve(feeds, kept, start), trades=lambda: trade_frame(kept),
        start_equity=start, about={"rules": "freqtrade", "rejected_signals": rejected},
    )  # fmt: skip


def stopped_result(
    title: str, feeds: Sequence[Feed], closed: Sequence[Trade], still: Sequence[Trade], start: float, rejected: int,
    now: int,
) -> Result:  # fmt: skip
    """Of a walk that failed at the candle of `now`: what is still open counts at its pair's last close."""
    feeds = [until(feed, now) for feed in feeds]
    last = {feed.symbol: (int(feed.columns.ms[-1]), float(feed.columns.close[-1])) for feed in feeds}
    for trade in still:
        trade.closed, trade.close_rate = last[trade.pair]
        trade.close_profit_abs = trade.calc_profit(trade.close_rate)
        trade.close_profit = trade.calc_profit_ratio(trade.close_rate)
        trade.exit_reason = "open"
    return valued_result(title, feeds, [*closed, *still], start, rejected)


def _curve(feeds: Sequence[Feed], trades: Sequence[Trade], start: float) -> Curve:
    """Closed profits as they come, open ones at each close."""
    import numpy as np

    times = feeds[0].columns.ms if len(feeds) == 1 else np.unique(np.concatenate([feed.columns.ms for feed in feeds]))
    steps = np.zeros(len(times) + 1)
    floating = np.zeros(len(times))
    by_pair = {feed.symbol: feed for feed in feeds}
    for trade in trades:
        closed = trade.closed or 0
        at = int(np.searchsorted(times, closed))
        steps[at] += trade.close_profit_abs or 0.0
        feed = by_pair[trade.pair]
        first, last = (int(place) for place in np.searchsorted(feed.columns.ms, [trade.opened, closed]))
        closes = feed.columns.close[first:last]
        side = -1 if trade.is_short else 1
        value = trade.amount * closes * (1 - side * trade.fee_close) - trade.amount * trade.open_rate * (
            1 + side * trade.fee_open
        )
        floating[np.searchsorted(times, feed.columns.ms[first:last])] += side * value
    equity = start + np.cumsum(steps[:-1]) + floating
    zero = np.zeros(len(times))
    return Curve(times, equity, equity, zero, zero)
