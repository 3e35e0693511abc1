"""Event loops in virtual time: waiting for a timer moves the clock, waiting for work in threads does not."""

import asyncio
import selectors
from typing import Any, Final

from .virtual import VirtualClock

__all__ = ["loop_policy"]

_GRACE: Final = 60.0
"""Seconds that may be waited for after the end, as `finally` blocks do; then the end is told again."""


class _Selector(selectors.BaseSelector):
    """Waits for sockets only when there is no timer, or somebody is at work."""

    def __init__(self, clock: VirtualClock) -> None:
        self._real = selectors.DefaultSelector()
        self._clock = clock
        self.at_work = 0
        self.late = 0.0
        """Seconds since the candles ended: the clock stands, but timers have to come due."""

    def select(self, timeout: float | None = None) -> Any:
        ready = self._real.select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None or self.at_work:
            return self._real.select(None)
        if self._clock.is_over and self.late < _GRACE:
            self.late += timeout
        else:
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


def loop_policy(clock: VirtualClock) -> Any:
    """A policy whose loops live in the clock's time."""

    class Loop(asyncio.SelectorEventLoop):
        def __init__(self) -> None:
            self._waiting = _Selector(clock)
            super().__init__(self._waiting)
            # Seconds since 1970 are too large for the resolution of real clocks: a timer that is due would never be.
            self._clock_resolution = 0.0005

        def time(self) -> float:
            return clock.seconds() + self._waiting.late

        def run_in_executor(  # type: ignore[override]  # whatever it is given goes on as it is
            self, executor: Any, func: Any, *args: Any
        ) -> Any:
            future = super().run_in_executor(executor, func, *args)
            self._waiting.at_work += 1

            def done(_: Any) -> None:
                self._waiting.at_work -= 1

            future.add_done_callback(done)
            return future

    class Policy(asyncio.DefaultEventLoopPolicy):
        def new_event_loop(self) -> Any:
            return Loop()

    return Policy()
