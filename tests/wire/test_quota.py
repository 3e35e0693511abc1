"""The limit holds in every second, by grants and by departures that come late; nothing is held up without need."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitget_margin_adapter.wire.quota import MARGIN_MS, WINDOW_MS, Quota


def most_in_a_window(times: list[int], window: int = WINDOW_MS) -> int:
    """The largest number of departures in a window that includes both of its ends, counted the slow, plain way."""
    return max((sum(start <= other <= start + window for other in times) for start in times), default=0)


LIMITS = st.sampled_from([1, 2, 3, 5, 10, 20])
GAPS = st.one_of(st.just(0), st.integers(0, 40), st.integers(0, 1_500))
PATTERN = st.lists(st.tuples(GAPS, st.integers(0, MARGIN_MS)), min_size=1, max_size=80)


@given(LIMITS, PATTERN)
@settings(max_examples=300)
def test_never_more_than_the_limit_in_any_second(limit: int, pattern: list[tuple[int, int]]) -> None:
    quota, now = Quota(), 1_000_000
    granted: list[int] = []
    departed: list[int] = []
    for gap, late in pattern:
        now += gap
        wait = quota.reserve("row", limit, "key", now)
        assert wait >= 0
        granted.append(now + wait)
        departed.append(now + wait + late)
    assert granted == sorted(granted)
    assert most_in_a_window(granted) <= limit
    assert most_in_a_window(departed) <= limit


@given(
    st.lists(st.tuples(GAPS, st.sampled_from("abc"), st.sampled_from("xy"), st.integers(0, MARGIN_MS)), max_size=80),
    st.dictionaries(st.sampled_from("abc"), LIMITS, min_size=3),
)
def test_rows_and_keys_do_not_share_a_limit(pattern: list[tuple[int, str, str, int]], limits: dict[str, int]) -> None:
    together, now = Quota(), 0
    alone: dict[tuple[str, str], Quota] = defaultdict(Quota)
    departed: dict[tuple[str, str], list[int]] = defaultdict(list)
    for gap, row, key, late in pattern:
        now += gap
        wait = together.reserve(row, limits[row], key, now)
        assert wait == alone[row, key].reserve(row, limits[row], key, now)
        departed[row, key].append(now + wait + late)
    assert all(most_in_a_window(times) <= limits[row] for (row, _), times in departed.items())


@given(LIMITS, st.lists(GAPS, min_size=1, max_size=60))
def test_no_call_waits_longer_than_it_must(limit: int, gaps: list[int]) -> None:
    quota, now = Quota(), 0
    granted: list[int] = []
    for gap in gaps:
        now += gap
        departure = now + quota.reserve("row", limit, "key", now)
        least = [now, *granted[-1:]]
        if len(granted) >= limit:
            least.append(granted[-limit] + WINDOW_MS + MARGIN_MS + 1)
        assert departure == max(least)
        granted.append(departure)


def test_a_quiet_start_is_not_delayed() -> None:
    quota = Quota()
    assert [quota.reserve("row", 10, "key", 500) for _ in range(10)] == [0] * 10
    assert quota.reserve("row", 10, "key", 500) == WINDOW_MS + MARGIN_MS + 1
    assert quota.reserve("row", 10, "key", 500 + 3_000) == 0


def test_the_margin_is_as_promised_and_can_be_chosen() -> None:
    assert MARGIN_MS >= 10
    bare = Quota(margin_ms=0)
    assert [bare.reserve("row", 1, "key", 0) for _ in range(3)] == [0, 1_001, 2_002]
    with pytest.raises(ValueError, match="0 or more"):
        Quota(margin_ms=-1)


@pytest.mark.parametrize(
    ("limit", "calls", "window"),
    [(0.5, 1, 2_000), (0.3, 1, 3_334), (1, 1, 1_000), (1.9, 1, 1_000), (2.5, 2, 1_000)],
)
def test_a_fraction_of_a_call_is_never_rounded_up(limit: float, calls: int, window: int) -> None:
    quota = Quota()
    times = [quota.reserve("row", limit, "key", 0) for _ in range(calls * 5)]
    assert most_in_a_window(times, window) == calls
    assert times[calls] == window + MARGIN_MS + 1


@pytest.mark.parametrize("limit", [0, -1, float("nan"), float("inf")])
def test_an_impossible_limit_is_refused(limit: float) -> None:
    with pytest.raises(ValueError, match="row: a limit of"):
        Quota().reserve("row", limit, "key", 0)


@given(st.lists(st.tuples(st.integers(0, 300), LIMITS), min_size=1, max_size=60))
def test_a_limit_may_change_on_the_way(pattern: list[tuple[int, int]]) -> None:
    quota, now = Quota(), 0
    granted: list[int] = []
    for gap, limit in pattern:
        now += gap
        granted.append(now + quota.reserve("row", limit, "key", now))
        # the window that ends with this call is the one that its limit speaks about
        assert sum(granted[-1] - WINDOW_MS <= time for time in granted) <= limit


def test_a_429_closes_every_row_of_the_key_and_no_other_key() -> None:
    quota = Quota()
    quota.penalize("key", 1_000, 2.5)
    assert quota.closed_ms("key", 1_000) == 2_500
    assert quota.reserve("a", 10, "key", 1_100) == 2_400
    assert quota.reserve("b", 10, "key", 1_100) == 2_400
    assert quota.reserve("a", 10, "other", 1_100) == 0
    assert quota.closed_ms("other", 1_100) == 0
    assert quota.closed_ms("key", 3_499) == 1
    assert quota.closed_ms("key", 3_500) == 0
    assert quota.reserve("a", 10, "key", 3_500) == 0


def test_a_penalty_is_never_shortened_and_rounds_up() -> None:
    quota = Quota()
    quota.penalize("key", 0, 5)
    quota.penalize("key", 100, 0.0001)
    assert quota.closed_ms("key", 0) == 5_000
    quota.penalize("other", 0, 0.0001)
    assert quota.closed_ms("other", 0) == 1


def test_after_a_penalty_the_waiting_leave_at_the_limit_too() -> None:
    quota = Quota()
    before = [quota.reserve("row", 5, "key", 0) for _ in range(12)]
    quota.penalize("key", 10, 3)
    # those booked within the closure wake up, find the gate closed and reserve anew
    again = [time + quota.reserve("row", 5, "key", time) for time in before if 10 <= time < 3_010]
    departed = [time for time in before if not 10 <= time < 3_010] + again
    assert min(again) >= 3_010
    assert most_in_a_window(sorted(departed)) <= 5


def test_memory_is_bounded_by_the_limit() -> None:
    quota = Quota()
    for now in range(0, 2_000_000, 100):
        if quota.reserve("row", 5, "key", now):
            quota.release("row", "key", max(quota._lines["row", "key"].booked))
    assert [len(line.booked) for line in quota._lines.values()] == [5]


@given(st.integers(1, 6), st.lists(st.tuples(st.integers(0, 900), st.integers(0, 3)), min_size=1, max_size=80))
def test_departures_that_were_given_back_are_free_and_the_others_keep_the_limit(
    limit: int, pattern: list[tuple[int, int]]
) -> None:
    quota, now = Quota(), 0
    left: list[int] = []
    for gap, cancelled in pattern:
        now += gap
        left.append(now + quota.reserve("row", limit, "key", now))
        for _ in range(cancelled):
            # Any that has not left yet; the choice varies with the pattern.
            waiting = [time for time in left if time > now]
            if waiting:
                time = waiting[gap % len(waiting)]
                left.remove(time)
                quota.release("row", "key", time)
        assert most_in_a_window(sorted(left)) <= limit
    waiting = [time for time in left if time > now]
    for time in waiting:
        quota.release("row", "key", time)
    # With nobody waiting, the next one waits for those of the last second only.
    assert quota.reserve("row", limit, "key", now) <= WINDOW_MS + MARGIN_MS + 1


def test_what_was_never_booked_cannot_be_given_back() -> None:
    quota = Quota()
    quota.release("row", "key", 5)
    assert [quota.reserve("row", 2, "key", 0) for _ in range(2)] == [0, 0]
    quota.release("row", "key", 5)
    assert quota.reserve("row", 2, "key", 0) == WINDOW_MS + MARGIN_MS + 1
