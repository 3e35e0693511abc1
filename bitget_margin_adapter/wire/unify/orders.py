"""Orders and fills."""

from typing import Any

from ...model.decimals import ZERO, minus, ratio
from ...model.rows import Accepted, Fill, Order, Refused
from ...model.words import BASE_SIDES, OrderStatus, OrderType, Side, TimeInForce
from .info import info_of
from .numbers import Number, iso8601

__all__ = ["accepted", "order", "refused", "trade"]

_STATUS = {
    OrderStatus.INIT: "open",
    OrderStatus.NEW: "open",
    OrderStatus.PARTIAL_FILL: "open",
    OrderStatus.FULL_FILL: "closed",
    OrderStatus.CANCELLED: "canceled",
}
TIME_IN_FORCE = {
    TimeInForce.GTC: "GTC",
    TimeInForce.POST_ONLY: "PO",
    TimeInForce.FOK: "FOK",
    TimeInForce.IOC: "IOC",
}


_NOTHING: dict[str, Any] = dict.fromkeys(
    (
        "id", "clientOrderId", "timestamp", "datetime", "lastTradeTimestamp", "lastUpdateTimestamp", "status",
        "symbol", "type", "timeInForce", "postOnly", "reduceOnly", "side", "price", "average", "amount", "cost",
        "filled", "remaining", "stopPrice", "triggerPrice", "takeProfitPrice", "stopLossPrice", "fee", "fees",
        "trades", "marginMode", "leverage", "hedged", "info",
    )
)  # fmt: skip


def _structure(**known: Any) -> dict[str, Any]:
    known["fees"], known["trades"] = [], []
    return _NOTHING | known


def order(row: Order, symbol: str, margin_mode: str, number: Number) -> dict[str, Any]:
    """ccxt's order.

    The amount of a market buy, which names its cost, is what it filled once it is final, and unknown until then.
    The venue's order rows carry no fees: `fetch_order` adds them from the fills.
    """
    filled, final = row.fill_quantity, row.status.final
    if row.order_type is OrderType.MARKET and BASE_SIDES[row.side] is Side.BUY:
        amount = filled if final and filled else None
    else:
        amount = row.base_quantity
    average = ratio(row.fill_total, filled) if filled and not row.fill_price else row.fill_price
    return _structure(
        id=row.order_id,
        clientOrderId=row.client_oid,
        timestamp=row.ctime,
        datetime=iso8601(row.ctime),
        status=_STATUS[row.status],
        symbol=symbol,
        type=str(row.order_type),
        timeInForce=None if row.time_in_force is None else TIME_IN_FORCE[row.time_in_force],
        postOnly=None if row.time_in_force is None else row.time_in_force is TimeInForce.POST_ONLY,
        side=str(BASE_SIDES[row.side]),
        price=number(row.price) if row.price else None,
        average=number(average) if average and filled else None,
        amount=None if amount is None else number(amount),
        cost=number(row.fill_total),
        filled=number(filled),
        remaining=None if amount is None else number(max(minus(amount, filled), ZERO)),
        marginMode=str(margin_mode),
        info=info_of(row),
    )


def accepted(row: Accepted, now: int | None, asked: dict[str, Any], **known: Any) -> dict[str, Any]:
    """ccxt's order as the venue's acknowledgement knows it: the ids, and what was asked for.

    What filled is not in the answer, so it is None here and `fetch_order` tells. `now` is the moment of the answer.
    """
    order_id, client_oid, info = row
    made = {**_NOTHING, **asked, **known}
    made["fees"], made["trades"] = [], []
    made["id"], made["clientOrderId"] = order_id, client_oid
    made["timestamp"], made["datetime"] = now, iso8601(now)
    made["info"] = info_of(row) if info is None else info
    return made


def refused(row: Refused, **asked: Any) -> dict[str, Any]:
    """A line of a batch that was not taken: no id (but the one that a cancellation named), status 'rejected'."""
    return _structure(id=row.order_id, clientOrderId=row.client_oid, status="rejected", info=info_of(row), **asked)


def trade(row: Fill, symbol: str, code: str, number: Number) -> dict[str, Any]:
    """ccxt's trade; the fee is a positive cost in the coin that was received.

    The venue writes fees with a minus, its documentation without: both are costs.
    """
    fee = {"currency": code, "cost": number(row.fees.copy_abs()), "rate": None}
    return {
        "info": info_of(row),
        "id": row.fill_id,
        "order": row.order_id,
        "timestamp": row.ctime,
        "datetime": iso8601(row.ctime),
        "symbol": symbol,
        "type": str(row.order_type),
        "side": str(BASE_SIDES[row.side]),
        "takerOrMaker": None,
        "price": number(row.price),
        "amount": number(row.quantity),
        "cost": number(row.total),
        "fee": fee,
        "fees": [fee],
    }
