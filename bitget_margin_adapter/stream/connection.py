"""One connection in a thread of its own: a WebSocket that says what its protocol says, opened again when it is lost."""

import contextlib
import logging
import selectors
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import websocket
from ccxt.base import errors

from ..wire import codes
from .clock import monotonic_ms, seconds
from .events import Dropped, Event, Refused
from .protocol import StreamProtocol

__all__ = ["Connection"]

_log = logging.getLogger(__name__)

_CONNECT_WITHIN = 10.0
_LONGEST_WAIT = 1.0
_LARGEST = 8 * 1024 * 1024
_LARGEST_CONTROL = 125

Heard = Callable[[list[Event], int], None]
Status = Callable[[bool, str], None]
Trouble = Callable[[Exception, bool], None]


class _Fault(Exception):
    """The end of a connection, with the code to close it by."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Connection:
    """`heard` gets the events of the protocol, `status` whether the venue is connected and why not, `trouble` what
    the bot has to know, and whether that is the end. All are called in this object's thread and must not wait.
    """

    def __init__(self, url: str, protocol: StreamProtocol, heard: Heard, status: Status, trouble: Trouble) -> None:
        self._url = url
        self._protocol = protocol
        self._heard = heard
        self._status = status
        self._trouble = trouble
        self._ended = threading.Event()
        # Wakes the thread while it waits for the venue.
        self._bell, self._rope = socket.socketpair()
        self._told_live = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="margin-stream", daemon=True)

    def start(self) -> None:
        """Does nothing when `close` was called before."""
        with self._lock:
            if not self._ended.is_set():
                self._thread.start()

    def close(self) -> None:
        with self._lock:
            if self._ended.is_set():
                return
            self._ended.set()
            self._rope.close()
            if self._thread.ident is None:
                self._bell.close()
                return
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=_CONNECT_WITHIN + 2)

    # the thread

    def _run(self) -> None:
        try:
            self._live()
        except Exception as problem:
            # A thread that ends unseen would leave the bot waiting for ever.
            _log.exception("MarginStream")
            text = f"MarginStream: {type(problem).__name__}: {problem}; make a new stream"
            self._trouble(errors.ExchangeError(text), True)
        finally:
            self._bell.close()

    def _live(self) -> None:
        protocol = self._protocol
        while not self._ended.is_set():
            now = monotonic_ms()
            if protocol.reconnect_at is None:
                return
            if protocol.reconnect_at > now:
                self._ended.wait(seconds(protocol.reconnect_at - now))
                continue
            if not protocol.allowance.connect():
                self._failed("as many connections are open as the venue allows to an address; close some")
                continue
            try:
                ws = self._open()
            except (OSError, websocket.WebSocketException) as problem:
                self._failed(f"{self._url} cannot be reached: {problem}")
            else:
                self._converse(ws)
            finally:
                protocol.allowance.disconnect()

    def _open(self) -> Any:
        # The timeout holds for every read and write afterwards: a venue that does neither holds this thread no longer.
        made = websocket.create_connection(
            self._url,
            timeout=_CONNECT_WITHIN,
            enable_multithread=False,
            redirect_limit=0,
            skip_utf8_validation=True,  # it is slow there; `_message` decodes strictly
            sockopt=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        buffer: Any = made.frame_buffer
        strict = buffer.recv_strict

        def bounded(size: int) -> bytes:
            if size > _LARGEST:
                raise _Fault(websocket.STATUS_MESSAGE_TOO_BIG, f"a frame of {size} bytes")
            return bytes(strict(size))

        buffer.recv_strict = bounded
        return made

    def _converse(self, ws: Any) -> None:
        protocol = self._protocol
        protocol.opened(monotonic_ms())
        waiter = selectors.DefaultSelector()
        try:
            waiter.register(self._bell, selectors.EVENT_READ)
            waiter.register(ws.sock, selectors.EVENT_READ)
            while not self._ended.is_set():
                now = monotonic_ms()
                events = protocol.tick(now)
                for text in protocol.outgoing(now):
                    ws.send(text)
                self._report(events, now)
                if not protocol.is_open:
                    return
                wait = min(seconds(protocol.next_due(now) - now), _LONGEST_WAIT)
                if not _readable(ws, waiter, wait):
                    continue
                message = _message(ws)
                if message is not None:
                    now = monotonic_ms()
                    self._report(protocol.receive(message, now), now)
        except _Fault as fault:
            with contextlib.suppress(OSError, websocket.WebSocketException):
                ws.send_close(fault.status, str(fault).encode()[:100])
            now = monotonic_ms()
            self._report(protocol.closed(now, str(fault)), now)
        except (OSError, websocket.WebSocketException) as problem:
            now = monotonic_ms()
            self._report(protocol.closed(now, f"{type(problem).__name__}: {problem}"), now)
        finally:
            self._told_live = False
            waiter.close()
            with contextlib.suppress(OSError, websocket.WebSocketException):
                if self._ended.is_set():
                    ws.send_close()
            # The library's own close would wait for the venue's answer.
            ws.shutdown()

    def _failed(self, reason: str) -> None:
        now = monotonic_ms()
        self._heard(self._protocol.not_opened(now, reason), now)
        self._trouble(errors.NetworkError(f"MarginStream: {reason}; it is tried again"), False)

    def _report(self, events: list[Event], now: int) -> None:
        if events:
            self._heard(events, now)
        for event in events:
            if isinstance(event, Dropped):
                if self._ended.is_set():
                    return
                self._status(False, event.reason)
            elif isinstance(event, Refused):
                self._refused(event)
        if self._protocol.is_live and not self._told_live:
            self._told_live = True
            self._status(True, "")

    def _refused(self, refused: Refused) -> None:
        row = codes.describe(refused.code, "ws")
        where = f" {refused.channel} {refused.symbol or ''}".rstrip() if refused.channel else ""
        kind: type[Exception] = getattr(errors, row.exception)
        text = f"MarginStream{where}: refused with code {row.code}: {row.meaning}; {row.advice}"
        self._trouble(kind(text), refused.final and refused.channel is None)


def _readable(ws: Any, waiter: selectors.BaseSelector, wait: float) -> bool:
    """Whether the venue has said something within so many seconds; also returns when the bell rings."""
    sock = ws.sock
    if isinstance(sock, ssl.SSLSocket) and sock.pending():
        return True
    return any(key.fileobj is sock for key, _ in waiter.select(wait))


def _message(ws: Any) -> str | None:
    """The next frame's message, None for a control frame or a part of a message. Raises _Fault at the end."""
    abnf = websocket.ABNF
    try:
        frame = ws.recv_frame()
    except websocket.WebSocketConnectionClosedException:
        raise
    except websocket.WebSocketTimeoutException:
        raise
    except websocket.WebSocketException as problem:
        raise _Fault(websocket.STATUS_PROTOCOL_ERROR, str(problem)) from None
    if frame.mask_value:
        raise _Fault(websocket.STATUS_PROTOCOL_ERROR, "a masked frame from the venue")
    if frame.opcode >= abnf.OPCODE_CLOSE and len(frame.data) > _LARGEST_CONTROL:
        raise _Fault(websocket.STATUS_PROTOCOL_ERROR, f"a control frame of {len(frame.data)} bytes")
    if frame.opcode == abnf.OPCODE_PING:
        ws.pong(frame.data)
        return None
    if frame.opcode == abnf.OPCODE_PONG:
        return None
    if frame.opcode == abnf.OPCODE_CLOSE:
        raise _Fault(_status_of(frame.data), f"closed by the venue {_close_text(frame.data)}")
    parts = ws.cont_frame
    try:
        parts.validate(frame)
    except websocket.WebSocketException as problem:
        raise _Fault(websocket.STATUS_PROTOCOL_ERROR, str(problem)) from None
    parts.add(frame)
    if len(parts.cont_data[1]) > _LARGEST:
        raise _Fault(websocket.STATUS_MESSAGE_TOO_BIG, f"a message of more than {_LARGEST} bytes")
    if not parts.is_fire(frame):
        return None
    data = parts.extract(frame)[1].data
    try:
        # Binary messages of this venue would hold text as well.
        return str(data, "utf-8")
    except UnicodeDecodeError:
        raise _Fault(websocket.STATUS_INVALID_PAYLOAD, "a message that is not UTF-8") from None


def _status_of(data: bytes) -> int:
    """What a close is answered with: its own code, or normal."""
    return int.from_bytes(data[:2], "big") if len(data) >= 2 else int(websocket.STATUS_NORMAL)


def _close_text(data: bytes) -> str:
    return f"({_status_of(data)} {data[2:].decode(errors='replace')})".replace(" )", ")")
