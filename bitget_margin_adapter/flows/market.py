"""Pairs, coins, fees, tiers, borrow rates, and the venue's clock."""

from typing import Any

from ccxt.base import errors

from ..model.words import Mode
from ..wire import unify
from .arguments import coin_of, error, listed, load_markets, market_of, mode_of, unified_code
from .context import Context, Market, Params
from .effects import Flow, LastPrice, Now, Send, Together

__all__ = [
    "fetch_cross_borrow_rate",
    "fetch_cross_borrow_rates",
    "fetch_currencies",
    "fetch_isolated_borrow_rate",
    "fetch_isolated_borrow_rates",
    "fetch_leverage_tiers",
    "fetch_market_leverage_tiers",
    "fetch_markets",
    "fetch_status",
    "fetch_time",
    "fetch_trading_fee",
    "fetch_trading_fees",
]

Structure = dict[str, Any]


def fetch_markets(ctx: Context, params: Params = {}) -> Flow[list[Structure]]:
    """All pairs that can be traded on margin: in either dialect one public call has them with all their figures."""
    pairs = yield Send("currencies", {})
    number = unify.number_of(ctx.number)
    return [unify.market(pair, ctx.commonCurrencies, number) for pair in pairs]


def fetch_currencies(ctx: Context, params: Params = {}) -> Flow[dict[str, Structure]]:
    """The coins of all margin pairs; the margin API knows no networks, fees or limits of theirs."""
    pairs = yield Send("currencies", {})
    number = unify.number_of(ctx.number)
    coins = {coin: None for pair in pairs for coin in (pair.base_coin, pair.quote_coin)}
    codes = {coin: unified_code(ctx, coin) for coin in coins}
    return {code: unify.currency(coin, code, number) for coin, code in codes.items()}


def fetch_time(ctx: Context, params: Params = {}) -> Flow[int]:
    """The venue's clock, ms."""
    now: int = yield Send("time", {})
    return now


def fetch_status(ctx: Context, params: Params = {}) -> Flow[Structure]:
    """ccxt's status: 'ok' when the venue's clock answers."""
    now = yield Send("time", {})
    return {"status": "ok", "updated": now, "eta": None, "url": None, "info": {"serverTime": str(now)}}


def fetch_trading_fees(ctx: Context, params: Params = {}) -> Flow[dict[str, Structure]]:
    """Fees of every pair, as the list of pairs tells them: fractions, taken from what is received."""
    yield from load_markets(ctx)
    markets = ctx.markets or {}
    return {symbol: unify.trading_fee(market) for symbol, market in markets.items() if market.get("spot")}


def fetch_trading_fee(ctx: Context, symbol: str, params: Params = {}) -> Flow[Structure]:
    yield from load_markets(ctx)
    return unify.trading_fee(market_of(ctx, "fetch_trading_fee", symbol))


def fetch_cross_borrow_rate(ctx: Context, code: str, params: Params = {}) -> Flow[Structure]:
    """What a day's loan in the cross account costs, as a fraction, without VIP discount (`info` has the ladder)."""
    call = "fetch_cross_borrow_rate"
    mode_of(ctx, call, params, Mode.CROSS)
    yield from load_markets(ctx)
    rate = yield from _coin_rate(ctx, coin_of(ctx, call, code))
    if rate is None:
        raise error(errors.NotSupported, ctx, call, f"the venue lends no {code} in the cross account")
    return rate


def fetch_isolated_borrow_rate(ctx: Context, symbol: str, params: Params = {}) -> Flow[Structure]:
    """What a day's loan of either coin of a pair costs in its isolated account, as fractions."""
    call = "fetch_isolated_borrow_rate"
    mode_of(ctx, call, params, Mode.ISOLATED)
    yield from load_markets(ctx)
    market = market_of(ctx, call, symbol)
    rate = yield from _pair_rate(ctx, market)
    if rate is None:
        raise error(errors.NotSupported, ctx, call, f"the venue has no isolated account for {market['symbol']}")
    return rate


def fetch_cross_borrow_rates(ctx: Context, params: Params = {}) -> Flow[dict[str, Structure]]:
    """The rate of every coin of a cross pair, or of params['codes']; one request each, so it takes its time."""
    call = "fetch_cross_borrow_rates"
    mode_of(ctx, call, params, Mode.CROSS)
    yield from load_markets(ctx)
    coins = [coin_of(ctx, call, code) for code in listed(ctx, call, "codes", params.get("codes")) or _cross_codes(ctx)]
    rates = yield Together(tuple(_perhaps(_coin_rate(ctx, coin)) for coin in coins))
    return {rate["currency"]: rate for rate in rates if rate is not None}


