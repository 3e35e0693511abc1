"""Numbers and times in the form that ccxt's users expect."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ...model.decimals import plain

__all__ = ["LAST_TIME", "Number", "iso8601", "number_of"]

Number = Callable[[Decimal], Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

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
    seconds, rest = divmod(ms, 1000)
    return f"{_to_the_second(seconds)}.{rest:03d}Z"


@lru_cache(maxsize=1024)
def _to_the_second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).isoformat()[:19]
