"""The pairs that an exchange object has used: what a list without a symbol goes through.

Kept in the options, so that objects that share their options share it too.
"""

from ccxt.base import errors

from .arguments import error, listed, market_of
from .context import Context, Market

__all__ = ["markets_for", "remember"]

_KEY = "usedSymbols"


def remember(ctx: Context, market: Market) -> None:
    ctx.options.setdefault(_KEY, {})[market["symbol"]] = None


def markets_for(ctx: Context, call: str, symbol: str | None) -> list[Market]:
    """The pair that was asked for, else all that were used before and those of the option `symbols`."""
    if symbol is not None:
        market = market_of(ctx, call, symbol)
        remember(ctx, market)
        return [market]
    named = [
        market_of(ctx, call, name)["symbol"]
        for name in listed(ctx, call, "options['symbols']", ctx.options.get("symbols"))
    ]
    symbols = [*named, *(name for name in ctx.options.get(_KEY, {}) if name not in named)]
    if not symbols:
        raise error(
            errors.ArgumentsRequired,
            ctx,
            call,
            "the venue lists one pair at a time, and none was used yet: name a symbol, or pairs in options['symbols']",
        )
    return [market_of(ctx, call, name) for name in symbols]
