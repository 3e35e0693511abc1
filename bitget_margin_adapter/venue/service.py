"""The venue: one object that answers every endpoint, passes time, shows prices; all rules, no socket, no clock.

    >>> venue = Venue(start=0)
    >>> venue.open_account("alice", {"USDT": "10000"}, 0)
    >>> venue.set_price("BTCUSDT", "30000", 0)
    >>> venue.handle("alice", "cross_borrow", {"coin": "BTC", "borrowAmount": "0.1"}, 0).amount
    Decimal('0.1')

Not safe to use from two threads at once: the host holds a lock.
"""

import decimal
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from ..engine import clock, transfers
from ..engine.accounts import CROSS, SPOT, Account, isolated
from ..engine.events import Event
from ..engine.journal import Journal, write
from ..engine.market import Candle, Market, path, whole_candle
from ..engine.orders import Request
from ..engine.policies import FillPolicy, policy_of
from ..engine.state import State
from ..model.decimals import EXACT, MONEY_SCALE, Numeric, cut, exact, exactly
from ..model.refusals import Reason, Refusal
from ..model.rows import Accepted
from ..model.words import Mode
from ..wire.endpoints import ENDPOINTS, Endpoint
from . import conditions, lists, money, trading
from .forking import fork
from .parameters import read
from .picture import picture
from .profile import DEFAULT, Profile

__all__ = ["NotServed", "Venue"]

Handler = Callable[[State, str, Mode | None, Mapping[str, Any], int], Any]


class NotServed(Exception):
    """An endpoint that the emulated venue does not have."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(endpoint)
        self.endpoint = endpoint


def _time(state: State, account: str, mode: Mode | None, values: Mapping[str, Any], now: int) -> int:
    return now


_HANDLERS: Final[Mapping[str, Handler]] = {
    "currencies": conditions.pairs,
    "interest_rate_and_limit": conditions.rates,
    "tier_data": conditions.tiers,
    "assets": money.assets,
    "borrow": money.borrow,
    "repay": money.repay,
    "risk_rate": money.risk_rate,
    "max_borrowable": money.max_borrowable,
    "max_transfer_out": money.max_transfer_out,
    "flash_repay": money.flash_repay,
    "flash_repay_status": money.flash_repay_status,
    "place_order": trading.place_order,
    "batch_place_order": trading.batch_place_order,
    "cancel_order": trading.cancel_order,
    "batch_cancel_order": trading.batch_cancel_order,
    "open_orders": lists.open_orders,
    "order_history": lists.order_history,
    "fills": lists.fills,
    "loans": lists.loans,
    "repays": lists.repays,
    "interests": lists.interests,
    "liquidations": lists.liquidations,
    "financial_records": lists.financial_records,
    "time": _time,
    "transfer": money.transfer,
}
"""By the name without its mode."""


def _check_name(account: str) -> None:
    """The journal's lines must be able to hold it."""
    if not account or not account.isprintable() or "=" in account:
        raise ValueError(f"{account!r} cannot name an account")


def _handler(row: Endpoint) -> tuple[Mode | None, Handler, frozenset[str] | None] | None:
    handler = _HANDLERS.get(row.name.removeprefix(f"{row.mode}_"))
    if handler is None:
        return None
    # Only calls that change something are journalled, with the parameters that the table knows.
    return row.mode, handler, frozenset(param.name for param in row.params) if row.permission == "trade" else None


_SERVED: Final = {row.name: found for row in ENDPOINTS.values() if (found := _handler(row)) is not None}


