"""Ids: one counter in the shape of a snowflake, 19 digits that sort by time, reproducible."""

from typing import Final

__all__ = ["HOUR_MS", "Ids", "hour_before", "interest_id"]

HOUR_MS: Final = 3_600_000

_BASE: Final = 10**18
_BITS: Final = 20
_HALF: Final = 1 << (_BITS - 1)


class Ids:
    """Rising numbers: milliseconds in front, a count behind; more than half a million in one run on into the next.

    The first half of every millisecond is kept for `interest_id`, so that both kinds sort by time in one list.

    >>> ids = Ids()
    >>> ids.next(0), ids.next(0), ids.next(1)
    (1000000000000524288, 1000000000000524289, 1000000000001572864)
    """

    __slots__ = ("last", "latest")

    def __init__(self) -> None:
        self.last = _BASE
        self.latest = -1
        """The last millisecond that ids were taken in: within it they go on from the last one."""

    def next(self, now: int) -> int:
        return self.take(now, 1)

    def take(self, now: int, count: int) -> int:
        """The first of `count` ids in a row."""
        first = self.last + 1
        if now > self.latest:
            self.latest = now
            first = max(first, _BASE + (now << _BITS) + _HALF)
        self.last = first + count - 1
        return first


def interest_id(hour: int, serial: int) -> int:
    """The id of one hour's charge on one debt: made when somebody reads it, the same every time."""
    return _BASE + (hour * HOUR_MS << _BITS) + serial


def hour_before(row_id: int, serial: int) -> int:
    """The last hour whose charge has a smaller id."""
    return ((row_id - _BASE - serial - 1) >> _BITS) // HOUR_MS
