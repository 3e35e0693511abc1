"""What callers write, checked and turned into what the venue reads.

Everything wrong is a ccxt exception before anything is sent: what is wrong with which argument of which call, and what
to write instead.
"""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ccxt.base import errors

from ..model.decimals import MONEY_SCALE, Numeric, cut, exact, half_up, plain, round_up
from ..model.symbols import market_id
from ..model.words import Mode
from ..wire.endpoints import ENDPOINTS
from ..wire.unify import LAST_TIME
from .context import Context, Market, Params
from .effects import Flow, LoadMarkets

__all__ = [
    "coin_of",
    "error",
    "limit_of",
    "listed",
    "load_markets",
    "mapped",
    "market_of",
    "mode_of",
    "money",
    "option",
    "passed",
    "quantity",
    "scale_of",
    "symbol_of",
    "time_of",
    "unified_code",
]


def error(kind: type[Exception], ctx: Context, call: str, text: str) -> Exception:
    """An exception whose message begins with the exchange and the call, as all of ours do."""
    return kind(f"{ctx.id} {call}: {text}")


def load_markets(ctx: Context) -> Flow[None]:
    if not ctx.markets:
        yield LoadMarkets()


_MODES: dict[str, Mode] = {mode.value: mode for mode in Mode}
_DEFAULT_MODE = Mode.CROSS


def mode_of(ctx: Context, call: str, params: Params, fixed: Mode | None = None) -> Mode:
    """params['marginMode'], else the option, else cross; `fixed` is what the method's name already says."""
    # Frameworks name the type of market in every call; another one than ours must not be answered with ours.
    if "type" in params and params["type"] not in ("margin", None):
        raise error(errors.NotSupported, ctx, call, f"type {params['type']!r}: this exchange has margin accounts only")
    asked = params.get("marginMode")
    if asked is None:
        asked = fixed or ctx.options.get("marginMode") or ctx.options.get("defaultMarginMode") or _DEFAULT_MODE
    mode = _MODES.get(asked) if isinstance(asked, str) else None
    if mode is None:
        raise error(errors.BadRequest, ctx, call, f"marginMode {asked!r} is unknown, write 'cross' or 'isolated'")
    if fixed is not None and mode is not fixed:
        raise error(
            errors.BadRequest, ctx, call, f"it is about the {fixed} account, but marginMode says {mode}: leave one out"
        )
    return mode


def market_of(ctx: Context, call: str, symbol: str | None) -> Market:
    """The loaded market of BTC/USDT, BTCUSDT, BTCUSDT_SPBL, in any case. Run `load_markets` before."""
    markets = ctx.markets or {}
    found = markets.get(symbol) if symbol.__class__ is str else None
    if found is None or not found.get("spot"):
        if symbol is None or symbol == "":
            raise error(errors.ArgumentsRequired, ctx, call, "it needs a symbol, such as BTC/USDT")
        if not isinstance(symbol, str):
            raise error(errors.BadSymbol, ctx, call, f"a symbol is a text such as BTC/USDT, not {symbol!r}")
        try:
            candidates = (ctx.markets_by_id or {}).get(market_id(symbol), ())
        except ValueError as problem:
            raise error(errors.BadSymbol, ctx, call, str(problem)) from None
        found = next((market for market in candidates if market.get("spot")), None)
    if found is None:
        raise error(
            errors.BadSymbol,
            ctx,
            call,
            f"no margin pair {symbol!r} among {len(markets)} markets; exchange.symbols lists them",
        )
    return found  # type: ignore[no-any-return]  # ccxt's markets are plain dictionaries


def symbol_of(ctx: Context, id_: str | None) -> str | None:
    """The unified symbol of a venue's one, which may carry a suffix or be in lower case."""
    if id_ is None:
        return None
    found = (ctx.markets_by_id or {}).get(id_) or (ctx.markets_by_id or {}).get(market_id(id_))
    return str(found[0]["symbol"]) if found else id_


def coin_of(ctx: Context, call: str, code: str | None) -> str:
    """The venue's name of a unified currency code. Run `load_markets` before."""
    if not code:
        raise error(errors.ArgumentsRequired, ctx, call, "it needs a currency code, such as USDT")
    found = ctx.currencies.get(str(code)) or ctx.currencies.get(str(code).upper())
    if found is None:
        raise error(
            errors.BadRequest, ctx, call, f"no coin {code!r} in any margin pair; exchange.currencies lists them"
        )
    return str(found["id"])


def unified_code(ctx: Context, coin: str) -> str:
    coin = coin.upper()
    return ctx.commonCurrencies.get(coin, coin)


@lru_cache(maxsize=4096)
def scale_of(tick: Any) -> int:
    """Number of decimals of a step such as 0.0001."""
    return max(0, -exact(tick).normalize().as_tuple().exponent)  # type: ignore[operator]  # exact() is finite


# Powers of ten beyond which nothing is an amount, and writing it out could take all memory.
_MAGNITUDE = 30
_LARGE = 10**_MAGNITUDE


def _positive(ctx: Context, call: str, name: str, value: Any, kind: type[Exception]) -> Decimal:
    try:
        number = exact(value)
    except ValueError as problem:
        raise error(kind, ctx, call, f"{name}: {problem}, write a number or its text") from None
    if number and not -_MAGNITUDE < number.adjusted() < _MAGNITUDE:
        # Not as it was written: an integer may be too long for that.
        raise error(
            kind, ctx, call, f"{name}: {number:.3e} is no amount of anything, write a number of a sensible size"
        )
    if number <= 0:
        raise error(kind, ctx, call, f"{name} must be above zero, got {value!r}")
    return number


