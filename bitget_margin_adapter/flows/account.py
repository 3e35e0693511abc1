"""Balances, transfers, risk, and what may still be borrowed or moved out."""

from decimal import Decimal
from typing import Any

from ccxt.base import errors

from ..model.words import Mode
from ..wire import unify
from ..wire.endpoints import ENDPOINTS
from .arguments import coin_of, error, load_markets, market_of, mode_of, money, passed, symbol_of, unified_code
from .context import Context, Market, Params
from .effects import Flow, Now, Send
from .outcome import unknown

__all__ = ["fetch_balance", "fetch_max_borrowable", "fetch_max_transferable", "fetch_risk_rate", "transfer"]

Structure = dict[str, Any]

# ccxt's words for accounts, and the venue's.
_ACCOUNTS = {
    "spot": "spot",
    "main": "spot",
    "cross": "margin_cross",
    "margin": "margin_cross",
    "crossed_margin": "margin_cross",
    "isolated": "margin_isolated",
    "isolated_margin": "margin_isolated",
} | {choice: choice for choice in ENDPOINTS["transfer"].params[0].choices}


def fetch_balance(ctx: Context, params: Params = {}) -> Flow[Structure]:
    """Free, used, total and debt of each coin.

    Cross: flat; with params['code'] that coin alone. Isolated: a flat balance for each pair, keyed by symbol; with
    params['symbol'] that pair's alone.
    """
    call = "fetch_balance"
    mode = mode_of(ctx, call, params, Mode.ISOLATED if params.get("symbol") else None)
    yield from load_markets(ctx)
    number, codes = unify.number_of(ctx.number), ctx.commonCurrencies
    if mode is Mode.CROSS:
        request = passed("cross_assets", params)
        if params.get("code"):
            request["coin"] = coin_of(ctx, call, params["code"])
        return unify.balance((yield Send("cross_assets", request)), codes, number)
    if params.get("symbol"):
        market = market_of(ctx, call, params["symbol"])
        return unify.balance((yield Send("isolated_assets", {"symbol": market["id"]})), codes, number)
    rows = yield Send("isolated_assets", {})
    symbols = {row.symbol: symbol_of(ctx, row.symbol) or "" for row in rows}
    return unify.balances(rows, symbols, codes, number)


def transfer(
    ctx: Context,
    code: str,
    amount: Any,
    fromAccount: str,
    toAccount: str,
    params: Params = {},
) -> Flow[Structure]:
    """Move a coin between spot, cross and isolated accounts; isolated needs params['symbol'] or a symbol as its name.

    The venue cannot be asked about a transfer afterwards: when its answer is lost, RequestTimeout says so.
    """
    call = "transfer"
    text = money(ctx, call, amount)
    yield from load_markets(ctx)
    coin = coin_of(ctx, call, code)
    source, source_market = _account_of(ctx, call, "fromAccount", fromAccount, params)
    target, target_market = _account_of(ctx, call, "toAccount", toAccount, params)
    market = source_market or target_market
    if source_market and target_market and source_market["id"] != target_market["id"]:
        raise error(
            errors.BadRequest, ctx, call, "between two isolated accounts the way leads through spot, in two calls"
        )
    request = passed("transfer", params, "symbol")
    request |= {"fromType": source, "toType": target, "amount": text, "coin": coin}
    if market is not None:
        request["symbol"] = market["id"]
    try:
        row = yield Send("transfer", request)
    except errors.OperationFailed as problem:
        raise unknown(ctx, call, problem, "compare the balances of both accounts before you send it again") from problem
    now = yield Now()
    number = unify.number_of(ctx.number)
    return unify.transfer(row, unified_code(ctx, coin), number(Decimal(text)), fromAccount, toAccount, now)


def fetch_risk_rate(ctx: Context, symbol: str | None = None, params: Params = {}) -> Flow[Structure]:
    """How near liquidation is: 0 without debt, 1 where it begins. Isolated when a symbol is named."""
    call = "fetch_risk_rate"
    mode = mode_of(ctx, call, params, Mode.ISOLATED if symbol else None)
    number = unify.number_of(ctx.number)
    if mode is Mode.CROSS:
        row = yield Send("cross_risk_rate", passed("cross_risk_rate", params))
        return unify.risk(row, None, mode, number)
    yield from load_markets(ctx)
    market = market_of(ctx, call, symbol)
    rows = yield Send("isolated_risk_rate", {**passed("isolated_risk_rate", params), "symbol": market["id"]})
    if not rows:
        raise error(errors.BadSymbol, ctx, call, f"the venue knows no isolated account of {market['symbol']}")
    return unify.risk(rows[0], market["symbol"], mode, number)


def fetch_max_borrowable(ctx: Context, code: str, symbol: str | None = None, params: Params = {}) -> Flow[Structure]:
    """How much of a coin can still be borrowed. Isolated when a symbol is named."""
    return _ceiling(ctx, "fetch_max_borrowable", "max_borrowable", code, symbol, params)


def fetch_max_transferable(ctx: Context, code: str, symbol: str | None = None, params: Params = {}) -> Flow[Structure]:
    """How much of a coin can be moved out of the account. Isolated when a symbol is named."""
    return _ceiling(ctx, "fetch_max_transferable", "max_transfer_out", code, symbol, params)


def _ceiling(ctx: Context, call: str, endpoint: str, code: str, symbol: str | None, params: Params) -> Flow[Structure]:
    mode = mode_of(ctx, call, params, Mode.ISOLATED if symbol else None)
    yield from load_markets(ctx)
    request: dict[str, Any] = {"coin": coin_of(ctx, call, code)}
    market = None
    if mode is Mode.ISOLATED:
        market = market_of(ctx, call, symbol)
        request["symbol"] = market["id"]
    row = yield Send(f"{mode}_{endpoint}", request)
    return unify.max_amount(
        row,
        endpoint,
        unified_code(ctx, row.coin),
        None if market is None else market["symbol"],
        mode,
        unify.number_of(ctx.number),
    )


def _account_of(ctx: Context, call: str, name: str, account: str, params: Params) -> tuple[str, Market | None]:
    known = _ACCOUNTS.get(str(account).lower())
    if known is None and ("/" in str(account) or str(account).upper() in (ctx.markets_by_id or {})):
        return _ACCOUNTS["isolated"], market_of(ctx, call, account)
    if known is None:
        raise error(
            errors.BadRequest, ctx, call, f"{name} {account!r} is unknown, choose of {', '.join(sorted(_ACCOUNTS))}"
        )
    if known != _ACCOUNTS["isolated"]:
        return known, None
    return known, market_of(ctx, call, params.get("symbol"))
