"""Virtual time for a whole process: `time`, `datetime` and event loops follow a replay; nobody waits."""

import asyncio
import contextlib
import datetime as datetime_module
import selectors
import time as time_module
from collections.abc import Iterator, Sequence
from typing import Any

from .feeds import Feed
from .stage import Stage

__all__ = ["EndOfData", "VirtualClock", "virtual_time"]

_SHORTEST = 1
"""Milliseconds: a sleep of nothing must not stop time, or a loop of them never ends."""


class EndOfData(BaseException):
    """The candles are over. Not an Exception, so that bots that catch everything do not catch it."""


class VirtualClock:
    """Moves a stage through time; nobody is called any more at `end`, when the last candle closes."""

    def __init__(self, stage: Stage, feeds: Sequence[Feed]) -> None:
        self.stage = stage
        self.end = max(int(feed.columns.ms[-1]) + feed.interval for feed in feeds)
        self.is_over = False

    def seconds(self) -> float:
        return self.stage.moment / 1000

    def sleep(self, seconds: float) -> None:
        """Raises EndOfData when the candles end before it is over."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        target = self.stage.moment + max(round(seconds * 1000), _SHORTEST)
        if target >= self.end:
            self.settle()
            self.is_over = True
            raise EndOfData
        self.move_to(target)

    def settle(self) -> None:
        if self.stage.moment < self.end:
            self.move_to(self.end)

    def move_to(self, target: int) -> None:
        self.stage.valuation.note_if_changed(self.stage.moment)
        self.stage.travel(target)


class _Selector(selectors.BaseSelector):
    """Waits for nothing: a timeout moves the clock."""

    def __init__(self, clock: VirtualClock) -> None:
        self._real = selectors.DefaultSelector()
        self._clock = clock

    def select(self, timeout: float | None = None) -> Any:
        ready = self._real.select(0)
        if ready or timeout is None or timeout <= 0:
            return ready if ready or timeout is not None else self._real.select(None)
        if not self._clock.is_over:
            self._clock.sleep(timeout)
        return self._real.select(0)

    def register(self, fileobj: Any, events: int, data: Any = None) -> Any:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> Any:
        return self._real.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> Any:
        return self._real.modify(fileobj, events, data)

    def get_map(self) -> Any:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


@contextlib.contextmanager
def virtual_time(clock: VirtualClock) -> Iterator[None]:
    """Within it the process lives in the stage's time."""
    real = datetime_module.datetime

    class Kind(type(real)):  # type: ignore[misc]  # the metaclass of a C class
        def __instancecheck__(cls, other: Any) -> bool:
            return isinstance(other, real)

        def __subclasscheck__(cls, other: Any) -> bool:
            return issubclass(other, real)

    class VirtualDatetime(real, metaclass=Kind):  # type: ignore[misc,valid-type]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return real.fromtimestamp(clock.seconds(), tz)

        @classmethod
        def utcnow(cls) -> Any:
            return real.fromtimestamp(clock.seconds(), datetime_module.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return real.fromtimestamp(clock.seconds())

    class Loop(asyncio.SelectorEventLoop):
        def __init__(self) -> None:
            super().__init__(_Selector(clock))
            # Seconds since 1970 are too large for the resolution of real clocks: a timer that is due would never be.
            self._clock_resolution = 0.0005

        def time(self) -> float:
            return clock.seconds()

    def nanoseconds() -> int:
        return clock.stage.moment * 1_000_000

    plain_localtime, plain_gmtime = time_module.localtime, time_module.gmtime
    changes: list[tuple[Any, str, Any]] = [
        (time_module, "time", clock.seconds), (time_module, "time_ns", nanoseconds),
        (time_module, "monotonic", clock.seconds), (time_module, "monotonic_ns", nanoseconds),
        (time_module, "perf_counter", clock.seconds), (time_module, "sleep", clock.sleep),
        (time_module, "localtime", lambda secs=None: plain_localtime(clock.seconds() if secs is None else secs)),
        (time_module, "gmtime", lambda secs=None: plain_gmtime(clock.seconds() if secs is None else secs)),
        (datetime_module, "datetime", VirtualDatetime),
        (asyncio, "new_event_loop", Loop), (asyncio.events, "new_event_loop", Loop),
    ]  # fmt: skip
    before = [(place, name, getattr(place, name)) for place, name, _ in changes]
    for place, name, value in changes:
        setattr(place, name, value)
    try:
        yield
    finally:
        for place, name, value in before:
            setattr(place, name, value)
