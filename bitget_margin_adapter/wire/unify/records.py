"""Financial records as ccxt's ledger."""

from typing import Any

from ...model.decimals import total
from ...model.rows import FinancialRecord
from ...model.words import MarginType
from .info import info_of
from .numbers import Number, iso8601

__all__ = ["LEDGER_TYPES", "ledger_entry"]

LEDGER_TYPES = {
    MarginType.TRANSFER_IN: "transfer",
    MarginType.TRANSFER_OUT: "transfer",
    MarginType.BORROW: "margin",
    MarginType.REPAY: "margin",
    MarginType.LIQUIDATION_FEE: "fee",
    MarginType.COMPENSATE: "margin",
    MarginType.DEAL_IN: "trade",
    MarginType.DEAL_OUT: "trade",
    MarginType.CONFISCATED: "margin",
    MarginType.EXCHANGE_IN: "trade",
    MarginType.EXCHANGE_OUT: "trade",
    MarginType.SYS_EXCHANGE_IN: "trade",
    MarginType.SYS_EXCHANGE_OUT: "trade",
}
"""ccxt's word for each kind of record."""

# The documentation's sample writes amounts without a sign: what the kind takes away counts as out either way.
_OUT = {
    MarginType.TRANSFER_OUT,
    MarginType.REPAY,
    MarginType.LIQUIDATION_FEE,
    MarginType.DEAL_OUT,
    MarginType.CONFISCATED,
    MarginType.EXCHANGE_OUT,
    MarginType.SYS_EXCHANGE_OUT,
}


def ledger_entry(
    row: FinancialRecord, code: str, symbol: str | None, margin_mode: str, number: Number
) -> dict[str, Any]:
    """ccxt's ledger entry: a positive amount and a direction; `before` follows from balance and fee."""
    out = row.amount < 0 or row.margin_type in _OUT
    amount, fee = row.amount.copy_abs(), row.fee.copy_abs()
    # The balance has the fee taken from it as well.
    before = total(row.balance, fee, amount if out else amount.copy_negate())
    return {
        "info": info_of(row),
        "id": row.margin_id,
        "timestamp": row.ctime,
        "datetime": iso8601(row.ctime),
        "direction": "out" if out else "in",
        "account": str(margin_mode),
        "symbol": symbol,
        "referenceId": None,
        "referenceAccount": None,
        "type": LEDGER_TYPES[row.margin_type],
        "currency": code,
        "amount": number(amount),
        "before": number(before),
        "after": number(row.balance),
        "status": "ok",
        "fee": {"currency": code, "cost": number(fee)},
    }
