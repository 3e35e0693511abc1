"""A bad link between both halves, in virtual time: it delays, drops, duplicates, reorders and cuts, as a seed says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bitget_margin_adapter.stream.events import Event
from bitget_margin_adapter.stream.protocol import StreamProtocol
from bitget_margin_adapter.stream.server import Request, ServerProtocol

KEY = "sbx_key"


def login(now: int) -> list[dict[str, str]]:
    return [{"apiKey": KEY, "passphrase": "p", "timestamp": str(now // 1000), "sign": "s"}]


def check(argument: Any, now: int) -> str | None:
    return None if argument["apiKey"] == KEY else "30011"


@dataclass
class Faults:
    """Chances for each message from the venue; the client's own arrive, unless there is a black hole."""

    drop: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    latest: int = 0
    """The longest delay, ms."""
    blackhole: bool = False


@dataclass
class Link:
    """`tick(now)` moves time on; the client's events are handed to `heard`."""

    client: StreamProtocol
    heard: Callable[[list[Event], int], None]
    asked: Callable[[list[Request], int], None] = lambda requests, now: None
    faults: Faults = field(default_factory=Faults)
    random: Random = field(default_factory=lambda: Random(0))
    make_server: Callable[[], ServerProtocol] = lambda: ServerProtocol(check, limits=None)
    server: ServerProtocol | None = None
    sent: list[tuple[int, str]] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    reachable: bool = True
    _way: list[tuple[int, int, str]] = field(default_factory=list)
    _count: int = 0

    def cut(self, now: int) -> None:
        """Both sides hear of it."""
        self.server = None
        self._way.clear()
        self.heard(self.client.closed(now), now)

    def tick(self, now: int) -> None:
        client = self.client
        if not client.is_open:
            self.server = None
            self._way.clear()
            at = client.reconnect_at
            if at is None or now < at:
                return
            if not self.reachable:
                self.heard(client.not_opened(now, "refused"), now)
                return
            self.opened.append(now)
            client.opened(now)
            self.server = self.make_server()
            self.server.opened(now)
        self.heard(client.tick(now), now)
        for text in client.outgoing(now):
            self.sent.append((now, text))
            if self.server is not None and not self.faults.blackhole:
                self.asked(self.server.receive(text, now), now)
        self.deliver(now)

    def deliver(self, now: int) -> None:
        server = self.server
        if server is None:
            return
        server.tick(now)
        for text in server.outgoing():
            self._carry(text, now)
        due = sorted(item for item in self._way if item[0] <= now)
        self._way = [item for item in self._way if item[0] > now]
        for _, _, text in due:
            self.heard(self.client.receive(text, now), now)
        if server.close_reason is not None:
            self.cut(now)

    def _carry(self, text: str, now: int) -> None:
        faults, random = self.faults, self.random
        if faults.blackhole or random.random() < faults.drop:
            return
        for _ in range(2 if random.random() < faults.duplicate else 1):
            self._count += 1
            late = random.randint(0, faults.latest)
            order = self._count - (random.randint(1, 5) if random.random() < faults.reorder else 0)
            self._way.append((now + late, order, text))
