"""Orders from the request to the working order: every check that the venue makes, before anything changes."""

from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from ..model.decimals import MONEY_SCALE, STEPS, ZERO, half_up, round_up
from ..model.refusals import Reason, Refusal
from ..model.rows import Order
from ..model.words import LoanType, Mode, OrderStatus, OrderType, Side, Source, TimeInForce
from .accounts import Wallet
from .records import Log
from .state import State
from .terms import PairTerms, Phase

__all__ = [
    "FINAL",
    "Request",
    "Working",
    "check",
    "cost",
    "finish",
    "given",
    "order_row",
    "pair_for",
    "remember",
    "unopened",
    "working_row",
]

# Members bound once: on 3.11 each look-up on the class is a Python call, and these are asked for with every order.
_CROSS = Mode.CROSS
_LIMIT = OrderType.LIMIT
_NEW = OrderStatus.NEW
_OPEN = Phase.OPEN

_MONEY_STEP = STEPS[MONEY_SCALE]

_CLOSED_REASONS = {
    Phase.NOT_OPEN: Reason.PAIR_NOT_OPEN,
    Phase.NOT_ENABLED: Reason.PAIR_NOT_ENABLED,
    Phase.MAINTENANCE: Reason.PAIR_IN_MAINTENANCE,
    Phase.OFFLINE: Reason.PAIR_OFFLINE,
    Phase.UPCOMING: Reason.PAIR_UPCOMING,
    Phase.DELISTED: Reason.PAIR_DELISTED,
}

FINAL = frozenset(status for status in OrderStatus if status.final)


T = TypeVar("T")


def given(value: T | None) -> T:
    """A figure that the checks have made sure of."""
    if value is None:
        raise LookupError("a figure that was checked is missing")
    return value


class Request(NamedTuple):
    """What somebody asks for; quantity counts for all but market buys, which have a quote amount."""

    buys: bool
    type: OrderType
    loan_type: LoanType
    borrows: bool
    repays: bool
    force: TimeInForce
    price: Decimal | None
    quantity: Decimal | None
    quote: Decimal | None
    client_oid: str | None
    side: Side
    source: Source = Source.API


class Working:
    """An order that is not final: what it has filled, and what lies frozen for it."""

    __slots__ = ("filled", "frozen", "id", "request", "status", "symbol", "time", "total", "wallet")

    def __init__(self, wallet: Wallet, symbol: str, order_id: int, request: Request, time: int) -> None:
        self.wallet = wallet
        self.symbol = symbol
        self.id = order_id
        self.request = request
        self.time = time
        self.filled = self.total = self.frozen = ZERO
        self.status = _NEW

    @property
    def limit(self) -> Decimal | None:
        return self.request.price if self.request.type is _LIMIT else None


def pair_for(state: State, mode: Mode | None, symbol: str) -> PairTerms:
    """The pair of an order, if it can be traded in this mode."""
    pair = state.terms.pairs.get(symbol)
    if pair is None:
        raise Refusal(Reason.UNKNOWN_PAIR, symbol)
    if mode is _CROSS:
        if not pair.cross_leverage:
            raise Refusal(Reason.SYMBOL_NOT_CROSS if pair.isolated_leverage else Reason.SYMBOL_NOT_MARGIN, symbol)
    elif not pair.isolated_leverage:
        raise Refusal(Reason.SYMBOL_NOT_ISOLATED if pair.cross_leverage else Reason.SYMBOL_NOT_MARGIN, symbol)
    return pair


def unopened(wallet: Wallet, now: int) -> None:
    """Refuses while a wallet is frozen, liquidated or repaying."""
    if wallet.frozen:
        raise Refusal(Reason.CROSS_FROZEN if wallet.mode is _CROSS else Reason.ISOLATED_FROZEN)
    if now < wallet.busy_until:
        raise Refusal(Reason.REPAYING if wallet.repaying else Reason.LIQUIDATING)


