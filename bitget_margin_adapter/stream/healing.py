"""What was seen of the account, what may be missing, and when to look for it: nothing twice, nothing never.

Pure. It gets what streams push and what REST answered, and returns what is new. Orders go forward only, by version and
by how far they are; fills count once by their id. `now` is the clock that schedules; since when and until when rows
were read is the venue's time, taken from the rows.

    healer.follow(Mode.CROSS, "BTCUSDT", since)
    for seen in healer.heard(protocol.receive(text, now), now): ...
    for wanted in healer.looks(now):                 # run `look(wanted)`, then
        for seen in healer.looked(wanted, found, now): ...
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from ..model.rows import Asset, Fill
from ..model.words import Mode
from ..wire.channels import CHANNELS, AccountChange, IndexPrice, OrderChange
from .events import Event, Garbled, Push, Subscribed
from .look import Found, Look
from .pair import FillSeen, OrderSeen, Pair, version_of

__all__ = ["AUDIT_EVERY", "AssetSeen", "FillSeen", "Healer", "OrderSeen", "PriceSeen", "Seen"]

AUDIT_EVERY = 25_000
"""Also on a connection that looks healthy; with the time that a look takes it stays under 30 s."""

_AGAIN = (100, 200, 500, 1_000, 2_000, 4_000)
"""A push may be quicker than the list of fills: when to look again for a fill that it told of, ms."""

_PUT_BACK = 60_000

_IDLE_PAUSE = 500
"""With very many pairs those without open orders wait for each other: ms for each of them."""


class AssetSeen(NamedTuple):
    mode: Mode
    asset: Asset
    time: int | None


class PriceSeen(NamedTuple):
    price: IndexPrice


Seen = OrderSeen | FillSeen | AssetSeen | PriceSeen

_NEVER = 1 << 62

_Place = tuple[Mode, str | None]


class _Watch:
    """When a place is to be looked at: a pair of an account, or, without a symbol, its balances."""

    def __init__(self, audit_at: int) -> None:
        self.audit_at = audit_at
        self.fills_at = _NEVER
        self.busy = False
        self.tries = 0
        self.touched: set[tuple[str | None, str]] = set()
        """Balances pushed while a look was under way, which is older than they are."""

    @property
    def due(self) -> int:
        return min(self.audit_at, self.fills_at)


class Healer:
    """`audit_every` None: what is pushed is all there is (in process), look only when told to."""

    def __init__(self, *, audit_every: int | None = AUDIT_EVERY) -> None:
        self._audit_every = audit_every
        self._pairs: dict[_Place, Pair] = {}
        self._watches: dict[_Place, _Watch] = {}
        self._assets: dict[tuple[Mode, str | None, str], tuple[int, tuple[Decimal, ...]]] = {}
        self._prices: dict[str, tuple[int, IndexPrice]] = {}

    @property
    def places(self) -> tuple[_Place, ...]:
        return tuple(self._watches)

    def follow(self, mode: Mode, symbol: str | None, since: int, now: int) -> None:
        """The orders and fills of a pair from `since` (venue's time) on; without a symbol the account's balances."""
        place = mode, symbol
        if place in self._watches:
            return
        if symbol is not None:
            self._pairs[place] = Pair(mode, since)
        self._watches[place] = _Watch(_NEVER if self._audit_every is None else now)

    def unfollow(self, mode: Mode, symbol: str | None) -> None:
        self._pairs.pop((mode, symbol), None)
        self._watches.pop((mode, symbol), None)

    def suspect(self, now: int, mode: Mode | None = None, symbol: str | None = None) -> None:
        """Something may have been missed: in one place, or, when no mode is named, anywhere."""
        for place, watch in self._watches.items():
            if mode is None or place == (mode, symbol):
                watch.audit_at = now

    def heard(self, events: Iterable[Event], now: int) -> list[Seen]:
        """What is new of what a connection reported; what it tells of gaps is looked into."""
        seen: list[Seen] = []
        for event in events:
            if isinstance(event, Push):
                seen += self.pushed(event.channel, event.rows, now)
            elif isinstance(event, Subscribed):
                mode = CHANNELS[event.channel].mode
                self._renumber(mode, event.symbol)
                if mode is not None:
                    self.suspect(now, mode, event.symbol)
            elif isinstance(event, Garbled):
                self.suspect(now)
        return seen

    def pushed(self, channel: str, rows: tuple[Any, ...], now: int) -> list[Seen]:
        """What is new of a push."""
        mode = CHANNELS[channel].mode
        seen: list[Seen] = []
        for row in rows:
            kind = type(row)
            if mode is None:
                seen += self._price(row)
            elif kind is OrderChange:
                seen += self._order(mode, row, now)
            elif kind is AccountChange:
                seen += self._account(mode, row)
        return seen

    def filled(self, mode: Mode, fill: Fill) -> list[Seen]:
        """A fill that was told in full, as it happens in process."""
        pair = self._pairs.get((mode, fill.symbol))
        return [] if pair is None else list(pair.fills((fill,)))

    def looks(self, now: int, most: int | None = None) -> list[Look]:
        """What to read now, at most so many, fills that are known to be there first.

        Each is answered by `looked` or `failed`.
        """
        due = [(place, watch) for place, watch in self._watches.items() if not watch.busy and watch.due <= now]
        if most is not None and len(due) > most:
            due.sort(key=lambda item: (item[1].fills_at > now, item[1].due))
        return [self._begin(mode, symbol, watch, now) for (mode, symbol), watch in due[:most]]

    def looked(self, wanted: Look, found: Found, now: int) -> list[Seen]:
        """What is new of what was read."""
        place = wanted.mode, wanted.symbol
        watch = self._watches.get(place)
        if watch is None:
            return []
        watch.busy = False
        pair = self._pairs.get(place)
        if pair is None:
            self._audit_later(watch, now, urgent=True)
            return [seen for asset in found.assets for seen in self._asset(wanted.mode, asset, watch)]
        seen: list[Seen] = list(pair.read(wanted, found, now))
        if not pair.is_owed:
            watch.tries = 0
        elif watch.tries <= len(_AGAIN):
            # In the end at once, and wide.
            watch.fills_at = min(watch.fills_at, now + (*_AGAIN, 0)[watch.tries])
            watch.tries += 1
        else:
            # What is lacking still was filled before we came, or comes with an audit.
            pair.forgive()
            watch.tries = 0
            self._audit_later(watch, now, urgent=True)
        if wanted.orders_since is not None:
            self._audit_later(watch, now, urgent=pair.has_open)
        return seen

    def failed(self, wanted: Look, now: int) -> None:
        """It could not be read: later again."""
        watch = self._watches.get((wanted.mode, wanted.symbol))
        if watch is not None:
            watch.busy = False
            watch.audit_at = min(watch.audit_at, now + min(1_000 << min(watch.tries, 5), AUDIT_EVERY))
            watch.tries = min(watch.tries + 1, len(_AGAIN))

    def next_due(self) -> int | None:
        return min((watch.due for watch in self._watches.values() if not watch.busy), default=None)

    # inside

    def _begin(self, mode: Mode, symbol: str | None, watch: _Watch, now: int) -> Look:
        whole, watch.busy = watch.audit_at <= now, True
        if whole:
            watch.audit_at = _NEVER
        # A whole look brings the fills as well.
        watch.fills_at = _NEVER
        watch.touched.clear()
        return (
            Look(mode, None)
            if symbol is None
            else self._pairs[mode, symbol].look(symbol, whole=whole, wide=watch.tries > len(_AGAIN))
        )

    def _audit_later(self, watch: _Watch, now: int, *, urgent: bool) -> None:
        if self._audit_every is not None:
            pause = 0 if urgent else len(self._watches) * _IDLE_PAUSE
            watch.audit_at = min(watch.audit_at, now + max(self._audit_every, pause))

    def _order(self, mode: Mode, change: OrderChange, now: int) -> list[Seen]:
        place = mode, change.order.symbol
        pair = self._pairs.get(place)
        if pair is None:
            return []
        seen = pair.pushed(change, now)
        if seen is None:
            return []
        watch = self._watches[place]
        if pair.is_owed:
            watch.fills_at, watch.tries = min(watch.fills_at, now), 0
        if pair.has_open:
            self._audit_later(watch, now, urgent=True)
        return [seen]

    def _account(self, mode: Mode, change: AccountChange) -> list[Seen]:
        watch = self._watches.get((mode, None))
        if watch is None:
            return []
        key = mode, change.symbol, change.coin
        version = version_of(change.version)
        known = self._assets.get(key)
        if known is not None and version and version <= known[0]:
            return []
        figures = (change.available, change.frozen, change.borrow, change.interest)
        self._assets[key] = version, figures
        watch.touched.add((change.symbol, change.coin))
        return [] if known is not None and known[1] == figures else [AssetSeen(mode, change.asset, change.time)]

    def _asset(self, mode: Mode, asset: Asset, watch: _Watch) -> list[Seen]:
        if (asset.symbol, asset.coin) in watch.touched:
            return []
        key = mode, asset.symbol, asset.coin
        version, known = self._assets.get(key, (0, None))
        figures = (asset.available, asset.frozen, asset.borrow, asset.interest)
        self._assets[key] = version, figures
        if figures == known or (known is None and not any(figures)):
            return []
        return [AssetSeen(mode, asset, None)]

    def _price(self, price: IndexPrice) -> list[Seen]:
        version = version_of(price.version)
        last, known = self._prices.get(price.symbol, (0, None))
        # One that is older by so much was not held up: the venue's clock was put back, and versions may be times.
        if version and version <= last and known is not None and known.time - price.time < _PUT_BACK:
            return []
        self._prices[price.symbol] = version, price
        return [] if known is not None and price[:-1] == known[:-1] else [PriceSeen(price)]

    def _renumber(self, mode: Mode | None, symbol: str | None) -> None:
        """A new subscription may be served by somebody who numbers anew."""
        if mode is None:
            self._prices = {id_: (0, price) for id_, (_, price) in self._prices.items()}
        elif symbol is None:
            self._assets = {
                key: (0 if key[0] is mode else version, figures) for key, (version, figures) in self._assets.items()
            }
        elif (mode, symbol) in self._pairs:
            self._pairs[mode, symbol].renumber()
