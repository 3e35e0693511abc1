"""The venue's time on paper: the machine's, a multiple of it, or one that stands until it is moved."""

import time

__all__ = ["Clock"]


def _machine_ms() -> int:
    return time.time_ns() // 1_000_000


class Clock:
    """`start` is where time begins, ms; without one a running clock shows the machine's time."""

    def __init__(self, *, virtual: bool, start: int | None = None, speed: float = 1.0) -> None:
        self.is_virtual = virtual
        self._opened = _machine_ms()
        self._start = self._opened if start is None else start
        self._speed = speed

    def now(self) -> int:
        if self.is_virtual:
            return self._start
        return self._start + int((_machine_ms() - self._opened) * self._speed)

    def set(self, now: int) -> None:
        """Go on from there. Time never goes back: raises ValueError."""
        if now < self.now():
            raise ValueError(f"the clock stands at {self.now()} and cannot go back to {now}")
        self._start = now
        if not self.is_virtual:
            self._opened = _machine_ms()

    def restore(self, now: int) -> None:
        """Set to any time, earlier ones too: the state of an earlier time was brought back."""
        self._start, self._opened = now, _machine_ms()