def _as_written(value: Any, scale: int) -> str | None:
    """The number's own text, if it is plain, above zero and not to be cut; most are, and need no arithmetic."""
    kind = value.__class__
    if kind is int:
        return str(value) if 0 < value < _LARGE else None
    if kind is float:
        text = repr(value)
        whole, point, part = text.partition(".")
        is_plain = value > 0
    elif kind is str:
        text = value
        whole, point, part = text.partition(".")
        is_plain = whole.isdigit() and text.isascii() and (whole[0] != "0" or whole == "0")
    else:
        return None
    if not is_plain or len(whole) >= _MAGNITUDE:
        return None
    # An exponent stands behind the point, if there is one, or there is none and no point either.
    if part.isdigit() and part[-1] != "0" and len(part) <= scale:
        return text
    return whole if (part == "0" or not point) and whole.isdigit() and whole != "0" else None


def quantity(
    ctx: Context, call: str, name: str, value: Any, tick: Any, kind: type[Exception] = errors.InvalidOrder
) -> str:
    """Plain text of an amount or a price, cut down to the market's step (None: not cut).

    Raises `kind` for what is not above zero, before or after the cut.
    """
    scale = _MAGNITUDE if tick is None else scale_of(tick)
    text = _as_written(value, scale)
    if text is not None:
        return text
    number = _positive(ctx, call, name, value, kind)
    if tick is not None:
        whole, number = number, cut(number, scale)
        if not number:
            raise error(
                kind, ctx, call, f"{name} {plain(whole)} is less than one step of {tick}: nothing would be left"
            )
    return plain(number)


# A float's noise begins well behind it: 0.1 + 0.2 is meant to be 0.3.
_NOISE_SCALE = 12


def money(ctx: Context, call: str, value: Any, *, clears: bool = False) -> str:
    """Plain text of an amount to borrow, repay or move: at most eight decimals, never up.

    With `clears` what is left of a debt of eight decimals is not left over for noise behind them: it is rounded up.
    """
    number = _positive(ctx, call, "amount", value, errors.BadRequest)
    whole, number = number, cut(number, MONEY_SCALE)
    if not number:
        raise error(
            errors.BadRequest, ctx, call, f"amount {plain(whole)} is nothing at the venue's {MONEY_SCALE} decimals"
        )
    return plain(round_up(half_up(whole, _NOISE_SCALE), MONEY_SCALE) if clears else number)


def mapped(ctx: Context, call: str, name: str, value: Any) -> Params:
    """What a caller gave as a dictionary, which `params` always is."""
    if value.__class__ is not dict and not isinstance(value, Mapping):
        raise error(
            errors.BadRequest,
            ctx,
            call,
            f"{name} is a dictionary, not {type(value).__name__}; leave it out or write {{}}",
        )
    return value


def listed(ctx: Context, call: str, name: str, values: Any) -> list[Any]:
    """What a caller gave as a list; empty for None.

    A text is refused: to Python it is a list of its letters, which would name other things than were meant.
    """
    if values is None:
        return []
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        example = f", write [{values!r}]" if isinstance(values, str) else f", not {type(values).__name__}"
        raise error(errors.BadRequest, ctx, call, f"{name} is a list{example}")
    return list(values)


def time_of(ctx: Context, call: str, name: str, value: Numeric | None) -> int | None:
    """Milliseconds since 1970."""
    if value is None:
        return None
    try:
        number = exact(value)
    except ValueError as problem:
        raise error(errors.BadRequest, ctx, call, f"{name}: {problem}, write milliseconds since 1970") from None
    # Compared as it is: the integer of 1e99999 alone takes seconds.
    if not 0 <= number <= LAST_TIME:
        raise error(
            errors.BadRequest, ctx, call, f"{name} {value!r} is no time of a calendar, write milliseconds since 1970"
        )
    return int(number)


# What callers ask for when they want all rows there are.
_MOST_ROWS = Decimal(10**9)


def limit_of(ctx: Context, call: str, value: Numeric | None) -> int | None:
    """The largest number of rows that a caller wants."""
    if value is None:
        return None
    try:
        number = exact(value)
    except ValueError as problem:
        raise error(errors.BadRequest, ctx, call, f"limit: {problem}") from None
    if number < 1:
        raise error(errors.BadRequest, ctx, call, f"limit must be at least 1, got {value!r}")
    return int(min(number, _MOST_ROWS))


def option(ctx: Context, call: str, name: str, params: Params, choices: Collection[str], default: str) -> str:
    """params[name], else the option of that name, else the default; one of `choices`."""
    value = params.get(name)
    if value is None:
        value = ctx.options.get(name) or default
    if not isinstance(value, str) or value not in choices:
        raise error(errors.BadRequest, ctx, call, f"{name} {value!r} is unknown, choose of {', '.join(choices)}")
    return value


def passed(endpoint: str, params: Params, *spent: str) -> dict[str, Any]:
    """What params say in the venue's own words: those that the endpoint knows.

    All else is for other exchanges, or for us, and goes nowhere. Ours win: spread this first into a request.
    """
    names = (param.name for param in ENDPOINTS[endpoint].params if param.name not in spent)
    return {name: params[name] for name in names if params.get(name) is not None}
