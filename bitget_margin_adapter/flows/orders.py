"""Place and cancel orders."""

from collections.abc import Iterable
from typing import Any

from ccxt.base import errors

from ..model.rows import Accepted, Batch, Refused
from ..model.words import Mode
from ..wire import unify
from ..wire.endpoints import ENDPOINTS
from .arguments import error, listed, load_markets, mapped, market_of, mode_of
from .context import Context, Market, Params
from .effects import Flow, LoadMarkets, Now, Send
from .ids import client_id, ids_of, one_id
from .order_lists import open_rows
from .order_request import OrderRequest, order_request
from .outcome import is_unknown, lost_cancellation, lost_order, lost_orders, unknown
from .used import markets_for, remember

__all__ = [
    "cancel_all_orders",
    "cancel_order",
    "cancel_orders",
    "create_market_buy_order_with_cost",
    "create_order",
    "create_orders",
]

Structure = dict[str, Any]

_NOW = Now()
_PLACE = {mode: f"{mode}_place_order" for mode in Mode}


def create_order(
    ctx: Context, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Params = {}
) -> Flow[Structure]:
    """Place a limit or market order, with loans as params['loanType'] or autoBorrow, autoRepay say.

    Amount and price are cut down to the pair's steps. A market buy spends amount x price, or x the last price, or
    params['cost']. The answer has the ids and what was asked for; `fetch_order` tells what filled.
    Every order carries a client id: when the venue's answer is lost the order is looked up by it, and never sent twice.
    """
    call = "create_order"
    mode = mode_of(ctx, call, params)
    if not ctx.markets:
        yield LoadMarkets()
    market = market_of(ctx, call, symbol)
    request = yield from order_request(ctx, call, market, type, side, amount, price, params)
    remember(ctx, market)
    try:
        row = yield Send(_PLACE[mode], {"symbol": market["id"], **request.fields})
    except (errors.OperationFailed, errors.DuplicateOrderId) as problem:
        # An id that we made ourselves is taken only if something between us and the venue sent the order twice.
        ours = isinstance(problem, errors.DuplicateOrderId) and client_id(ctx, call, params) is None
        if not (ours or is_unknown(problem)):
            raise
        found = yield from lost_order(mode, market["id"], request.client_oid)
        if found is None:
            if ours:
                raise
            raise unknown(ctx, call, problem, _ask(request)) from problem
        return unify.order(found, market["symbol"], mode, unify.number_of(ctx.number))
    now = yield _NOW
    return _placed(row, request, now, mode)


def create_market_buy_order_with_cost(ctx: Context, symbol: str, cost: Any, params: Params = {}) -> Flow[Structure]:
    """Spend `cost` quote coins at the market."""
    return create_order(ctx, symbol, "market", "buy", None, None, {**params, "cost": cost})


def create_orders(ctx: Context, orders: list[Structure], params: Params = {}) -> Flow[list[Structure]]:
    """Place several orders, each {symbol, type, side, amount, price, params}; the list comes back in the same order.

    A refused one has status 'rejected', no id, and the venue's row in `info`; one of which nothing is known, because
    an answer was lost, has status None. Wrong input raises before any is sent; what fails later raises only if nothing
    was placed before. The venue takes 50 of a pair and a mode at once; more go in several calls.
    """
    call = "create_orders"
    rows = listed(ctx, call, "orders", orders)
    if not rows:
        return []
    yield from load_markets(ctx)
    groups: dict[tuple[Mode, str], list[int]] = {}
    markets: list[Market] = []
    requests: list[OrderRequest] = []
    for index, row in enumerate(rows):
        mapped(ctx, call, "each order", row)
        own = {**params, **mapped(ctx, call, "an order's params", row.get("params") or {})}
        market = market_of(ctx, call, row.get("symbol"))
        request = yield from order_request(
            ctx, call, market, row.get("type", ""), row.get("side", ""), row.get("amount"), row.get("price"), own
        )
        requests.append(request)
        markets.append(market)
        groups.setdefault((mode_of(ctx, call, own), market["id"]), []).append(index)
        remember(ctx, market)
    _distinct(ctx, call, requests)
    placed: list[Structure] = [{} for _ in rows]
    for (mode, market_id), indices in groups.items():
        most = _most(f"{mode}_batch_place_order", "orderList")
        for chunk in _chunks(indices, most):
            part = [requests[index] for index in chunk]
            try:
                results = yield from _place_batch(ctx, call, mode, market_id, part)
            except errors.BaseError as problem:
                if not any(placed):
                    raise
                results = [_failed(request, mode, problem) for request in part]
            for index, result in zip(chunk, results, strict=True):
                placed[index] = result
    return placed


