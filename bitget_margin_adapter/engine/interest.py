"""Interest: what an hour costs, and the hours that nobody has looked at yet.

An hour's charge on a debt stays the same while principal and rate do. So a debt carries its charge and the last hour
that is on the books; the hours since are a multiplication, booked as one segment when the debt changes.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_UP, Decimal
from heapq import merge
from itertools import islice
from typing import NamedTuple

from ..model.decimals import MONEY_SCALE, STEPS, ZERO
from ..model.words import InterestType
from .ids import HOUR_MS, hour_before, interest_id
from .records import Query, newest_first

__all__ = ["Accrual", "Charge", "Segment", "charges", "hourly", "join"]

_DAY = Decimal(24)
_UNIT = STEPS[MONEY_SCALE]


def hourly(principal: Decimal, daily_rate: Decimal) -> Decimal:
    """One hour's interest, rounded up to 8 decimals.

    >>> hourly(Decimal(5), Decimal("0.000126279"))
    Decimal('0.00002631')
    """
    return (principal * daily_rate / _DAY).quantize(_UNIT, ROUND_UP)


class Segment(NamedTuple):
    """Consecutive full hours at one charge, first and last inclusive, as hours since 1970."""

    first: int
    last: int
    amount: Decimal
    rate: Decimal


class Charge(NamedTuple):
    """One row of the interest list."""

    id: int
    time: int
    coin: str
    rate: Decimal
    amount: Decimal
    type: InterestType


FirstCharge = tuple[int, int, Decimal, Decimal]
"""Id, time, daily rate, amount: booked when the loan is taken."""


def join(history: list[Segment], segment: Segment) -> None:
    """Adds a segment, as part of the last one if it only continues that."""
    if history:
        last = history[-1]
        if last.last + 1 == segment.first and last.amount == segment.amount and last.rate == segment.rate:
            history[-1] = last._replace(last=segment.last)
            return
    history.append(segment)


class Accrual:
    """The running interest of one debt: a charge an hour since `hour`, which is the last hour on the books."""

    __slots__ = ("charge", "coin", "firsts", "hour", "rate", "segments", "serial")

    def __init__(self, coin: str, serial: int) -> None:
        self.coin = coin
        self.serial = serial
        self.hour = 0
        self.charge = ZERO
        self.rate = ZERO
        self.segments: list[Segment] = []
        self.firsts: list[FirstCharge] = []

    def __deepcopy__(self, memo: dict[int, object]) -> "Accrual":
        twin = Accrual(self.coin, self.serial)
        twin.hour, twin.charge, twin.rate = self.hour, self.charge, self.rate
        twin.segments, twin.firsts = list(self.segments), list(self.firsts)
        return twin

    def unbooked(self, hour: int) -> Decimal:
        """What has come due up to and including `hour` and is not on the books."""
        return self.charge * (hour - self.hour) if self.charge else ZERO

    def book(self, hour: int) -> Decimal:
        """Writes the hours since the last one into the history; the sum is the caller's to put on the ledger."""
        due = self.unbooked(hour)
        if due:
            join(self.segments, Segment(self.hour + 1, hour, self.charge, self.rate))
        self.hour = hour
        return due

    def pending(self, hour: int) -> list[Segment]:
        if not self.charge or hour <= self.hour:
            return []
        return [Segment(self.hour + 1, hour, self.charge, self.rate)]


def _hours(segments: Sequence[Segment], coin: str, serial: int, query: Query) -> Iterator[Charge]:
    """Hourly charges of a debt, newest first."""
    low = 0 if query.start is None else -(-query.start // HOUR_MS)
    high = None if query.end is None else query.end // HOUR_MS
    if query.before is not None:
        bound = hour_before(query.before, serial)
        high = bound if high is None else min(bound, high)
    reach = len(segments) if high is None else bisect_right(segments, high, key=lambda segment: segment.first)
    for place in range(reach - 1, -1, -1):
        first, last, amount, rate = segments[place]
        if last < low:
            return
        top = last if high is None else min(last, high)
        for hour in range(top, max(first, low) - 1, -1):
            yield Charge(interest_id(hour, serial), hour * HOUR_MS, coin, rate, amount, InterestType.SCHEDULED)


def _firsts(rows: Sequence[FirstCharge], coin: str, query: Query) -> Iterator[Charge]:
    for row_id, time, rate, amount in newest_first(rows, query):
        yield Charge(row_id, time, coin, rate, amount, InterestType.FIRST)


def charges(debts: Iterable[Accrual], query: Query, hour: int) -> list[Charge]:
    """The newest charges of several debts, newest first; `hour` is the last full hour."""
    streams: list[Iterator[Charge]] = []
    for debt in debts:
        for segments in (debt.pending(hour), debt.segments):
            streams.append(_hours(segments, debt.coin, debt.serial, query))
        streams.append(_firsts(debt.firsts, debt.coin, query))
    return list(islice(merge(*streams, key=lambda row: row.id, reverse=True), query.limit))
