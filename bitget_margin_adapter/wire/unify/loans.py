"""Loans, repayments, what they cost, and liquidations."""

from typing import Any

from ...model.decimals import total
from ...model.rows import CoinRate, Interest, Liquidation, Loan, PairRate, Receipt, Repayment
from .info import info_of
from .numbers import Number, iso8601

__all__ = ["borrow_interest", "coin_rate", "liquidation", "loan", "pair_rate", "receipt", "repayment"]

_DAY = 86_400_000


def receipt(row: Receipt, code: str, symbol: str | None, now: int, number: Number) -> dict[str, Any]:
    """ccxt's margin loan for a borrow or a repay just done.

    The venue sends no id; a repay adds `remainDebt`, what is still owed. `now` is the moment of the answer.
    """
    result = {
        "id": None,
        "currency": code,
        "amount": number(row.amount),
        "symbol": symbol,
        "timestamp": now,
        "datetime": iso8601(now),
        "info": info_of(row),
    }
    if row.remain_debt is not None:
        result["remainDebt"] = number(row.remain_debt)
    return result


def loan(row: Loan, code: str, symbol: str | None, number: Number) -> dict[str, Any]:
    """ccxt's margin loan of the past; `type` is autoLoan or manualLoan."""
    return {
        "id": row.loan_id,
        "currency": code,
        "amount": number(row.amount),
        "symbol": symbol,
        "timestamp": row.ctime,
        "datetime": iso8601(row.ctime),
        "type": str(row.type),
        "info": info_of(row),
    }


def repayment(row: Repayment, code: str, symbol: str | None, number: Number) -> dict[str, Any]:
    """A repayment in the shape of a margin loan: `amount` in all, of it `principal` and `interest`."""
    return {
        "id": row.repay_id,
        "currency": code,
        "amount": number(row.total_amount),
        "principal": number(row.amount),
        "interest": number(row.interest),
        "symbol": symbol,
        "timestamp": row.ctime,
        "datetime": iso8601(row.ctime),
        "type": str(row.type),
        "info": info_of(row),
    }


def coin_rate(row: CoinRate, code: str, now: int, number: Number) -> dict[str, Any]:
    """ccxt's cross borrow rate: a fraction per day; `info` has the limit, the leverage and the VIP ladder."""
    return {
        "currency": code,
        "rate": number(row.daily_interest_rate),
        "period": _DAY,
        "timestamp": now,
        "datetime": iso8601(now),
        "info": info_of(row),
    }


def pair_rate(row: PairRate, symbol: str, base: str, quote: str, now: int, number: Number) -> dict[str, Any]:
    """ccxt's isolated borrow rate: fractions per day of both coins."""
    return {
        "symbol": symbol,
        "base": base,
        "baseRate": number(row.base.daily_interest_rate),
        "quote": quote,
        "quoteRate": number(row.quote.daily_interest_rate),
        "period": _DAY,
        "timestamp": now,
        "datetime": iso8601(now),
        "info": info_of(row),
    }


def borrow_interest(row: Interest, code: str, symbol: str | None, margin_mode: str, number: Number) -> dict[str, Any]:
    """ccxt's borrow interest; the venue does not send the principal, so `amountBorrowed` is None."""
    return {
        "info": info_of(row),
        "id": row.interest_id,
        "account": symbol,
        "symbol": symbol,
        "currency": code,
        "interest": number(row.amount),
        "interestRate": number(row.interest_rate),
        "amountBorrowed": None,
        "marginMode": str(margin_mode),
        "timestamp": row.ctime,
        "datetime": iso8601(row.ctime),
    }


def liquidation(row: Liquidation, symbol: str | None, number: Number) -> dict[str, Any]:
    """ccxt's liquidation: `quoteValue` is what the debt and the fee came to, in USDT."""
    return {
        "info": info_of(row),
        "id": row.liq_id,
        "symbol": symbol,
        "contracts": None,
        "contractSize": None,
        "price": None,
        "side": None,
        "baseValue": None,
        "quoteValue": number(total(row.total_debt, row.fee)),
        "timestamp": row.ctime,
        "datetime": iso8601(row.ctime),
    }
