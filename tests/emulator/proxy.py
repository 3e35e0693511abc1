"""A wire that breaks: what lies between a client and the emulator, and cuts some requests at one of five points."""

import contextlib
import random
import socket
import struct
import threading
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

__all__ = ["POINTS", "BreakingWire"]

POINTS: Final = ("before send", "after headers", "after body", "after commit before response", "mid response")
"""How far a request and its answer get: "after body" the venue has all of it and may or may not have done it."""

_END: Final = b"\r\n\r\n"
_RESET: Final = struct.pack("ii", 1, 0)


class BreakingWire:
    """Requests to `path` are cut at `point`, each with this probability, drawn from the seed in the order they come.

    Every other cut is a reset, the rest are ordinary ends. `url` is where a client reaches the venue through it.
    """

    def __init__(self, target: str, path: str, point: str, probability: float, seed: int = 0) -> None:
        if point not in POINTS:
            raise ValueError(f"a request is not cut {point!r}, but at one of {', '.join(POINTS)}")
        address = urlsplit(target)
        self._target = (str(address.hostname), int(address.port or 0))
        self._line = f"POST {path} ".encode()
        self._point, self._probability = point, probability
        self._draws = random.Random(seed)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self.requests = self.cuts = 0

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing alone would not wake who waits in accept or recv.
        for each in (self._listening, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join()

    def _start(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.add(client)
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        venue = socket.create_connection(self._target)
        venue.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.add(venue)
        try:
            while self._carry(client, venue):
                pass
        except OSError:
            pass
        finally:
            for each in (client, venue):
                self._open.discard(each)
                each.close()

    def _carry(self, client: socket.socket, venue: socket.socket) -> bool:
        """One request and its answer; False when the connection is over."""
        head, body = _message(client)
        if not head:
            return False
        cut = self._drawn(head)
        if cut and self._point == "before send":
            return self._cut(client, venue)
        if cut and self._point == "after headers":
            venue.sendall(head)
            return self._cut(client, venue)
        venue.sendall(head + body)
        if cut and self._point == "after body":
            return self._cut(client, venue)
        head, body = _message(venue)
        if cut and self._point == "mid response":
            client.sendall((head + body)[: (len(head) + len(body)) // 2])
        if cut or not head:
            return self._cut(client, venue)
        client.sendall(head + body)
        return True

    def _drawn(self, head: bytes) -> bool:
        if not head.startswith(self._line):
            return False
        with self._lock:
            self.requests += 1
            hit = self._draws.random() < self._probability
            self.cuts += hit
        return hit

    def _cut(self, *lines: socket.socket) -> bool:
        for line in lines:
            if self.cuts % 2:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            line.close()
        return False


def _message(line: socket.socket) -> tuple[bytes, bytes]:
    """Headers with the empty line, and the body; nothing when the other side has gone."""
    got = b""
    while _END not in got:
        chunk = line.recv(65536)
        if not chunk:
            return b"", b""
        got += chunk
    head, _, body = got.partition(_END)
    _, named, length = head.lower().partition(b"\r\ncontent-length:")
    wanted = int(length.partition(b"\r\n")[0]) if named else 0
    while len(body) < wanted:
        chunk = line.recv(65536)
        if not chunk:
            return b"", b""
        body += chunk
    return head + _END, body