def check(state: State, wallet: Wallet, pair: PairTerms, request: Request, now: int) -> Decimal:
    """The last price, if this order may be placed as far as pair, price, size and id are concerned."""
    buys, kind, _, _, _, _, price, quantity, quote, client_oid, _, _ = request
    if pair.phase is not _OPEN:
        raise Refusal(_CLOSED_REASONS[pair.phase], pair.symbol)
    last = state.market.last(pair.symbol)
    if last is None:
        raise Refusal(Reason.NO_PRICE, pair.symbol)
    if kind is _LIMIT:
        if price is None:
            raise Refusal(Reason.MISSING_PARAMETER, "price")
        if price <= ZERO:
            raise Refusal(Reason.PRICE_NOT_POSITIVE)
        if price % STEPS[pair.price_scale]:
            raise Refusal(Reason.BAD_PARAMETER, "price")
        if price < last * pair.lowest_price:
            raise Refusal(Reason.PRICE_TOO_LOW)
        if price > last * pair.highest_price:
            raise Refusal(Reason.PRICE_TOO_HIGH)
    else:
        price = last
    if quantity is None:
        if kind is _LIMIT or not buys:
            raise Refusal(Reason.MISSING_PARAMETER, "baseQuantity")
        if quote is None:
            raise Refusal(Reason.MISSING_PARAMETER, "quoteAmount")
        if quote % _MONEY_STEP:
            raise Refusal(Reason.BAD_PARAMETER, "quoteAmount")
        # By value, since the quantity would be a long division.
        value, least, most = quote, pair.min_amount * price, pair.max_amount * price
        size = value
    else:
        if quantity % STEPS[pair.quantity_scale]:
            raise Refusal(Reason.BAD_PARAMETER, "baseQuantity")
        value, least, most = quantity * price, pair.min_amount, pair.max_amount
        size = quantity
    if size < least:
        raise Refusal(Reason.SIZE_TOO_SMALL, pair.symbol)
    if size > most:
        raise Refusal(Reason.SIZE_TOO_LARGE, pair.symbol)
    if pair.quote != "USDT":
        value *= state.market.index(pair.quote) or ZERO
    if value < pair.min_value:
        raise Refusal(Reason.VALUE_TOO_SMALL, pair.min_value)
    if wallet.open and len(wallet.open.get(pair.symbol, ())) >= pair.max_open_orders:
        raise Refusal(Reason.TOO_MANY_OPEN_ORDERS, pair.symbol)
    if client_oid:
        known = wallet.account.client_oids.get(client_oid)
        if known is not None:
            order_id, time, place, symbol = known
            live = wallet.account.wallets[place].open.get(symbol, ())
            if now - time < state.terms.client_oid_ms or order_id in live:
                raise Refusal(Reason.DUPLICATE_CLIENT_OID, client_oid)
    return last


def cost(
    pair: PairTerms, request: Request, quantity: Decimal | None, fee_in_quote: bool, spent: Decimal = ZERO
) -> Decimal:
    """What an order for `quantity` must have at hand: quote coin for a buy, base coin for a sale."""
    if not request.buys:
        return given(quantity)
    need = given(request.quote) - spent if quantity is None else round_up(given(request.price) * quantity, MONEY_SCALE)
    if fee_in_quote:
        need += round_up(need * max(pair.taker_fee, pair.maker_fee), MONEY_SCALE)
    return need


# The log of orders: (id, time, source, rest), where rest is None until the order is final, then what `_final` makes.


def remember(wallet: Wallet, order: Working) -> None:
    """Puts an order on the list of its pair, and under its client id."""
    log = wallet.orders.get(order.symbol)
    if log is None:
        log = wallet.orders[order.symbol] = Log()
    request = order.request
    rest = _final(order) if order.status in FINAL else None
    log.rows.append((order.id, order.time, request.source._value_, rest))
    if request.client_oid:
        wallet.account.client_oids[request.client_oid] = (order.id, order.time, wallet.place, order.symbol)


def finish(order: Working) -> None:
    """Replaces a working order on its list by what is kept of a final one."""
    log = order.wallet.orders[order.symbol]
    place = given(log.place(order.id))
    log.rows[place] = (order.id, order.time, order.request.source.value, _final(order))


def _final(order: Working) -> tuple[Any, ...]:
    _, kind, loan_type, _, _, force, price, quantity, quote, client_oid, side, _ = order.request
    return (
        client_oid,
        kind._value_,
        side._value_,
        loan_type._value_,
        force._value_,
        price,
        quantity,
        quote,
        order.filled,
        order.total,
        order.status._value_,
    )


def working_row(order: Working) -> Order:
    """An order as it is now, as the venue shows it."""
    return order_row(order.symbol, (order.id, order.time, order.request.source._value_, _final(order)))


def order_row(symbol: str, row: tuple[Any, ...]) -> Order:
    """A line of the log, of a final order, as the venue shows it."""
    order_id, time, source, rest = row
    client_oid, kind, side, loan_type, force, price, quantity, quote, filled, total, status = rest
    return Order(
        symbol,
        str(order_id),
        client_oid or f"{order_id:032x}",
        OrderType(kind),
        Side(side),
        LoanType(loan_type),
        TimeInForce(force),
        price,
        quantity,
        quote,
        half_up(total / filled, MONEY_SCALE) if filled else None,
        filled,
        total,
        OrderStatus(status),
        Source(source),
        time,
    )