def cancel_order(ctx: Context, id: str | None, symbol: str | None = None, params: Params = {}) -> Flow[Structure]:
    """Cancel one order by id, or by params['clientOrderId']."""
    call = "cancel_order"
    mode = mode_of(ctx, call, params)
    ids = one_id(ctx, call, id, params)
    yield from load_markets(ctx)
    market = market_of(ctx, call, symbol)
    remember(ctx, market)
    try:
        batch = yield Send(f"{mode}_cancel_order", {"symbol": market["id"], **ids})
    except errors.OperationFailed as problem:
        if not is_unknown(problem):
            raise
        row = yield from lost_cancellation(mode, market["id"], ids)
        if row is None:
            advice = "fetch_order tells; cancelling again does no harm"
            raise unknown(ctx, call, problem, advice) from problem
        return unify.order(row, market["symbol"], mode, unify.number_of(ctx.number))
    if batch.accepted:
        return unify.accepted(
            batch.accepted[0], None, {"symbol": market["symbol"], "marginMode": str(mode)}, status="canceled"
        )
    refusal = batch.refused[0].error_msg if batch.refused else "the answer names no order"
    raise error(
        errors.OrderNotFound,
        ctx,
        call,
        f"{next(iter(ids.values()))} was not cancelled: {refusal}; fetch_order tells what became of it",
    )


def cancel_orders(
    ctx: Context, ids: list[str] | None, symbol: str | None = None, params: Params = {}
) -> Flow[list[Structure]]:
    """Cancel several orders of a pair by ids, or by params['clientOrderIds']; the list comes back in the same order.

    One that the venue would not cancel has status 'rejected' and the venue's row in `info`; one of which nothing is
    known has status None.
    """
    call = "cancel_orders"
    mode = mode_of(ctx, call, params)
    order_ids = ids_of(ctx, call, "ids", ids)
    client_oids = ids_of(ctx, call, "clientOrderIds", params.get("clientOrderIds") or params.get("clientOids"))
    if bool(order_ids) == bool(client_oids):
        raise error(
            errors.ArgumentsRequired, ctx, call, "it needs either order ids or params['clientOrderIds'], and not both"
        )
    yield from load_markets(ctx)
    market = market_of(ctx, call, symbol)
    remember(ctx, market)
    name, by_id = ("orderIds", True) if order_ids else ("clientOids", False)
    results: list[Structure] = []
    for chunk in _chunks(order_ids or client_oids, _most(f"{mode}_batch_cancel_order", name)):
        status: str | None = "rejected"
        try:
            batch = yield Send(f"{mode}_batch_cancel_order", {"symbol": market["id"], name: list(chunk)})
        except errors.BaseError as problem:
            if not results:
                raise
            status = None if is_unknown(problem) else status
            text = str(problem)
            refusals = (_refusal(id_, text, by_id=by_id) for id_ in chunk)
            batch = Batch((), tuple(refusals))
        for row in _cancelled(batch, chunk, by_id=by_id, symbol=market["symbol"], mode=mode):
            results.append(row if row["status"] == "canceled" else row | {"status": status})
    return results


def cancel_all_orders(ctx: Context, symbol: str | None = None, params: Params = {}) -> Flow[list[Structure]]:
    """Cancel every open order of a pair, or of all pairs used so far; what the venue lists as open at that moment.

    When one pair fails the others are cancelled all the same, and then its exception is raised.
    """
    call = "cancel_all_orders"
    mode = mode_of(ctx, call, params)
    yield from load_markets(ctx)
    results: list[Structure] = []
    failed: Exception | None = None
    for market in markets_for(ctx, call, symbol):
        try:
            rows = yield from open_rows(mode, market["id"], {})
            if rows:
                results += yield from cancel_orders(ctx, [row.order_id for row in rows], market["symbol"], params)
        except errors.BaseError as problem:
            failed = failed or problem
    if failed is not None:
        raise failed
    return results