def fetch_isolated_borrow_rates(ctx: Context, params: Params = {}) -> Flow[dict[str, Structure]]:
    """The rates of every isolated pair, or of params['symbols']; one request each, so it takes its time."""
    call = "fetch_isolated_borrow_rates"
    mode_of(ctx, call, params, Mode.ISOLATED)
    yield from load_markets(ctx)
    markets = [
        market_of(ctx, call, symbol)
        for symbol in listed(ctx, call, "symbols", params.get("symbols")) or _symbols(ctx, Mode.ISOLATED)
    ]
    rates = yield Together(tuple(_perhaps(_pair_rate(ctx, market)) for market in markets))
    return {rate["symbol"]: rate for rate in rates if rate is not None}


def fetch_market_leverage_tiers(ctx: Context, symbol: str, params: Params = {}) -> Flow[list[Structure]]:
    """The tiers of a pair, isolated unless params say cross.

    They are in the pair's quote coin (params['code'] for the other one): the limits are amounts to borrow of it.
    """
    call = "fetch_market_leverage_tiers"
    mode = mode_of(ctx, call, {"marginMode": Mode.ISOLATED, **params})
    yield from load_markets(ctx)
    market = market_of(ctx, call, symbol)
    return (yield from _tiers(ctx, call, mode, market, params.get("code")))


def fetch_leverage_tiers(
    ctx: Context, symbols: list[str] | None = None, params: Params = {}
) -> Flow[dict[str, list[Structure]]]:
    """The tiers of several pairs (all of the mode's when none are named); one request each."""
    call = "fetch_leverage_tiers"
    mode = mode_of(ctx, call, {"marginMode": Mode.ISOLATED, **params})
    yield from load_markets(ctx)
    wanted = [market_of(ctx, call, symbol) for symbol in listed(ctx, call, "symbols", symbols) or _symbols(ctx, mode)]
    code = params.get("code")
    found = yield Together(tuple(_perhaps(_tiers(ctx, call, mode, market, code)) for market in wanted))
    return {market["symbol"]: tiers for market, tiers in zip(wanted, found, strict=True) if tiers is not None}


def _coin_rate(ctx: Context, coin: str) -> Flow[Structure | None]:
    rows = yield Send("cross_interest_rate_and_limit", {"coin": coin})
    if not rows:
        return None
    now = yield Now()
    return unify.coin_rate(rows[0], unified_code(ctx, rows[0].coin), now, unify.number_of(ctx.number))


def _pair_rate(ctx: Context, market: Market) -> Flow[Structure | None]:
    rows = yield Send("isolated_interest_rate_and_limit", {"symbol": market["id"]})
    if not rows:
        return None
    now = yield Now()
    number = unify.number_of(ctx.number)
    return unify.pair_rate(rows[0], market["symbol"], market["base"], market["quote"], now, number)


def _tiers(ctx: Context, call: str, mode: Mode, market: Market, code: str | None) -> Flow[list[Structure]]:
    code = code or market["quote"]
    if code not in (market["base"], market["quote"]):
        raise error(errors.BadRequest, ctx, call, f"{code} is no coin of {market['symbol']}")
    coin = coin_of(ctx, call, code)
    request = {"coin": coin} if mode is Mode.CROSS else {"symbol": market["id"]}
    rows = yield Send(f"{mode}_tier_data", request)
    return unify.tiers(rows, market["symbol"], coin, code, unify.number_of(ctx.number))


def _symbols(ctx: Context, mode: Mode) -> list[str]:
    markets = ctx.markets or {}
    return [symbol for symbol, market in markets.items() if (market.get("marginModes") or {}).get(str(mode))]


def _cross_codes(ctx: Context) -> list[str]:
    markets = ctx.markets or {}
    return list(
        {
            code: None
            for symbol in _symbols(ctx, Mode.CROSS)
            for code in (markets[symbol]["base"], markets[symbol]["quote"])
        }
    )


def _perhaps(flow: Flow[Any]) -> Flow[Any]:
    """None where the venue says that it has no such account: a list of all pairs must not fail over one.

    What the caller named wrongly was refused before.
    """
    try:
        return (yield from flow)
    except errors.BadSymbol:
        return None


def last_price(ctx: Context, call: str, market: Market) -> Flow[Any]:
    """The last traded price of a pair."""
    symbol = market["symbol"]
    price = yield LastPrice(symbol, market["id"])
    if not price:
        raise error(errors.InvalidOrder, ctx, call, f"{symbol} has no last price: name a price, or params['cost']")
    return price
