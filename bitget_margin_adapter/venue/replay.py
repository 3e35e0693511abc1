"""Candles played into a venue: the bot is called at the open of the next one, what rests fills on the way.

Each candle is four prices: its open when it begins, the nearer and the farther extreme a third and two thirds through,
its close when it ends. At one instant the old candle's close comes first, then hourly interest, then the opens of all
symbols together, risk, resting orders, and then the bot. The venue never holds a price of a candle that is not played.

    >>> from bitget_margin_adapter.venue.service import Venue
    >>> replay = Replay(Venue(), {"BTCUSDT": [(0, 10, 12, 9, 11, 5), (60000, 11, 13, 10, 12, 5)]})
    >>> [replay.step(), replay.step(), replay.step()]
    [0, 60000, None]
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple, Protocol, runtime_checkable

from ..engine.market import Candle, path
from ..model.decimals import Numeric
from .service import Venue

__all__ = ["Replay", "interval_of", "latest"]

_HOUR: Final = 3_600_000
_OPEN, _NEAR, _FAR, _CLOSE = range(4)


class _Track(NamedTuple):
    symbol: str
    rows: Sequence[Candle]
    times: Sequence[int]
    interval: int
    opened: Callable[[int], Numeric]
    """The price at which a candle opens."""

    def place(self, opened: int) -> int:
        """The candle that opened then, or else the next one."""
        place = latest(self.times, self.interval, opened)
        return place if place >= 0 and self.times[place] == opened else place + 1


class _Phase(NamedTuple):
    """One price of one candle."""

    time: int
    step: int
    place: int
    track: _Track


@runtime_checkable
class Timed(Protocol):
    """Rows that know their times, and a candle's open, without being read."""

    @property
    def times(self) -> Sequence[int]: ...
    def opened(self, place: int) -> float: ...


def latest(times: Sequence[int], interval: int, now: int) -> int:
    """The place of the last of the rising `times` up to `now`; -1 before the first.

    Without holes it is counted: to look among a million is slow, since few of them are in the processor's cache.
    """
    if times:
        guess = (now - times[0]) // interval
        if 0 <= guess < len(times) and times[guess] == now:
            return guess
    return bisect_right(times, now) - 1


def times_of(rows: Sequence[Candle]) -> Sequence[int]:
    return rows.times if isinstance(rows, Timed) else [int(row[0]) for row in rows]


def opened_of(rows: Sequence[Candle]) -> Callable[[int], Numeric]:
    return rows.opened if isinstance(rows, Timed) else lambda place: rows[place][1]


def interval_of(times: Sequence[int]) -> int:
    """How long a candle lasts: the shortest distance between two of the first hundred."""
    return min(late - early for early, late in pairwise(times[:100]))


