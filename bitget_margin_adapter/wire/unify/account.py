"""Balances, transfers, and what an account may still do."""

from collections.abc import Iterable, Mapping
from typing import Any

from ...model.decimals import plus
from ...model.rows import Asset, Ceiling, Risk, Transferred
from .info import info_of
from .numbers import Number, iso8601

__all__ = ["balance", "balances", "max_amount", "risk", "transfer"]


def balance(rows: Iterable[Asset], codes: Mapping[str, str], number: Number) -> dict[str, Any]:
    """ccxt's flat balance: free, used, total and debt (principal and interest) of each coin."""
    result: dict[str, Any] = {"info": [], "timestamp": None, "datetime": None}
    free, used, all_, debt = {}, {}, {}, {}
    for row in rows:
        code = codes.get(row.coin, row.coin)
        free[code] = here = number(row.available)
        used[code] = there = number(row.frozen)
        # Most coins have nothing frozen and no debt.
        all_[code] = both = number(plus(row.available, row.frozen)) if row.frozen else here
        debt[code] = owed = number(plus(row.borrow, row.interest) if row.interest else row.borrow)
        result[code] = {"free": here, "used": there, "total": both, "debt": owed}
        result["info"].append(info_of(row))
    result.update(free=free, used=used, total=all_, debt=debt)
    return result


def balances(
    rows: Iterable[Asset], symbols: Mapping[str, str], codes: Mapping[str, str], number: Number
) -> dict[str, Any]:
    """One flat balance for each pair, keyed by symbol, as ccxt does for isolated accounts elsewhere."""
    result: dict[str, Any] = {"info": [], "timestamp": None, "datetime": None}
    by_symbol: dict[str, list[Asset]] = {}
    for row in rows:
        market_id = row.symbol or ""
        by_symbol.setdefault(symbols.get(market_id, market_id), []).append(row)
    for symbol, assets in by_symbol.items():
        result[symbol] = balance(assets, codes, number)
        result["info"] += result[symbol]["info"]
    return result


def transfer(row: Transferred, code: str, amount: Any, from_account: str, to_account: str, now: int) -> dict[str, Any]:
    """ccxt's transfer; the venue answers an id only, so `now` is the moment of its answer."""
    return {
        "info": info_of(row),
        "id": row.transfer_id,
        "timestamp": now,
        "datetime": iso8601(now),
        "currency": code,
        "amount": amount,
        "fromAccount": from_account,
        "toAccount": to_account,
        "status": "ok",
    }


def risk(row: Risk, symbol: str | None, margin_mode: str, number: Number) -> dict[str, Any]:
    """Ours: `riskRate` is 0 without debt and 1 where liquidation begins."""
    return {"info": info_of(row), "symbol": symbol, "marginMode": str(margin_mode), "riskRate": number(row.rate)}


def max_amount(
    row: Ceiling, answer: str, code: str, symbol: str | None, margin_mode: str, number: Number
) -> dict[str, Any]:
    """Ours: the most of a coin that can be borrowed, or moved out; `answer` says which."""
    return {
        "info": info_of(row, answer),
        "currency": code,
        "symbol": symbol,
        "marginMode": str(margin_mode),
        "amount": number(row.amount),
    }
