"""Numbers and times as ccxt's users see them."""

import ccxt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitget_margin_adapter.wire.unify.numbers import LAST_TIME, iso8601

MINUTE = 60_000


@given(st.integers(0, LAST_TIME) | st.integers(0, LAST_TIME // MINUTE).map(lambda minute: minute * MINUTE))
def test_times_are_written_as_ccxt_writes_them(ms: int) -> None:
    assert iso8601(ms) == ccxt.Exchange.iso8601(ms)


@pytest.mark.parametrize("ms", [None, -1, LAST_TIME + 1])
def test_no_time_is_no_text(ms: int | None) -> None:
    assert iso8601(ms) is None
