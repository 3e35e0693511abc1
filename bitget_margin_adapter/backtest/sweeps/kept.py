"""Finished points in a folder, a line of JSON each, written as they come: a sweep that was cut short goes on there.

A point is the same if strategy, parameters, candles, settings and this package's version are; the folder may hold
those of several sweeps. What the strategy imports from other files of yours is not looked at.
"""

import hashlib
import inspect
import json
import linecache
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..errors import StrategyError
from .grid import Point
from .task import Outcome, Source, Task

__all__ = ["Kept", "fingerprint"]

FILE = "finished.jsonl"


def fingerprint(task: Task) -> str:
    """Of everything but the point. Raises StrategyError for a class whose source cannot be read."""
    made = hashlib.sha256(f"{version('bitget_margin_adapter')}\n{_source(task.bot)}\n".encode())
    made.update(json.dumps(task.options, sort_keys=True, default=repr).encode())
    for name, columns in task.candles.items():
        made.update(name.encode())
        for column in columns:
            made.update(memoryview(column).cast("B"))
    return made.hexdigest()


def _source(bot: type | Source) -> str:
    """The whole file: a class is not only its own lines."""
    if isinstance(bot, Source):
        return f"{bot.name}\n{bot.text}"
    try:
        lines = linecache.getlines(inspect.getsourcefile(bot) or "")
    except (OSError, TypeError):
        lines = []
    if not lines:
        raise StrategyError(
            f"{bot.__name__}: its source cannot be read, so nobody could tell which results are its own; put it into "
            "a file, or leave the folder out"
        )
    return f"{bot.__qualname__}\n{''.join(lines)}"


class Kept:
    def __init__(self, folder: Path, task: Task) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / FILE
        self._print = fingerprint(task)
        self._found = {row["key"]: row for row in self._rows()}

    def get(self, point: Point) -> Outcome | None:
        row = self._found.get(self._key(point))
        return None if row is None else Outcome(row["stats"], row["error"])

    def add(self, point: Point, outcome: Outcome) -> None:
        if not outcome.lasting:
            return
        row = {"key": self._key(point), "parameters": point, "stats": outcome.stats, "error": outcome.error}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, default=repr) + "\n")

    def _key(self, point: Point) -> str:
        text = json.dumps(point, sort_keys=True, default=repr)
        return hashlib.sha256(f"{self._print}\n{text}".encode()).hexdigest()

    def _rows(self) -> list[Mapping[str, Any]]:
        if not self._path.exists():
            return []
        text = self._path.read_text(encoding="utf-8")
        whole, newline, torn = text.rpartition("\n")
        if torn:
            # The process was ended within its last line.
            self._path.write_text(whole + newline, encoding="utf-8")
        try:
            return [json.loads(line) for line in whole.splitlines()]
        except ValueError as problem:
            raise ValueError(f"{self._path} is not a sweep's file ({problem}); choose another folder") from None
