"""What replayed bots ask at every candle, answered over the counter: the same answers, without text on the way.

Each answer is None when the question is not of the plain kind, or is wrong: then it is asked in the usual way, which
names the error.
"""

from collections.abc import Mapping
from decimal import Decimal, getcontext, setcontext
from functools import lru_cache
from typing import Any, Final, NamedTuple

from ..engine.accounts import CROSS, Wallet, isolated
from ..engine.ids import HOUR_MS
from ..engine.orders import Request
from ..engine.risk import Sums, leaving, leeway
from ..model.decimals import EXACT, MONEY_SCALE, ZERO, cut, exact, plain, product
from ..model.refusals import Refusal
from ..model.rows import Asset
from ..model.words import LoanType, Mode, OrderType, Side, Source, TimeInForce
from ..wire import unify
from .bars import Bars, Candle
from .stage import ACCOUNT, Stage

__all__ = ["Counter"]

Params = Mapping[str, Any]
Structure = dict[str, Any]

_MODES: Final = {mode.value: mode for mode in Mode}
_SIDES: Final = {"buy": Side.BUY, "sell": Side.SELL}
_LOANS: Final = {word.value: (word, word.borrows, word.repays) for word in LoanType}
# By what is borrowed and repaid by itself.
_AUTO: Final = {row[1:]: row for row in _LOANS.values()}
_BUY, _MARKET, _GTC, _API = Side.BUY, OrderType.MARKET, TimeInForce.GTC, Source.API
_CROSS: Final = Mode.CROSS
_NO_LOANS: Final = (None, None)
_PLAIN: Final = frozenset({"autoBorrow", "autoRepay"})
_NUMBERS: Final = (float, int)
_ONE: Final = Decimal(1)
_NEVER: Final = 1 << 62
# A named tuple's own constructor costs three times as much.
_new: Final = tuple.__new__
_copied: Final = dict.copy
_PAGINATED: Final = ("paginate",)
# Within these an amount or a price is neither nothing nor absurd: what lies outside is refused by those who know how.
_LEAST, _MOST = 1e-8, 1e15


_Plan = tuple[Bars, int, int]
"""Which bars, of which feed, and how many."""


@lru_cache(maxsize=256)
def _sized(amount: float, scale: int) -> tuple[Decimal, float]:
    """An order's amount as the pair takes it. Bots order the same one again and again."""
    base = cut(exact(amount), scale)
    return base, float(base)


class _Held(NamedTuple):
    """An account as it was at a turn of the stage; what is in `answer` is copied before it is handed out."""

    turn: int
    until: int
    """When interest falls due, for an account with a debt."""
    answer: Structure
    parts: list[tuple[str, dict[str, float]]]
    """What in it is a dictionary of its own."""
    info: list[dict[str, Any]]
    leaving: "_Leaving | None"
    """For an account with a debt."""


class _Leaving(NamedTuple):
    """How much may leave an account with a debt: that depends on the prices of the moment."""

    room: Decimal | None
    """What the coins add to the leeway whose prices stand still; None while one of these is unknown."""
    moving: list[tuple[int, Decimal]]
    """The other coins: the feed that tells the price, and how many of it the coin adds to the leeway."""
    coins: list[tuple[int, Decimal, int | None, Decimal]]
    """What there is to leave: place in `info`, how much is available, the feed of its price or else the price."""