class Replay:
    """Where it stands is the venue's own time and open candles, so it follows a venue that was restored or recalled.

    `candles` maps symbols to rows (ms, open, high, low, close, volume) in rising order; holes are allowed.
    """

    def __init__(self, venue: Venue, candles: Mapping[str, Sequence[Candle]], checked: bool = False) -> None:
        self.venue = venue
        times = {symbol: times_of(rows) for symbol, rows in candles.items()}
        if not checked:
            for symbol, rows in candles.items():
                _check(venue, symbol, rows, times[symbol])
        # A lone candle is as long as those of the others.
        lone = min((interval_of(several) for several in times.values() if len(several) > 1), default=_HOUR)
        self._tracks = [
            _Track(symbol, rows, times[symbol], interval_of(times[symbol]) if len(rows) > 1 else lone, opened_of(rows))
            for symbol, rows in candles.items()
        ]

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(track.symbol for track in self._tracks)

    @property
    def start(self) -> int | None:
        """When the first candle opens."""
        return min((track.times[0] for track in self._tracks if track.times), default=None)

    @property
    def end(self) -> int | None:
        """When the last candle closes."""
        return max((track.times[-1] + track.interval for track in self._tracks if track.times), default=None)

    def next_open(self) -> int | None:
        """When the next candle of any symbol opens."""
        return min((phase.time for phase in self._opens()), default=None)

    def next_due(self) -> int | None:
        """When the next price of any kind is shown."""
        return min((phase.time for phase in self._next()), default=None)

    def step(self) -> int | None:
        """Plays to the next open, where the bot is to be called; plays the rest and says None when there is none."""
        until = self.next_open()
        if until is None:
            end = self.end
            if end is not None:
                self.play_until(end)
            return None
        # Nobody looks before the open, so what nobody is affected by need not be shown on the way.
        self._play_until(until, brief=True)
        return until

    def play_until(self, now: int) -> None:
        """Every price up to and including `now`, and what the venue has to do meanwhile."""
        self._play_until(now, brief=False)

    def finish(self, now: int) -> None:
        """Like `play_until`, but stops at the closes of `now`, before its interest and its opens."""
        while phases := self._due(now):
            if phases[0].time == now and phases[0].step == _OPEN:
                return
            self._play(phases)

    def jump(self, now: int) -> None:
        """To the candles that are open at `now`, without the way: for hosts that know that nobody was affected by it.

        The venue is as after `play_until`, but for warnings that came and went.
        """
        for track in self._tracks:
            bar = self.venue.market.bars.get(track.symbol)
            first = self._place(track) if bar is None else track.place(bar.ms)
            place = latest(track.times, track.interval, now)
            if place <= first:
                continue
            if len(self._tracks) == 1 and now == track.times[place]:
                self.venue.skip(track.symbol, track.rows, now, first, place, track.opened(place))
                return
            self.venue.preload(track.symbol, track.rows, now, first, place)
        self.play_until(now)

    def seek(self, now: int) -> None:
        """For hosts that set their clock back: there is nothing to wind, the venue's state says where this stands."""

    # inside

    def _play_until(self, now: int, brief: bool) -> None:
        while phases := self._due(now, brief):
            self._play(phases)
        self.venue.advance(now)

    def _next(self, brief: bool = False) -> Iterator[_Phase]:
        """The next price of each symbol; in brief, of candles that nobody watches the close."""
        for track in self._tracks:
            bar = self.venue.market.bars.get(track.symbol)
            if bar is None:
                place = self._place(track)
                if place < len(track.rows):
                    yield _Phase(track.times[place], _OPEN, place, track)
                continue
            place = track.place(bar.ms)
            shown = _CLOSE if brief and not self.venue.watched(track.symbol) else bar.shown
            yield _Phase(bar.ms + track.interval * shown // 3, shown, place, track)

    def _opens(self) -> Iterator[_Phase]:
        for track in self._tracks:
            bar = self.venue.market.bars.get(track.symbol)
            place = self._place(track) if bar is None else bisect_right(track.times, bar.ms)
            if place < len(track.rows):
                yield _Phase(track.times[place], _OPEN, place, track)

    def _place(self, track: _Track) -> int:
        """The candle that opens next, when none is open."""
        closed = self.venue.market.candles(track.symbol)
        return bisect_right(track.times, int(closed[-1][0])) if closed else 0

    def _due(self, now: int, brief: bool = False) -> list[_Phase]:
        """The prices of the earliest instant that is due; closes go before opens, extremes do not mix."""
        phases = [phase for phase in self._next(brief) if phase.time <= now]
        if not phases:
            return []
        first = min((phase.time, -phase.step) for phase in phases)
        return [phase for phase in phases if (phase.time, -phase.step) == first]

    def _play(self, phases: Sequence[_Phase]) -> None:
        venue, time, step = self.venue, phases[0].time, phases[0].step
        if step == _OPEN:
            venue.open_bars({track.symbol: track.rows[place][1] for _, _, place, track in phases}, time)
        elif step == _CLOSE:
            venue.close_bars({track.symbol: track.rows[place] for _, _, place, track in phases}, time)
        else:
            prices: dict[str, Numeric] = {}
            volumes: dict[str, Numeric] = {}
            for _, _, place, track in phases:
                row = track.rows[place]
                prices[track.symbol], volumes[track.symbol] = path(row)[step], row[5]
            venue.move_bars(prices, volumes, time)


def _check(venue: Venue, symbol: str, rows: Sequence[Candle], times: Sequence[int]) -> None:
    if any(late <= early for early, late in pairwise(times)):
        raise ValueError(f"the candles of {symbol} must rise in time")
    for row in rows:
        venue.check_candle(symbol, row)
