"""The venue over HTTP and WebSocket on this machine, for any client in any language.

    with bma.Emulator(clock="virtual") as venue:
        exchange = bma.bitgetmargin(venue.config())
        venue.control("market", {"symbol": "BTC/USDT", "price": "30000"})
        exchange.borrow_cross_margin("USDT", 100)

It listens on the loopback at a free port, knows only keys that it gave out itself, and is gone when the block ends.
"""

import asyncio
import contextlib
import logging
import secrets
import threading
import time
import warnings
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from .engine.store import StoreBusy
from .paper.host import PaperHost
from .paper.settings import settings_of
from .venue.control import Control
from .venue.desk import Desk
from .venue.faults import Faults
from .venue.guard import is_loopback
from .venue.http import HttpDoor, Server
from .venue.keyring import PREFIX, Key, Keyring
from .venue.limits import Limits
from .venue.pages import LiveDoor, pages_of
from .venue.repeats import Repeats
from .venue.sandbox import Sandbox
from .venue.ws import StreamDoor
from .wire.v2.channels import PRIVATE_PATH, PUBLIC_PATH

__all__ = ["ACCOUNT", "Emulator"]

ACCOUNT = "default"
"""The account of the first key."""

_STREAM = "/spot/v1/stream"
_TICK_SECONDS = 0.2
_BACKLOG = 1_024
_GRACE_SECONDS = 0.5
_SECTIONS = (
    "spot", "mix", "user", "p2p", "broker", "margin", "common", "tax", "convert", "copy", "earn", "uta",
)  # fmt: skip
"""ccxt's names for the parts of the API; each has a base address."""

_log = logging.getLogger(__name__)


