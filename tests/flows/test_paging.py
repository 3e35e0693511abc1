"""Paging against a naive filter over all rows of a made-up venue: each once, in order, whatever pages cut through."""

from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitget_margin_adapter.flows.effects import Now, Send
from bitget_margin_adapter.flows.paging import Window, listing
from bitget_margin_adapter.model.rows import Page
from bitget_margin_adapter.wire.endpoints import ENDPOINTS

DAY = 86_400_000
NOW = 1_700_000_000_000
LONGEST = 90 * DAY


class Row(NamedTuple):
    id: int
    ctime: int


class TooLong(Exception):
    """The venue's refusal 40705."""


class Venue:
    """Rows newest first, in pages; refuses what the venue refuses. `cap` is the most that it puts on a page."""

    def __init__(self, rows: list[Row], cap: int = 500) -> None:
        self.rows = sorted(rows, key=lambda row: -row.id)
        self.cap = cap
        self.calls = 0

    def answer(self, send: Send) -> Page[Row]:
        self.calls += 1
        endpoint, params = ENDPOINTS[send.endpoint], send.params
        assert set(params) <= {param.name for param in endpoint.params}
        start, end = int(params["startTime"]), int(params.get("endTime", NOW + 500))
        if endpoint.windowed and (end - start > LONGEST or end < start):
            raise TooLong(params)
        size = min(int(params.get("pageSize", 100)), self.cap)
        last = int(params.get(endpoint.page_id or "", 0)) or 10**30
        found = [row for row in self.rows if start <= row.ctime <= end and row.id < last][:size]
        if not found:
            return Page((), "0", "0")
        return Page(tuple(found), str(found[0].id), str(found[-1].id))


def read(venue: Venue, endpoint: str, window: Window, keep: Any = None) -> list[Row]:
    flow = listing(endpoint, {}, window, keep)
    reply: Any = None
    try:
        while True:
            effect = flow.send(reply)
            reply = NOW if isinstance(effect, Now) else venue.answer(effect)
    except StopIteration as stop:
        found: list[Row] = stop.value
        return found


@st.composite
def histories(draw: st.DrawFn) -> list[Row]:
    """Up to some thousand rows of the last 400 days, ids rising with time, many at equal times."""
    count = draw(st.sampled_from([0, 1, 99, 100, 101, 499, 500, 501, 1000, 1001, 2300]))
    gap = draw(st.sampled_from([0, 1, 60_000, DAY // 8, DAY // 2]))
    bunch = draw(st.sampled_from([1, 3, 100, 700]))
    newest = NOW - draw(st.sampled_from([0, 1, 5 * DAY, 95 * DAY]))
    rows = [Row(10**6 - index, newest - (index // bunch) * gap) for index in range(count)]
    return [row for row in rows if row.ctime > 0]


moments = st.one_of(
    st.none(), st.integers(NOW - 400 * DAY, NOW), st.sampled_from([NOW, NOW - LONGEST, NOW - LONGEST - 1, NOW - 1])
)


@given(
    rows=histories(),
    endpoint=st.sampled_from(["cross_loans", "isolated_order_history", "cross_fills", "cross_interests"]),
    since=moments,
    until=moments,
    limit=st.one_of(st.none(), st.sampled_from([1, 7, 100, 101, 500, 900])),
    paginate=st.booleans(),
    odd=st.booleans(),
    cap=st.sampled_from([100, 500]),
)
@settings(max_examples=250, deadline=None)
def test_what_a_naive_filter_finds(
    rows: list[Row],
    endpoint: str,
    since: int | None,
    until: int | None,
    limit: int | None,
    paginate: bool,
    odd: bool,
    cap: int,
) -> None:
    if since is not None and until is not None and until < since:
        since, until = until, since
    keep = (lambda row: row.id % 7 == 0) if odd else None
    last = NOW if until is None else until
    # Without a beginning it looks back 90 days, less the minute for clocks; with paginate to where a year is empty.
    first = since if since is not None else 0 if paginate else max(0, last - LONGEST + 60_000)
    wanted = sorted(row for row in rows if first <= row.ctime <= last and (keep is None or keep(row)))
    if since is not None:
        wanted = wanted[:limit]
    elif limit is not None or not paginate:
        wanted = wanted[-(limit or 100) :]
    assert read(Venue(rows, cap), endpoint, Window(since, until, limit, paginate), keep) == wanted


def test_25_000_rows_are_all_read_once() -> None:
    rows = [Row(number, NOW - 300 * DAY + number * 1000) for number in range(1, 25_001)]
    venue = Venue(rows)
    assert read(venue, "cross_order_history", Window(NOW - 300 * DAY, None, None, False)) == rows
    assert venue.calls <= 25_000 / 500 + 8


def test_a_venue_that_repeats_its_pages_comes_to_an_end() -> None:
    class Stuck(Venue):
        def answer(self, send: Send) -> Page[Row]:
            page = Page(tuple(self.rows[:500]), "500", "7" if self.calls % 2 else "8")
            self.calls += 1
            return page

    venue = Stuck([Row(number, NOW) for number in range(500)])
    read(venue, "cross_loans", Window(NOW - 1, None, None, False))
    assert venue.calls < 5


@pytest.mark.parametrize("limit", [1, 10, 100])
def test_few_are_found_among_many_in_few_calls(limit: int) -> None:
    """A filter must not ask for one row at a time."""
    venue = Venue([Row(number, NOW) for number in range(2000)])
    found = read(venue, "cross_order_history", Window(None, None, limit, False), lambda row: row.id % 10 == 0)
    assert len(found) == limit
    assert venue.calls <= 3


@pytest.mark.parametrize("endpoint", ["cross_order_history", "cross_loans"])
@pytest.mark.parametrize("since", [None, NOW - 5 * DAY])
def test_nobody_asks_for_the_future(endpoint: str, since: int | None) -> None:
    venue = Venue([Row(1, NOW - DAY), Row(2, NOW + 400)])
    found = read(venue, endpoint, Window(since, NOW + 8_000 * 365 * DAY, None, False))
    assert [row.id for row in found] == [1, 2]
    assert venue.calls == 1
