"""What the market shows now: last prices, index prices, books, the candles that have closed. Never anything later.

Prices are kept as they came and made exact when somebody looks: a replay of a million candles reads few of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from ..model.decimals import ZERO, Numeric, exact
from .history import Candle, History

__all__ = ["Bar", "Book", "Candle", "Level", "Market", "path", "whole_candle"]

Level = tuple[Decimal, Decimal]
_ONE = Decimal(1)


class Bar(NamedTuple):
    """A candle that is being played: when it opened, and how many of its prices have been shown (1: the open)."""

    ms: int
    shown: int


class Book(NamedTuple):
    """Best first; quantities shrink as orders take them."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


class Market:
    __slots__ = ("_candles", "_index", "_last", "bars", "books", "held", "known", "version", "volumes")

    def __init__(self) -> None:
        self._last: dict[str, Numeric] = {}
        self._index: dict[str, Decimal] = {}
        self.known: dict[str, Decimal] = {}
        """Index prices that were asked for since a price last changed."""
        self._candles: dict[str, History] = {}
        self.bars: dict[str, Bar] = {}
        self.books: dict[str, Book] = {}
        self.held: set[str] = set()
        """Symbols whose price was set by hand while a candle was being played: it holds until the next one opens."""
        self.volumes: dict[str, Decimal] = {}
        """How much orders may still trade of this candle; a symbol that is absent has no bound."""
        self.version = 0

    def __deepcopy__(self, memo: dict[int, object]) -> "Market":
        twin = Market()
        for name in ("_last", "_index", "bars", "books", "volumes"):
            setattr(twin, name, dict(getattr(self, name)))
        twin._candles = {symbol: rows.copy() for symbol, rows in self._candles.items()}
        twin.version, twin.held = self.version, set(self.held)
        return twin

    # reading

    def last(self, symbol: str) -> Decimal | None:
        price = self._last.get(symbol)
        if price is None or type(price) is Decimal:
            return price
        made = self._last[symbol] = exact(price)
        return made

    def index(self, coin: str) -> Decimal | None:
        """The coin's price in USDT: the one given, else the last of COINUSDT."""
        found = self.known.get(coin)
        if found is None:
            found = _ONE if coin == "USDT" else self._index.get(coin) or self.last(coin + "USDT")
            if found is not None:
                self.known[coin] = found
        return found

    def follows(self, coin: str) -> bool:
        """Whether the coin's price in USDT is the last one of its pair, not one of its own."""
        return coin != "USDT" and coin not in self._index

    def prices(self) -> dict[str, Decimal]:
        return {symbol: price for symbol in self._last if (price := self.last(symbol)) is not None}

    def book(self, symbol: str, depth: int | None = None) -> Book:
        """The levels given, or one of no size on either side of the last price, or nothing."""
        if symbol in self.books:
            book = self.books[symbol]
            return Book(book.bids[:depth], book.asks[:depth])
        price = self.last(symbol)
        return Book((), ()) if price is None else Book(((price, ZERO),), ((price, ZERO),))

    def candles(self, symbol: str) -> Sequence[Candle]:
        """Closed ones, oldest first; they grow, so slice them and keep nothing."""
        return self._candles.get(symbol, ())

    # changing

    def show(self, symbol: str, price: Numeric) -> None:
        """A price without a book behind it."""
        self._last[symbol] = price
        self.known.clear()
        self.version += 1
        if self.books:
            self.books.pop(symbol, None)

    def show_index(self, prices: Mapping[str, Numeric]) -> None:
        self._index.update({coin: exact(price) for coin, price in prices.items()})
        self.known.clear()
        self.version += 1

    def show_book(self, symbol: str, bids: Iterable[Sequence[Numeric]], asks: Iterable[Sequence[Numeric]]) -> None:
        """The last price stays when it lies between the best levels, else it moves to the nearer one."""
        book = Book(_levels(bids, best=max), _levels(asks, best=min))
        last = self.last(symbol)
        bid = book.bids[0][0] if book.bids else None
        ask = book.asks[0][0] if book.asks else None
        if last is None:
            known = [price for price in (bid, ask) if price is not None]
            last = sum(known, ZERO) / len(known) if known else None
        elif ask is not None and last > ask:
            last = ask
        elif bid is not None and last < bid:
            last = bid
        if last is not None:
            self._last[symbol] = last
            self.known.clear()
        self.books[symbol] = book
        self.version += 1

    def take(self, symbol: str, buys: bool, taken: Sequence[Level]) -> None:
        """Levels lose what an order took from them."""
        book = self.books[symbol]
        left = dict(book.asks if buys else book.bids)
        for price, quantity in taken:
            left[price] -= quantity
        levels = tuple((price, quantity) for price, quantity in left.items() if quantity > ZERO)
        self.books[symbol] = Book(book.bids, levels) if buys else Book(levels, book.asks)

    def close_bar(self, symbol: str, candle: Candle) -> None:
        self._history(symbol).append(candle)
        self.bars.pop(symbol, None)

    def close_bars(self, symbol: str, source: Sequence[Candle], first: int, last: int) -> None:
        """The source's candles from `first` up to `last`, exclusive, have closed one after the other."""
        self._history(symbol).follow(source, first, last)
        self.bars.pop(symbol, None)

    def _history(self, symbol: str) -> History:
        found = self._candles.get(symbol)
        if found is None:
            found = self._candles[symbol] = History()
        return found


def _levels(levels: Iterable[Sequence[Numeric]], best: Any) -> tuple[Level, ...]:
    sums: dict[Decimal, Decimal] = {}
    for level in levels:
        price, quantity = exact(level[0]), exact(level[1])
        if price <= ZERO or quantity < ZERO:
            raise ValueError(f"a level of {quantity} at {price} cannot stand in a book")
        if quantity:
            sums[price] = sums.get(price, ZERO) + quantity
    return tuple((price, sums[price]) for price in sorted(sums, reverse=best is max))


def whole_candle(candle: Sequence[Any]) -> Candle:
    """A candle's six figures. Raises ValueError if they cannot be one."""
    if len(candle) < 6:
        raise ValueError("a candle is [ms, open, high, low, close, volume]")
    row = [exact(number) for number in candle[:6]] if str in map(type, candle) else candle[:6]
    _, opened, high, low, closed, volume = row
    if not (0 < low <= opened <= high and low <= closed <= high and volume >= 0):
        raise ValueError(f"{list(candle)} is no candle: low <= open, close <= high, all above 0")
    return tuple(candle[:6])


def path(candle: Candle) -> tuple[Numeric, Numeric, Numeric, Numeric]:
    """The way through a candle: open, nearer extreme, farther extreme, close; the high first when both are as near."""
    opened, high, low, closed = map(exact, candle[1:5])
    return (opened, high, low, closed) if high - opened <= opened - low else (opened, low, high, closed)
