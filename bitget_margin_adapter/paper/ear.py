"""How a stream hears a paper account: what a connection would bring, without one, and healed as if by one."""

from collections.abc import Callable

from ..engine.accounts import CROSS
from ..engine.events import FillEvent
from ..model.words import Mode
from ..stream.healing import Healer, Seen
from .host import PaperHost

__all__ = ["Ear"]


class Ear:
    def __init__(self, host: PaperHost, account: str, ring: Callable[[], None]) -> None:
        self._host = host
        self._account = account
        self._listener = host.listen(account, ring)

    @property
    def is_virtual(self) -> bool:
        """Time stands still unless somebody moves it, and then `ring` is called: no need to `poll`."""
        return self._host.clock.is_virtual

    def poll(self) -> None:
        """Let the venue notice the time."""
        self._host.poll()

    def begin(self, healer: Healer, channel: str, now: int) -> list[Seen]:
        """The rows that a subscription begins with."""
        return healer.pushed(channel, self._host.first(self._account, channel), now)

    def hear(self, healer: Healer, now: int) -> list[Seen]:
        """What is new since the last call."""
        items, lost = self._listener.take()
        seen: list[Seen] = []
        for item in items:
            if isinstance(item, FillEvent):
                seen += healer.filled(Mode.CROSS if item.place == CROSS else Mode.ISOLATED, item.fill)
            else:
                seen += healer.pushed(item.channel, item.rows, now)
        if lost:
            healer.suspect(now)
        return seen

    def close(self) -> None:
        self._host.unlisten(self._listener)
