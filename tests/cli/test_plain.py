"""Aligned columns."""

from hypothesis import given
from hypothesis import strategies as st

from bitget_margin_adapter.cli.plain import aligned

ROWS = [("50035", "InsufficientFunds", "more than can be borrowed"), ("1", "-", "")]


def test_columns_begin_below_each_other_and_no_line_ends_in_blanks() -> None:
    assert aligned(("code", "exception", "meaning"), ROWS).splitlines() == [
        "code   exception          meaning",
        "50035  InsufficientFunds  more than can be borrowed",
        "1      -",
    ]


def test_with_a_width_the_last_column_is_wrapped() -> None:
    long = "what is said here takes more room than a terminal gives it"
    lines = aligned(("a", "b"), [("1", long)], width=33).splitlines()
    assert lines == ["a  b", "1  what is said here takes more", "   room than a terminal gives it"]


WORDS = st.text("abcxyz", min_size=1, max_size=9)


@given(st.lists(st.tuples(WORDS, WORDS, st.lists(WORDS, max_size=12).map(" ".join)), min_size=1), st.integers(1, 90))
def test_wrapping_loses_no_word_and_keeps_the_width_where_it_can(rows: list[tuple[str, str, str]], width: int) -> None:
    text = aligned(("a", "b", "c"), rows, width)
    assert text.split() == ["a", "b", "c", *(word for row in rows for cell in row for word in cell.split())]
    indent = sum(max(len(name), *(len(row[place]) for row in rows)) + 2 for place, name in enumerate("ab"))
    assert max(map(len, text.splitlines())) <= max(width, indent + 24)
