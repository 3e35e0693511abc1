import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitget_margin_adapter.model.decimals import cut, exact, half_up, plain, round_up, whole

finite = st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("-1e15"), max_value=Decimal("1e15"))
scales = st.integers(0, 12)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (6.521e-05, "0.00006521"),
        ("1E+3", "1000"),
        ("0E-8", "0"),
        ("-0", "0"),
        ("15100.10", "15100.1"),
        (10, "10"),
        (Decimal("100"), "100"),
    ],
)
def test_plain_text(value: float | str | Decimal, text: str) -> None:
    assert plain(exact(value)) == text


@pytest.mark.parametrize("value", ["", "x", "1,5", float("nan"), float("inf"), "NaN", "-Infinity", None, [], (1, 2)])
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(ValueError, match="is not a"):
        exact(value)  # type: ignore[arg-type]  # what callers get wrong


@given(st.one_of(finite, st.integers(-(10**18), 10**18), st.floats(allow_nan=False, allow_infinity=False, width=64)))
def test_text_is_plain_and_says_the_same_number(value: Decimal | int | float) -> None:
    text = plain(exact(value))
    assert re.fullmatch(r"-?\d+(\.\d*[1-9])?", text)
    assert Decimal(text) == exact(value)


@given(finite, scales)
def test_roundings_differ_from_the_number_by_less_than_a_step(number: Decimal, scale: int) -> None:
    step = Decimal(1).scaleb(-scale)
    down, up, near = cut(number, scale), round_up(number, scale), half_up(number, scale)
    assert abs(down) <= abs(number) <= abs(up)
    assert abs(number) - abs(down) < step
    assert abs(up) - abs(number) < step
    assert abs(near - number) <= step / 2
    assert cut(down, scale) == down
    assert near in (down, up)


def test_halves_go_away_from_zero() -> None:
    assert half_up(Decimal("0.000000005"), 8) == Decimal("0.00000001")
    assert half_up(Decimal("-0.5"), 0) == Decimal("-1")


def test_whole_numbers_are_written_with_plain_digits() -> None:
    assert [whole(text) for text in ("7", "0", "1000000000000000000")] == [7, 0, 10**18]
    odd = ("", "-1", "1.0", " 1", "\u00b2", "\u0663", "1" * 20, "1_0")
    assert [whole(text) for text in odd] == [None] * len(odd)
