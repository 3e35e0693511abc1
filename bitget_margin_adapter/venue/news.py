"""The engine's events as rows of the five channels, and the rows that a new subscription begins with. Pure."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..engine.events import BalanceEvent, Event, OrderEvent, PriceEvent
from ..model.refusals import Refusal
from ..wire.channels import CHANNELS, AccountChange, IndexPrice, OrderChange
from .service import Venue

__all__ = ["News", "Push"]

_CROSS, _ISOLATED = "cross", "isolated:"
_ID_DIGITS = 10**18


class Push(NamedTuple):
    """Rows for a channel; `account` None: for everybody."""

    account: str | None
    channel: str
    symbol: str | None
    rows: tuple[Any, ...]


class News:
    """Versions grow with every push, over all channels."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._version = 0

    def of(self, events: Iterable[Event], now: int) -> list[Push]:
        """What happened, in order; the balances of a wallet once, as they are in the end."""
        pushes: list[Push] = []
        changed: dict[tuple[str, str], dict[str, None]] = {}
        prices: dict[str, None] = {}
        for event in events:
            match event:
                case OrderEvent(account, place, order, _):
                    channel = "cross_orders" if place == _CROSS else "isolate_orders"
                    row = OrderChange(order, self._next_version())
                    pushes.append(Push(account, channel, order.symbol, (row,)))
                case BalanceEvent(account, place, coins, _):
                    changed.setdefault((account, place), {}).update(dict.fromkeys(coins))
                case PriceEvent(symbol):
                    prices[symbol] = None
        if prices:
            pushes.append(Push(None, "indexPrice", None, tuple(self._prices(prices, now))))
        for (account, place), touched in changed.items():
            rows = tuple(self._balances(account, place, touched, now))
            if rows:
                channel = "cross_account" if place == _CROSS else "isolate_account"
                pushes.append(Push(account, channel, None, rows))
        return [push for push in pushes if push.rows]

    def first(self, account: str, channel: str, now: int) -> tuple[Any, ...]:
        """What a subscription begins with: everything, but for orders nothing."""
        if channel == "indexPrice":
            return tuple(self._prices(self._venue.market.prices(), now))
        if channel.endswith("_account"):
            return tuple(self._balances(account, None if CHANNELS[channel].mode != _CROSS else _CROSS, None, now))
        return ()

    def _prices(self, symbols: Iterable[str], now: int) -> Iterator[IndexPrice]:
        market = self._venue.market
        for symbol in symbols:
            pair = self._venue.profile.pairs[symbol]
            base, quote = market.index(pair.base), market.index(pair.quote)
            price = base / quote if base and quote else market.last(symbol)
            if price is not None:
                yield IndexPrice(symbol, pair.base, pair.quote, price, now, self._next_version())

    def _balances(
        self, account: str, place: str | None, coins: Iterable[str] | None, now: int
    ) -> Iterator[AccountChange]:
        """Of a place, or of all isolated ones when it is None."""
        if place is not None and place != _CROSS and not place.startswith(_ISOLATED):
            return
        wanted = None if coins is None else set(coins)
        endpoint = "cross_assets" if place == _CROSS else "isolated_assets"
        params = {"symbol": place.removeprefix(_ISOLATED)} if place and place != _CROSS else {}
        try:
            rows = self._venue.handle(account, endpoint, params, now)
        except Refusal:
            # There is no such account any more: the venue went back to an earlier state.
            return
        for row in rows:
            if wanted is None or row.coin in wanted:
                yield AccountChange(
                    _id(account, row.symbol, row.coin), row.symbol, row.coin, row.available, row.frozen,
                    row.borrow, row.interest, now, self._next_version(),
                )  # fmt: skip

    def _next_version(self) -> str:
        self._version += 1
        return str(_ID_DIGITS + self._version)


def _id(account: str, symbol: str | None, coin: str) -> str:
    """A number that stays the same for a coin of an account."""
    digest = hashlib.sha256(f"{account} {symbol} {coin}".encode()).digest()
    return str(_ID_DIGITS + int.from_bytes(digest[:8], "big") % _ID_DIGITS)
