"""Orders and fills, one or many."""

from collections.abc import Callable
from typing import Any

from ccxt.base import errors

from ..model.decimals import total
from ..model.rows import Fill, Order
from ..model.words import Mode, OrderStatus
from ..wire import unify
from .arguments import error, load_markets, mode_of, passed, time_of, unified_code
from .context import Context, Market, Params
from .effects import Flow, Now, Send, Together
from .ids import id_text, one_id
from .outcome import find_order
from .paging import LARGEST_PAGE, WINDOW, Window, listing, merged, window_of
from .used import markets_for

__all__ = [
    "fetch_canceled_and_closed_orders",
    "fetch_canceled_orders",
    "fetch_closed_orders",
    "fetch_my_trades",
    "fetch_open_orders",
    "fetch_order",
    "fetch_order_trades",
    "fetch_orders",
    "open_rows",
]

Structure = dict[str, Any]


def fetch_order(ctx: Context, id: str | None, symbol: str | None = None, params: Params = {}) -> Flow[Structure]:
    """One order, by id or params['clientOrderId'], open or not, with its fills, fees and trades.

    Looks back 90 days (params['since'] for longer ago). Raises OrderNotFound only when both lists were read.
    """
    call = "fetch_order"
    mode = mode_of(ctx, call, params)
    ids = one_id(ctx, call, id, params)
    yield from load_markets(ctx)
    markets = markets_for(ctx, call, symbol)
    now = yield Now()
    since = time_of(ctx, call, "since", params.get("since"))
    if since is None:
        since = max(0, now - WINDOW)
    for market in markets:
        row = yield from find_order(mode, market["id"], ids, since, now)
        if row is not None:
            break
    else:
        places = ", ".join(market["symbol"] for market in markets)
        raise error(
            errors.OrderNotFound,
            ctx,
            call,
            f"neither the open orders nor the history of {places} ({mode}) have {next(iter(ids.values()))}; "
            "it looks back 90 days unless params['since'] says more",
        )
    result = unify.order(row, market["symbol"], mode, unify.number_of(ctx.number))
    if row.fill_quantity:
        request = {"symbol": market["id"], "orderId": row.order_id}
        fills = yield from listing(f"{mode}_fills", request, Window(row.ctime or since, None, None, True))
        _complete(ctx, result, row, [fill for fill in fills if fill.order_id == row.order_id], market)
    return result


def fetch_open_orders(
    ctx: Context, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = {}
) -> Flow[list[Structure]]:
    """All open orders of a pair, or of all pairs used so far, oldest first."""
    call = "fetch_open_orders"
    window = window_of(ctx, call, since, limit, params)

    def rows(mode: Mode, market: Market) -> Flow[list[Order]]:
        found = yield from open_rows(mode, market["id"], passed(f"{mode}_open_orders", params, "symbol"))
        return [row for row in found if _inside(row, window)]

    return _orders(ctx, call, symbol, window, params, rows)


def fetch_closed_orders(
    ctx: Context, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = {}
) -> Flow[list[Structure]]:
    """Filled orders, oldest first: from `since` on, or the newest."""
    return _history(ctx, "fetch_closed_orders", symbol, since, limit, params, {OrderStatus.FULL_FILL})


def fetch_canceled_orders(
    ctx: Context, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = {}
) -> Flow[list[Structure]]:
    """Cancelled orders, partly filled ones among them."""
    return _history(ctx, "fetch_canceled_orders", symbol, since, limit, params, {OrderStatus.CANCELLED})


def fetch_canceled_and_closed_orders(
    ctx: Context, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = {}
) -> Flow[list[Structure]]:
    """Orders that have ended, either way."""
    ended = {status for status in OrderStatus if status.final}
    return _history(ctx, "fetch_canceled_and_closed_orders", symbol, since, limit, params, ended)


def fetch_orders(
    ctx: Context, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = {}
) -> Flow[list[Structure]]:
    """Open and ended orders together, oldest first."""
    call = "fetch_orders"
    window = window_of(ctx, call, since, limit, params)

    def rows(mode: Mode, market: Market) -> Flow[list[Order]]:
        # Open ones first: an order that ends between the two calls is then seen twice, not missed.
        found = yield from open_rows(mode, market["id"], {})
        request = {**passed(f"{mode}_order_history", params), "symbol": market["id"]}
        ended = yield from listing(f"{mode}_order_history", request, window)
        by_id = {row.order_id: row for row in (*(row for row in found if _inside(row, window)), *ended)}
        return list(by_id.values())

    return _orders(ctx, call, symbol, window, params, rows)


