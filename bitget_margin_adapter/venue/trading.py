"""The order calls: place, cancel, both in batches, and what is open."""

from collections.abc import Mapping
from typing import Any

from ..engine import matching
from ..engine.accounts import CROSS, Wallet, isolated
from ..engine.liquidation import check
from ..engine.orders import Request, Working, pair_for, unopened
from ..engine.state import State
from ..engine.terms import PairTerms
from ..model.decimals import whole
from ..model.refusals import Reason, Refusal
from ..model.rows import Accepted, Batch, Refused
from ..model.words import LoanType, Mode, OrderType, Side, Source, TimeInForce
from .money import Values, wallet_of
from .parameters import read_entry

__all__ = ["batch_cancel_order", "batch_place_order", "cancel_order", "order_of", "place_order", "place_request"]

# Members bound once: on 3.11 each look-up on the class is a Python call, and these are asked for with every order.
_CROSS = Mode.CROSS
_LIMIT = OrderType.LIMIT
_BUY = Side.BUY
_API = Source.API
_GTC = TimeInForce.GTC

# A named tuple's own constructor costs three times as much, and these are made for every order.
_new = tuple.__new__
_LOANS = {word: (word, word.borrows, word.repays) for word in LoanType}


def place_order(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Accepted:
    wallet, pair = _where(state, account, mode, values["symbol"], now)
    return _place(state, wallet, pair, values, now)


def place_request(state: State, account: str, mode: Mode | None, symbol: str, request: Request, now: int) -> Accepted:
    """An order that is ready, from a host in this process."""
    wallet, pair = _where(state, account, mode, symbol, now)
    return _enter(state, wallet, pair, request, now)


def batch_place_order(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Batch:
    """Each line stands for itself: a refused one does not hold up the others."""
    wallet, pair = _where(state, account, mode, values["symbol"], now)
    taken: list[Accepted] = []
    refused: list[Refused] = []
    for entry in values["orderList"]:
        try:
            taken.append(_place(state, wallet, pair, read_entry(f"{mode}_batch_place_order", entry), now))
        except Refusal as refusal:
            refused.append(Refused(None, _said(entry, "clientOid"), words(refusal)))
    return Batch(tuple(taken), tuple(refused))


def cancel_order(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Batch:
    wallet = wallet_of(state, account, mode, values)
    pair_for(state, mode, values["symbol"])
    unopened(wallet, now)
    if values["orderId"] is None and values["clientOid"] is None:
        raise Refusal(Reason.ORDER_ID_OR_CLIENT_OID)
    order = _working(wallet, values["symbol"], values["orderId"], values["clientOid"])
    matching.cancel(state, order, now)
    return Batch((accepted(order),), ())


def batch_cancel_order(state: State, account: str, mode: Mode | None, values: Values, now: int) -> Batch:
    wallet = wallet_of(state, account, mode, values)
    pair_for(state, mode, values["symbol"])
    unopened(wallet, now)
    ids, client_oids = values["orderIds"] or [], values["clientOids"] or []
    if not ids and not client_oids:
        raise Refusal(Reason.ONE_OF_PARAMETERS, "orderIds, clientOids")
    done: list[Accepted] = []
    refused: list[Refused] = []
    for order_id, client_oid in [*((item, None) for item in ids), *((None, item) for item in client_oids)]:
        try:
            number = None if order_id is None else whole(order_id) or 0
            order = _working(wallet, values["symbol"], number, client_oid)
            matching.cancel(state, order, now)
            done.append(accepted(order))
        except Refusal as refusal:
            refused.append(Refused(order_id, client_oid, words(refusal)))
    return Batch(tuple(done), tuple(refused))


def accepted(order: Working) -> Accepted:
    return Accepted(str(order.id), order.request.client_oid or f"{order.id:032x}")


def words(refusal: Refusal) -> str:
    """A refusal in a batch has only a text."""
    text = refusal.reason.name.lower().replace("_", " ")
    return f"{text}: {', '.join(refusal.details)}" if refusal.details else text


def _said(entry: Mapping[str, Any], name: str) -> str | None:
    value = entry.get(name)
    return value if isinstance(value, str) and value else None


def _where(state: State, account: str, mode: Mode | None, symbol: str, now: int) -> tuple[Wallet, PairTerms]:
    """The pair and the wallet of an order, if orders are taken there."""
    pair = pair_for(state, mode, symbol)
    wallet = state.wallet(account, CROSS if mode is _CROSS else isolated(pair.symbol))
    if wallet.frozen or wallet.busy_until:
        unopened(wallet, now)
    return wallet, pair


def _place(state: State, wallet: Wallet, pair: PairTerms, values: Values, now: int) -> Accepted:
    side = values["side"]
    buys = side is _BUY
    kind = values["orderType"]
    loan_type, borrows, repays = _LOANS[values["loanType"]]
    client_oid = values["clientOid"]
    force = values["timeInForce"] or _GTC
    price = quantity = quote = None
    if kind is _LIMIT:
        price, quantity = values["price"], values["baseQuantity"]
    elif buys:
        quote = values["quoteAmount"]
    else:
        quantity = values["baseQuantity"]
    fields = (buys, kind, loan_type, borrows, repays, force, price, quantity, quote, client_oid, side, _API)
    return _enter(state, wallet, pair, _new(Request, fields), now)


def _enter(state: State, wallet: Wallet, pair: PairTerms, request: Request, now: int) -> Accepted:
    order = matching.place(state, wallet, pair, request, now)
    if wallet.owing:
        check(state, wallet, now)
    return _new(Accepted, (str(order.id), request.client_oid or f"{order.id:032x}", None))


def order_of(wallet: Wallet, symbol: str, order_id: int | None, client_oid: str | None) -> int | None:
    """The id that a call means, if this wallet has such an order for the pair."""
    if order_id is None and client_oid is not None:
        known = wallet.account.client_oids.get(client_oid)
        if known is not None and known[2] == wallet.place and known[3] == symbol:
            order_id = known[0]
        elif len(client_oid) == 32:
            # A client id that the venue made is the order's own number.
            try:
                order_id = int(client_oid, 16)
            except ValueError:
                return None
    log = wallet.orders.get(symbol)
    if order_id is None or log is None or log.place(order_id) is None:
        return None
    return order_id


def _working(wallet: Wallet, symbol: str, order_id: int | None, client_oid: str | None) -> Working:
    found = order_of(wallet, symbol, order_id, client_oid)
    if found is None:
        raise Refusal(Reason.UNKNOWN_ORDER)
    order: Working | None = wallet.open.get(symbol, {}).get(found)
    if order is None:
        raise Refusal(Reason.ORDER_FINAL)
    return order
