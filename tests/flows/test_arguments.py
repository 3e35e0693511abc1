"""Numbers as people write them, onto the wire: plain text, exact, cut down and never up."""

import re
from decimal import Decimal
from typing import Any

import pytest
from ccxt.base import errors
from hypothesis import given
from hypothesis import strategies as st

from bitget_margin_adapter.flows.arguments import market_of, money, quantity, scale_of
from bitget_margin_adapter.model.decimals import EXACT, exact

from .conftest import PlainContext

PLAIN = re.compile(r"^\d+(\.\d+)?$")
CTX = PlainContext().load()

decimals = st.decimals(min_value=0, max_value=10**15, allow_nan=False, allow_infinity=False, places=None)
numbers = st.one_of(
    decimals,
    decimals.map(str),
    st.integers(0, 10**18),
    st.integers(0, 10**18).map(str),
    st.floats(0, 1e15, allow_nan=False, allow_infinity=False),
    st.floats(0, 1e15, allow_nan=False, allow_infinity=False).map(repr),
)
scales = st.integers(0, 12)


def said(value: Any, scale: int | None) -> str | None:
    """The text, or None for what is refused."""
    try:
        return quantity(CTX, "call", "amount", value, None if scale is None else float(f"1e-{scale}"))
    except errors.InvalidOrder as problem:
        assert "call: amount" in str(problem)  # noqa: PT017  # most are not refused
        return None


@given(numbers, scales)
def test_amounts_are_plain_and_cut_down(value: Any, scale: int) -> None:
    text = said(value, scale)
    given_, tick = exact(value), Decimal(1).scaleb(-scale)
    if text is None:
        assert given_ < tick or given_.adjusted() >= 30
        return
    number = Decimal(text)
    assert PLAIN.match(text)
    assert number <= given_ < number + tick
    assert said(text, scale) == text


@given(numbers)
def test_what_is_not_cut_comes_back_exactly(value: Any) -> None:
    text = said(value, None)
    if text is not None:
        assert PLAIN.match(text)
        assert Decimal(text) == exact(value)


@given(numbers)
def test_money_is_never_more_than_was_named_and_a_repayment_never_past_a_balance(value: Any) -> None:
    try:
        borrowed, repaid = (Decimal(money(CTX, "call", value, clears=clears)) for clears in (False, True))
    except errors.BadRequest:
        return
    assert borrowed <= exact(value)
    # Balances have eight decimals: the next of them from the amount upwards is the most that can be sent.
    assert exact(value) - Decimal("1e-12") <= repaid < exact(value) + Decimal("0.00000001")


@given(scales)
def test_a_step_is_read_in_every_form(scale: int) -> None:
    tick = Decimal(1).scaleb(-scale)
    assert scale_of(tick) == scale_of(str(tick)) == scale_of(float(tick)) == scale


@pytest.mark.parametrize("kind", ["float64", "float32", "int64"])
def test_numbers_of_numpy_are_numbers(kind: str) -> None:
    numpy = pytest.importorskip("numpy")
    assert said(getattr(numpy, kind)(5), 6) == "5"
    if kind != "int64":
        assert said(getattr(numpy, kind)(0.1), 6) == "0.1"


@given(st.sampled_from(["BTC/USDT", "BTCUSDT", "BTCUSDT_SPBL", "btc/usdt", "btcusdt", "Btcusdt_spbl"]))
def test_each_form_of_a_symbol_is_the_same_market(form: str) -> None:
    assert market_of(CTX, "call", form)["symbol"] == "BTC/USDT"


@given(numbers, scales)
def test_a_number_that_needs_no_arithmetic_comes_out_as_if_it_did(value: Any, scale: int) -> None:
    text = str(exact(value).quantize(Decimal(1).scaleb(-scale), "ROUND_DOWN", EXACT))
    wanted = f"{Decimal(text):f}"
    wanted = wanted.rstrip("0").rstrip(".") if "." in wanted else wanted
    assert (said(value, scale) or "0") == wanted


def test_an_integer_too_long_to_write_out_is_no_amount() -> None:
    assert said(10**5_000, 2) is None
    assert said(10**29, 2) == "1" + "0" * 29
