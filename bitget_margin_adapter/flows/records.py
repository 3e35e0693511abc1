"""What happened in a margin account: loans, repayments, interest, liquidations, financial records."""

from collections.abc import Callable
from typing import Any

from ccxt.base import errors

from ..model.words import Mode
from ..wire import unify
from ..wire.endpoints import ENDPOINTS
from .arguments import coin_of, error, load_markets, mode_of, passed, unified_code
from .context import Context, Market, Params
from .effects import Flow, Together
from .paging import Window, listing, merged, window_of
from .used import markets_for

__all__ = [
    "fetch_borrow_history",
    "fetch_borrow_interest",
    "fetch_ledger",
    "fetch_my_liquidations",
    "fetch_repay_history",
]

Structure = dict[str, Any]
Unify = Callable[[Any, str | None, Mode], Structure]


def fetch_borrow_interest(
    ctx: Context, code: str | None = None, symbol: str | None = None, since: int | None = None,
    limit: int | None = None, params: Params = {},
) -> Flow[list[Structure]]:  # fmt: skip
    """Interest as it was charged, hour by hour, oldest first. Isolated when a symbol is named."""
    number = unify.number_of(ctx.number)
    return _records(
        ctx, "fetch_borrow_interest", "interests", code, symbol, since, limit, params,
        lambda row, pair, mode: unify.borrow_interest(row, unified_code(ctx, row.interest_coin), pair, mode, number),
        coin=lambda row: row.interest_coin,
    )  # fmt: skip


def fetch_borrow_history(
    ctx: Context, code: str | None = None, symbol: str | None = None, since: int | None = None,
    limit: int | None = None, params: Params = {},
) -> Flow[list[Structure]]:  # fmt: skip
    """Loans taken, by hand and by orders. Isolated when a symbol is named."""
    number = unify.number_of(ctx.number)
    return _records(
        ctx, "fetch_borrow_history", "loans", code, symbol, since, limit, params,
        lambda row, pair, mode: unify.loan(row, unified_code(ctx, row.coin), pair, number),
    )  # fmt: skip


def fetch_repay_history(
    ctx: Context, code: str | None = None, symbol: str | None = None, since: int | None = None,
    limit: int | None = None, params: Params = {},
) -> Flow[list[Structure]]:  # fmt: skip
    """Repayments, with the parts that went to interest and principal. Isolated when a symbol is named."""
    number = unify.number_of(ctx.number)
    return _records(
        ctx, "fetch_repay_history", "repays", code, symbol, since, limit, params,
        lambda row, pair, mode: unify.repayment(row, unified_code(ctx, row.coin), pair, number),
    )  # fmt: skip


def fetch_my_liquidations(
    ctx: Context, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = {}
) -> Flow[list[Structure]]:
    """Liquidations of the account. Isolated when a symbol is named; values are in USDT."""
    number = unify.number_of(ctx.number)
    return _records(
        ctx, "fetch_my_liquidations", "liquidations", None, symbol, since, limit, params,
        lambda row, pair, mode: unify.liquidation(row, pair, number),
    )  # fmt: skip


def fetch_ledger(
    ctx: Context, code: str | None = None, since: int | None = None, limit: int | None = None, params: Params = {}
) -> Flow[list[Structure]]:
    """Financial records: what came into the account and left it. Isolated with params['symbol'] or marginMode."""
    number = unify.number_of(ctx.number)
    return _records(
        ctx, "fetch_ledger", "financial_records", code, params.get("symbol"), since, limit, params,
        lambda row, pair, mode: unify.ledger_entry(row, unified_code(ctx, row.coin), pair, mode, number),
    )  # fmt: skip


def _records(
    ctx: Context, call: str, endpoint: str, code: str | None, symbol: str | None, since: int | None,
    limit: int | None, params: Params, unified: Unify, coin: Callable[[Any], str] = lambda row: str(row.coin),
) -> Flow[list[Structure]]:  # fmt: skip
    window = window_of(ctx, call, since, limit, params)
    mode = mode_of(ctx, call, params, Mode.ISOLATED if symbol is not None else None)
    yield from load_markets(ctx)
    request = passed(f"{mode}_{endpoint}", params, "symbol")
    keep: Callable[[Any], bool] | None = None
    if code is not None:
        wanted = coin_of(ctx, call, code)
        if ENDPOINTS[f"{mode}_{endpoint}"].param("coin") is None:
            raise error(errors.BadRequest, ctx, call, "the venue does not list this by currency")
        request["coin"] = wanted
        keep = lambda row: coin(row).upper() == wanted.upper()  # noqa: E731
    if mode is Mode.CROSS:
        rows = yield from listing(f"{mode}_{endpoint}", request, window, keep)
        return [unified(row, None, mode) for row in rows]
    markets = markets_for(ctx, call, symbol)
    found = yield Together(tuple(_of_pair(endpoint, market, request, window, keep) for market in markets))
    result = [unified(row, market["symbol"], mode) for market, rows in zip(markets, found, strict=True) for row in rows]
    return result if len(markets) == 1 else merged(result, window)


def _of_pair(
    endpoint: str, market: Market, request: Structure, window: Window, keep: Callable[[Any], bool] | None
) -> Flow[list[Any]]:
    return listing(f"{Mode.ISOLATED}_{endpoint}", {"symbol": market["id"], **request}, window, keep)
