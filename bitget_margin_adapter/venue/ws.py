"""The WebSocket door of the emulator: sockets, queues and the faults of the stream around `stream.server`.

Every connection has a bounded queue and a task that empties it; who reads too slowly is cut.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import WSMsgType, web

from ..stream.budget import Sliding
from ..stream.server import LoggedIn, ServerProtocol, Subscription
from ..wire.channels import LIMITS
from .auth import login_code
from .desk import Host
from .faults import Faults
from .keyring import Keyring
from .news import Push

__all__ = ["QUEUE", "StreamDoor"]

QUEUE: Final = 10_000
"""How many texts may wait for a reader."""

_FRAME: Final = 64 * 1024
_HOUR: Final = 3_600_000


def _machine_ms() -> int:
    return time.time_ns() // 1_000_000


class StreamDoor:
    def __init__(self, host: Host, keyring: Keyring, faults: Faults, limited: bool) -> None:
        self._host = host
        self._keyring = keyring
        self._faults = faults
        self._limited = limited
        self._connections: set[_Connection] = set()
        self._addresses: Counter[str] = Counter()
        self._subscriptions: dict[str, Sliding] = {}

    @property
    def busy(self) -> bool:
        """Whether anybody listens."""
        return bool(self._connections)

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        address = request.remote or ""
        if self._limited and self._addresses[address] >= LIMITS.connections_per_ip:
            return web.Response(status=429, text='{"event":"error","code":30007}', content_type="application/json")
        socket = web.WebSocketResponse(max_msg_size=_FRAME, compress=False, timeout=1.0)
        if not socket.can_prepare(request).ok:
            return web.Response(status=426, headers={"Upgrade": "websocket"}, text="a WebSocket is spoken here\n")
        self._addresses[address] += 1
        await socket.prepare(request)
        connection = _Connection(socket, request, self._protocol(address), self._faults, self._host)
        self._connections.add(connection)
        try:
            await self._converse(connection)
        finally:
            self._connections.discard(connection)
            self._addresses[address] -= 1
            if not self._addresses[address]:
                del self._addresses[address]
            await connection.end()
        return socket

    async def close(self) -> None:
        for connection in tuple(self._connections):
            connection.cut()

    def _protocol(self, address: str) -> ServerProtocol:
        if not self._limited:
            return ServerProtocol(self._check_login, limits=None)
        hour = self._subscriptions.setdefault(address, Sliding(LIMITS.subscriptions_per_hour, _HOUR))
        return ServerProtocol(self._check_login, subscriptions=hour)

    def _check_login(self, argument: Mapping[str, Any], now: int) -> str | None:
        return login_code(self._keyring, argument, (self._host.now(), _machine_ms()))

    async def _converse(self, connection: "_Connection") -> None:
        protocol, socket = connection.protocol, connection.socket
        protocol.opened(_machine_ms())
        while protocol.close_reason is None:
            wait = max(0.001, (protocol.next_due() - _machine_ms()) / 1000)
            try:
                message = await socket.receive(timeout=wait)
            except TimeoutError:
                protocol.tick(_machine_ms())
                connection.flush()
                continue
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                break
            for request in protocol.receive(message.data, _machine_ms()):
                if isinstance(request, LoggedIn):
                    key = self._keyring.find(request.api_key)
                    connection.listen(key.account if key is not None else "")
                elif isinstance(request, Subscription):
                    connection.begin(request.channel)
            connection.flush()


class _Connection:
    """One client: its protocol, what waits to be sent, and the faults that struck it."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        request: web.BaseRequest,
        protocol: ServerProtocol,
        faults: Faults,
        host: Host,
    ) -> None:
        self.socket = socket
        self.protocol = protocol
        self._request = request
        self._faults = faults
        self._host = host
        self._texts: asyncio.Queue[str] = asyncio.Queue(QUEUE)
        self._held: dict[str, Push] = {}
        self._silent = False
        self._loop = asyncio.get_running_loop()
        self._writer = asyncio.create_task(self._write())
        self._account = ""
        self._rung = False
        self._listener = host.listen(self._account, self._ring)

    def listen(self, account: str) -> None:
        """From now on to what concerns this account, too."""
        self._account = self._listener.account = account

    def begin(self, channel: str) -> None:
        """The rows that a subscription begins with."""
        # What came before it is in these rows already.
        self._collect()
        rows = self._host.first(self._account, channel)
        if rows:
            self._deliver(Push(self._account, channel, None, rows))

    def flush(self) -> None:
        for text in self.protocol.outgoing():
            if self._silent:
                continue
            try:
                self._texts.put_nowait(text)
            except asyncio.QueueFull:
                self.cut()
                return

    def cut(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()

    async def end(self) -> None:
        """Says what is left to be said, then closes; a client that does not listen is not waited for."""
        self._host.unlisten(self._listener)
        if self.protocol.close_reason is not None and not self._silent and not self._writer.done():
            try:
                async with asyncio.timeout(1):
                    await self._texts.join()
                    await self.socket.close(code=1008, message=self.protocol.close_reason.encode()[:100])
            except (TimeoutError, ConnectionError):
                self.cut()
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)

    def _ring(self) -> None:
        """Called in any thread; whatever rings until the loop comes round is one."""
        if not self._rung:
            self._rung = True
            with contextlib.suppress(RuntimeError):  # the loop is closed: everything ends
                self._loop.call_soon_threadsafe(self._collect)

    def _collect(self) -> None:
        self._rung = False
        items, lost = self._listener.take()
        for item in items:
            if isinstance(item, Push):
                self._deliver(item)
        self.flush()
        if lost:
            self.cut()

    def _deliver(self, push: Push) -> None:
        if (push.channel, push.symbol) not in self.protocol.streams:
            return
        kinds = {fault.kind: fault for fault in self._faults.draw(push.channel)} if self._faults else {}
        if "cut" in kinds:
            self.cut()
        elif "blackhole" in kinds:
            self._silent = True
        elif "drop" in kinds:
            return
        elif "delay" in kinds:
            self._loop.call_later(kinds["delay"].delay_ms / 1000, self._arrive, push)
        elif "reorder" in kinds and push.channel not in self._held:
            self._held[push.channel] = push
            self._loop.call_later(kinds["reorder"].delay_ms / 1000, self._release, push.channel)
        else:
            for _ in range(2 if "duplicate" in kinds else 1):
                self.protocol.push(push.channel, push.symbol, push.rows)
            self._release(push.channel)

    def _arrive(self, push: Push) -> None:
        self.protocol.push(push.channel, push.symbol, push.rows)
        self.flush()

    def _release(self, channel: str) -> None:
        held = self._held.pop(channel, None)
        if held is not None:
            self._arrive(held)

    async def _write(self) -> None:
        while True:
            text = await self._texts.get()
            try:
                await self.socket.send_str(text)
            except (ConnectionError, RuntimeError):
                # Gone: the reader notices as well and ends the connection.
                self.cut()
                return
            finally:
                self._texts.task_done()
