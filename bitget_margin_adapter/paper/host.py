"""The venue on paper: an engine with a clock and a market, used by any number of exchange objects and threads."""

import json
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..candles import Candle, read_many
from ..engine.events import FillEvent
from ..engine.store import Store, StoreFailed
from ..model.rows import Pair
from ..model.symbols import market_id
from ..venue.control import Control
from ..venue.news import News, Push
from ..venue.profile import DEFAULT, Profile
from ..venue.public import public_answer
from ..venue.recall import recall
from ..venue.replay import Replay
from ..venue.service import Venue
from .clock import Clock
from .listener import Listener
from .settings import DEFAULT_FUNDS, Settings

__all__ = ["PaperHost"]

_NEW_YEAR_2020 = 1_577_836_800_000
"""Where a virtual clock without candles begins: fixed, so that the same commands give the same journal."""


class PaperHost:
    """One lock around everything: the engine is quick, and its callers are threads and event loops."""

    def __init__(self, settings: Settings, account: str, candles: Mapping[str, Sequence[Candle]] | None = None) -> None:
        """`candles` that were read and checked already, by the venue's symbol, go before those of the settings."""
        self.lock = threading.RLock()
        self.settings = settings
        profile = _profile(settings)
        checked = candles is not None
        if candles is None:
            candles = {} if settings.candles is None else read_many(settings.candles)
        unknown = sorted(set(candles) - set(profile.pairs))
        if unknown:
            raise ValueError(f"the venue has no pair {', '.join(unknown)}, it has {', '.join(profile.pairs)}")
        start = min((rows[0][0] for rows in candles.values() if rows), default=None)
        if start is None and settings.is_virtual:
            start = _NEW_YEAR_2020
        self._store = None if settings.store is None else _store(settings.store)
        kept = self._store is not None and len(self._store) > 0
        if self._store is not None and kept:
            self.venue = recall(self._store.lines())
            self.venue.journal = self._store
            if start is not None:
                start = self.venue.now
        self.clock = Clock(virtual=settings.is_virtual, start=start, speed=settings.speed)
        if not kept:
            fills = settings.fills or "frictionless"
            self.venue = Venue(profile, fills=fills, vip=settings.vip, start=self.clock.now(), journal=self._store)
        self._replay = Replay(self.venue, candles, checked) if candles else None
        self._pairs: tuple[Pair, ...] | None = None
        self._news: News | None = None
        self._listeners: list[Listener] = []
        self.control = Control(self, account)
        self.admit(account, settings.funds)
        self._play(self.clock.now())
        self.control.mark_beginning()

    def admit(self, account: str, funds: Mapping[str, Any] | None) -> None:
        """Open the account here, with these funds, if it is not open yet."""
        with self.lock:
            if account not in self.venue.accounts:
                places = {_place(name): part for name, part in (DEFAULT_FUNDS if funds is None else funds).items()}
                self.venue.open_account(account, places, self.clock.now())

    @property
    def failure(self) -> StoreFailed | None:
        """Set once something could not be kept: the venue here is ahead of its store, and nobody may rely on it."""
        return None if self._store is None else self._store.failure

    def keeps(self, store: Any) -> bool:
        """Whether this is where the account is kept."""
        return self._store is not None and self._store.path.resolve() == Path(store).resolve()

    def close(self) -> None:
        """Let go of the store; nothing can be done afterwards."""
        if self._store is not None:
            self._store.close()

    def now(self) -> int:
        return self.clock.now()

    def advance_to(self, now: int) -> None:
        self._play(now)
        self.clock.set(now)

    def go_back(self, now: int) -> None:
        self.clock.restore(now)

    def call(self, account: str, endpoint: str, params: Mapping[str, Any]) -> Any:
        """The endpoint's answer as model rows. Raises Refusal, and NotServed."""
        with self.lock:
            if self._store is not None and self._store.failure is not None:
                raise self._store.failure
            now = self.clock.now()
            try:
                # The venue itself lets the time pass.
                if self._replay is not None and not self.clock.is_virtual:
                    self._replay.play_until(now)
                return self.venue.handle(account, endpoint, params, now)
            finally:
                if self._news is not None:
                    self.tell()

    def listen(self, account: str, ring: Callable[[], None]) -> Listener:
        """From now on `ring` is called when something happens that concerns the account."""
        with self.lock:
            if self._news is None:
                self._news = News(self.venue)
                self.venue.listen()
            self.tell()
            listener = Listener(account, ring)
            self._listeners.append(listener)
            return listener

    def unlisten(self, listener: Listener) -> None:
        with self.lock:
            if listener in self._listeners:
                self._listeners.remove(listener)

    def first(self, account: str, channel: str) -> tuple[Any, ...]:
        """The rows that a new subscription of a channel begins with; `listen` before."""
        with self.lock:
            return () if self._news is None else self._news.first(account, channel, self.venue.now)

    def poll(self) -> None:
        """Let the time pass, so that listeners hear what only the clock brings."""
        with self.lock:
            if not self.clock.is_virtual:
                self._play(self.clock.now())
            self.tell()

    def tell(self) -> None:
        """Hand what has happened to those who listen."""
        if self._news is None:
            return
        events = self.venue.drain_events()
        if events:
            fills = [event for event in events if isinstance(event, FillEvent)]
            told: list[Push | FillEvent] = [*fills, *self._news.of(events, self.venue.now)]
            for listener in self._listeners:
                listener.tell(told)

    def last_price(self, symbol: str) -> Decimal | None:
        """What the venue's pair was last traded at."""
        with self.lock:
            if not self.clock.is_virtual:
                self._play(self.clock.now())
            return self.venue.market.last(symbol)

    def public(self, account: str, path: str, params: Mapping[str, Any]) -> Any:
        with self.lock:
            now = self.clock.now()
            if not self.clock.is_virtual:
                self._play(now)
            if self._pairs is None:
                self._pairs = self.venue.handle(account, "currencies", {}, now)
            return public_answer(path, params, self.venue.market, self._pairs, now)

    def _play(self, now: int) -> None:
        if self._replay is not None:
            self._replay.play_until(now)
        self.venue.advance(now)


def _place(name: str) -> str:
    """isolated:BTC/USDT is isolated:BTCUSDT."""
    head, _, symbol = name.partition(":")
    return f"{head}:{market_id(symbol)}" if symbol else name


def _store(path: str | Path) -> Store:
    try:
        return Store(path)
    except sqlite3.Error as problem:
        raise ValueError(f"{path} cannot keep a paper account ({problem}); name a file of its own") from None


def _profile(settings: Settings) -> Profile:
    parts: dict[str, Any] = {}
    if isinstance(settings.profile, Mapping):
        parts |= settings.profile
    elif settings.profile is not None:
        loaded = json.loads(Path(settings.profile).read_text(encoding="utf-8"))
        if not isinstance(loaded, Mapping):
            raise ValueError(f"{settings.profile} must hold one JSON object")
        parts |= loaded
    if settings.fees is not None:
        parts["fees"] = settings.fees
    if settings.rates is not None:
        parts["rates"] = settings.rates
    return Profile.from_mapping(parts) if parts else DEFAULT
