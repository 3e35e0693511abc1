"""A feed's candles at any length, cut from its columns: what the venue's public candles show, without going by text.

Only candles that have closed are put together; the one that is forming is the last price and no volume, as there.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Final

from ..model.decimals import ZERO, exact
from .feeds import Feed

__all__ = ["Bars"]

Candle = Sequence[Any]

_MONDAY: Final = 4 * 86_400_000
_WEEK: Final = 7 * 86_400_000
_MOST_DECIMALS: Final = 9
_LARGEST_SUM: Final = 1 << 62


class Bars:
    """`span` is the length in milliseconds, a multiple of the feed's own.

    Candles are lists of the asker's own, or, when `shared`, tuples, most of which every answer has in common.
    """

    def __init__(self, feed: Feed, span: int, shared: bool = False) -> None:
        self.span = span
        self._shared = shared
        self._feed = feed
        self._times = feed.rows.times
        self.own: Callable[[int, int], list[Any]] = feed.rows.shared if shared else feed.rows.lists
        self._offset = _MONDAY if span % _WEEK == 0 else 0
        self._is_own = span == feed.interval
        length = self._times[-1] - self._times[0] + feed.interval
        self.is_plain = self._is_own and len(feed) * feed.interval == length
        """Whether these are the feed's own candles, and none is missing: then they are counted."""

    @staticmethod
    def fits(feed: Feed, span: int) -> bool:
        """Whether the feed's candles make up such bars; months, and candles that begin at odd times, do not."""
        interval = feed.interval
        return span > 0 and span % interval == 0 and not (feed.columns.ms % interval).any()

    def latest(self, most: int, closed: int, forming: int, price: float, now: int) -> list[Candle]:
        """The newest ones, oldest first, `closed` candles of the feed having closed, and one forming since then."""
        span = self.span
        last = now - (now - self._offset) % span
        start = last - (most + 1) * span
        if self._is_own:
            first = closed - most
            if first < 0 or self._times[first] < start:
                first = bisect_left(self._times, start)
            bars = self.own(first, closed) if first < closed else []
        else:
            bars = self._whole(start, closed, most)
        if forming >= 0:
            opened = forming - (forming - self._offset) % span
            if bars and bars[-1][0] == opened:
                ms, open_, high, low, _, volume = bars[-1]
                bars[-1] = [ms, open_, max(high, price), min(low, price), price, volume]
            else:
                bars.append([opened, price, price, price, price, 0.0])
        newest = bars[-most:]
        return list(map(tuple, newest)) if self._shared else newest

    # longer ones

    @cached_property
    def _firsts(self) -> list[int]:
        """The place of each bar's first candle, and the end of all."""
        import numpy as np

        numbers = (self._feed.columns.ms - self._offset) // self.span
        firsts: list[int] = (np.flatnonzero(np.diff(numbers)) + 1).tolist()
        return [0, *firsts, len(self._feed)]

    @cached_property
    def _volumes(self) -> tuple[Any, int] | None:
        """Running sums in whole units and how many units are one, if volumes have few decimals: exact and quick."""
        import numpy as np

        volume = self._feed.columns.volume
        for decimals in range(_MOST_DECIMALS):
            unit = 10**decimals
            scaled = np.rint(volume * unit)
            if scaled.sum() > _LARGEST_SUM:
                return None
            if (scaled / unit == volume).all():
                return np.concatenate(([0], np.cumsum(scaled.astype(np.int64)))), unit
        return None

    def _volume(self, first: int, last: int) -> float:
        if self._volumes is not None:
            sums, unit = self._volumes
            return float((sums.item(last) - sums.item(first)) / unit)
        return float(sum(map(exact, self._feed.columns.volume[first:last].tolist()), ZERO))

    def _whole(self, start: int, closed: int, most: int) -> list[Candle]:
        if not closed:
            return []
        firsts = self._firsts
        last = bisect_left(firsts, closed)
        place = max(bisect_left(firsts, bisect_left(self._times, start)), last - most - 1)
        return [self._bar(firsts[number], min(firsts[number + 1], closed)) for number in range(place, last)]

    def _bar(self, first: int, last: int) -> Candle:
        columns = self._feed.columns
        opened = self._times[first]
        return [
            opened - (opened - self._offset) % self.span,
            columns.open.item(first),
            columns.high[first:last].max().item(),
            columns.low[first:last].min().item(),
            columns.close.item(last - 1),
            self._volume(first, last),
        ]
