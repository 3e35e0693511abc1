"""A venue's socket by the library `websockets`, to hear our clients from an implementation that is not ours."""

import queue
import threading
import time
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from bitget_margin_adapter.stream.server import ServerProtocol

__all__ = ["Foreign"]


class Foreign:
    """`push` sends rows to whoever has subscribed; `silent` neither reads nor answers; `cut` ends all connections."""

    def __init__(self, refuse: str | None = None) -> None:
        self.refuse = refuse
        self.silent = False
        self.texts: list[str] = []
        self.connections = 0
        self._clients: dict[ServerConnection, queue.Queue[Any]] = {}
        self._protocols: dict[ServerConnection, ServerProtocol] = {}
        self._server = serve(self._serve, "127.0.0.1", 0, compression=None)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Foreign":
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self.silent = False
        self._server.shutdown()
        self.cut()
        self._thread.join(timeout=30)

    @property
    def url(self) -> str:
        host, port = self._server.socket.getsockname()[:2]
        return f"ws://{host}:{port}/spot/v1/stream"

    def wait_for(self, channel: str, symbol: str | None = None, most: float = 30) -> None:
        """Until somebody has subscribed to it."""
        end = time.monotonic() + most
        while not any((channel, symbol) in protocol.streams for protocol in list(self._protocols.values())):
            assert time.monotonic() < end, f"nobody subscribed to {channel}"
            time.sleep(0.002)

    def push(self, channel: str, symbol: str | None, *rows: Any) -> None:
        for waiting in list(self._clients.values()):
            waiting.put((channel, symbol, rows))

    def cut(self, code: int = 1011, most: float = 30) -> None:
        """Ends all connections there are, and returns when they are gone."""
        clients = list(self._clients)
        for client in clients:
            client.close(code)
        end = time.monotonic() + most
        while any(client in self._clients for client in clients):
            assert time.monotonic() < end, "a connection did not end"
            time.sleep(0.002)

    def _serve(self, client: ServerConnection) -> None:
        self.connections += 1
        protocol = ServerProtocol(lambda argument, now: self.refuse, limits=None)
        waiting: queue.Queue[Any] = queue.Queue()
        self._clients[client], self._protocols[client] = waiting, protocol
        try:
            while protocol.close_reason is None:
                if self.silent:
                    threading.Event().wait(0.005)
                    if client.close_code is not None:
                        return
                    continue
                try:
                    text = client.recv(timeout=0.002)
                except TimeoutError:
                    text = None
                if text is not None:
                    self.texts.append(str(text))
                    protocol.receive(text, 0)
                while not waiting.empty():
                    protocol.push(*waiting.get())
                for answer in protocol.outgoing():
                    client.send(answer)
        except ConnectionClosed:
            return
        finally:
            del self._clients[client], self._protocols[client]
