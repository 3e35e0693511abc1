"""Freqtrade's arithmetic of stops, returns and prices, as small pure functions that can be compiled.

None calls another one, so that each can be compiled alone (`kernel`) and read alone. `units` is one over the price
step, 0 for no step.
"""

from math import floor

__all__ = [
    "best_profit", "gap_stop", "opening_stop", "profit_ratio", "roi_price", "step_down", "step_nearest", "step_up",
    "stop_distance",
]  # fmt: skip


def step_up(price: float, units: float) -> float:
    """The step at or above a price. A price that is a step is written as one, so equality is the test."""
    if units == 0.0:
        return price
    count = floor(price * units + 0.5)
    nearest = count / units
    return nearest if nearest >= price else (count + 1.0) / units


def step_down(price: float, units: float) -> float:
    if units == 0.0:
        return price
    count = floor(price * units + 0.5)
    nearest = count / units
    return nearest if nearest <= price else (count - 1.0) / units


def step_nearest(price: float, units: float) -> float:
    """Halves go up; a half is what is written as one, whatever float stands for it."""
    if units == 0.0:
        return price
    count = floor(price * units + 0.5)
    # The nearest count may be one off when the price is as good as a half.
    if price >= (2.0 * count + 1.0) / (2.0 * units):
        return (count + 1.0) / units
    if price < (2.0 * count - 1.0) / (2.0 * units):
        return (count - 1.0) / units
    return count / units


def profit_ratio(
    opened: float, rate: float, fee: float, leverage: float, short: bool, amount: float, interest: float
) -> float:
    """Gain on the stake if closed at a rate, fees and interest inside, rounded to 8 decimals as freqtrade does.

    Interest is in the borrowed coin: base of a short, quote of a long.
    """
    if short:
        closing = (amount + interest) * rate * (1.0 + fee)
        ratio = (1.0 - closing / (amount * opened * (1.0 - fee))) * leverage
    else:
        closing = amount * rate * (1.0 - fee) - interest
        ratio = (closing / (amount * opened * (1.0 + fee)) - 1.0) * leverage
    return floor(ratio * 1e8 + 0.5) / 1e8


def best_profit(short: bool, high: float, low: float) -> float:
    """The candle's best price for a trade."""
    return low if short else high


def stop_distance(price: float, share: float, leverage: float, short: bool) -> float:
    """Where a stop at `share` of the stake from a price lies, not yet on a step."""
    distance = abs(share / leverage)
    return price * (1.0 + distance) if short else price * (1.0 - distance)


def gap_stop(stop: float, opened: float, high: float, low: float, short: bool) -> float:
    """A stop outside the candle was passed before it: the open is what is left."""
    if short:
        return opened if stop < low else stop
    return opened if stop > high else stop


def opening_stop(
    opened: float, high: float, low: float, share: float, offset: float, positive: float, leverage: float, short: bool
) -> float:
    """A trailing stop in the candle of the entry, at its worst: just armed, then hit.

    With `positive` above zero the stop arms at `offset`; without, it follows from the open at `share`.
    """
    side = -1.0 if short else 1.0
    if positive > 0.0:
        rate = opened * (1.0 + side * abs(offset) - side * abs(positive / leverage))
    else:
        rate = opened * (1.0 - side * abs(share / leverage))
    return min(high, rate) if short else max(low, rate)


def roi_price(
    opened: float, share: float, leverage: float, fee: float, short: bool, amount: float, interest: float
) -> float:
    """The rate at which a trade returns `share`, fees and interest inside."""
    if short:
        return opened * (1.0 - fee) * (1.0 - share / leverage) * amount / ((amount + interest) * (1.0 + fee))
    return (opened * (1.0 + fee) * (1.0 + share / leverage) + interest / amount) / (1.0 - fee)