def _place_batch(
    ctx: Context, call: str, mode: Mode, market_id: str, requests: list[OrderRequest]
) -> Flow[list[Structure]]:
    body = {"symbol": market_id, "orderList": [request.fields for request in requests]}
    try:
        batch = yield Send(f"{mode}_batch_place_order", body)
    except errors.OperationFailed as problem:
        if not is_unknown(problem):
            raise
        return (yield from _lost_batch(ctx, call, mode, market_id, requests, problem))
    now = yield Now()
    accepted = {row.client_oid: row for row in batch.accepted}
    refusals = {row.client_oid: row for row in batch.refused}
    results = []
    for request in requests:
        row = accepted.get(request.client_oid)
        if row is not None:
            results.append(_placed(row, request, now, mode))
            continue
        refusal = refusals.get(request.client_oid)
        if refusal is None:
            refusal = _refusal(request.client_oid, "the answer does not name it", by_id=False)
        results.append(unify.refused(refusal._replace(order_id=None), **request.asked, marginMode=str(mode)))
    return results


def _lost_batch(
    ctx: Context, call: str, mode: Mode, market_id: str, requests: list[OrderRequest], problem: Exception
) -> Flow[list[Structure]]:
    number = unify.number_of(ctx.number)
    found = yield from lost_orders(mode, market_id, {request.client_oid for request in requests})
    if not found:
        raise unknown(
            ctx, call, problem, f"not one of {len(requests)} orders was seen; {_ask(requests[0])}"
        ) from problem
    return [
        unify.order(found[request.client_oid], request.asked["symbol"], mode, number)
        if request.client_oid in found
        else _failed(request, mode, unknown(ctx, call, problem, _ask(request)))
        for request in requests
    ]


def _failed(request: OrderRequest, mode: Mode, problem: BaseException) -> Structure:
    """A line of a batch that went wrong as a whole: refused, or of unknown outcome."""
    refusal = _refusal(request.client_oid, str(problem), by_id=False)
    row = unify.refused(refusal, **request.asked, marginMode=str(mode))
    return row | {"status": None} if is_unknown(problem) else row


def _refusal(id: str, text: str, *, by_id: bool) -> Refused:
    return Refused(id if by_id else None, None if by_id else id, text, {"errorMsg": text})


def _placed(row: Accepted, request: OrderRequest, now: int, mode: Mode) -> Structure:
    if row.client_oid is None:
        row = row._replace(client_oid=request.client_oid)
    return unify.accepted(row, now, request.asked, status="open", marginMode=mode._value_)


def _cancelled(batch: Batch, chunk: Iterable[str], *, by_id: bool, symbol: str, mode: Mode) -> list[Structure]:
    def key(row: Accepted | Refused) -> str | None:
        return row.order_id if by_id else row.client_oid

    accepted = {key(row): row for row in batch.accepted}
    refusals = {key(row): row for row in batch.refused}
    where = {"symbol": symbol, "marginMode": str(mode)}
    results = []
    for id_ in chunk:
        row = accepted.get(id_)
        if row is not None:
            results.append(unify.accepted(row, None, where, status="canceled"))
            continue
        refusal = refusals.get(id_)
        if refusal is None:
            refusal = _refusal(id_, "the answer does not name it", by_id=by_id)
        results.append(unify.refused(refusal, **where))
    return results


def _distinct(ctx: Context, call: str, requests: list[OrderRequest]) -> None:
    seen: set[str] = set()
    for request in requests:
        if request.client_oid in seen:
            raise error(errors.InvalidOrder, ctx, call, f"clientOrderId {request.client_oid!r} stands in two orders")
        seen.add(request.client_oid)


def _most(endpoint: str, name: str) -> int:
    param = ENDPOINTS[endpoint].param(name)
    return param.most if param is not None and param.most is not None else 1


def _chunks(entries: list[Any], size: int) -> Iterable[list[Any]]:
    return (entries[start : start + size] for start in range(0, len(entries), size))


def _ask(request: OrderRequest) -> str:
    return f"ask fetch_order with params['clientOrderId'] {request.client_oid!r} before you place it again"
