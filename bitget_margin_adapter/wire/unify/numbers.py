"""Numbers and times in the form that ccxt's users expect."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ...model.decimals import plain

__all__ = ["LAST_TIME", "Number", "iso8601", "number_of"]

Number = Callable[[Decimal], Any]

_EPOCH = date(1970, 1, 1).toordinal()

LAST_TIME = 253_402_300_799_999
"""The last millisecond that a calendar date can name; the documentation's samples go beyond it."""


def number_of(kind: type) -> Number:
    """What makes a `kind` (ccxt's `exchange.number`) of a Decimal."""
    if kind is str:
        return plain
    return kind


# Times come in bunches: rows of a page, calls of a moment.
@lru_cache(maxsize=4096)
def iso8601(ms: int | None) -> str | None:
    """UTC text with milliseconds, None for times that no calendar has."""
    if ms is None or not 0 <= ms <= LAST_TIME:
        return None
    days, rest = divmod(ms, 86_400_000)
    seconds, rest = divmod(rest, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{_date(days)}T{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.{rest:03d}Z"


@lru_cache(maxsize=1024)
def _date(days: int) -> str:
    return date.fromordinal(_EPOCH + days).isoformat()