class Venue:
    """`now` is int milliseconds and never runs backwards: an earlier one counts as the latest that was seen.

    `journal` gets a line for everything that changes something (`engine.journal`), before the call returns;
    `venue.recall.recall(lines)` makes an equal venue of them.
    """

    def __init__(
        self,
        profile: Profile = DEFAULT,
        *,
        fills: FillPolicy | str | Mapping[str, Numeric] = "frictionless",
        vip: int = 0,
        start: int = 0,
        journal: Journal | None = None,
    ) -> None:
        if not 0 <= vip < len(profile.vip_discounts):
            raise ValueError(f"vip must be from 0 to {len(profile.vip_discounts) - 1}, not {vip}")
        self.profile = profile
        self.policy = policy_of(fills)
        self.journal = journal
        with exactly():
            self._state = State(profile, self.policy, vip, start)
        self._snapshots: dict[str, State] = {}
        self._write(
            start,
            "venue",
            (),
            {
                "vip": str(vip),
                "fills": json.dumps(self.policy.figures(), sort_keys=True),
                "profile": json.dumps(profile.as_mapping(), sort_keys=True),
            },
        )

    # who and when

    @property
    def now(self) -> int:
        return self._state.now

    @property
    def market(self) -> Market:
        """Prices, index, books and closed candles, to be read only."""
        return self._state.market

    @property
    def inside(self) -> State:
        """The engine's own books, for readers in the same process that need more than the API tells; not to change."""
        return self._state

    @property
    def accounts(self) -> tuple[str, ...]:
        return tuple(self._state.accounts)

    def open_account(self, account: str, funds: Mapping[str, Any], now: int) -> None:
        """A new account with money from outside: plain coins in the cross wallet, "spot" and "isolated:X" by name."""
        if account in self._state.accounts:
            raise ValueError(f"there is an account {account!r} already")
        _check_name(account)
        amounts = [
            (place, coin, exact(amount))
            for name, part in funds.items()
            for place, coins in [(name, part) if isinstance(part, Mapping) else (CROSS, {name: part})]
            for coin, amount in coins.items()
        ]
        with self._change(now) as now:
            for place, coin, amount in amounts:
                self._fundable(place, coin, amount)
            self._state.accounts[account] = Account(account, self._state.vip)
            for place, coin, amount in amounts:
                if amount:
                    transfers.fund(self._state, self._state.wallet(account, place), coin, amount, now)
            self._write(now, "open", (account, *(f"{p} {c} {a:f}" for p, c, a in amounts)))

    def _fundable(self, place: str, coin: str, amount: Any) -> None:
        symbol = place.removeprefix("isolated:")
        if place not in (SPOT, CROSS) and (place != isolated(symbol) or symbol not in self.profile.pairs):
            raise ValueError(f"no place {place!r} for funds: spot, cross or isolated:SYMBOL")
        if coin not in self.profile.coins:
            raise ValueError(f"the venue has no coin {coin!r}")
        if amount < 0 or amount != cut(amount, MONEY_SCALE):
            raise ValueError(f"{amount} {coin} is no amount to fund: above zero, with at most {MONEY_SCALE} decimals")
        pair = self.profile.pairs.get(symbol)
        if pair is not None and coin not in (pair.base, pair.quote):
            raise ValueError(f"{coin} has no place in {symbol}")

    # the API

    def handle(self, account: str, endpoint: str, params: Mapping[str, Any], now: int) -> Any:
        """The answer of an endpoint, as model rows. Raises Refusal, or NotServed for an endpoint that is not there."""
        served = _SERVED.get(endpoint)
        if served is None:
            raise NotServed(endpoint)
        mode, handler, kept = served
        state = self._state
        outer = decimal.getcontext()
        decimal.setcontext(EXACT)
        try:
            due = self._pass(now)
            now = state.now
            try:
                answer = handler(state, account, mode, read(endpoint, params), now)
            except Refusal:
                if due:
                    self._write(now, "advance")
                raise
            if self.journal is not None:
                if kept is not None:
                    self.journal.append(write(now, "call", (account, endpoint), params, kept))
                elif due:
                    self._write(now, "advance")
            return answer
        finally:
            decimal.setcontext(outer)

    def place(self, account: str, mode: Mode, symbol: str, request: Request, now: int) -> Accepted:
        """An order of a host in this process that keeps no journal, ready as the engine takes it. Raises Refusal."""
        if self.journal is not None:
            raise ValueError("a journal holds calls of the API: place orders by `handle`")
        outer = decimal.getcontext()
        decimal.setcontext(EXACT)
        try:
            self._pass(now)
            return trading.place_request(self._state, account, mode, symbol, request, self._state.now)
        finally:
            decimal.setcontext(outer)

    # time and prices

    def advance(self, now: int) -> None:
        """Everything that is due up to and including `now`: hourly interest, orders on their way, repayments."""
        with exactly():
            if self._pass(now):
                self._write(self._state.now, "advance")

    def next_due(self) -> int | None:
        """When `advance` will have something to do again."""
        return clock.next_due(self._state)

    def set_price(self, symbol: str, price: Numeric, now: int) -> None:
        self.set_prices({symbol: price}, now)

    def set_prices(self, prices: Mapping[str, Numeric], now: int) -> None:
        """Ticks of one instant; what rests gets the better of its own price and the market's."""
        prices = self._priced(prices)
        with self._change(now) as now:
            clock.set_prices(self._state, prices, now)
            self._write(now, "price", (), prices)

    def set_index(self, prices: Mapping[str, Numeric], now: int) -> None:
        """Index prices in USDT by coin, where they differ from the last price of COINUSDT."""
        for coin, price in prices.items():
            if coin not in self.profile.coins or exact(price) <= 0:
                raise ValueError(f"no index price {price} for {coin}")
        with self._change(now) as now:
            clock.show_index(self._state, prices, now)
            self._write(now, "index", (), prices)

    def set_book(
        self, symbol: str, bids: Iterable[Sequence[Numeric]], asks: Iterable[Sequence[Numeric]], now: int
    ) -> None:
        """A book of [price, quantity] levels, which orders eat until a price or another book is set."""
        self._known(symbol)
        bids, asks = [list(level[:2]) for level in bids], [list(level[:2]) for level in asks]
        with self._change(now) as now:
            clock.show_book(self._state, symbol, bids, asks, now)
            self._write(now, "book", (symbol,), {"bids": bids, "asks": asks})

    def play_candle(self, symbol: str, candle: Sequence[Any], now: int) -> None:
        """A whole candle at once: open, nearer extreme, farther extreme, close; it can be read afterwards."""
        candle = self.check_candle(symbol, candle)
        self.open_bars({symbol: candle[1]}, now)
        for price in path(candle)[1:3]:
            self.move_bars({symbol: price}, {symbol: candle[5]}, now)
        self.close_bars({symbol: candle}, now)

    def open_bars(self, prices: Mapping[str, Numeric], now: int) -> None:
        """Candles begin; market orders fill at these opens."""
        with self._change(now) as now:
            clock.opens(self._state, prices, now)
            self._write(now, "opens", (), prices)

    def move_bars(self, prices: Mapping[str, Numeric], volumes: Mapping[str, Numeric], now: int) -> None:
        """The next price on the way through open candles, whose volumes are given."""
        with self._change(now) as now:
            clock.way(self._state, prices, volumes, now)
            self._write(now, "way", (), {"prices": prices, "volumes": volumes})

    def close_bars(self, candles: Mapping[str, Candle], now: int) -> None:
        """Candles end. What is due at this very instant, such as interest, comes after the close."""
        with exactly():
            # Time itself stops just short of the instant, so that the next change finds it due.
            self._pass(now - 1)
            now = max(now, self._state.now)
            clock.close(self._state, candles, now)
            self._write(now, "close", (), candles)

    def watched(self, symbol: str) -> bool:
        """Whether prices between open and close of a candle can matter to anybody now."""
        return clock.watched(self._state, symbol)

    def preload(
        self, symbol: str, candles: Sequence[Candle], now: int, first: int = 0, last: int | None = None
    ) -> None:
        """Candles (those from `first` up to `last`, exclusive) to be read as history; nothing trades on them."""
        last = len(candles) if last is None else last
        if self.journal is not None:
            for candle in candles[first:last]:
                self._write(now, "past", (symbol,), {"candle": candle})
        self._state.market.close_bars(symbol, candles, first, last)

    def skip(self, symbol: str, candles: Sequence[Candle], now: int, first: int, place: int, opened: Numeric) -> None:
        """To the open of candle `place` at `now`, those from `first` on having come and gone without effect."""
        outer = decimal.getcontext()
        decimal.setcontext(EXACT)
        try:
            self.preload(symbol, candles, now, first, place)
            self._pass(now)
            state, prices = self._state, {symbol: opened}
            clock.opens(state, prices, state.now)
            if self.journal is not None:
                self._write(state.now, "opens", (), prices)
        finally:
            decimal.setcontext(outer)

    # what an operator may do

    def fund(self, account: str, place: str, coin: str, amount: Numeric, now: int) -> None:
        """Money from outside for an account that exists."""
        number = exact(amount)
        self._fundable(place, coin, number)
        with self._change(now) as now:
            wallet = self._state.wallet(account, place)
            transfers.fund(self._state, wallet, coin, number, now)
            self._write(now, "fund", (account, place, coin), {"amount": number})

    def freeze(self, account: str, place: str, frozen: bool, now: int) -> None:
        """Closes a wallet for its owner, or opens it again."""
        with self._change(now) as now:
            self._state.wallet(account, place).frozen = frozen
            self._write(now, "freeze", (account, place), {"frozen": str(int(frozen))})

    def set_rate(self, coin: str, daily_rate: Numeric, now: int) -> None:
        """A new base rate per day; it counts from the next hour."""
        rate = exact(daily_rate)
        if coin not in self.profile.coins or not 0 <= rate <= 10:
            raise ValueError(f"no rate {daily_rate} for {coin}")
        with self._change(now) as now:
            self._state.new_rates[coin] = rate
            self._write(now, "rate", (coin,), {"rate": rate})

    def set_vip(self, account: str, level: int, now: int) -> None:
        """Another VIP level of an account; it counts from the next hour."""
        if not 0 <= level < len(self.profile.vip_discounts):
            raise ValueError(f"no VIP level {level}")
        with self._change(now) as now:
            self._state.wallet(account, SPOT)
            self._state.new_vips[account] = level
            self._write(now, "vip", (account,), {"level": str(level)})

    # looking and going back

    def listen(self) -> None:
        """Starts to collect events for `drain_events`."""
        if self._state.events is None:
            self._state.events = []

    def drain_events(self) -> list[Event]:
        """What happened since the last call. The first call starts the collecting."""
        events, self._state.events = self._state.events, []
        return events or []

    def state(self, now: int) -> dict[str, Any]:
        """Everything in plain JSON types: prices, accounts, open orders, loans."""
        self.advance(now)
        with exactly():
            return picture(self._state)

    def snapshot(self) -> str:
        """Keeps the present state; its id brings it back."""
        name = str(len(self._snapshots) + 1)
        self._snapshots[name] = self._state.copy()
        self._write(self._state.now, "snapshot")
        return name

    @property
    def first_snapshot(self) -> str | None:
        """The oldest one, which a venue made from its journal still has."""
        return next(iter(self._snapshots), None)

    def restore(self, snapshot: str) -> None:
        """Back to a snapshot, time included. Raises KeyError for one that was never made."""
        listening = self._state.events is not None
        self._state = self._snapshots[snapshot].copy()
        self._state.events = [] if listening else None
        self._write(self._state.now, "restore", (snapshot,))

    def fork(self, account: str, to: str) -> None:
        """Another account that has, owes and has open the same."""
        if to in self._state.accounts:
            raise ValueError(f"there is an account {to!r} already")
        _check_name(to)
        self._state.wallet(account, SPOT)
        with exactly():
            fork(self._state, account, to)
            self._write(self._state.now, "fork", (account, to))

    def imbalance(self) -> dict[str, Any]:
        """Coins whose books do not sum to zero: always none."""
        with exactly():
            return dict(self._state.ledger.imbalance())

    # inside

    def _pass(self, now: int) -> bool:
        """Advances; says whether anything was due."""
        state = self._state
        if now <= state.now:
            return False
        if now < state.next_hour and not state.waiting:
            state.now = now
            return False
        due = clock.next_due(state)
        clock.advance(state, now)
        return due is not None and due <= now

    @contextmanager
    def _change(self, now: int) -> Iterator[int]:
        """Around everything that is done at a time."""
        with exactly():
            self._pass(now)
            yield self._state.now

    def _write(
        self, now: int, verb: str, subjects: tuple[str, ...] = (), pairs: Mapping[str, Any] | None = None
    ) -> None:
        if self.journal is not None:
            self.journal.append(write(now, verb, subjects, pairs))

    def _known(self, symbol: str) -> None:
        if symbol not in self.profile.pairs:
            raise Refusal(Reason.UNKNOWN_PAIR, symbol)

    def _priced(self, prices: Mapping[str, Numeric]) -> dict[str, Numeric]:
        for symbol, price in prices.items():
            self._known(symbol)
            if exact(price) <= 0:
                raise ValueError(f"{symbol} cannot cost {price}")
        return dict(prices)

    def check_candle(self, symbol: str, candle: Sequence[Numeric]) -> Candle:
        """The candle's six numbers. Raises Refusal for an unknown pair and ValueError for impossible figures."""
        self._known(symbol)
        return whole_candle(candle)