class Counter:
    """Serves one exchange object. What it keeps is void as soon as stage, hour, markets or options are others."""

    def __init__(self, exchange: Any, stage: Stage) -> None:
        self._exchange = exchange
        self._stage = stage
        self._feeds = {feed.symbol: number for number, feed in enumerate(stage.feeds)}
        self._ids = {feed.symbol: feed.id for feed in stage.feeds}
        self._bars: dict[tuple[str, str], Bars | None] = {}
        self._plans: dict[tuple[str, str, int | None], _Plan] = {}
        self._markets: Any = None
        self._held: _Held | None = None
        self._none_open: dict[str, tuple[int, Any]] = {}
        """At which turn, and in which margin mode, a pair was seen to have no open orders."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "Counter":
        return Counter(memo.get(id(self._exchange), self._exchange), self._stage)

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        return type(None), ()  # a pickled exchange has no stage

    def milliseconds(self) -> int:
        return self._stage.now()

    # candles

    def fetch_ohlcv(self, symbol: str, timeframe: str, since: Any, limit: Any, params: Params) -> list[Candle] | None:
        """The latest ones."""
        exchange, stage = self._exchange, self._stage
        if (
            since is not None or params != {} or (limit is not None and limit.__class__ is not int)
            or exchange.number is not float
        ):  # fmt: skip
            return None
        if exchange.markets is not self._markets:
            self._plans.clear()
            self._markets = exchange.markets
        plan: _Plan | None
        try:
            plan = self._plans[symbol, timeframe, limit]
        except (KeyError, TypeError):
            plan = self._plan(symbol, timeframe, limit)
        if plan is None or "paginate" in exchange.options.get("fetchOHLCV", _PAGINATED):
            return None
        bars, number, most = plan
        closed, forming, price = stage.shown(number)
        if price is None:
            return None
        if bars.is_plain and closed >= most and forming >= 0:
            # Nearly always, and so without another call on the way.
            candles = bars.own(closed - most + 1, closed)
            begun = forming, price, price, price, price, 0.0
            candles.append(begun if stage.shared_ohlcv else [*begun])
            return candles
        return bars.latest(most, closed, forming, price, stage.moment)

    def _plan(self, symbol: Any, timeframe: Any, limit: Any) -> "_Plan | None":
        """Which bars such a question is about, of which feed, and how many; None for what is better asked elsewhere."""
        most = 1000 if limit is None else limit
        bars = self._bars_of((symbol, timeframe)) if isinstance(symbol, str) and isinstance(timeframe, str) else None
        if bars is None or self._markets is None or not 0 < most <= 1000:
            return None
        if limit is not None:
            lengths = self._exchange.options.get("fetchOHLCV", {}).get("spot", {}).get("maxLimitPerTimeframe", {})
            most = min(most, lengths.get(timeframe, most))
        plan = self._plans[symbol, timeframe, limit] = bars, self._feeds[symbol], most
        return plan

    def _bars_of(self, key: tuple[str, str]) -> Bars | None:
        if key in self._bars:
            return self._bars[key]
        symbol, timeframe = key
        number = self._feeds.get(symbol)
        made = None
        if number is not None and timeframe in self._exchange.timeframes and not timeframe.endswith("M"):
            feed, span = self._stage.feeds[number], self._exchange.parse_timeframe(timeframe) * 1000
            made = Bars(feed, span, self._stage.shared_ohlcv) if Bars.fits(feed, span) else None
        self._bars[key] = made
        return made

    # the account

    def fetch_balance(self, params: Params) -> Structure | None:
        """Of the cross account; isolated ones come in several forms and go the usual way."""
        exchange, stage = self._exchange, self._stage
        options = exchange.options
        if (
            params != {} or (options.get("marginMode") or options.get("defaultMarginMode") or "cross") != "cross"
            or exchange.markets is None or exchange.number is not float
        ):  # fmt: skip
            return None
        if stage.moment > stage.calm_until and not stage.untouched():
            stage.catch_up()
        held = self._held
        if held is None or held.turn != stage.turn or stage.moment >= held.until:
            held = self._held = self._hold()
        _, _, answer, parts, info, leaving_ = held
        result = answer.copy()
        for name, part in parts:
            result[name] = part.copy()
        result["info"] = rows = list(map(_copied, info))
        return result if leaving_ is None or self._set_transferable(leaving_, rows) else None

    def _hold(self) -> _Held:
        stage = self._stage
        state = stage.venue.inside
        wallet, amounts = state.wallet(ACCOUNT, CROSS), state.ledger.amounts
        # The last full hour of the present, to which the venue may still have to come.
        hour = max(stage.moment // HOUR_MS, state.hour)
        owing, symbol, rows = wallet.owing, wallet.symbol, []
        weights: list[Decimal] = []
        outer = getcontext()
        setcontext(EXACT)
        try:
            for coin in sorted(wallet.holdings):
                holding = wallet.holdings[coin]
                available, frozen = amounts[holding.available], amounts[holding.frozen]
                principal, interest = amounts[holding.principal], amounts[holding.interest]
                owned = net = available
                # Most coins have nothing frozen and no debt.
                if frozen:
                    net = owned = available + frozen
                if owing:
                    interest += holding.accrual.unbooked(hour)
                    owed = principal + interest
                    net = owned - owed
                    weights.append(leeway(_new(Sums, (owned, owed, ZERO))))
                fields = (
                    symbol, coin, owned, available, frozen, principal, interest, net, available, holding.ctime, None,
                )  # fmt: skip
                rows.append(_new(Asset, fields))
            leaving_ = self._leaving(rows, weights) if owing else None
        finally:
            setcontext(outer)
        answer = unify.balance(rows, self._exchange.commonCurrencies, float)
        parts = [(name, part) for name, part in answer.items() if part.__class__ is dict]
        until = (hour + 1) * HOUR_MS if owing else _NEVER
        return _new(_Held, (stage.turn, until, answer, parts, answer["info"], leaving_))

    def _leaving(self, rows: list[Asset], weights: list[Decimal]) -> _Leaving:
        market = self._stage.venue.market
        room: Decimal | None = ZERO
        moving, coins = [], []
        for place, (row, weight) in enumerate(zip(rows, weights, strict=True)):
            number = self._feeds.get(f"{row.coin}/USDT") if market.follows(row.coin) else None
            price: Decimal | None = _ONE
            if number is not None:
                moving.append((number, weight))
            elif row.coin != "USDT":
                price = market.index(row.coin)
            if price is None or room is None:
                room = None
                continue
            if number is None:
                room += weight * price
            if row.available:
                coins.append((place, row.available, number, price))
        return _Leaving(room, moving, coins)

    def _set_transferable(self, about: _Leaving, info: list[dict[str, Any]]) -> bool:
        """Says whether all the prices are known that it takes."""
        room, moving, coins = about
        prices: dict[int, Decimal] = {}
        if room is None:
            return False
        outer = getcontext()
        setcontext(EXACT)
        try:
            for number, weight in moving:
                shown = self._stage.shown(number)[2]
                if shown is None:
                    return False
                prices[number] = price = exact(shown)
                room += weight * price
            for place, available, feed, price in coins:
                most = leaving(room, available, price if feed is None else prices[feed])
                info[place]["transferable"] = plain(most)
        finally:
            setcontext(outer)
        return True

    def fetch_open_orders(self, symbol: Any, since: Any, limit: Any, params: Params) -> list[Structure] | None:
        """Only whether there are none: that is the answer nearly always."""
        exchange, stage = self._exchange, self._stage
        options, markets = exchange.options, exchange.markets
        if (
            since is not None or limit is not None or params != {} or symbol.__class__ is not str
            or not markets or symbol not in markets
        ):  # fmt: skip
            return None
        if stage.moment > stage.calm_until and not stage.untouched():
            stage.catch_up()
        asked = options.get("marginMode") or options.get("defaultMarginMode") or "cross"
        # It stays so until something happens.
        if self._none_open.get(symbol) != (stage.turn, asked):
            id_, mode = self._ids.get(symbol), self._mode()
            if id_ is None or mode is None:
                return None
            wallet = self._wallet(mode, id_)
            if wallet is None or wallet.open.get(id_):
                return None
            self._none_open[symbol] = stage.turn, asked
        options.setdefault("usedSymbols", {})[symbol] = None
        return []

    # orders

    def create_order(
        self, symbol: str, type: str, side: str, amount: Any, price: Any, params: Params
    ) -> Structure | None:
        """A market order with nothing but loans in its params. What is refused is asked again in the usual way."""
        exchange, stage = self._exchange, self._stage
        if symbol.__class__ is not str or side.__class__ is not str or params.__class__ is not dict:
            return None
        direction = _SIDES.get(side)
        options, market = exchange.options, (exchange.markets or {}).get(symbol)
        if (
            type != "market" or direction is None or market is None or symbol not in self._feeds
            or not _PLAIN.issuperset(params) or options.get("idSource") is not None
            or amount.__class__ not in _NUMBERS or not _LEAST <= amount <= _MOST
            or stage.venue.journal is not None or exchange.number is not float
        ):  # fmt: skip
            return None
        mode, loans = self._mode(), self._loans(params)
        if mode is None or loans is None:
            return None
        id_ = market["id"]
        stage.catch_up()
        pair = stage.venue.inside.terms.pairs[id_]
        base, number = _sized(amount, pair.quantity_scale)
        quantity: Decimal | None = base
        quote: Decimal | None = None
        if direction is _BUY:
            if options.get("createMarketBuyOrderRequiresPrice") is not None:
                return None
            if price is not None and (price.__class__ not in _NUMBERS or not _LEAST <= price <= _MOST):
                return None
            worth = stage.venue.market.last(id_) if price is None else exact(price)
            if worth is None or worth <= ZERO:
                return None
            quantity, quote = None, cut(product(base, worth), MONEY_SCALE)
        client_oid = exchange._new_id()
        request = _new(
            Request, (direction is _BUY, _MARKET, *loans, _GTC, None, quantity, quote, client_oid, direction, _API)
        )
        try:
            with stage.lock:
                row = stage.venue.place(ACCOUNT, mode, id_, request, stage.moment)
        except Refusal:
            return None
        stage.changed()
        options.setdefault("usedSymbols", {})[symbol] = None
        asked = {
            "symbol": symbol, "type": type, "side": side, "price": None, "amount": number,
            "timeInForce": "GTC", "postOnly": False,
        }  # fmt: skip
        return unify.accepted(row, stage.moment, asked, status="open", marginMode=mode._value_)

    def _loans(self, params: Params) -> tuple[LoanType, bool, bool] | None:
        """The kind of loan, whether it borrows, whether it repays."""
        said = (params.get("autoBorrow"), params.get("autoRepay")) if params else _NO_LOANS
        if said == _NO_LOANS:
            return _LOANS.get(self._exchange.options.get("loanType") or "normal")
        return _AUTO[bool(said[0]), bool(said[1])]

    # inside

    def _mode(self) -> Mode | None:
        options = self._exchange.options
        asked = options.get("marginMode") or options.get("defaultMarginMode") or "cross"
        if asked == "cross":
            return _CROSS
        return _MODES.get(asked) if isinstance(asked, str) else None

    def _wallet(self, mode: Mode, id_: str) -> Wallet | None:
        place = CROSS if mode is Mode.CROSS else isolated(id_)
        return self._stage.venue.inside.accounts[ACCOUNT].wallets.get(place)
