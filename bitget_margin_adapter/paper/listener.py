"""Somebody who wants to hear what happens on a paper venue: a bounded queue, and a bell that is rung when it fills."""

from collections import deque
from collections.abc import Callable, Sequence

from ..engine.events import FillEvent
from ..venue.news import Push

__all__ = ["Listener"]

_MOST = 100_000


class Listener:
    """What concerns `account`, which may change.

    `ring` is called in the thread in which it happened, and must only take note.
    """

    def __init__(self, account: str, ring: Callable[[], None], most: int = _MOST) -> None:
        self.account = account
        self._ring = ring
        self._queue: deque[Push | FillEvent] = deque()
        self._most = most
        self._lost = self._lost_told = 0

    def tell(self, told: Sequence[Push | FillEvent]) -> None:
        for item in told:
            if item.account not in (None, self.account):
                continue
            if len(self._queue) >= self._most:
                self._lost += 1
            else:
                self._queue.append(item)
        if self._queue or self._lost > self._lost_told:
            self._ring()

    def take(self) -> tuple[list[Push | FillEvent], bool]:
        """What came since the last call, and whether there was more than fits: then the lists must be read."""
        items = []
        while self._queue:
            items.append(self._queue.popleft())
        # Counted by the one thread and read by the other, so that none of them is overlooked.
        before, self._lost_told = self._lost_told, self._lost
        return items, self._lost_told > before
