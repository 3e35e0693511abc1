"""What replayed bots ask at every candle, answered over the counter: the same answers, without text on the way.

Each answer is None when the question is not of the plain kind, or is wrong: then it is asked in the usual way, which
names the error.
"""

from collections.abc import Mapping
from decimal import Decimal, getcontext, setcontext
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
from .bars import Bars
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
# A named tuple's own constructor costs three times as much.
_new: Final = tuple.__new__
_PAGINATED: Final = ("paginate",)
# Within these an amount or a price is neither nothing nor absurd: what lies outside is refused by those who know how.
_LEAST, _MOST = 1e-8, 1e15


class _Held(NamedTuple):
    """An account as it was at a turn of the stage; what is in `answer` is copied before it is handed out."""

    turn: int
    hour: int
    owes: bool
    answer: Structure
    figures: list[tuple[str, dict[str, float]]]
    """What is free and so on of each coin."""
    info: list[dict[str, Any]]
    parts: list[tuple[str, Decimal, Decimal]]
    """In the order of `info`: coin, what is available, how many of its price it adds to the account's leeway."""


class Counter:
    """Serves one exchange object. What it keeps is void as soon as stage, hour, markets or options are others."""

    def __init__(self, exchange: Any, stage: Stage) -> None:
        self._exchange = exchange
        self._stage = stage
        self._feeds = {feed.symbol: number for number, feed in enumerate(stage.feeds)}
        self._ids = {feed.symbol: feed.id for feed in stage.feeds}
        self._bars: dict[tuple[str, str], Bars | None] = {}
        self._plans: dict[tuple[str, str, int | None], tuple[Bars, int, int]] = {}
        self._markets: Any = None
        self._held: _Held | None = None
        self._none_open: dict[tuple[bool, str], int] = {}
        """At which turn a pair was seen to have no open orders; whether in the cross account comes first."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "Counter":
        return Counter(memo.get(id(self._exchange), self._exchange), self._stage)

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        return type(None), ()  # a pickled exchange has no stage

    def milliseconds(self) -> int:
        return self._stage.now()

    # candles

    def fetch_ohlcv(
        self, symbol: str, timeframe: str, since: Any, limit: Any, params: Params
    ) -> list[list[Any]] | None:
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
        plan: tuple[Bars, int, int] | None
        try:
            plan = self._plans[symbol, timeframe, limit]
        except (KeyError, TypeError):
            plan = self._plan(symbol, timeframe, limit)
        if plan is None or "paginate" in exchange.options.get("fetchOHLCV", _PAGINATED):
            return None
        bars, number, most = plan
        closed, forming, price = stage.shown(number)
        return None if price is None else bars.latest(most, closed, forming, price, stage.moment)

    def _plan(self, symbol: Any, timeframe: Any, limit: Any) -> tuple[Bars, int, int] | None:
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
            made = Bars(feed, span) if Bars.fits(feed, span) else None
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
        if not stage.untouched():
            stage.catch_up()
        held = self._held
        if held is None or held.turn != stage.turn or (held.owes and held.hour != self._hour()):
            held = self._held = self._hold()
        _, _, owes, answer, figures, info, _ = held
        result = answer.copy()
        result["free"] = answer["free"].copy()
        result["used"] = answer["used"].copy()
        result["total"] = answer["total"].copy()
        result["debt"] = answer["debt"].copy()
        for code, part in figures:
            result[code] = part.copy()
        result["info"] = rows = [row.copy() for row in info]
        return None if owes and not self._set_transferable(held, rows) else result

    def _hour(self) -> int:
        """The last full hour of the present, to which the venue may still have to come."""
        return max(self._stage.moment // HOUR_MS, self._stage.venue.inside.hour)

    def _hold(self) -> _Held:
        state, hour = self._stage.venue.inside, self._hour()
        wallet, amounts = state.wallet(ACCOUNT, CROSS), state.ledger.amounts
        rows, parts = [], []
        outer = getcontext()
        setcontext(EXACT)
        try:
            for coin in sorted(wallet.holdings):
                holding = wallet.holdings[coin]
                available, frozen = amounts[holding.available], amounts[holding.frozen]
                principal, interest = amounts[holding.principal], amounts[holding.interest]
                interest += holding.accrual.unbooked(hour)
                owned, owed = available + frozen, principal + interest
                rows.append(
                    _new(
                        Asset,
                        (
                            wallet.symbol, coin, owned, available, frozen, principal, interest, owned - owed,
                            available, holding.ctime, None,
                        ),
                    )
                )  # fmt: skip
                parts.append((coin, available, leeway(_new(Sums, (owned, owed, ZERO)))))
        finally:
            setcontext(outer)
        answer = unify.balance(rows, self._exchange.commonCurrencies, float)
        figures = [(code, answer[code]) for code in answer["free"]]
        return _Held(self._stage.turn, hour, bool(wallet.owing), answer, figures, answer["info"], parts)

    def _set_transferable(self, held: _Held, info: list[dict[str, Any]]) -> bool:
        """With a debt, what may leave depends on the prices of the moment. Says whether all of them are known."""
        outer = getcontext()
        setcontext(EXACT)
        try:
            room, prices = ZERO, []
            for coin, _, weight in held.parts:
                price = self._index(coin)
                if price is None:
                    return False
                prices.append(price)
                room += weight * price
            for (_, available, _), price, row in zip(held.parts, prices, info, strict=True):
                row["transferable"] = plain(leaving(room, available, price)) if available else "0"
        finally:
            setcontext(outer)
        return True

    def _index(self, coin: str) -> Decimal | None:
        stage, market = self._stage, self._stage.venue.market
        if coin == "USDT":
            return _ONE
        number = self._feeds.get(f"{coin}/USDT")
        if number is None or not market.follows(coin):
            return market.index(coin)
        _, _, price = stage.shown(number)
        return None if price is None else exact(price)

    def fetch_open_orders(self, symbol: Any, since: Any, limit: Any, params: Params) -> list[Structure] | None:
        """Only whether there are none: that is the answer nearly always."""
        exchange, stage, mode = self._exchange, self._stage, self._mode()
        if (
            since is not None or limit is not None or params != {} or mode is None or symbol.__class__ is not str
            or symbol not in self._ids or symbol not in (exchange.markets or ())
        ):  # fmt: skip
            return None
        if not stage.untouched():
            stage.catch_up()
        # It stays so until something happens.
        key = mode is _CROSS, symbol
        if self._none_open.get(key) != stage.turn:
            id_ = self._ids[symbol]
            wallet = self._wallet(mode, id_)
            if wallet is None or wallet.open.get(id_):
                return None
            self._none_open[key] = stage.turn
        exchange.options.setdefault("usedSymbols", {})[symbol] = None
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
        base = cut(exact(amount), pair.quantity_scale)
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
            "symbol": symbol, "type": type, "side": side, "price": None, "amount": float(base),
            "timeInForce": "GTC", "postOnly": False,
        }  # fmt: skip
        return unify.accepted(row, stage.moment, asked, status="open", marginMode=mode.value)

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
