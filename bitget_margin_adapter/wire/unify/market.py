"""Pairs, coins, tiers and fees."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ...model.rows import CoinTier, Pair, PairTier
from .info import info_of
from .numbers import Number

__all__ = ["currency", "market", "tiers", "trading_fee"]

_TRADING = "1"
_ONE = Decimal(1)


def market(pair: Pair, codes: Mapping[str, str], number: Number) -> dict[str, Any]:
    """ccxt's market; `codes` renames the venue's coins where ccxt does.

    The largest leverage is the larger of the two modes' (`info` has both), steps are ticks.
    """
    base = codes.get(pair.base_coin, pair.base_coin)
    quote = codes.get(pair.quote_coin, pair.quote_coin)
    cross, isolated = pair.max_cross_leverage > 1, pair.max_isolated_leverage > 1
    return {
        "id": pair.symbol,
        "lowercaseId": pair.symbol.lower(),
        "symbol": f"{base}/{quote}",
        "base": base,
        "quote": quote,
        "settle": None,
        "baseId": pair.base_coin,
        "quoteId": pair.quote_coin,
        "settleId": None,
        "type": "spot",
        "spot": True,
        "margin": pair.is_borrowable and (cross or isolated),
        "swap": False,
        "future": False,
        "option": False,
        "index": False,
        "active": pair.status == _TRADING,
        "contract": False,
        "linear": None,
        "inverse": None,
        "subType": None,
        "taker": _figure(pair.taker_fee_rate, number),
        "maker": _figure(pair.maker_fee_rate, number),
        "percentage": True,
        "tierBased": False,
        "feeSide": "get",
        "contractSize": None,
        "expiry": None,
        "expiryDatetime": None,
        "strike": None,
        "optionType": None,
        "precision": {
            "amount": _step(pair.quantity_scale, number),
            "price": _step(pair.price_scale, number),
            "cost": None,
            "base": None,
            "quote": None,
        },
        "limits": {
            "leverage": {
                "min": _step(0, number),
                "max": _figure(max(pair.max_cross_leverage, pair.max_isolated_leverage), number),
            },
            "amount": {"min": _figure(pair.min_trade_amount, number), "max": _figure(pair.max_trade_amount, number)},
            "price": {"min": None, "max": None},
            "cost": {"min": _figure(pair.min_trade_usdt, number), "max": None},
        },
        "marginModes": {"cross": cross, "isolated": isolated},
        "created": None,
        "info": info_of(pair),
    }


# Few figures stand in the rows of many pairs.
@lru_cache(maxsize=4096)
def _figure(value: Decimal, number: Number) -> Any:
    return number(value)


@lru_cache(maxsize=256)
def _step(scale: int, number: Number) -> Any:
    return number(_ONE.scaleb(-scale))


def currency(coin: str, code: str, number: Number) -> dict[str, Any]:
    """ccxt's currency of a coin that some pair trades; the margin API says nothing of networks."""
    nothing = {"min": None, "max": None}
    return {
        "id": coin,
        "numericId": None,
        "code": code,
        "precision": number(_ONE.scaleb(-8)),
        "type": "crypto",
        "name": None,
        "active": True,
        "deposit": None,
        "withdraw": None,
        "fee": None,
        "fees": {},
        "networks": {},
        "limits": {"deposit": nothing, "withdraw": nothing, "amount": nothing},
        "info": {"coin": coin},
    }


def tiers(
    rows: Sequence[CoinTier | PairTier], symbol: str | None, coin: str, code: str, number: Number
) -> list[dict[str, Any]]:
    """ccxt's leverage tiers in one coin (`code`): a cross tier's own, an isolated tier's base or quote coin.

    A tier begins where the one before it ends; `info` has the limits of both coins of a pair.
    """
    result = []
    floor = Decimal(0)
    for row in sorted(rows, key=lambda tier: tier.tier):
        if isinstance(row, PairTier):
            base = coin == row.base_coin
            ceiling = row.base_max_borrowable_amount if base else row.quote_max_borrowable_amount
        else:
            ceiling = row.max_borrowable_amount
        result.append(
            {
                "tier": number(Decimal(row.tier)),
                "symbol": symbol,
                "currency": code,
                "minNotional": number(floor),
                "maxNotional": number(ceiling),
                "maintenanceMarginRate": number(row.maintain_margin_rate),
                "maxLeverage": number(row.leverage),
                "info": info_of(row),
            }
        )
        floor = ceiling
    return result


def trading_fee(entry: Mapping[str, Any]) -> dict[str, Any]:
    """ccxt's trading fee of a loaded market."""
    return {
        "info": entry["info"],
        "symbol": entry["symbol"],
        "maker": entry["maker"],
        "taker": entry["taker"],
        "percentage": True,
        "tierBased": False,
    }
