"""Makes a venue out of its journal: the same commands at the same times give an equal state."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ..engine.journal import Entry, parse
from .profile import Profile
from .service import Venue

__all__ = ["do", "recall"]


def recall(lines: Iterable[str], venue: Venue | None = None) -> Venue:
    """The venue that wrote these lines, or `venue` after doing them. Nothing is journalled meanwhile."""
    for line in lines:
        entry = parse(line)
        if entry.verb == "venue":
            venue = _founded(entry)
        elif venue is None:
            raise ValueError("a journal begins with the venue's own line")
        else:
            do(venue, entry)
    if venue is None:
        raise ValueError("the journal is empty")
    return venue


def do(venue: Venue, entry: Entry) -> None:
    """One line again."""
    _VERBS[entry.verb](venue, entry)


def _founded(entry: Entry) -> Venue:
    profile, fills, vip = (entry.pairs[name] for name in ("profile", "fills", "vip"))
    return Venue(Profile.from_mapping(json.loads(profile)), fills=json.loads(fills), vip=int(vip), start=entry.now)


def _call(venue: Venue, entry: Entry) -> None:
    account, endpoint = entry.subjects
    venue.handle(account, endpoint, entry.pairs, entry.now)


def _open(venue: Venue, entry: Entry) -> None:
    funds: dict[str, dict[str, str]] = {}
    account, *rest = entry.subjects
    for part in rest:
        place, coin, amount = part.split(" ")
        funds.setdefault(place, {})[coin] = amount
    venue.open_account(account, funds, entry.now)


def _candles(entry: Entry) -> Mapping[str, Any]:
    return {symbol: (int(row[0]), *row[1:]) for symbol, row in entry.pairs.items()}


_VERBS: Final[Mapping[str, Callable[[Venue, Entry], None]]] = {
    "call": _call,
    "open": _open,
    "advance": lambda venue, entry: venue.advance(entry.now),
    "price": lambda venue, entry: venue.set_prices(entry.pairs, entry.now),
    "index": lambda venue, entry: venue.set_index(entry.pairs, entry.now),
    "book": lambda venue, entry: venue.set_book(
        entry.subjects[0], entry.pairs.get("bids", []), entry.pairs.get("asks", []), entry.now
    ),
    "opens": lambda venue, entry: venue.open_bars(entry.pairs, entry.now),
    "way": lambda venue, entry: venue.move_bars(entry.pairs["prices"], entry.pairs["volumes"], entry.now),
    "close": lambda venue, entry: venue.close_bars(_candles(entry), entry.now),
    "past": lambda venue, entry: venue.preload(
        entry.subjects[0], [(int(entry.pairs["candle"][0]), *entry.pairs["candle"][1:])], entry.now
    ),
    "fund": lambda venue, entry: venue.fund(
        entry.subjects[0], entry.subjects[1], entry.subjects[2], entry.pairs["amount"], entry.now
    ),
    "freeze": lambda venue, entry: venue.freeze(
        entry.subjects[0], entry.subjects[1], entry.pairs["frozen"] == "1", entry.now
    ),
    "rate": lambda venue, entry: venue.set_rate(entry.subjects[0], entry.pairs["rate"], entry.now),
    "vip": lambda venue, entry: venue.set_vip(entry.subjects[0], int(entry.pairs["level"]), entry.now),
    "snapshot": lambda venue, entry: _ignore(venue.snapshot()),
    "restore": lambda venue, entry: venue.restore(entry.subjects[0]),
    "fork": lambda venue, entry: venue.fork(*entry.subjects),
}


def _ignore(_: object) -> None:
    """Lambdas that return nothing."""
