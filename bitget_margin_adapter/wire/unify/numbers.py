"""Numbers and times in the form that ccxt's users expect."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ...model.decimals import plain

__all__ = ["LAST_TIME", "Number", "iso8601", "number_of"]

Number = Callable[[Decimal], Any]

_MINUTES = tuple(f"T{minute // 60:02d}:{minute % 60:02d}:" for minute in range(1440))

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
    minutes, rest = divmod(ms, 60_000)
    days, minute = divmod(minutes, 1440)
    # Whatever happens at a candle's open happens at a full minute.
    seconds = f"{rest // 1000:02d}.{rest % 1000:03d}Z" if rest else "00.000Z"
    return f"{_date(days)}{_MINUTES[minute]}{seconds}"


@lru_cache(maxsize=1024)
def _date(days: int) -> str:
    return date.fromordinal(_EPOCH + days).isoformat()
