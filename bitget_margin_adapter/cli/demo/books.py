"""How the equity follows from funds, fills, fees and interest: loans and repayments move nothing but the debt.

Own = funds + received - given - fees - interest, coin by coin; the account says the same as total - debt.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from ..figures import exact_text

__all__ = ["Book", "books", "steps"]

ZERO = Decimal(0)


class Book(NamedTuple):
    """One coin. Trades received and gave it; fees and interest were taken in it."""

    code: str
    funds: Decimal
    received: Decimal
    given: Decimal
    fees: Decimal
    interest: Decimal
    price: Decimal

    @property
    def own(self) -> Decimal:
        return self.funds + self.received - self.given - self.fees - self.interest

    @property
    def value(self) -> Decimal:
        return self.own * self.price


def books(
    funds: Mapping[str, Decimal],
    prices: Mapping[str, Decimal],
    fills: Iterable[Mapping[str, Any]],
    interest: Iterable[Mapping[str, Any]],
) -> list[Book]:
    """One book for each coin that `prices` names, from ccxt's trades and interest rows."""
    sums = {code: {"received": ZERO, "given": ZERO, "fees": ZERO, "interest": ZERO} for code in prices}
    for fill in fills:
        base, quote = fill["symbol"].split("/")
        buys = fill["side"] == "buy"
        sums[base]["received" if buys else "given"] += fill["amount"]
        sums[quote]["given" if buys else "received"] += fill["cost"]
        sums[fill["fee"]["currency"]]["fees"] += fill["fee"]["cost"]
    for row in interest:
        sums[row["currency"]]["interest"] += row["interest"]
    return [Book(code, funds.get(code, ZERO), price=price, **sums[code]) for code, price in prices.items()]


def steps(accounts: Sequence[Book]) -> list[tuple[str, ...]]:
    """The sum to write down: a line a step, a column a coin."""
    names = {
        "funds": "funds",
        "received": "+ received in fills",
        "given": "- given in fills",
        "fees": "- fees",
        "interest": "- interest",
        "own": "= own",
        "price": "x price in USDT",
        "value": "= worth USDT",
    }
    return [(text, *(exact_text(getattr(book, name)) for book in accounts)) for name, text in names.items()]
