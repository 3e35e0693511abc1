"""How close an account is to liquidation, from a snapshot of it; pure functions without memory."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from ..model.decimals import MONEY_SCALE, ZERO, cut
from .terms import Tier

__all__ = [
    "HOPELESS",
    "Line",
    "Sums",
    "borrowable",
    "carries",
    "leaving",
    "leeway",
    "rate",
    "reaches",
    "sums",
    "transferable",
]

HOPELESS = Decimal(9999)
"""The rate shown when there is debt and nothing left to set against it."""

_ONE = Decimal(1)


class Line(NamedTuple):
    """One coin: what is owned and owed of it, its USDT price, and the maintenance rate of its debt."""

    coin: str
    assets: Decimal
    debt: Decimal
    price: Decimal
    maintain: Decimal


class Sums(NamedTuple):
    """In USDT: what is owned, what is owed, what must be maintained."""

    assets: Decimal
    debt: Decimal
    maintain: Decimal

    @property
    def net(self) -> Decimal:
        return self.assets - self.debt


def sums(lines: Iterable[Line]) -> Sums:
    assets = debts = maintain = ZERO
    for _, owned, owed, price, rate_ in lines:
        assets += owned * price
        if owed:
            value = owed * price
            debts += value
            maintain += value * rate_
    return Sums(assets, debts, maintain)


def rate(total: Sums) -> Decimal:
    """The risk rate for people, cut to 8 decimals: 0 without debt, a large number without net value."""
    if not total.debt:
        return ZERO
    net = total.net
    if net <= ZERO:
        return HOPELESS
    return min(cut(total.maintain / net, MONEY_SCALE), HOPELESS)


def reaches(total: Sums, ratio: Decimal) -> bool:
    """Whether the exact rate is at least `ratio`."""
    return total.debt > ZERO and total.maintain >= total.net * ratio


def carries(total: Sums, value: Decimal, tier: Tier) -> bool:
    """Whether net value times leverage bears a further loan of this value; `tier` is that of the debt afterwards."""
    assets, debt, _ = total
    return value <= (assets - debt) * (tier.leverage - _ONE) - debt


def borrowable(
    total: Sums, owed: Decimal, price: Decimal, tiers: tuple[Tier, ...], side: int, ceiling: Decimal
) -> Decimal:
    """The most that `carries` and the ceiling allow, cut to 8 decimals. A further tier never has more leverage."""
    most = floor = ZERO
    for tier in tiers:
        room = (total.net * (tier.leverage - _ONE) - total.debt) / price
        if tier is not tiers[-1]:
            room = min(room, tier.caps[side] - owed)
        if owed + room > floor:
            most = max(most, room)
        floor = tier.caps[side]
    return cut(max(ZERO, min(most, ceiling - owed)), MONEY_SCALE)


def transferable(total: Sums, available: Decimal, price: Decimal | None) -> Decimal:
    """The most that may leave: all that is free, or what keeps assets at twice the debt."""
    if not total.debt:
        return available
    if price is None:
        return ZERO
    return leaving(leeway(total), available, price)


def leeway(total: Sums) -> Decimal:
    """The value that may leave an account with a debt: a sum of one term for each coin."""
    return total.net - total.debt


def leaving(room: Decimal, available: Decimal, price: Decimal) -> Decimal:
    """As much of a coin as is free, and worth no more than `room`."""
    if not available:
        return ZERO
    return max(ZERO, min(available, cut(room if price == _ONE else room / price, MONEY_SCALE)))
