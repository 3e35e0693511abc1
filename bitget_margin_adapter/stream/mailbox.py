"""A bounded queue of events in which figures that change are kept once, and things that happen are kept all.

Of a price or a balance nobody wants the second-latest. Orders and trades are never thrown away quietly: when too many
wait, the queue takes no more, and says so to its reader after the last one.
"""

from collections import OrderedDict

from .unified import StreamEvent

__all__ = ["Mailbox"]

_LATEST = frozenset({"balance", "ticker"})


class Mailbox:
    """Not safe for two threads at once: its owner has a lock."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._events: OrderedDict[object, StreamEvent] = OrderedDict()
        self._count = 0
        self.overflowed = False

    def __len__(self) -> int:
        return len(self._events)

    def put(self, event: StreamEvent) -> None:
        if event.kind in _LATEST:
            key: object = (event.channel, event.symbol)
            self._events.pop(key, None)
        else:
            self._count += 1
            key = self._count
        if self.overflowed or len(self._events) >= self._most:
            self.overflowed = True
            return
        self._events[key] = event

    def take(self) -> StreamEvent | None:
        return self._events.popitem(last=False)[1] if self._events else None
