"""The short way through candles at which nothing can happen: only hours and the equity pass.

Signals and prices are what can make something happen. Many passes over the same candles are given blocks of them as
well (`Feed.blocks`): the lowest low and highest high tell for a whole block whether a price is near.
"""

from math import inf
from typing import Any

from ..feeds import BLOCK
from .account import accrue, indebted, over
from .exits import roi_step
from .rules import roi_price

__all__ = ["HOUR", "coast", "fallen"]

HOUR = 3_600_000

# Sets of flags, as bits of a number: those that open a trade, and those that close a long or a short one.
OPENS = sum(1 << flag for flag in range(16) if flag & 7 == 1 or flag & 13 == 4)
CLOSES_LONG = sum(1 << flag for flag in range(16) if flag & 3 == 2)
CLOSES_SHORT = sum(1 << flag for flag in range(16) if flag & 12 == 8)

# How many minutes of interest the fences of risk leave room for, and after how many they are drawn anew.
_ROOM, _FRESH = 2_880, 2_820


def fence(
    base: Any, quote: Any, tiers: Any, trade: Any, terms: Any, roi: Any, minutes: int
) -> tuple[float, float, float]:  # fmt: skip
    """Prices strictly between which nothing happens, and minutes of the trade until which it does not."""
    low, high, until = 0.0, inf, inf
    short = trade.side < 0.0
    if trade.side != 0.0:
        if terms.trailing:
            return inf, 0.0, 0.0
        if short:
            high = trade.stop
        else:
            low = trade.stop
        step = roi_step(roi, minutes)
        if step >= 0:
            target = roi_price(trade.rate, roi[step, 1], terms.leverage, terms.fee, short, trade.amount, 0.0)
            if short:
                # Interest moves the target nearer by less than this.
                low = max(low, target * 1.0000001)
            else:
                high = min(high, target * 0.9999999)
        if step + 1 < roi.shape[0]:
            until = roi[step + 1, 0]
    if indebted(base, quote):
        width = risk_width(base, quote, tiers, terms)
        if width == 0.0:
            return inf, 0.0, 0.0
        low = max(low, base.price * (1.0 - width))
        high = min(high, base.price * (1.0 + width))
        if until == inf or until > minutes + _ROOM:
            until = float(minutes + _FRESH)
    return low, high, until


def risk_width(base: Any, quote: Any, tiers: Any, terms: Any) -> float:
    """The share by which the price may move either way and leave the account sound, 0 for none that was tried."""
    interest, interest_quote, price = base.interest, quote.interest, base.price
    base.interest = interest + base.charge * (_ROOM / 60)
    quote.interest = interest_quote + quote.charge * (_ROOM / 60)
    width = 0.5
    while width >= 0.01:
        sound = True
        for side in range(-1, 2, 2):
            base.price = price * (1.0 + side * width)
            if over(base, quote, tiers, terms.liquidation_ratio, terms.isolated):
                sound = False
        if sound:
            break
        width *= 0.5
    base.interest = interest
    quote.interest = interest_quote
    base.price = price
    return width if width >= 0.01 else 0.0


def first_at(ms: Any, bar: int, bars: int, time: float, interval: int) -> int:
    """The first candle from `bar` on that opens at or after a time."""
    if ms[bar] >= time:
        return bar
    # Right at once where no candle is missing.
    ahead = (time - ms[bar]) / interval
    found = bars
    if ahead < bars - bar:
        found = bar + int(ahead)
    while found > bar and ms[found - 1] >= time:
        found -= 1
    while found < bars and ms[found] < time:
        found += 1
    return found


def scan(
    flags: Any, highs: Any, lows: Any, block_highs: Any, block_lows: Any, bar: int, end: int, stops: int, low: float,
    high: float,
) -> int:  # fmt: skip
    """The first candle before `end` with a flag among `stops`, or a price outside the fence; `end` if there is none."""
    fenced = low > 0.0 or high < inf
    blocks = len(block_lows) > 0
    while bar < end:
        edge = end
        clear = not fenced
        if fenced and blocks:
            block = bar // BLOCK
            edge = min(end, (block + 1) * BLOCK)
            clear = block_lows[block] > low and block_highs[block] < high
        if clear:
            while bar < edge:
                if stops >> flags[bar] & 1:
                    return bar
                bar += 1
        else:
            while bar < edge:
                if stops >> flags[bar] & 1 or lows[bar] <= low or highs[bar] >= high:
                    return bar
                bar += 1
    return end


def fallen(peak: float, trough: float, fall: float, worth: float) -> tuple[float, float, float]:
    """The highest value so far, the lowest since then, and the deepest fall until that highest one, with one more."""
    if worth > peak:
        return worth, worth, min(fall, trough / peak - 1.0)
    return peak, min(trough, worth), fall


def value(equity: Any, closes: Any, start: int, end: int, cash: float, held: float, cursor: Any) -> None:
    """What the account is worth at these closes: written down, or only followed where there is no room for it."""
    if len(equity) > 0:
        for bar in range(start, end):
            equity[bar] = cash + held * closes[bar]
        return
    peak, trough, fall, worth = cursor.peak, cursor.trough, cursor.fall, cursor.worth
    # Without a position it stays the same.
    for bar in range(start if held != 0.0 else max(start, end - 1), end):
        worth = cash + held * closes[bar]
        peak, trough, fall = fallen(peak, trough, fall, worth)
    cursor.peak, cursor.trough, cursor.fall, cursor.worth = peak, trough, fall, worth


def coast(
    ms: Any, highs: Any, lows: Any, closes: Any, block_highs: Any, block_lows: Any, flags: Any, interval: int,
    base: Any, quote: Any, tiers: Any, terms: Any, roi: Any, trade: Any, cursor: Any, equity: Any,
) -> None:  # fmt: skip
    """Leaves the cursor at the first candle that may matter."""
    bar, bars = cursor.bar, len(ms)
    owing = indebted(base, quote)
    if owing and interval > HOUR:
        return
    side = trade.side
    minutes = (ms[bar] - trade.opened) // 60_000 if side != 0.0 else 0
    if bar > 0:
        base.price = closes[bar - 1]
    low, high, until = fence(base, quote, tiers, trade, terms, roi, minutes)
    last = bars
    if until < inf:
        last = first_at(ms, bar, bars, (trade.opened if side != 0.0 else ms[bar]) + until * 60_000.0, interval)
    stops = OPENS
    if side != 0.0:
        stops = CLOSES_SHORT if side < 0.0 else CLOSES_LONG
    begun = bar
    while bar < last:
        end = last
        due = False
        if owing:
            due = ms[bar] >= (cursor.hour + 1) * HOUR
            end = bar + 1 if due else first_at(ms, bar, last, float((cursor.hour + 1) * HOUR), interval)
        reached = scan(flags, highs, lows, block_highs, block_lows, bar, end, stops, low, high)
        if reached == bar:
            break
        while due and ms[bar] >= (cursor.hour + 1) * HOUR:
            accrue(base, quote, cursor)
        cash = quote.held - quote.principal - quote.interest
        value(equity, closes, bar, reached, cash, base.held - base.principal - base.interest, cursor)
        bar = reached
        if reached < end:
            break
    cursor.bar = bar
    if bar > begun:
        base.price = closes[bar - 1]
