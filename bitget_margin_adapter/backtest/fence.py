"""How far prices and time may go before anything happens that the bot does not do.

Between two such happenings candles need not be played: only their lows and highs must stay inside.
"""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from ..engine.accounts import Wallet
from ..engine.ids import HOUR_MS
from ..engine.state import State
from ..venue.replay import latest
from .feeds import Feed

__all__ = ["Fence", "clear_until", "fence_of"]

_AHEAD: Final = 24 * 30
"""Hours of interest that a fence allows for."""

_WIDEST, _NARROWEST = 0.9, 0.001
"""As a share of the price. In a narrower fence every candle is played."""

_ROUNDING: Final = 1e-6
"""The share of a fence's width that is given up for the rounding of floats."""


class Fence(NamedTuple):
    """A price of a pair that reaches one of its bounds, or a later time, and something may happen."""

    bounds: dict[str, tuple[float, float]]
    until: int


_NO_BOUND: Final = (0.0, float("inf"))
_NEVER: Final = 1 << 62


def fence_of(state: State, moving: Collection[str]) -> Fence | None:
    """The fence around the present, for pairs whose prices move; None when every price must be played."""
    if state.waiting or state.events is not None or state.policy.share is not None:
        return None
    bounds: dict[str, tuple[float, float]] = {}
    for symbol, resting in state.resting.items():
        if not len(resting):
            continue
        if resting.takers:
            return None
        low, high = _NO_BOUND
        if resting.buys:
            low = float(-resting.buys[0][0])
        if resting.sells:
            high = float(resting.sells[0][0])
        bounds[symbol] = low, high
    if not state.debtors:
        return Fence(bounds, _NEVER)
    if state.new_rates or state.new_vips:
        return None
    hour = state.hour + _AHEAD
    for wallet in state.debtors:
        width = _width(state, wallet, moving, hour)
        if width < _NARROWEST:
            return None
        for coin in wallet.holdings:
            symbol = coin + "USDT"
            last = state.market.last(symbol) if symbol in moving else None
            if last is not None:
                low, high = bounds.get(symbol, _NO_BOUND)
                price = float(last)
                bounds[symbol] = max(low, price * (1 - width)), min(high, price * (1 + width))
    return Fence(bounds, (hour - 1) * HOUR_MS)


def _width(state: State, wallet: Wallet, moving: Collection[str], hour: int) -> float:
    """By which share all prices may move at once, whichever way is worst, before the wallet is liquidated.

    maintain - ratio x net is a sum of one term for each coin, linear in its price, and every term grows with the
    hours; so the corner of the box where each price goes its term's bad way, at the last hour, is the worst place.
    """
    ratio = float(state.terms.liquidation_ratio)
    lines = state.lines(wallet, hour)
    # Which of two debts sets an isolated account's rate depends on the price.
    dearest = max(line.maintain for line in lines) if wallet.symbol else None
    level = slope = 0.0
    for coin, owned, owed, price, maintain in lines:
        rate = float(maintain if dearest is None else dearest)
        term = (float(owed) * (rate + ratio) - float(owned) * ratio) * float(price)
        level += term
        if coin + "USDT" in moving and state.market.follows(coin):
            slope += abs(term)
    if level >= 0:
        return 0.0
    return min(_WIDEST, -level / slope * (1 - _ROUNDING)) if slope else _WIDEST


def clear_until(fence: Fence, feeds: Sequence[Feed], moment: int, limit: int) -> int:
    """The latest time, up to `limit`, before which no candle leaves the fence; `moment` when one already does.

    What opens at that very time may be outside.
    """
    limit = min(limit, fence.until)
    for feed in feeds if fence.bounds else ():
        bounds = fence.bounds.get(feed.id)
        if bounds is None:
            continue
        times, columns = feed.rows.times, feed.columns
        first = max(0, latest(times, feed.interval, moment))
        last = latest(times, feed.interval, limit)
        if last < 0 or times[last] < limit:
            last += 1
        outside = (columns.low[first:last] <= bounds[0]) | (columns.high[first:last] >= bounds[1])
        place = int(outside.argmax()) if last > first else 0
        if last > first and outside[place]:
            limit = times[first + place]
    return max(moment, limit)
