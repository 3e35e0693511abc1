"""How far a run is, on a terminal only, and never more than a few times a second."""

import sys
from typing import Any

__all__ = ["Progress"]


class Progress:
    """`tick(n)` counts; `step` is how many may pass between two ticks; below `least` there is no bar."""

    def __init__(self, total: int, wanted: bool, title: str = "backtest", least: int = 20_000) -> None:
        self.step = max(1, total // 50)
        self._bar: Any = None
        if wanted and total >= least and sys.stderr.isatty():
            try:
                from rich.console import Console
                from rich.progress import Progress as Bar
            except ImportError:
                return
            self._bar = Bar(console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task(title, total=total)
            self._bar.start()

    def tick(self, count: int) -> None:
        if self._bar is not None:
            self._bar.advance(self._task, count)

    def done(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
