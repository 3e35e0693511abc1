"""Borrow, repay, and repay all at once."""

from decimal import Decimal
from typing import Any

from ccxt.base import errors

from ..model.words import Mode
from ..wire import unify
from ..wire.endpoints import ENDPOINTS
from .arguments import coin_of, error, listed, load_markets, market_of, mode_of, money, passed, symbol_of, unified_code
from .context import Context, Market, Params
from .effects import Flow, Now, Send
from .ids import ids_of
from .outcome import is_unknown, lost_receipt, unknown
from .sent import Outcome, book
from .used import remember

__all__ = [
    "borrow_cross_margin",
    "borrow_isolated_margin",
    "borrow_margin",
    "fetch_flash_repay_status",
    "flash_repay",
    "repay_cross_margin",
    "repay_isolated_margin",
    "repay_margin",
]

Structure = dict[str, Any]


def borrow_cross_margin(ctx: Context, code: str, amount: Any, params: Params = {}) -> Flow[Structure]:
    """Borrow a coin in the cross account; at most eight decimals, cut down."""
    return _borrow(
        ctx, "borrow_cross_margin", mode_of(ctx, "borrow_cross_margin", params, Mode.CROSS), code, amount, None, params
    )


def borrow_isolated_margin(ctx: Context, symbol: str, code: str, amount: Any, params: Params = {}) -> Flow[Structure]:
    """Borrow one of a pair's two coins in its isolated account."""
    call = "borrow_isolated_margin"
    return _borrow(ctx, call, mode_of(ctx, call, params, Mode.ISOLATED), code, amount, symbol, params)


def borrow_margin(
    ctx: Context, code: str, amount: Any, symbol: str | None = None, params: Params = {}
) -> Flow[Structure]:
    """ccxt's older name: isolated when a symbol is named or the mode says so, else cross."""
    call = "borrow_margin"
    return _borrow(ctx, call, _either(ctx, call, symbol, params), code, amount, symbol, params)


def repay_cross_margin(ctx: Context, code: str, amount: Any, params: Params = {}) -> Flow[Structure]:
    """Repay a coin in the cross account: interest first, then principal."""
    call = "repay_cross_margin"
    return _repay(ctx, call, mode_of(ctx, call, params, Mode.CROSS), code, amount, None, params)


def repay_isolated_margin(ctx: Context, symbol: str, code: str, amount: Any, params: Params = {}) -> Flow[Structure]:
    """Repay one of a pair's two coins in its isolated account: interest first, then principal."""
    call = "repay_isolated_margin"
    return _repay(ctx, call, mode_of(ctx, call, params, Mode.ISOLATED), code, amount, symbol, params)


def repay_margin(
    ctx: Context, code: str, amount: Any, symbol: str | None = None, params: Params = {}
) -> Flow[Structure]:
    """ccxt's older name: isolated when a symbol is named or the mode says so, else cross."""
    call = "repay_margin"
    return _repay(ctx, call, _either(ctx, call, symbol, params), code, amount, symbol, params)


def flash_repay(
    ctx: Context, code: str | None = None, symbols: list[str] | None = None, params: Params = {}
) -> Flow[list[Structure]]:
    """Sell what the account holds until its debts are paid: of one coin or all, or of the named pairs or all.

    Returns a list of {id, currency, symbol, status, marginMode, info}; ask `fetch_flash_repay_status` how they go.
    """
    call = "flash_repay"
    mode = mode_of(ctx, call, params, Mode.ISOLATED if symbols else None)
    if mode is Mode.ISOLATED and code is not None:
        raise error(errors.BadRequest, ctx, call, "an isolated flash repayment takes symbols, no currency")
    yield from load_markets(ctx)
    request: dict[str, Any] = {}
    if mode is Mode.CROSS and code is not None:
        request["coin"] = coin_of(ctx, call, code)
    named = listed(ctx, call, "symbols", symbols)
    if mode is Mode.ISOLATED and named:
        request["symbols"] = [market_of(ctx, call, symbol)["id"] for symbol in named]
        _at_most(ctx, call, "isolated_flash_repay", "symbols", request["symbols"])
    try:
        reply = yield Send(f"{mode}_flash_repay", request)
    except errors.OperationFailed as problem:
        raise unknown(ctx, call, problem, "look at the debts before you ask again") from problem
    rows = (reply,) if mode is Mode.CROSS else reply
    return [
        {
            "id": row.id,
            "currency": row.coin and unified_code(ctx, row.coin),
            "symbol": symbol_of(ctx, row.symbol),
            "status": row.code or "success",
            "marginMode": str(mode),
            "info": unify.info_of(row),
        }
        for row in rows
    ]


