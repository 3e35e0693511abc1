"""One address of the streams: what is said there, the client of ccxt that carries it, and who waits for news of it."""

import asyncio
from typing import Any

from ccxt.base import errors

from ..stream.clock import monotonic_ms, seconds
from ..stream.protocol import StreamProtocol

__all__ = ["Link"]

_PATIENCE = 60_000
"""A call waits so long for the next attempt to connect, ms; one that is further away is refused at once."""
_PAUSE = 1_000
_CONNECT_WITHIN = 15.0


class Link:
    """Without a protocol nothing has to be connected: a paper venue in this process."""

    def __init__(self, url: str, protocol: StreamProtocol | None) -> None:
        self.url = url
        self.protocol = protocol
        self.client: Any = None
        self.refused: Exception | None = None
        """A refusal for good, which the next call gets; after it everything is tried again."""
        self.news = _future()
        """Done when something came, failed when the connection is lost; then there is a new one."""
        self._counted = False
        self._opening: asyncio.Task[None] | None = None
        self._sending = asyncio.Lock()
        self._sends: set[asyncio.Task[None]] = set()

    def ring(self, problem: Exception | None = None) -> None:
        """Wake those who wait, or fail them."""
        news, self.news = self.news, _future()
        if problem is None:
            news.set_result(None)
        else:
            news.set_exception(problem)
            # Perhaps nobody waits; asyncio need not say so.
            news.exception()

    def left(self) -> Any:
        """The client, which is given up."""
        client, self.client = self.client, None
        if self._counted and self.protocol is not None:
            self._counted = False
            self.protocol.allowance.disconnect()
        return client

    def end(self, now: int) -> list["asyncio.Task[None]"]:
        """Nothing more is sent or heard; what is still under way is returned, to be cancelled."""
        if self.protocol is not None:
            self.protocol.closed(now)
        self.left()
        return [*self._sends, *([self._opening] if self._opening is not None else [])]

    async def ensure_open(self, exchange: Any) -> bool:
        """Whether the connection stands; False when news came before it did, by REST. Raises when it cannot be had."""
        protocol = self.protocol
        if protocol is None:
            return True
        if self.refused is not None:
            problem, self.refused = self.refused, None
            protocol.try_again(monotonic_ms())
            raise problem
        if protocol.is_open:
            return True
        if self._opening is None or self._opening.done():
            self._opening = asyncio.ensure_future(self._open(exchange, protocol))
            self._opening.add_done_callback(_look_at)
        opening = self._opening
        # Several calls wait for it; that one of them is given up is nothing to the others.
        while not opening.done():
            news = self.news
            await asyncio.wait([opening, news], return_when=asyncio.FIRST_COMPLETED)
            if not opening.done() and news.done() and news.exception() is None:
                return False
        if opening.cancelled():
            raise errors.NetworkError(f"{exchange.id} streams: closed while it was connected")
        opening.result()
        return True

    def flush(self, now: int) -> None:
        """Send what the protocol has to say."""
        if self.protocol is None or self.client is None:
            return
        texts = self.protocol.outgoing(now)
        if texts:
            task = asyncio.ensure_future(self._send(self.client, texts))
            self._sends.add(task)
            task.add_done_callback(self._sends.discard)

    async def _open(self, exchange: Any, protocol: StreamProtocol) -> None:
        now = monotonic_ms()
        delay = (protocol.reconnect_at or now) - now
        if delay > _PATIENCE:
            # A bot that calls again at once must not spin.
            await asyncio.sleep(seconds(_PAUSE))
            raise errors.RateLimitExceeded(
                f"{exchange.id} streams: so many subscriptions were made that the venue takes the next one in "
                f"{delay // 1000} s; orders and trades are read by REST meanwhile"
            )
        await asyncio.sleep(seconds(delay))
        if not protocol.allowance.connect():
            raise errors.RateLimitExceeded(f"{exchange.id} streams: too many connections are open; close some")
        self._counted = True
        client = self.client = exchange.client(self.url)
        problem = await self._connected(client, exchange.session)
        if problem is not None or self.client is not client:
            self.left()
            protocol.not_opened(monotonic_ms(), str(problem))
            raise errors.NetworkError(f"{exchange.id} streams: {self.url} cannot be reached: {problem or 'lost again'}")
        now = monotonic_ms()
        protocol.opened(now)
        self.flush(now)

    async def _connected(self, client: Any, session: Any) -> BaseException | None:
        """Waits for ccxt's client. It tells of a failure by its callback alone, which rings; its future then hangs."""
        connected: asyncio.Future[Any] = asyncio.ensure_future(client.connect(session))
        loop = asyncio.get_running_loop()
        patience = loop.time() + _CONNECT_WITHIN
        while not connected.done() and loop.time() < patience:
            # It also rings for news that REST brought meanwhile, which is no failure.
            news = self.news
            await asyncio.wait({connected, news}, timeout=_CONNECT_WITHIN, return_when=asyncio.FIRST_COMPLETED)
            problem = news.exception() if news.done() else None
            if problem is not None:
                connected.cancel()
                return problem
        if not connected.done():
            connected.cancel()
            return TimeoutError("no answer")
        return connected.exception()

    async def _send(self, client: Any, texts: list[str]) -> None:
        async with self._sending:
            try:
                for text in texts:
                    await client.send(text)
            except Exception as problem:
                client.on_error(errors.NetworkError(str(problem)))


def _look_at(opening: "asyncio.Task[None]") -> None:
    """Perhaps nobody waits for it any more; asyncio need not say so."""
    if not opening.cancelled():
        opening.exception()


def _future() -> "asyncio.Future[None]":
    return asyncio.get_running_loop().create_future()
