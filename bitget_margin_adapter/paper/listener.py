"""Somebody who wants to hear what happens on a paper venue: a bounded queue, and a bell that is rung when it fills."""

from collections import deque
from collections.abc import Callable, Sequence

from ..engine.events import FillEvent
from ..venue.news import Push

__all__ = ["Listener"]

_MOST = 100_000


class Listener:
    """What concerns `account`; `ring` is called in the thread in which it happened, and must only take note."""

    def __init__(self, account: str, ring: Callable[[], None], most: int = _MOST) -> None:
        self.account = account
        self._ring = ring
        self._queue: deque[Push | FillEvent] = deque()
        self._most = most
        self._overflowed = False

    def tell(self, told: Sequence[Push | FillEvent]) -> None:
        for item in told:
            if item.account not in (None, self.account):
                continue
            if len(self._queue) >= self._most:
                self._overflowed = True
            else:
                self._queue.append(item)
        if self._queue or self._overflowed:
            self._ring()

    def take(self) -> tuple[list[Push | FillEvent], bool]:
        """What came since the last call, and whether there was more than fits: then the lists must be read."""
        items = []
        while self._queue:
            items.append(self._queue.popleft())
        overflowed, self._overflowed = self._overflowed, False
        return items, overflowed
