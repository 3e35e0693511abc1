"""Exact numbers: in from whatever people write, out as plain text, rounded only by name.

Floats enter by their shortest text (`0.1` is one tenth), never by their binary value.
"""

import decimal
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from functools import reduce

__all__ = [
    "EXACT",
    "MONEY_SCALE",
    "STEPS",
    "ZERO",
    "Numeric",
    "cut",
    "exact",
    "exactly",
    "half_up",
    "minus",
    "plain",
    "plus",
    "product",
    "ratio",
    "round_up",
    "total",
    "whole",
]

Numeric = Decimal | int | float | str

MONEY_SCALE = 8
"""Decimals of every amount of money at the venue."""

ZERO = Decimal(0)

EXACT = decimal.Context(prec=60, rounding=ROUND_DOWN)
"""Room for any product of two amounts: nothing in this package may be rounded without being asked to."""

STEPS = {scale: Decimal(1).scaleb(-scale) for scale in range(-12, 31)}
"""The smallest step by number of decimals: 2 is a hundredth."""

_LONGEST = 19

_USUAL = decimal.Context(prec=28)


def exact(value: Numeric) -> Decimal:
    """The finite Decimal that `value` says.

    Raises ValueError for NaN, infinities and texts that are no number.
    """
    try:
        kind = value.__class__
        if kind is float:
            number = Decimal(repr(value))
        elif kind is bool:
            raise TypeError
        elif isinstance(value, str | int | Decimal):
            number = Decimal(value)
        else:
            # numpy's floats have a repr of their own, and not all of them are floats; ints neither.
            number = Decimal(float.__repr__(value) if isinstance(value, float) else str(value))
    except (decimal.InvalidOperation, TypeError, ValueError):
        raise ValueError(f"{value!r} is not a number") from None
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a finite number")
    return number


def whole(text: str) -> int | None:
    """The number that up to 19 plain digits say, as ids, times and counts are written; None for all other texts."""
    # Texts know more digits than these: a raised two is one, and int() refuses it; an Arabic two is one that it takes.
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST else None


@contextmanager
def exactly() -> Iterator[None]:
    """Within it sums and products are exact whatever the caller's thread has set; only named roundings round."""
    outer = decimal.getcontext()
    decimal.setcontext(EXACT)
    try:
        yield
    finally:
        decimal.setcontext(outer)


def plain(number: Decimal) -> str:
    """Text without exponent and without trailing zeros: 1E+3 is "1000", 0E-8 is "0"."""
    if not number:
        return "0"
    text = str(number)
    if "E" in text:
        text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


# Bots set the precision of their thread, and it is theirs: none of these five asks for it.


def total(*numbers: Decimal) -> Decimal:
    """Their exact sum."""
    return reduce(EXACT.add, numbers, ZERO)


def plus(one: Decimal, other: Decimal) -> Decimal:
    """Their exact sum, without a list."""
    return EXACT.add(one, other)


def minus(one: Decimal, other: Decimal) -> Decimal:
    """The exact difference."""
    return EXACT.subtract(one, other)


def product(one: Decimal, other: Decimal) -> Decimal:
    """Exact as well."""
    return EXACT.multiply(one, other)


def ratio(one: Decimal, other: Decimal) -> Decimal:
    """One divided by the other, to 28 digits."""
    return _USUAL.divide(one, other)


def cut(number: Decimal, scale: int) -> Decimal:
    """Down to `scale` decimals, towards zero."""
    return number.quantize(STEPS[scale], ROUND_DOWN, EXACT)


def round_up(number: Decimal, scale: int) -> Decimal:
    """Up to `scale` decimals, away from zero."""
    return number.quantize(STEPS[scale], ROUND_UP, EXACT)


def half_up(number: Decimal, scale: int) -> Decimal:
    """To the nearest at `scale` decimals, halves away from zero."""
    return number.quantize(STEPS[scale], ROUND_HALF_UP, EXACT)
