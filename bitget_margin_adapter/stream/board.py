"""Events in their order, and how far each reader has read: several readers, each of whom gets every event once.

Pure. Nothing is delivered twice to a reader, nothing is lost between two of its visits; whoever stays away for too
long is told so.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Generic, TypeVar

__all__ = ["Board", "TooSlow"]

T = TypeVar("T")


class TooSlow(Exception):
    """More was posted than is kept since the reader's last visit."""


class Board(Generic[T]):
    def __init__(self, most: int) -> None:
        self._rows: deque[tuple[int, T]] = deque(maxlen=most)
        self._last = 0
        self._read: dict[Hashable, int] = {}

    def post(self, row: T) -> None:
        self._last += 1
        self._rows.append((self._last, row))

    def mark(self, reader: Hashable) -> int:
        """Where the reader stands; a new one at the end."""
        return self._read.setdefault(reader, self._last)

    def knows(self, reader: Hashable) -> bool:
        return reader in self._read

    @property
    def start(self) -> int:
        """The mark before everything that is kept."""
        return self._rows[0][0] - 1 if self._rows else self._last

    def has_after(self, mark: int) -> bool:
        return self._last > mark

    def read(self, reader: Hashable, mark: int, wants: Callable[[T], bool], most: int | None = None) -> list[T]:
        """What the reader wants of what came after the mark, at most so many; afterwards it stands behind them.

        Raises TooSlow, once, when some of it is gone.
        """
        if mark < self.start:
            self._read[reader] = self.start
            raise TooSlow(f"{self.start - mark} events came and went unread")
        found: list[T] = []
        end = self._last
        for number, row in self._after(mark):
            if wants(row):
                found.append(row)
                if len(found) == most:
                    end = number
                    break
        # A reader that was forgotten meanwhile stays so.
        if reader in self._read:
            self._read[reader] = max(end, self._read[reader])
        return found

    def forget_all(self, which: Callable[[Any], bool]) -> int:
        """Forget the readers of which this is true; how many are left."""
        for reader in [reader for reader in self._read if which(reader)]:
            del self._read[reader]
        return len(self._read)

    def _after(self, mark: int) -> Iterator[tuple[int, T]]:
        new = self._last - mark
        return (self._rows[index] for index in range(len(self._rows) - new, len(self._rows))) if new else iter(())
