"""The channels for synchronous bots: threads around the protocol and the healing.

    stream = MarginStream(exchange, ["cross_orders", "cross_account"], ["BTC/USDT"])
    for event in stream:
        print(event.kind, event.data)

A thread for each connection sends and receives and never runs a bot's code; one more reads by REST what a connection
may have kept back; `on_event` is called by a third. In paper mode there is no connection, and everything else the same.
"""

import logging
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from inspect import iscoroutinefunction
from typing import Any

from ccxt.base import errors

from ..flows.arguments import load_markets, market_of
from ..flows.used import markets_for
from ..wire.channels import CHANNELS
from .clock import monotonic_ms, seconds
from .connection import Connection
from .healing import Healer, PriceSeen, Seen
from .look import look
from .mailbox import Mailbox
from .protocol import StreamProtocol
from .shared import shared_allowance
from .unified import StreamEvent, Unified

__all__ = ["MarginStream"]

_log = logging.getLogger(__name__)

_CALL = "MarginStream"
_POLL = 0.25
"""How often a paper venue on a running clock is asked for what only time brings, s."""


class MarginStream:
    """`exchange` is a synchronous `bitgetmargin`, live or on paper; it can be used meanwhile.

    `channels` are the venue's names (`wire.channels`); orders bring trades with them. `symbols` are the pairs of the
    order channels, and of the tickers that are told; None: the pairs used so far and `options['symbols']` for orders,
    all for tickers.

    Lost connections are made again and what was missed is read, so that every order and trade comes once; a status
    event tells of it. A waiting call raises NetworkError when the venue cannot be reached (waiting again goes on),
    AuthenticationError when it refuses the key, and ExchangeError when `most` events wait for a bot that is too slow.
    """

    def __init__(
        self,
        exchange: Any,
        channels: str | Iterable[str],
        symbols: str | Iterable[str] | None = None,
        on_event: Callable[[StreamEvent], None] | None = None,
        *,
        most: int = 10_000,
    ) -> None:
        if iscoroutinefunction(getattr(exchange, "_drive", None)):
            raise errors.BadRequest(
                f"{exchange.id} {_CALL}: it takes the synchronous class; with asyncio use the watch_* of bma.pro"
            )
        self._exchange = exchange
        self._began = monotonic_ms()
        self._door = exchange._door()
        names = _channels(exchange, channels)
        self._run(load_markets(exchange))
        ids = _pairs(exchange, names, symbols)
        self._prices = None if symbols is None else frozenset(ids)
        self._wants_prices = any(CHANNELS[name].mode is None for name in names)
        self._unified = Unified(exchange)
        self._healer = Healer() if self._door is None else Healer(audit_every=None)
        self._mail = Mailbox(most)
        self._lock = threading.Condition()
        self._troubles: dict[str, Exception] = {}
        self._final: Exception | None = None
        self._closed = threading.Event()
        self._streams = [(name, id_) for name in names for id_ in (ids if CHANNELS[name].by_symbol else (None,))]
        self._connections: list[Connection] = []
        self._up: set[str] = set()
        self._ear: Any = None
        self._bell = threading.Event()
        if self._door is None:
            self._connections = self._connect(self._streams)
        else:
            self._ear = self._door.listen(self._bell.set)
            self._follow(int(self._door.now()))
            self._status("", True, "")
        self._threads = [threading.Thread(target=self._heal, name="margin-stream-rest", daemon=True)]
        if on_event is not None:
            self._threads.append(
                threading.Thread(target=self._call_back, args=(on_event,), name="margin-stream-bot", daemon=True)
            )
        for thread in self._threads:
            thread.start()

    # for the bot

    def __iter__(self) -> Iterator[StreamEvent]:
        return self

    def __next__(self) -> StreamEvent:
        event = self.get()
        if event is None:
            raise StopIteration
        return event

    def __enter__(self) -> "MarginStream":
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def get(self, timeout: float | None = None) -> StreamEvent | None:
        """The next event; None when none came within so many seconds, or after the last one of a closed stream."""
        if self._ear is not None:
            self._hear()
        with self._lock:
            self._lock.wait_for(self._has_something, timeout)
            event = self._mail.take()
            if event is not None:
                return event
            if self._closed.is_set():
                return None
            problem = self._final
            if problem is None and self._troubles:
                problem = self._troubles.pop(next(iter(self._troubles)))
            if problem is None and self._mail.overflowed:
                problem = self._final = errors.ExchangeError(
                    f"{self._exchange.id} {_CALL}: the bot is slower than its events, and no more were kept; read "
                    "orders and trades by fetch_*, and make a new stream"
                )
            if problem is not None:
                raise problem
            return None

    def close(self) -> None:
        """End all threads and connections; waiting calls return. Safe to call twice, and from `on_event`."""
        with self._lock:
            self._closed.set()
            self._lock.notify_all()
        self._bell.set()
        for connection in self._connections:
            connection.close()
        if self._ear is not None:
            self._ear.close()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout=15)

    def _has_something(self) -> bool:
        return bool(len(self._mail) or self._closed.is_set() or self._final or self._troubles or self._mail.overflowed)

    # what the connections report

    def _connect(self, streams: list[tuple[str, str | None]]) -> list[Connection]:
        live = self._exchange._live()
        if any(CHANNELS[name].private for name, _ in streams):
            live.check_ready(_CALL)
        dialect, addresses = live.streams()
        split: dict[str, list[tuple[str, str | None]]] = {}
        for stream in streams:
            url = addresses.private if CHANNELS[stream[0]].private else addresses.public
            split.setdefault(url, []).append(stream)
        made = []
        for url, part in split.items():
            protocol = StreamProtocol(
                lambda now: live.login(), jitter=random.random, allowance=shared_allowance(url), dialect=dialect
            )
            for stream in part:
                protocol.subscribe(*stream)
            made.append(Connection(url, protocol, self._heard, partial(self._status, url), self._trouble))
        return made

    def _heard(self, events: list[Any], now: int) -> None:
        with self._lock:
            self._tell(self._healer.heard(events, now))
        # Somebody may have something to look for.
        self._bell.set()

    def _status(self, url: str, connected: bool, reason: str) -> None:
        """Bots hear that they are connected when all connections are there (v2 has two), and of each that is lost."""
        with self._lock:
            if self._closed.is_set():
                return
            if connected:
                self._up.add(url)
            else:
                self._up.discard(url)
            # That the venue could not be reached is past. What it refused is not.
            for text, problem in list(self._troubles.items()):
                if type(problem) is errors.NetworkError:
                    del self._troubles[text]
            if not connected or len(self._up) >= len(self._connections):
                self._mail.put(
                    StreamEvent("status", None, None, None, {"connected": connected, "reason": reason or None})
                )
            self._lock.notify_all()

    def _trouble(self, problem: Exception, final: bool) -> None:
        """For the waiting call: once each, unless it is the end."""
        with self._lock:
            if final:
                self._final = problem
            else:
                self._troubles[str(problem)] = problem
            self._lock.notify_all()

    def _tell(self, seen: list[Seen]) -> None:
        if self._closed.is_set():
            # A connection may still be reading; a closed stream ends with what it held when it was closed.
            return
        for row in seen:
            if isinstance(row, PriceSeen) and not self._wanted(row):
                continue
            self._mail.put(self._unified.event(row))
        if seen:
            self._lock.notify_all()

    def _wanted(self, row: PriceSeen) -> bool:
        return self._wants_prices and (self._prices is None or row.price.symbol in self._prices)

    def _hear(self) -> None:
        with self._lock:
            self._tell(self._ear.hear(self._healer, monotonic_ms()))

    # REST

    def _heal(self) -> None:
        try:
            if self._ear is None:
                self._follow(self._since())
            for connection in self._connections:
                connection.start()
            while not self._closed.is_set():
                self._bell.wait(self._pause())
                self._bell.clear()
                if self._ear is not None:
                    if not self._ear.is_virtual:
                        self._ear.poll()
                    self._hear()
                self._look()
        except Exception as problem:
            # A thread that ends unseen would leave gaps unseen.
            _log.exception("%s", _CALL)
            text = f"{self._exchange.id} {_CALL}: {type(problem).__name__}: {problem}; make a new stream"
            self._trouble(errors.ExchangeError(text), True)

    def _look(self) -> None:
        """One thing at a time: a fill that is known to be there does not wait for the audits of all pairs."""
        while not self._closed.is_set():
            with self._lock:
                wanted = self._healer.looks(monotonic_ms(), 1)
            if not wanted:
                return
            try:
                found = self._run(look(wanted[0]))
            except Exception as problem:
                # Also what REST refuses: the stream goes on, and the next look tries again.
                level = logging.DEBUG if isinstance(problem, errors.NetworkError) else logging.WARNING
                _log.log(level, "%s: %s", _CALL, problem)
                with self._lock:
                    self._healer.failed(wanted[0], monotonic_ms())
            else:
                with self._lock:
                    self._tell(self._healer.looked(wanted[0], found, monotonic_ms()))

    def _follow(self, since: int) -> None:
        with self._lock:
            now = monotonic_ms()
            for name, id_ in self._streams:
                mode = CHANNELS[name].mode
                if mode is not None:
                    self._healer.follow(mode, id_, since, now)
                if self._ear is not None:
                    self._tell(self._ear.begin(self._healer, name, now))

    def _since(self) -> int:
        """The venue's time when this object was made; what happened before is not told."""
        while not self._closed.is_set():
            try:
                now = int(self._exchange.fetch_time())
            except Exception as problem:
                self._trouble(errors.NetworkError(f"{self._exchange.id} {_CALL}: {problem}"), False)
                self._bell.wait(2)
                self._bell.clear()
            else:
                return now - (monotonic_ms() - self._began)
        return 0

    def _pause(self) -> float:
        if self._ear is not None and not self._ear.is_virtual:
            return _POLL
        with self._lock:
            due = self._healer.next_due()
        return 1.0 if due is None else min(seconds(due - monotonic_ms()), 1.0)

    def _run(self, flow: Any) -> Any:
        return self._exchange._drive(self._exchange._steps(flow))

    def _call_back(self, on_event: Callable[[StreamEvent], None]) -> None:
        while not self._closed.is_set():
            try:
                event = self.get()
            except Exception as problem:
                _log.warning("%s", problem)
                if self._final is not None:
                    return
                continue
            if event is None:
                return
            try:
                on_event(event)
            except Exception:
                # A bot's mistake must not end its stream.
                _log.exception("%s: on_event failed", _CALL)


def _channels(exchange: Any, channels: str | Iterable[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys([channels] if isinstance(channels, str) else channels))
    for name in names:
        if name not in CHANNELS:
            raise errors.BadRequest(f"{exchange.id} {_CALL}: no channel {name!r}, choose of {', '.join(CHANNELS)}")
    if not names:
        raise errors.ArgumentsRequired(f"{exchange.id} {_CALL}: it needs channels, of {', '.join(CHANNELS)}")
    return names


def _pairs(exchange: Any, names: tuple[str, ...], symbols: str | Iterable[str] | None) -> tuple[str, ...]:
    if symbols is not None:
        wanted = [symbols] if isinstance(symbols, str) else list(symbols)
        return tuple(str(market_of(exchange, _CALL, symbol)["id"]) for symbol in wanted)
    if any(CHANNELS[name].by_symbol for name in names):
        return tuple(str(market["id"]) for market in markets_for(exchange, _CALL, None))
    return ()
