"""What goes wrong in a run: which candle, which call, what to do; and the results until then.

RuntimeError
+-- BacktestError      the strategy raised, or the venue refused it; `.result` holds what was done so far
ValueError
+-- StrategyError      the strategy cannot be run at all: its file, its class, its columns
"""

from datetime import UTC, datetime
from typing import Any

__all__ = ["BacktestError", "StrategyError", "moment"]


class StrategyError(ValueError):
    """The strategy cannot be run as it is; the message names the place and the cure."""


class BacktestError(RuntimeError):
    """A run that stopped. `result` is what happened before, complete with statistics and report."""

    def __init__(self, text: str, result: Any = None) -> None:
        super().__init__(text)
        self.result = result


def moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
