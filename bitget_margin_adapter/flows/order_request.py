"""One order as callers write it, turned into the fields that the venue reads."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from ccxt.base import errors

from ..model.decimals import MONEY_SCALE, STEPS, exact, plain, product
from ..model.words import LoanType, OrderType, Side, TimeInForce
from .arguments import error, option, quantity
from .context import Context, Market, Params
from .effects import Flow, NewId
from .ids import client_id
from .market import last_price

__all__ = ["OrderRequest", "order_request"]

# Members bound once: on 3.11 each look-up on the class is a Python call, and these are asked for with every order.
_LIMIT, _MARKET = OrderType.LIMIT, OrderType.MARKET
_SELL = Side.SELL
_GTC, _POST_ONLY = TimeInForce.GTC, TimeInForce.POST_ONLY

_TIME_IN_FORCE = {
    "GTC": TimeInForce.GTC,
    "IOC": TimeInForce.IOC,
    "FOK": TimeInForce.FOK,
    "PO": TimeInForce.POST_ONLY,
    "POST_ONLY": TimeInForce.POST_ONLY,
}
_TYPES = {word.value: word for word in OrderType}
# The compound ones are the venue's own.
_SIDES = {word.value: word for word in (Side.BUY, Side.SELL)}
_LOAN_TYPES = {word.value: word for word in LoanType}
_UNIFIED = {TimeInForce.GTC: "GTC", TimeInForce.IOC: "IOC", TimeInForce.FOK: "FOK", TimeInForce.POST_ONLY: "PO"}

# The margin API has no plan orders; a stop that is silently dropped would be worse than a refusal.
_NO_SUCH_ORDER = frozenset(
    {
        "triggerPrice", "stopPrice", "stopLossPrice", "takeProfitPrice", "stopLoss", "takeProfit", "trailingPercent",
        "trailingAmount", "reduceOnly",
    }
)  # fmt: skip


_MONEY_STEP = STEPS[MONEY_SCALE]
_NEW_ID = NewId()


class OrderRequest(NamedTuple):
    fields: dict[str, Any]
    """What the venue reads, without the symbol."""
    asked: dict[str, Any]
    """What the acknowledgement will be completed with."""

    @property
    def client_oid(self) -> str:
        return str(self.fields["clientOid"])


class _Manner(NamedTuple):
    """All about an order but its figures: there are few ways to mean one, and they come again and again."""

    type: OrderType
    side: Side
    fields: dict[str, Any]
    """What they are to the venue."""
    asked: dict[str, Any]
    """What they are to the caller."""


_manners: dict[tuple[Any, ...], _Manner] = {}
_MOST_MANNERS = 1_000


def order_request(
    ctx: Context, call: str, market: Market, type: str, side: str, amount: Any, price: Any, params: Params
) -> Flow[OrderRequest]:
    """Checked, cut to the market's steps, with a client id. A market buy without a price asks for the last one."""
    if params and not _NO_SUCH_ORDER.isdisjoint(params):
        for name in _NO_SUCH_ORDER:
            if params.get(name):
                raise error(
                    errors.NotSupported, ctx, call, f"{name}: margin orders are limit or market orders, unconditional"
                )
    manner = _manner(ctx, call, type, side, params)
    client_oid = client_id(ctx, call, params) if params else None
    steps = market["precision"]
    fields: dict[str, Any] = manner.fields.copy()
    number = ctx.number  # each of ccxt's kinds is made of plain text
    base: str | None = None
    limit: str | None = None
    if manner.type is _LIMIT:
        if price is None:
            raise error(errors.InvalidOrder, ctx, call, "a limit order needs a price")
        fields["price"] = limit = quantity(ctx, call, "price", price, steps["price"])
        fields["baseQuantity"] = base = quantity(ctx, call, "amount", amount, steps["amount"])
    elif manner.side is _SELL:
        fields["baseQuantity"] = base = quantity(ctx, call, "amount", amount, steps["amount"])
    else:
        cost, base = yield from _cost(ctx, call, market, amount, price, params)
        fields["quoteAmount"] = quantity(ctx, call, "cost", cost, _MONEY_STEP)
    if params and params.get("stpMode") is not None:
        fields["stpMode"] = params["stpMode"]  # of v2 only; v1 has no such word and ignores it
    fields["clientOid"] = client_oid if client_oid is not None else (yield _NEW_ID)
    asked = manner.asked.copy()
    asked["symbol"] = market["symbol"]
    asked["price"] = None if limit is None else number(limit)
    asked["amount"] = None if base is None else number(base)
    return OrderRequest(fields, asked)


