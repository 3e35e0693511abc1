"""Where and why the open trade is left within a candle: signal, stop, return, trailing stop."""

from math import floor
from typing import Any

from .rules import (
    gap_stop,
    opening_stop,
    profit_ratio,
    roi_price,
    step_down,
    step_nearest,
    step_up,
    stop_distance,
)

__all__ = ["ENTRY", "LIQUIDATION", "REASONS", "SIGNAL", "STAYS", "exit_price", "roi_step", "stop_at"]

STAYS, ENTRY, SIGNAL, STOP, ROI, TRAILING, LIQUIDATION = range(7)
REASONS = {
    SIGNAL: "exit_signal",
    STOP: "stop_loss",
    ROI: "roi",
    TRAILING: "trailing_stop_loss",
    LIQUIDATION: "liquidation",
}


def roi_step(roi: Any, minutes: int) -> int:
    """Which row of the table (minutes, return) a trade of that age is in; -1 before the first."""
    found = -1
    for j in range(roi.shape[0]):
        if roi[j, 0] > minutes:
            break
        found = j
    return found


def stop_at(price: float, share: float, terms: Any, short: bool) -> float:
    """A stop's price, on a step that does not come later than the stop itself."""
    stop = stop_distance(price, share, terms.leverage, short)
    return step_down(stop, terms.price_units) if short else step_up(stop, terms.price_units)


def exit_price(
    trade: Any, terms: Any, roi: Any, flag: int, ms: int, opened: float, high: float, low: float, hour: int
) -> tuple[float, int]:
    """The price at which the plan leaves in this candle and why (STAYS: it does not); moves the stop."""
    short = trade.side < 0.0
    fee, leverage, amount, rate = terms.fee, terms.leverage, trade.amount, trade.rate
    interest = trade.charge * (1.0 + hour - trade.hour) if trade.charge > 0.0 else 0.0
    bound = low if short else high
    best = profit_ratio(rate, bound, fee, leverage, short, amount, interest)
    follows = terms.trailing and not (terms.trailing_waits and best < terms.trailing_offset)
    if follows and (trade.stop > high if short else trade.stop < low):
        share = terms.stoploss
        if terms.trailing_positive > 0.0 and best > terms.trailing_offset:
            share = terms.trailing_positive
        stop = stop_at(bound, share, terms, short)
        if stop < trade.stop if short else stop > trade.stop:
            trade.stop = stop
            trade.share = -abs(share)
    hit = trade.stop <= high if short else trade.stop >= low
    minutes = (ms - trade.opened) // 60_000
    enters = flag & 4 if short else flag & 1
    exits = flag & 8 if short else flag & 2
    step = roi_step(roi, minutes)
    roi_hit = step >= 0 and best > roi[step, 1] and not (enters != 0 and terms.entry_outlives_roi)
    price = 0.0
    reason = STAYS
    if terms.use_exit_signal and exits != 0 and enters == 0:
        now = profit_ratio(rate, opened, fee, leverage, short, amount, interest)
        if terms.exit_floor < -1e300 or now > terms.exit_floor:
            return opened, SIGNAL
    if hit and trade.stop == trade.first_stop:
        price = gap_stop(trade.stop, opened, high, low, short)
        reason = STOP
    elif roi_hit:
        share, since = roi[step, 1], roi[step, 0]
        on_candle = terms.minutes == 0.0 or floor(since / terms.minutes) * terms.minutes == since
        price = roi_price(rate, share, leverage, fee, short, amount, interest)
        beyond = opened < price if short else opened > price
        if on_candle and (share == -1.0 or (minutes > 0 and minutes == since and beyond)):
            price = opened
        else:
            price = min(max(price, low), high)
        reason = ROI
    elif hit:
        outside = trade.stop < low if short else trade.stop > high
        if outside or minutes > 0:
            price = gap_stop(trade.stop, opened, high, low, short)
        else:
            positive = terms.trailing_positive if terms.trailing and terms.trailing_waits else 0.0
            price = opening_stop(opened, high, low, trade.share, terms.trailing_offset, positive, leverage, short)
        reason = TRAILING
    if reason == STAYS:
        return 0.0, STAYS
    price = step_nearest(price, terms.price_units)
    if low <= price <= high:
        return price, reason
    return 0.0, STAYS
