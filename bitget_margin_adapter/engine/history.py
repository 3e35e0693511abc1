"""Candles that have closed, oldest first. Those that came in a row from one source are counted, not copied.

A replay of a million candles holds them once, as columns; the engine needs to know only how far it has come.

    >>> rows = [(0, 1, 2, 1, 2, 5), (60000, 2, 3, 2, 3, 5), (120000, 3, 3, 3, 3, 5)]
    >>> history = History()
    >>> history.follow(rows, 0, 2)
    >>> len(history), history[-1][0]
    (2, 60000)
"""

from collections.abc import Sequence
from typing import Any, overload

__all__ = ["Candle", "History"]

Candle = tuple[Any, ...]
"""(open time in ms, open, high, low, close, volume), numbers of any kind."""


class History(Sequence[Candle]):
    """Grows only; what was read of it stays."""

    __slots__ = ("_first", "_last", "_more", "_source")

    def __init__(self) -> None:
        self._source: Sequence[Candle] = ()
        self._first = self._last = 0
        self._more: list[Candle] = []

    def copy(self) -> "History":
        twin = History()
        twin._source, twin._first, twin._last, twin._more = self._source, self._first, self._last, list(self._more)
        return twin

    def follow(self, source: Sequence[Candle], first: int, last: int) -> None:
        """The source's candles from `first` up to `last`, exclusive, come after those that are here."""
        if self._more:
            self._more.extend(source[first:last])
        elif not self._last:
            self._source, self._first, self._last = source, first, last
        elif self._source is source and self._last == first:
            self._last = last
        else:
            self._more.extend(source[first:last])

    def append(self, candle: Candle) -> None:
        if not self._more and self._last < len(self._source) and self._source[self._last] == candle:
            self._last += 1
        else:
            self._more.append(candle)

    def __len__(self) -> int:
        return self._last - self._first + len(self._more)

    @overload
    def __getitem__(self, place: int) -> Candle: ...
    @overload
    def __getitem__(self, place: slice) -> list[Candle]: ...
    def __getitem__(self, place: int | slice) -> Candle | list[Candle]:
        counted = self._last - self._first
        if isinstance(place, slice):
            start, stop, step = place.indices(counted + len(self._more))
            if step != 1:
                return [self[number] for number in range(start, stop, step)]
            first, last = self._first + start, self._first + min(stop, counted)
            rows = list(self._source[first:last]) if first < last else []
            return rows + self._more[max(0, start - counted) : max(0, stop - counted)]
        if place < 0:
            place += counted + len(self._more)
        if not 0 <= place < counted + len(self._more):
            raise IndexError("there is no such candle")
        return self._source[self._first + place] if place < counted else self._more[place - counted]