def _cost(
    ctx: Context, call: str, market: Market, amount: Any, price: Any, params: Params
) -> Flow[tuple[Any, str | None]]:
    """What a market buy spends, and the base amount it was meant for, if the caller named one."""
    cost = params.get("quoteAmount") if params.get("cost") is None else params["cost"]
    if cost is not None:
        return cost, None
    requires = params.get("createMarketBuyOrderRequiresPrice")
    if requires is None:
        requires = ctx.options.get("createMarketBuyOrderRequiresPrice")
    if requires is False:
        return amount, None
    base = quantity(ctx, call, "amount", amount, market["precision"]["amount"])
    if price is None:
        if requires:
            raise error(
                errors.InvalidOrder,
                ctx,
                call,
                "a market buy spends quote coins: name a price, params['cost'], or take "
                "options['createMarketBuyOrderRequiresPrice'] away to use the last price",
            )
        price = yield from last_price(ctx, call, market)
    worth = exact(quantity(ctx, call, "price", price, None))
    return plain(product(Decimal(base), worth)), base


def _manner(ctx: Context, call: str, type: str, side: str, params: Params) -> _Manner:
    get = params.get
    words = (
        type, side, get("timeInForce") or get("force"), get("postOnly"), get("loanType"), get("autoBorrow"),
        get("autoRepay"), ctx.options.get("loanType"),
    )  # fmt: skip
    try:
        found = _manners.get(words)
    except TypeError:
        # A word that is a list or the like; below it is told what is wrong with it.
        return _new_manner(ctx, call, type, side, params)
    if found is None:
        found = _new_manner(ctx, call, type, side, params)
        if len(_manners) < _MOST_MANNERS:
            _manners[words] = found
    return found


def _new_manner(ctx: Context, call: str, type: str, side: str, params: Params) -> _Manner:
    order_type = _choice(ctx, call, "type", type, _TYPES)
    direction = _choice(ctx, call, "side", side, _SIDES)
    force = _time_in_force(ctx, call, order_type, params)
    loan_type = _loan_type(ctx, call, params)
    fields = {
        "side": direction.value,
        "orderType": order_type.value,
        "loanType": loan_type.value,
        "timeInForce": force.value,
    }
    asked = {
        "symbol": None,
        "type": order_type.value,
        "side": direction.value,
        "price": None,
        "amount": None,
        "timeInForce": _UNIFIED[force],
        "postOnly": force is _POST_ONLY,
    }
    return _Manner(order_type, direction, fields, asked)


def _time_in_force(ctx: Context, call: str, order_type: OrderType, params: Params) -> TimeInForce:
    text = params.get("timeInForce") or params.get("force") or "GTC"
    force = _TIME_IN_FORCE.get(str(text).upper())
    if force is None:
        raise error(errors.InvalidOrder, ctx, call, f"timeInForce {text!r} is unknown, choose of GTC, IOC, FOK, PO")
    if params.get("postOnly"):
        if force not in (_GTC, _POST_ONLY):
            raise error(errors.InvalidOrder, ctx, call, f"postOnly contradicts timeInForce {text!r}")
        force = _POST_ONLY
    if force is _POST_ONLY and order_type is _MARKET:
        raise error(errors.InvalidOrder, ctx, call, "a market order always takes, it cannot be post only")
    return force


def _loan_type(ctx: Context, call: str, params: Params) -> LoanType:
    borrow, repay = params.get("autoBorrow"), params.get("autoRepay")
    if borrow is None and repay is None:
        return _LOAN_TYPES[option(ctx, call, "loanType", params, _LOAN_TYPES, "normal")]
    if params.get("loanType") is not None:
        raise error(errors.BadRequest, ctx, call, "name either loanType, or autoBorrow and autoRepay")
    if borrow:
        return LoanType.AUTO_LOAN_AND_REPAY if repay else LoanType.AUTO_LOAN
    return LoanType.AUTO_REPAY if repay else LoanType.NORMAL


def _choice(ctx: Context, call: str, name: str, value: Any, words: Mapping[str, Any]) -> Any:
    found = words.get(str(value).lower())
    if found is None:
        raise error(errors.InvalidOrder, ctx, call, f"{name} {value!r} is unknown, choose of {', '.join(words)}")
    return found
