"""What an operator may do to the venue: the words of the control API, as JSON in and out, for paper and emulator alike.

GET state, POST clock, market, fund, snapshot, reset, fork; GET, POST and DELETE faults
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

from ..model.decimals import exact
from ..model.symbols import market_id
from .faults import KINDS, Faults
from .service import Venue

__all__ = ["Control", "Steered", "UnknownWord"]


class UnknownWord(ValueError):
    """A word that the control API does not have."""


class Steered(Protocol):
    """A venue with a clock, as its host keeps it."""

    venue: Venue

    def now(self) -> int: ...
    def advance_to(self, now: int) -> None:
        """Move the clock on; whatever falls due and is to be played happens on the way."""

    def go_back(self, now: int) -> None:
        """Set the clock to an earlier time, after the venue's state was restored."""

    def tell(self) -> None:
        """Hand what has happened to those who listen."""


class Control:
    def __init__(self, host: Steered, account: str) -> None:
        self._host = host
        self._account = account
        self._beginning: str | None = None
        self.faults: Faults | None = None
        """The faults of the wire, where there is one."""

    def mark_beginning(self) -> None:
        """What a reset without a snapshot leads back to."""
        self._beginning = self._host.venue.first_snapshot or self._host.venue.snapshot()

    def run(self, word: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Raises UnknownWord, and ValueError for a body that makes no sense; both say what to write instead."""
        if body is not None and not isinstance(body, Mapping):
            raise ValueError(f"{word} takes an object with named fields, not {body!r}")
        perform = _WORDS.get(word)
        if perform is None:
            raise UnknownWord(f"no word {word!r} in the control API, it has {', '.join(_WORDS)}")
        try:
            return perform(self, body or {})
        finally:
            self._host.tell()

    def _state(self, body: Mapping[str, Any]) -> dict[str, Any]:
        state = self._host.venue.state(self._host.now())
        if self.faults is not None:
            state["faults"] = self.faults.as_json()
        return state

    def _clock(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if "advance_ms" in body:
            wanted = self._host.now() + _whole(body, "advance_ms")
        elif "set_ms" in body:
            wanted = _whole(body, "set_ms")
        else:
            raise ValueError("clock takes advance_ms or set_ms")
        if wanted > _YEAR_9999:
            raise ValueError("the clock goes up to the year 9999")
        if wanted < self._host.now():
            raise ValueError(f"the clock stands at {self._host.now()}, it cannot go back to {wanted}")
        self._host.advance_to(wanted)
        return {"now": self._host.now()}

    def _market(self, body: Mapping[str, Any]) -> dict[str, Any]:
        venue, now = self._host.venue, self._host.now()
        symbol = market_id(str(_given(body, "symbol")))
        if symbol not in venue.profile.pairs:
            raise ValueError(f"the venue has no pair {body['symbol']!r}, it has {', '.join(venue.profile.pairs)}")
        if "price" in body:
            venue.set_price(symbol, body["price"], now)
        elif "candle" in body:
            venue.play_candle(symbol, _candle(body["candle"]), now)
        elif "book" in body:
            bids, asks = (_levels(body["book"], side) for side in ("bids", "asks"))
            if bids and asks and max(level[0] for level in bids) >= min(level[0] for level in asks):
                raise ValueError("the best bid must be below the best ask")
            venue.set_book(symbol, bids, asks, now)
        else:
            raise ValueError("market takes a symbol and one of price, candle, book")
        last = venue.market.last(symbol)
        return {"symbol": symbol, "price": None if last is None else f"{last:f}"}

    def _fund(self, body: Mapping[str, Any]) -> dict[str, Any]:
        place, coin, amount = (_given(body, name) for name in ("account", "coin", "amount"))
        head, _, symbol = str(place).partition(":")
        place = f"{head}:{market_id(symbol)}" if symbol else head
        self._host.venue.fund(self._account, place, str(coin), amount, self._host.now())
        return {"account": place, "coin": coin, "amount": str(amount)}

    def _snapshot(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {"snapshot": self._host.venue.snapshot()}

    def _reset(self, body: Mapping[str, Any]) -> dict[str, Any]:
        snapshot = body.get("snapshot") or self._beginning
        if snapshot is None:
            raise ValueError("there is no snapshot to go back to")
        try:
            self._host.venue.restore(str(snapshot))
        except KeyError:
            raise ValueError(f"there is no snapshot {snapshot!r}") from None
        self._host.go_back(self._host.venue.now)
        return {"snapshot": snapshot, "now": self._host.now()}

    def _fork(self, body: Mapping[str, Any]) -> dict[str, Any]:
        account, to = str(body.get("account") or self._account), str(_given(body, "to"))
        self._host.venue.fork(account, to)
        return {"account": account, "to": to}

    def _faults(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """An empty body lists, {"clear": true} clears, anything else is one more fault."""
        if self.faults is None:
            if body:
                raise ValueError("faults strike on the wire, which paper has not; the emulator has one")
            return {"faults": [], "kinds": KINDS}
        if body.get("clear"):
            self.faults.clear()
        elif body:
            self.faults.add(body)
        return {"faults": self.faults.as_json(), "kinds": KINDS}


_YEAR_9999 = 253_402_300_800_000

_WORDS = {
    "state": Control._state,
    "clock": Control._clock,
    "market": Control._market,
    "fund": Control._fund,
    "snapshot": Control._snapshot,
    "reset": Control._reset,
    "fork": Control._fork,
    "faults": Control._faults,
}


def _given(body: Mapping[str, Any], name: str) -> Any:
    if name not in body:
        raise ValueError(f"{name} is missing")
    return body[name]


def _candle(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple) or len(value) < 6 or not isinstance(value[0], int):
        raise ValueError("candle takes ccxt's list [ms, open, high, low, close, volume]")
    return (value[0], *(exact(number) for number in value[1:6]))


def _levels(book: Any, side: str) -> list[tuple[Decimal, Decimal]]:
    levels = book.get(side) if isinstance(book, Mapping) else None
    if not isinstance(levels, list | tuple) or not all(
        isinstance(row, list | tuple) and len(row) > 1 for row in levels
    ):
        raise ValueError("book takes {bids: [[price, amount], ...], asks: [...]}")
    return [(exact(row[0]), exact(row[1])) for row in levels]


def _whole(body: Mapping[str, Any], name: str) -> int:
    value = body[name]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{name} takes milliseconds, not {value!r}")
    try:
        number = int(value)
    except (OverflowError, ValueError):
        raise ValueError(f"{name} takes milliseconds, not {value!r}") from None
    if abs(number) > _YEAR_9999:
        raise ValueError(f"{name} takes milliseconds up to the year 9999, not {value!r}")
    return number
