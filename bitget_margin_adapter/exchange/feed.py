"""The streams behind an asyncio exchange object: connections by ccxt's client, healing by REST, and who waits for what.

ccxt's client has the socket and the heartbeat; what is said on it is `stream.protocol`'s, what was missed
`stream.healing`'s. A lost connection raises in every call that waits, and the next call makes a new one; what happened
meanwhile is then waiting for it.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterable
from typing import Any

from ccxt.base import errors

from ..flows.used import markets_for
from ..stream.board import Board
from ..stream.clock import monotonic_ms, seconds
from ..stream.events import Dropped, Event, Refused
from ..stream.frames import Stream
from ..stream.healing import AssetSeen, FillSeen, Healer, OrderSeen, PriceSeen, Seen
from ..stream.look import Look, look
from ..stream.protocol import StreamProtocol
from ..stream.shared import shared_allowance
from ..stream.unified import Unified
from ..wire import codes
from ..wire.channels import CHANNELS
from .link import Link

__all__ = ["Feed"]

_KEPT = 10_000
_LONGEST_PAUSE = 1.0
_POLL = 0.25
_AT_ONCE = 4


class Feed:
    """`orders` and `trades` keep every event for each reader, `balances` and `prices` only need the latest."""

    def __init__(self, exchange: Any) -> None:
        self._exchange = exchange
        self._door = exchange._door()
        self.orders: Board[OrderSeen] = Board(_KEPT)
        self.trades: Board[FillSeen] = Board(_KEPT)
        self.balances: Board[AssetSeen] = Board(_KEPT)
        self.prices: Board[PriceSeen] = Board(_KEPT)
        self.unified = Unified(exchange)
        self._healer = Healer() if self._door is None else Healer(audit_every=None)
        self._links: dict[str, Link] = {}
        self._uses: dict[Stream, set[str]] = {}
        self._everything: dict[tuple[str, str], int] = {}  # channel and use that want all pairs, and since when
        self._tender: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._closed = False
        self._ear: Any = None
        self.loop = asyncio.get_running_loop()
        self._rung = False
        if self._door is None:
            self._dialect, addresses = exchange._live().streams()
            self._addresses = addresses
        else:
            self._ear = self._door.listen(self._ring)

    def __deepcopy__(self, memo: dict[int, Any]) -> None:
        """A copied exchange object makes its own."""

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        return type(None), ()

    # for the watching calls

    async def watch(self, streams: Iterable[Stream], use: str, still: Callable[[], bool]) -> bool:
        """See to it that the streams come, if they are `still` wanted by then; whether the connections stand.

        False: news came before they did. Raises when a connection is not to be had.
        """
        if self._closed:
            raise errors.NetworkError(self._gone)
        began = monotonic_ms()
        wanted = list(streams)
        if any(stream not in self._uses for stream in wanted):
            since = await self._since(began)
            if not still():
                return False
            for stream in wanted:
                self._begin(stream, since)
        for stream in wanted:
            self._uses[stream].add(use)
        if self._tender is None or self._tender.done():
            self._tender = asyncio.ensure_future(self._tend())
            self._tender.add_done_callback(self._tended)
        for link in {id(link): link for link in map(self._link, wanted)}.values():
            if not await link.ensure_open(self._exchange):
                return False
        return True

    async def watch_everything(self, channel: str, use: str, still: Callable[[], bool]) -> bool:
        """All pairs that the exchange object has used, and those that it will use."""
        began = monotonic_ms()
        markets = markets_for(self._exchange, "watch", None)
        if (channel, use) not in self._everything:
            since = await self._since(began)
            if not still():
                return False
            self._everything.setdefault((channel, use), since)
        return await self.watch([(channel, str(market["id"])) for market in markets], use, still)

    async def news(self, streams: Iterable[Stream]) -> None:
        """Wait until something came on one of these streams' connections; raises when the connection is lost."""
        bells = {id(link): link.news for link in map(self._link, streams)}
        waiting = [asyncio.shield(bell) for bell in bells.values()]
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
        for each in done:
            each.result()

    def leave(self, streams: Iterable[Stream], use: str) -> None:
        """Somebody does not want these any more; the last one ends the subscription."""
        for stream in streams:
            # Those who wait for it look up and see that they need not.
            self._link(stream).ring()
            users = self._uses.get(stream, {use})
            users.discard(use)
            if users or stream not in self._uses:
                continue
            del self._uses[stream]
            channel = CHANNELS[stream[0]]
            if channel.mode is not None:
                self._healer.unfollow(channel.mode, stream[1])
            link = self._link(stream)
            if link.protocol is not None:
                link.protocol.unsubscribe(*stream)
                # After the last one nobody tends the link.
                link.flush(monotonic_ms())
        self._wake.set()

    def leave_everything(self, channel: str, use: str) -> None:
        """The same for all pairs."""
        self._everything.pop((channel, use), None)
        self.leave(self.used(channel), use)

    def used(self, channel: str) -> list[Stream]:
        return [stream for stream in self._uses if stream[0] == channel]

    async def close(self) -> None:
        self._closed = True
        self._uses.clear()
        if self._ear is not None:
            self._ear.close()
        tasks = [task for task in (self._tender, *self._tasks) if task is not None]
        for link in self._links.values():
            tasks += link.end(monotonic_ms())
            link.ring(errors.NetworkError(self._gone))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def _gone(self) -> str:
        return f"{self._exchange.id} streams: the exchange object was closed"

    # what ccxt's client reports

    def is_mine(self, client: Any) -> bool:
        link = self._links.get(client.url)
        return link is not None and link.client is client

    def received(self, client: Any, message: Any) -> None:
        link = self._links[client.url]
        if link.protocol is None:
            return
        now = monotonic_ms()
        self._handle(link, link.protocol.read(message, now), now)
        # A login was acknowledged, say: now the subscriptions may go.
        link.flush(now)

    def lost(self, client: Any, problem: Exception) -> None:
        link = self._links[client.url]
        link.left()
        if link.protocol is not None:
            link.protocol.closed(monotonic_ms(), str(problem))
        link.ring(problem)
        self._wake.set()

    # inside

    def _link(self, stream: Stream) -> Link:
        if self._door is not None:
            return self._links.setdefault("", Link("", None))
        url = self._addresses.private if CHANNELS[stream[0]].private else self._addresses.public
        link = self._links.get(url)
        if link is None:
            live = self._exchange._live()
            protocol = StreamProtocol(
                lambda now: live.login(),
                jitter=random.random,
                allowance=shared_allowance(url),
                heartbeat=False,
                dialect=self._dialect,
            )
            link = self._links[url] = Link(url, protocol)
        return link

    def _begin(self, stream: Stream, since: int) -> None:
        if self._closed:
            raise errors.NetworkError(self._gone)
        name, id_ = stream
        if stream in self._uses:
            return
        link = self._link(stream)
        if CHANNELS[name].private and self._door is None:
            self._exchange._live().check_ready("watch")
        if link.protocol is not None:
            try:
                link.protocol.subscribe(name, id_)
            except ValueError as problem:
                raise errors.BadRequest(f"{self._exchange.id} watch: {problem}") from None
        self._uses[stream] = set()
        mode, now = CHANNELS[name].mode, monotonic_ms()
        if mode is not None:
            self._healer.follow(mode, id_, since, now)
        if self._ear is not None:
            self._tell(self._ear.begin(self._healer, name, now))
        self._wake.set()

    async def _since(self, began: int) -> int:
        """The venue's time at `began`, or a little earlier."""
        if self._door is not None:
            return int(self._door.now())
        now = int(await self._exchange.fetch_time())
        return now - (monotonic_ms() - began)

    def _handle(self, link: Link, events: list[Event], now: int) -> None:
        self._tell(self._healer.heard(events, now))
        for event in events:
            if isinstance(event, Refused):
                problem = _refusal(self._exchange.id, event)
                if event.final:
                    if event.channel is not None:
                        self._uses.pop((event.channel, event.symbol), None)
                    else:
                        link.refused = problem
                link.ring(problem)
            elif isinstance(event, Dropped) and link.client is not None:
                client = link.left()
                problem = errors.NetworkError(f"{self._exchange.id} streams: {event.reason}")
                link.ring(problem)
                # ccxt's way to give a client up; what else waits on it hears of it too.
                client.on_error(problem)
        if events:
            self._wake.set()

    def _tell(self, seen: list[Seen]) -> None:
        touched: set[bool] = set()
        for row in seen:
            if isinstance(row, OrderSeen):
                self.orders.post(row)
            elif isinstance(row, FillSeen):
                self.trades.post(row)
            elif isinstance(row, AssetSeen):
                self.unified.remember(row)
                self.balances.post(row)
            else:
                self.prices.post(row)
            touched.add(not isinstance(row, PriceSeen))
        for link in self._links.values() if seen else ():
            if self._door is not None or (
                (link.url == self._addresses.private and True in touched)
                or (link.url == self._addresses.public and False in touched)
            ):
                link.ring()

    def _ring(self) -> None:
        """Called by the paper venue, in whatever thread something happens."""
        if not self._rung:
            self._rung = True
            try:
                self.loop.call_soon_threadsafe(self._hear)
            except RuntimeError:
                self._rung = False  # the loop is closed: nobody listens

    def _hear(self) -> None:
        self._rung = False
        self._tell(self._ear.hear(self._healer, monotonic_ms()))
        self._wake.set()

    async def _tend(self) -> None:
        """Deadlines, reads that are due, and pairs that were used for the first time."""
        slots = asyncio.Semaphore(_AT_ONCE)
        while self._uses:
            now = monotonic_ms()
            if self._ear is not None and not self._ear.is_virtual:
                self._ear.poll()
            for (channel, use), since in self._everything.items():
                for market in markets_for(self._exchange, "watch", None):
                    stream = channel, str(market["id"])
                    if stream not in self._uses:
                        self._begin(stream, since)
                        # Used before this was noticed: what happened meanwhile is read.
                        self._healer.suspect(now, CHANNELS[channel].mode, stream[1])
                    self._uses[stream].add(use)
            for link in list(self._links.values()):
                if link.protocol is not None and link.client is not None:
                    self._handle(link, link.protocol.tick(now), now)
                    link.flush(now)
            for wanted in self._healer.looks(now):
                self._keep(asyncio.ensure_future(self._look(wanted, slots)))
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause(now)):
                    await self._wake.wait()

    def _tended(self, tender: "asyncio.Task[None]") -> None:
        """Whoever waits must hear of it when nobody tends the streams any more."""
        problem = None if tender.cancelled() else tender.exception()
        if problem is not None:
            for link in self._links.values():
                link.ring(errors.ExchangeError(f"{self._exchange.id} streams: {type(problem).__name__}: {problem}"))

    def _pause(self, now: int) -> float:
        dues = [link.protocol.next_due(now) for link in self._links.values() if link.protocol and link.client]
        due = self._healer.next_due()
        if due is not None:
            dues.append(due)
        longest = _POLL if self._ear is not None and not self._ear.is_virtual else _LONGEST_PAUSE
        return min([longest, *(seconds(max(1, due - now)) for due in dues)])

    def _keep(self, task: "asyncio.Task[None]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _look(self, wanted: Look, slots: asyncio.Semaphore) -> None:
        async with slots:
            try:
                found = await self._exchange._drive(self._exchange._steps(look(wanted)))
            except Exception:
                # Also what REST refuses: the stream goes on, and the next look tries again.
                self._healer.failed(wanted, monotonic_ms())
            else:
                self._tell(self._healer.looked(wanted, found, monotonic_ms()))
        self._wake.set()


def _refusal(id: str, refused: Refused) -> Exception:
    row = codes.describe(refused.code, "ws")
    where = f" {refused.channel} {refused.symbol or ''}".rstrip() if refused.channel else ""
    kind: type[Exception] = getattr(errors, row.exception)
    return kind(f"{id} streams{where}: refused with code {row.code}: {row.meaning}; {row.advice}")
