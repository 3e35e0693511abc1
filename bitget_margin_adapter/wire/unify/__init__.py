"""Rows as ccxt's structures: every key that ccxt documents, None where the venue does not say.

The functions are pure. `number` makes what the caller's exchange calls a number (ccxt's `exchange.number`: float,
str or Decimal) of a Decimal; symbols and codes come in unified, the caller has looked them up.
"""

from .account import balance, balances, max_amount, risk, transfer
from .info import info_of
from .loans import borrow_interest, coin_rate, liquidation, loan, pair_rate, receipt, repayment
from .market import currency, market, tiers, trading_fee
from .numbers import LAST_TIME, Number, iso8601, number_of
from .orders import accepted, order, refused, trade
from .records import ledger_entry

__all__ = [
    "LAST_TIME",
    "Number",
    "accepted",
    "balance",
    "balances",
    "borrow_interest",
    "coin_rate",
    "currency",
    "info_of",
    "iso8601",
    "ledger_entry",
    "liquidation",
    "loan",
    "market",
    "max_amount",
    "number_of",
    "order",
    "pair_rate",
    "receipt",
    "refused",
    "repayment",
    "risk",
    "tiers",
    "trade",
    "trading_fee",
    "transfer",
]
