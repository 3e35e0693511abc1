"""How numbers and times are written for people."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from ..model.decimals import plain

__all__ = ["amount", "day", "exact_text", "moment", "money", "percent"]


def moment(ms: int) -> str:
    """UTC to the minute."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def day(ms: int) -> str:
    """The same without the year, for narrow columns."""
    return moment(ms)[5:]


def money(value: Decimal) -> str:
    """Dollars and cents, to be read and not to be computed with."""
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP):,f}"


def amount(value: Decimal, decimals: int = 4) -> str:
    """Coins, to be read; a dash for none."""
    return f"{value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,f}" if value else "-"


def percent(value: Decimal) -> str:
    """A fraction with its sign."""
    return f"{(value * 100).quantize(Decimal('0.1'), ROUND_HALF_UP):+f}%"


def exact_text(value: Decimal) -> str:
    """All digits, to be computed with."""
    return plain(value)
