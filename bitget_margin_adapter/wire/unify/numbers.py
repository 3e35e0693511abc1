"""Numbers and times in the form that ccxt's users expect."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
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


def iso8601(ms: int | None) -> str | None:
    """UTC text with milliseconds, None for times that no calendar has."""
    if ms is None or not 0 <= ms <= LAST_TIME:
        return None
    text = (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds")
    return text[:-6] + "Z"
