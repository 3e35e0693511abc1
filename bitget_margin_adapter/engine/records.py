"""Append-only lists of rows, sorted by id and by time, read by bisection from the newest end.

A row is a plain tuple whose first two fields are its id (int) and its time; exact tuples of atoms cost the garbage
collector nothing. Filters have an index each, built when first asked for and only ever continued.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any, NamedTuple, overload

__all__ = ["ID", "TIME", "Log", "Query", "Row", "newest_first"]

ID, TIME = 0, 1
_id, _time = itemgetter(ID), itemgetter(TIME)

Row = tuple[Any, ...]


class Query(NamedTuple):
    """Rows older than the id `before`, from `start` to `end` inclusive, at most `limit`."""

    start: int | None = None
    end: int | None = None
    before: int | None = None
    limit: int = 100


class _Chosen(Sequence[Row]):
    """Some rows of a list, by their places."""

    __slots__ = ("places", "rows")

    def __init__(self, rows: list[Row], places: list[int]) -> None:
        self.rows, self.places = rows, places

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        if isinstance(place, slice):
            return [self.rows[chosen] for chosen in self.places[place]]
        return self.rows[self.places[place]]


class Log:
    __slots__ = ("_indexes", "rows")

    def __init__(self, rows: list[Row] | None = None) -> None:
        self.rows: list[Row] = [] if rows is None else rows
        self._indexes: dict[tuple[int, ...], tuple[dict[Row, list[int]], list[int]]] = {}

    def __deepcopy__(self, memo: dict[int, object]) -> "Log":
        return Log(list(self.rows))

    def __len__(self) -> int:
        return len(self.rows)

    def place(self, row_id: int) -> int | None:
        place = bisect_left(self.rows, row_id, key=_id)
        found = place < len(self.rows) and self.rows[place][ID] == row_id
        return place if found else None

    def find(self, row_id: int) -> Row | None:
        place = self.place(row_id)
        return None if place is None else self.rows[place]

    def where(self, fields: tuple[int, ...], values: Row) -> Sequence[Row]:
        """Rows whose `fields`, which never change, hold `values`; oldest first."""
        if not fields:
            return self.rows
        index, seen = self._indexes.setdefault(fields, ({}, [0]))
        for place in range(seen[0], len(self.rows)):
            row = self.rows[place]
            index.setdefault(tuple([row[field] for field in fields]), []).append(place)
        seen[0] = len(self.rows)
        return _Chosen(self.rows, index.get(values, []))

    def page(self, query: Query, fields: tuple[int, ...] = (), values: Row = ()) -> list[Row]:
        """The newest rows that match, newest first."""
        rows = self.where(fields, values)
        first, last = _span(rows, query)
        return list(reversed(rows[max(first, last - query.limit) : last]))


def _span(rows: Sequence[Row], query: Query) -> tuple[int, int]:
    """The slice of rows that lie in the query's window and before its id."""
    first = 0 if query.start is None else bisect_left(rows, query.start, key=_time)
    last = len(rows) if query.end is None else bisect_right(rows, query.end, key=_time)
    if query.before is not None:
        last = min(last, bisect_left(rows, query.before, key=_id))
    return first, max(first, last)


def newest_first(rows: Sequence[Row], query: Query) -> Iterator[Row]:
    """The query's rows one by one, for lists that filter further or merge."""
    first, last = _span(rows, query)
    for place in range(last - 1, first - 1, -1):
        yield rows[place]