def fetch_my_trades(
    ctx: Context, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = {}
) -> Flow[list[Structure]]:
    """Fills, oldest first: from `since` on, or the newest. Fees are positive costs in the received coin."""
    call = "fetch_my_trades"
    window = window_of(ctx, call, since, limit, params)
    mode = mode_of(ctx, call, params)
    yield from load_markets(ctx)
    markets = markets_for(ctx, call, symbol)
    rest = passed(f"{mode}_fills", params)
    found = yield Together(
        tuple(listing(f"{mode}_fills", {**rest, "symbol": market["id"]}, window) for market in markets)
    )
    trades = [_trade(ctx, row, market) for market, rows in zip(markets, found, strict=True) for row in rows]
    return merged(trades, window) if len(markets) > 1 else trades


def fetch_order_trades(
    ctx: Context, id: str, symbol: str | None = None, since: int | None = None, limit: int | None = None,
    params: Params = {},
) -> Flow[list[Structure]]:  # fmt: skip
    """The fills of one order, oldest first."""
    call = "fetch_order_trades"
    if not id:
        raise error(errors.ArgumentsRequired, ctx, call, "it needs an order id")
    order_id = id_text(ctx, call, "id", id)
    return fetch_my_trades(ctx, symbol, since, limit, {**params, "orderId": order_id, "paginate": True})


def open_rows(mode: Mode, market_id: str, rest: dict[str, Any]) -> Flow[list[Order]]:
    """All open orders of a pair, oldest first. The list has no page id, so a full page is continued by time."""
    found: dict[str, Order] = {}
    request = {"symbol": market_id, "pageSize": str(LARGEST_PAGE), **rest}
    while True:
        page = yield Send(f"{mode}_open_orders", request)
        fresh = [row for row in page.rows if row.order_id not in found]
        found |= {row.order_id: row for row in fresh}
        times = [row.ctime for row in page.rows if row.ctime is not None]
        if len(page.rows) < LARGEST_PAGE or not fresh or not times:
            break
        request = {**request, "endTime": str(min(times))}
    return sorted(found.values(), key=lambda row: (row.ctime or 0, row.order_id))


def _history(
    ctx: Context, call: str, symbol: str | None, since: int | None, limit: int | None, params: Params,
    statuses: set[OrderStatus],
) -> Flow[list[Structure]]:  # fmt: skip
    window = window_of(ctx, call, since, limit, params)

    def rows(mode: Mode, market: Market) -> Flow[list[Order]]:
        endpoint = f"{mode}_order_history"
        request = {**passed(endpoint, params), "symbol": market["id"]}
        return listing(endpoint, request, window, lambda row: row.status in statuses)

    return _orders(ctx, call, symbol, window, params, rows)


def _orders(
    ctx: Context, call: str, symbol: str | None, window: Window, params: Params,
    rows_of: Callable[[Mode, Market], Flow[list[Order]]],
) -> Flow[list[Structure]]:  # fmt: skip
    mode = mode_of(ctx, call, params)
    yield from load_markets(ctx)
    markets = markets_for(ctx, call, symbol)
    found = yield Together(tuple(rows_of(mode, market) for market in markets))
    number = unify.number_of(ctx.number)
    orders = [
        unify.order(row, market["symbol"], mode, number)
        for market, rows in zip(markets, found, strict=True)
        for row in rows
    ]
    return merged(orders, window)


def _trade(ctx: Context, row: Any, market: Market) -> Structure:
    return unify.trade(row, market["symbol"], unified_code(ctx, row.fee_coin), unify.number_of(ctx.number))


def _complete(ctx: Context, order: Structure, row: Order, fills: list[Fill], market: Market) -> None:
    """The venue's order rows lack fees and the time of the last fill: the fills have both, once all of them show."""
    if not fills:
        return
    order["trades"] = [_trade(ctx, fill, market) for fill in fills]
    order["lastTradeTimestamp"] = fills[-1].ctime
    if total(*(fill.quantity for fill in fills)) < row.fill_quantity:
        return
    number = unify.number_of(ctx.number)
    coins = dict.fromkeys(fill.fee_coin for fill in fills)
    order["fees"] = [
        {
            "currency": unified_code(ctx, coin),
            "cost": number(total(*(fill.fees.copy_abs() for fill in fills if fill.fee_coin == coin))),
        }
        for coin in coins
    ]
    order["fee"] = order["fees"][0] if len(order["fees"]) == 1 else None


def _inside(row: Order, window: Window) -> bool:
    moment = row.ctime
    if moment is None:
        return True
    return (window.since is None or moment >= window.since) and (window.until is None or moment <= window.until)
