"""RFC 6455 by hand, without any library: what a peer may send, and what came back."""

import base64
import hashlib
import os
import socket
import struct

__all__ = ["Peer", "frame", "serve_once"]

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CONT, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    rsv: int = 0,
    masked: bool = False,
    length: int | None = None,
) -> bytes:
    """`length` may lie about the payload."""
    size = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    flag = 0x80 if masked else 0
    if size < 126:
        head += bytes([flag | size])
    elif size < 1 << 16:
        head += bytes([flag | 126]) + struct.pack("!H", size)
    else:
        head += bytes([flag | 127]) + struct.pack("!Q", size)
    if masked:
        key = os.urandom(4)
        return head + key + bytes(byte ^ key[place % 4] for place, byte in enumerate(payload))
    return head + payload


class Peer:
    """One end of a connection, after the handshake."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._file = sock.makefile("rb")

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def read(self) -> tuple[int, bytes] | None:
        """Opcode and payload of the next frame; None when the other side has gone."""
        try:
            head = self._file.read(2)
            if len(head) < 2:
                return None
            size = head[1] & 0x7F
            if size == 126:
                (size,) = struct.unpack("!H", self._file.read(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self._file.read(8))
            key = self._file.read(4) if head[1] & 0x80 else b"\0\0\0\0"
            payload = self._file.read(size)
        except ConnectionError:
            return None
        return head[0] & 0x0F, bytes(byte ^ key[place % 4] for place, byte in enumerate(payload))

    def close_code(self) -> int | None:
        """The code that the other side closes with; None when it goes without one."""
        while (found := self.read()) is not None:
            if found[0] == CLOSE:
                return struct.unpack("!H", found[1][:2])[0] if found[1] else 1005
        return None

    def close(self) -> None:
        self._file.close()
        self.sock.close()


def serve_once(listener: socket.socket) -> Peer:
    """The server's side of a handshake."""
    sock, _ = listener.accept()
    sock.settimeout(30)
    request = b""
    while b"\r\n\r\n" not in request:
        request += sock.recv(4096)
    key = next(
        line.split(":", 1)[1].strip()
        for line in request.decode().split("\r\n")
        if line.lower().startswith("sec-websocket-key")
    )
    accept = base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()  # noqa: S324
    sock.sendall(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
    )
    return Peer(sock)


def connect(host: str, port: int, path: str) -> Peer:
    """The client's side."""
    sock = socket.create_connection((host, port), timeout=30)
    key = base64.b64encode(os.urandom(16)).decode()
    sock.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += sock.recv(1)
    assert answer.startswith(b"HTTP/1.1 101"), answer
    return Peer(sock)