def fetch_flash_repay_status(ctx: Context, ids: list[str] | str, params: Params = {}) -> Flow[list[Structure]]:
    """How flash repayments go: a list of {id, status BEGIN | REPAYING | FINISH, marginMode, info}."""
    call = "fetch_flash_repay_status"
    mode = mode_of(ctx, call, params)
    wanted = ids_of(ctx, call, "ids", [ids] if isinstance(ids, str) and ids else ids)
    if not wanted:
        raise error(errors.ArgumentsRequired, ctx, call, "it needs the ids that flash_repay returned")
    _at_most(ctx, call, f"{mode}_flash_repay_status", "idList", wanted)
    rows = yield Send(f"{mode}_flash_repay_status", {"idList": wanted})
    return [
        {"id": row.id, "status": str(row.status), "marginMode": str(mode), "info": unify.info_of(row)} for row in rows
    ]


def _either(ctx: Context, call: str, symbol: str | None, params: Params) -> Mode:
    return mode_of(ctx, call, params, Mode.ISOLATED if symbol is not None else None)


def _borrow(
    ctx: Context, call: str, mode: Mode, code: str, amount: Any, symbol: str | None, params: Params
) -> Flow[Structure]:
    return _loan(ctx, call, mode, "borrow", "borrowAmount", "loans", code, amount, symbol, params)


def _repay(
    ctx: Context, call: str, mode: Mode, code: str, amount: Any, symbol: str | None, params: Params
) -> Flow[Structure]:
    return _loan(ctx, call, mode, "repay", "repayAmount", "repays", code, amount, symbol, params)


def _loan(
    ctx: Context, call: str, mode: Mode, endpoint: str, field: str, records: str,
    code: str, amount: Any, symbol: str | None, params: Params,
) -> Flow[Structure]:  # fmt: skip
    text = money(ctx, call, amount, clears=endpoint == "repay")
    yield from load_markets(ctx)
    coin = coin_of(ctx, call, code)
    where: dict[str, str] = {}
    market = None
    if mode is Mode.ISOLATED:
        market = market_of(ctx, call, symbol)
        _belongs(ctx, call, coin, market)
        remember(ctx, market)
        where = {"symbol": market["id"]}
    asked_at = yield Now()
    number, unified = unify.number_of(ctx.number), unified_code(ctx, coin)
    market_symbol = None if market is None else str(market["symbol"])
    sent = book(ctx, (str(mode), endpoint, coin, where.get("symbol"), text), asked_at)
    request = {**passed(f"{mode}_{endpoint}", params, "symbol"), "coin": coin, field: text, **where}
    try:
        row = yield Send(f"{mode}_{endpoint}", request)
    except errors.BaseError as problem:
        if not is_unknown(problem):
            sent.outcome = Outcome.REFUSED
            raise
        found = yield from lost_receipt(ctx, mode, records, where, coin, Decimal(text), sent)
        sent.outcome = Outcome.UNKNOWN if found is None else Outcome.DONE
        if found is None:
            advice = f"compare the debt in fetch_balance with what it was before you {endpoint} again"
            raise unknown(ctx, call, problem, advice) from problem
        record = unify.loan if endpoint == "borrow" else unify.repayment
        return record(found, unified, market_symbol, number)
    sent.outcome = Outcome.DONE
    now = yield Now()
    return unify.receipt(row, unified, market_symbol, now, number)


def _belongs(ctx: Context, call: str, coin: str, market: Market) -> None:
    if coin not in (market["baseId"], market["quoteId"]):
        raise error(errors.BadRequest, ctx, call, f"{coin} is no coin of {market['symbol']}")


def _at_most(ctx: Context, call: str, endpoint: str, name: str, entries: list[str]) -> None:
    param = ENDPOINTS[endpoint].param(name)
    if param is not None and param.most is not None and len(entries) > param.most:
        raise error(errors.BadRequest, ctx, call, f"at most {param.most} {name} at once, got {len(entries)}")