class Emulator:
    """`funds`, `candles`, `store` and `clock` are those of a paper account; `port` 0 is any free one.

    `limits=False` counts nothing, for throughput and scenarios. `strict_replay` refuses a signed POST that comes a
    second time, even from an honest client whose equal requests fall into one millisecond. `paper` takes the other
    options of a paper account (speed, profile, fees, rates, fills, vip). Raises ccxt's BadRequest and ValueError for
    settings that make no sense.
    """

    def __init__(
        self,
        candles: Any = None,
        funds: Mapping[str, Any] | None = None,
        clock: str = "wall",
        limits: bool = True,
        store: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        strict_replay: bool = False,
        **paper: Any,
    ) -> None:
        options = {"candles": candles, "funds": funds, "clock": clock, "store": store, **paper}
        self._settings = settings_of({**options, "account": ACCOUNT}, "Emulator")
        if not 0 <= port < 1 << 16:
            raise ValueError(f"port {port}: a port is 1 to 65535, or 0 for any free one")
        self._limits = limits
        self._strict_replay = strict_replay
        self._bound, self._port = host, port
        self._stopped = asyncio.Event()
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failures: list[BaseException] = []
        self._venue: PaperHost | None = None
        self._sandbox: Sandbox | None = None
        self.control_token = secrets.token_urlsafe(24)
        self.credentials: dict[str, str] = {}

    # as a context manager, or by hand

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Returns once it listens. Raises OSError when the port or the store is taken."""
        if self._thread is not None:
            raise RuntimeError("this emulator runs already")
        if not is_loopback(self._bound):
            warnings.warn(f"the emulator listens on {self._bound}: others can reach it", stacklevel=3)
        try:
            self._venue = PaperHost(self._settings, ACCOUNT)
        except StoreBusy as problem:
            raise OSError(f"{problem}; end it, or give this one a store of its own") from None
        self._ready.clear()
        self._failures.clear()
        self._thread = threading.Thread(target=self._run, name="bitget-margin-emulator", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failures:
            self.stop()
            raise self._failures[0]

    def stop(self) -> None:
        """Ends all connections and lets go of the store; stopping twice does nothing."""
        thread, loop = self._thread, self._loop
        if thread is not None:
            if loop is not None:
                with contextlib.suppress(RuntimeError):  # it has ended by itself, with a failure
                    loop.call_soon_threadsafe(self._stopped.set)
            thread.join()
        self._thread = self._loop = None
        if self._venue is not None:
            self._venue.close()
            self._venue = self._sandbox = None

    # where and who

    @property
    def url(self) -> str:
        name = f"[{self._bound}]" if ":" in self._bound else self._bound
        return f"http://{name}:{self._port}"

    @property
    def ws_url(self) -> str:
        return f"ws{self.url.removeprefix('http')}{_STREAM}"

    @property
    def host(self) -> PaperHost:
        """The venue behind the doors, with its lock."""
        if self._venue is None:
            raise RuntimeError("this emulator does not run")
        return self._venue

    def config(self) -> dict[str, Any]:
        """All that a class of ours, or ccxt's own, needs to speak to this emulator."""
        api: dict[str, Any] = dict.fromkeys(_SECTIONS, self.url)
        api["ws"] = {"public": self.ws_url, "private": self.ws_url}
        options: dict[str, Any] = {"uta": False}
        behind = time.time_ns() // 1_000_000 - self.host.now()
        if abs(behind) > 1_000:
            # The venue lives at another time: lists would otherwise be asked for from today on.
            options["timeDifference"] = behind
        return {**self.credentials, "urls": {"api": api}, "options": options, "enableRateLimit": self._limits}

    def control(self, name: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A word of the control API: state, clock, market, fund, snapshot, reset, fork, faults, keys.

        Without a body `faults` and `keys` list; {"clear": True} clears the faults. Raises ValueError.
        """
        if self._sandbox is None:
            raise RuntimeError("this emulator does not run")
        return self._sandbox.run(name, body)

    # inside

    def _issue(self, account: str, wishes: Mapping[str, Any]) -> tuple[Key, dict[str, str]]:
        """A new key; with a public RSA key of the owner's there is no secret."""
        known = {"permissions", "addresses", "public_key"}
        if unknown := sorted(set(wishes) - known):
            raise ValueError(f"a key has no {unknown[0]!r}, it has account, funds, {', '.join(sorted(known))}")
        name, passphrase = PREFIX + secrets.token_hex(16), secrets.token_hex(8)
        pem = wishes.get("public_key")
        secret = None if pem else secrets.token_hex(32)
        limits = {word: wishes[word] for word in ("permissions", "addresses") if word in wishes}
        key = self._keyring.add(name, passphrase, account, secret=secret, public_pem=pem, **limits)
        credentials = {"apiKey": name, "password": passphrase}
        if secret is not None:
            credentials["secret"] = secret
        return key, credentials

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=_new_loop) as runner:
                runner.run(self._serve())
        except BaseException as failure:
            self._failures.append(failure)
            if self._ready.is_set():
                _log.exception("the emulator has ended")
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        venue, faults = self.host, Faults()
        control: Control = venue.control
        control.faults = faults
        self._stopped = asyncio.Event()
        self._keyring = Keyring()
        self.credentials = self._issue(ACCOUNT, {})[1]
        self._sandbox = Sandbox(venue, self.control_token, self._issue)
        streams = StreamDoor(venue, self._keyring, faults, self._limits)
        live = LiveDoor(venue)
        limits, repeats = Limits() if self._limits else None, Repeats() if self._strict_replay else None
        desk = Desk(venue, self._keyring, ACCOUNT, limits, repeats)
        pages = {**dict.fromkeys((_STREAM, PUBLIC_PATH, PRIVATE_PATH), streams.serve), **pages_of(live)}
        door = HttpDoor(desk, self._sandbox, faults, self._bound, pages)
        loop = self._loop = asyncio.get_running_loop()
        server = Server(door.handle)
        listening = await loop.create_server(server, self._bound, self._port, backlog=_BACKLOG)
        self._port = listening.sockets[0].getsockname()[1]
        ticking = loop.create_task(self._tick(streams))
        try:
            self._ready.set()
            await self._stopped.wait()
        finally:
            ticking.cancel()
            listening.close()
            await streams.close()
            await live.close()
            server.pre_shutdown()
            await server.shutdown(_GRACE_SECONDS)

    async def _tick(self, streams: StreamDoor) -> None:
        """Time that runs by itself brings prices and interest; whoever watches hears of them."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            if streams.busy:
                self.host.poll()


def _new_loop() -> asyncio.AbstractEventLoop:
    """uvloop's, which comes with ccxt where the platform has it: some 15 % more orders a second, shorter pauses."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
