"""Journal lines: written and read back the same, whatever they carry."""

from hypothesis import given
from hypothesis import strategies as st

from bitget_margin_adapter.engine.journal import Entry, parse, write

NAME = st.text("abcXYZ09_", min_size=1, max_size=8).filter(str.isidentifier)
VALUE = st.text(max_size=12)
PLAIN = st.text(st.characters(exclude_categories=["C"]), max_size=12)
ROW = st.dictionaries(NAME, VALUE, min_size=1, max_size=3)
PAIRS = st.dictionaries(
    NAME, st.one_of(PLAIN, st.lists(VALUE, min_size=1, max_size=4), st.lists(ROW, min_size=1, max_size=3)), max_size=5
)


@given(st.integers(0, 2**50), NAME, st.lists(NAME, max_size=3), PAIRS)
def test_what_is_written_is_read(now: int, verb: str, subjects: list[str], pairs: dict[str, object]) -> None:
    line = write(now, verb, tuple(subjects), pairs)
    assert "\n" not in line
    assert parse(line) == Entry(now, verb, tuple(subjects), pairs)


def test_numbers_become_plain_text() -> None:
    assert write(1, "price", (), {"BTCUSDT": 1e-7, "ETHUSDT": 2000}) == "1\tprice\tBTCUSDT=0.0000001\tETHUSDT=2000"
