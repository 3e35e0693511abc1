"""The clock of a script that believes itself live: it stands still but for sleeps, and ends with the candles."""

import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Any

from .errors import StrategyError
from .feeds import Feed
from .stage import Stage

__all__ = ["EndOfData", "VirtualClock"]

_SHORTEST = 1
"""Milliseconds: a sleep of nothing must not stop time, or a loop of them never ends."""

_PATIENCE = 3
"""How often the end may be told before it is told at every line."""


class EndOfData(BaseException):
    """The candles are over. Not an Exception, so that bots that catch everything do not catch it."""


class VirtualClock:
    """Moves a stage through time; nobody is called any more at `end`, when the last candle closes."""

    def __init__(self, stage: Stage, feeds: Sequence[Feed]) -> None:
        self.stage = stage
        self.end = max(int(feed.columns.ms[-1]) + feed.interval for feed in feeds)
        self.is_over = False
        self.is_left = False
        """The run is over, and who still has a function of it gets the machine's time again."""
        self.refused: StrategyError | None = None
        """What was refused to another thread, whose exceptions nobody hears."""
        self._thread = threading.get_ident()
        self._others = {thread.ident for thread in threading.enumerate()} - {self._thread}
        self._told = 0

    def is_none_of(self, thread: int) -> bool:
        """Whether the thread has nothing to do with the run, or the run is over."""
        return self.is_left or thread in self._others

    def seconds(self) -> float:
        return self.stage.moment / 1000

    def nanoseconds(self) -> int:
        return self.stage.moment * 1_000_000

    def sleep(self, seconds: float) -> None:
        """Raises EndOfData when the candles end before it is over, and StrategyError in any thread but the script's."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        if threading.get_ident() != self._thread:
            self.refused = StrategyError(
                f"thread {threading.current_thread().name}: it waits for time to pass, but in a backtest only the "
                "script's main thread moves the time; let that one do the waiting, or use asyncio"
            )
            raise self.refused
        self.check()
        target = self.stage.moment + max(round(seconds * 1000), _SHORTEST)
        if target >= self.end:
            self.settle()
            self.is_over = True
            self._tell()
        self.move_to(target)

    def check(self) -> None:
        """Raises what was refused to another thread."""
        if self.refused is not None:
            raise self.refused

    def settle(self) -> None:
        if self.stage.moment < self.end:
            self.move_to(self.end)

    def move_to(self, target: int) -> None:
        self.stage.valuation.note_if_changed(self.stage.moment)
        self.stage.travel(target)

    def _tell(self) -> None:
        self._told += 1
        if self._told > _PATIENCE:
            # A bare `except:` around the loop's body keeps catching the end; inside its handler it cannot.
            frame: FrameType | None = sys._getframe(1)
            sys.settrace(_end_at_once)
            while frame is not None:
                frame.f_trace = _end_at_once
                frame = frame.f_back
        raise EndOfData


def _end_at_once(frame: FrameType, event: str, argument: Any) -> Any:
    """Python stops tracing when a trace function raises."""
    if event == "line" and not frame.f_globals.get("__name__", "").startswith(__package__):
        raise EndOfData
    return _end_at_once
