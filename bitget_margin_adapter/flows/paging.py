"""Lists that come in pages and windows, read to the end.

The venue answers newest first, 100 rows a page unless asked, and refuses windows of more than 90 days.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ccxt.base import errors

from ..wire.endpoints import ENDPOINTS, Endpoint
from .arguments import error, limit_of, time_of
from .context import Context, Params
from .effects import Flow, Now, Send

__all__ = ["DEFAULT_PAGE", "LARGEST_PAGE", "WINDOW", "Window", "listing", "merged", "pieces", "window_of"]

_AHEAD = 60_000
"""How far the venue's clock may be ahead of ours, ms."""

WINDOW = 90 * 86_400_000 - _AHEAD
"""The longest window that we ask for, ms: a minute less than the venue answers, as an open end is its own now."""

DEFAULT_PAGE = 100

_QUIET = 4
"""Windows without a row, after which nobody looks further back."""
LARGEST_PAGE = 500


class Window(NamedTuple):
    """Which rows a caller wants. `since` and `until` are inclusive, ms."""

    since: int | None
    until: int | None
    limit: int | None
    paginate: bool


def window_of(ctx: Context, call: str, since: Any, limit: Any, params: Params) -> Window:
    """Raises BadRequest for a window that ends before it starts and for a limit below one."""
    start = time_of(ctx, call, "since", since)
    end = time_of(ctx, call, "until", params.get("until"))
    if start is not None and end is not None and end < start:
        raise error(errors.BadRequest, ctx, call, f"the window ends at {end}, before it starts at {start}")
    return Window(start, end, limit_of(ctx, call, limit), bool(params.get("paginate")))


def listing(
    endpoint: str, request: dict[str, Any], window: Window, keep: Callable[[Any], bool] | None = None
) -> Flow[list[Any]]:
    """The rows of a window, oldest first.

    With `since` the first `limit` of them from there on, however many pages that takes: bots that walk forward from
    their last row must not lose any. Without it the newest `limit` of the last 90 days, 100 when none is named; with
    `paginate` all there are, back to where a year is empty.
    """
    row = ENDPOINTS[endpoint]
    now = yield Now()
    # Nothing has happened yet behind now, and a window at the end of time is thousands of them.
    until = now if window.until is None else min(window.until, now + _AHEAD)
    first = window.since is not None
    back = window.paginate and not first
    since = window.since or 0 if first or back else max(0, until - WINDOW)
    wanted = window.limit if first or window.paginate else window.limit or DEFAULT_PAGE
    if not row.windowed and window.until is not None:
        # This list takes no end, so what came later is left out here.
        keep = _until(window.until, keep)
    found: list[Any] = []
    quiet = 0
    until = max(since, until)
    # Split where the list takes an end; the others are read in one go.
    for start, end in pieces(since, until, forward=first) if row.windowed else ((since, until),):
        need = None if first or wanted is None else wanted - len(found)
        dated = {"startTime": str(start)}
        # An open end is left out: the venue's clock may be ahead of ours.
        if row.windowed and (window.until is not None or end != until):
            dated["endTime"] = str(end)
        part = yield from _pages(row, {**request, **dated}, need, keep)
        found = [*found, *part] if first else [*part, *found]
        quiet = 0 if part else quiet + 1
        if (wanted is not None and len(found) >= wanted) or (back and quiet == _QUIET):
            break
    if wanted is None:
        return found
    return found[:wanted] if first else found[-wanted:]


def pieces(since: int, until: int, *, forward: bool) -> Iterator[tuple[int, int]]:
    """Windows that the venue answers, both ends inclusive, from the end at which the search begins."""
    starts = range(since, until + 1, WINDOW + 1)
    for start in starts if forward else reversed(starts):
        yield start, min(start + WINDOW, until)


def merged(structures: list[dict[str, Any]], window: Window) -> list[dict[str, Any]]:
    """Several lists' structures in one order of time, and no more of them than the caller wanted."""
    ordered = sorted(structures, key=lambda row: (row["timestamp"] or 0, row["id"]))
    if window.limit is None:
        return ordered
    return ordered[: window.limit] if window.since is not None else ordered[-window.limit :]


def _pages(
    row: Endpoint, request: dict[str, Any], need: int | None, keep: Callable[[Any], bool] | None
) -> Flow[list[Any]]:
    """The rows of one window, oldest first; until `need` are found, the end, or a page that was there before."""
    # Where rows are left out, a page of what is needed could be all of those.
    size = str(request.get("pageSize") or (LARGEST_PAGE if need is None or keep else min(LARGEST_PAGE, need)))
    # A venue that caps its pages still fills them to its usual size.
    short = min(int(size), DEFAULT_PAGE) if size.isdecimal() else 1
    found: list[Any] = []
    seen = {"0", ""}
    turn: dict[str, str] = {}
    while True:
        page = yield Send(row.name, {**request, "pageSize": size, **turn})
        found += filter(keep, page.rows) if keep else page.rows
        enough = need is not None and len(found) >= need
        if enough or len(page.rows) < short or row.page_id is None or page.min_id in seen:
            break
        seen.add(page.min_id)
        turn = {row.page_id: page.min_id}
    found.reverse()
    return found


def _until(last: int, keep: Callable[[Any], bool] | None) -> Callable[[Any], bool]:
    return lambda item: (item.ctime is None or item.ctime <= last) and (keep is None or keep(item))
