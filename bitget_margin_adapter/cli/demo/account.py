"""What an account looks like at one moment, read by ccxt's unified calls and nothing else."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

__all__ = ["Coin", "Hour", "Snapshot", "Watcher"]

ZERO = Decimal(0)

Structure = dict[str, Any]


class Coin(NamedTuple):
    """One coin of the account. `debt` is owed now, interest included; `charged` and `paid` are all interest so far."""

    code: str
    price: Decimal
    free: Decimal
    used: Decimal
    total: Decimal
    debt: Decimal
    charged: Decimal = ZERO
    paid: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        return self.total - self.debt

    @property
    def value(self) -> Decimal:
        return self.net * self.price


class Hour(NamedTuple):
    """What is plotted. Debts and equity are values in USDT."""

    ms: int
    equity: Decimal
    debts: dict[str, Decimal]
    risk: Decimal


class Snapshot(NamedTuple):
    """What is printed at a turning point: the account, and what happened since the last one."""

    ms: int
    event: str
    text: str
    price: Decimal
    coins: tuple[Coin, ...]
    risk: Decimal
    orders: Sequence[Structure]
    """Those that are open, and those that have changed."""
    loans: Sequence[Structure]
    repayments: Sequence[Structure]

    @property
    def equity(self) -> Decimal:
        return sum((coin.value for coin in self.coins), ZERO)


class Watcher:
    """Looks at an account from outside, while a bot trades with it. `exchange.number` must be Decimal."""

    def __init__(self, exchange: Any, symbol: str) -> None:
        self.exchange = exchange
        self.symbol = symbol
        self.base, self.quote = symbol.split("/")
        self.start: int = exchange.milliseconds()
        # Ids of what was in a snapshot; of orders with the status that they had there.
        self._orders: dict[str, str] = {}
        self._loans: set[str] = set()

    def hour(self) -> Hour:
        coins = self.coins()
        equity = sum((coin.value for coin in coins), ZERO)
        debts = {coin.code: coin.debt * coin.price for coin in coins}
        return Hour(self.exchange.milliseconds(), equity, debts, self.risk())

    def coins(self) -> tuple[Coin, ...]:
        balance = self.exchange.fetch_balance()
        prices = {self.base: self.price(), self.quote: Decimal(1)}
        return tuple(
            Coin(code, price, *(balance[kind].get(code, ZERO) for kind in ("free", "used", "total", "debt")))
            for code, price in prices.items()
        )

    def price(self) -> Decimal:
        price: Decimal = self.exchange.fetch_ticker(self.symbol)["last"]
        return price

    def risk(self) -> Decimal:
        rate: Decimal = self.exchange.fetch_risk_rate()["riskRate"]
        return rate

    def fills(self) -> list[Structure]:
        found: list[Structure] = self.exchange.fetch_my_trades(self.symbol, self.start)
        return found

    def loans(self) -> list[Structure]:
        found: list[Structure] = self.exchange.fetch_borrow_history(since=self.start)
        return found

    def repayments(self) -> list[Structure]:
        found: list[Structure] = self.exchange.fetch_repay_history(since=self.start)
        return found

    def interest(self) -> list[Structure]:
        found: list[Structure] = self.exchange.fetch_borrow_interest(since=self.start)
        return found

    def snapshot(self, event: str, text: str) -> Snapshot:
        loans, repayments = self.loans(), self.repayments()
        charged, paid = _interest(self.interest()), _interest(repayments)
        orders = self.exchange.fetch_orders(self.symbol, self.start)
        now = Snapshot(
            ms=self.exchange.milliseconds(),
            event=event,
            text=text,
            price=self.price(),
            coins=tuple(
                coin._replace(charged=charged.get(coin.code, ZERO), paid=paid.get(coin.code, ZERO))
                for coin in self.coins()
            ),
            risk=self.risk(),
            orders=[row for row in orders if row["status"] == "open" or self._orders.get(row["id"]) != row["status"]],
            loans=[row for row in loans if row["id"] not in self._loans],
            repayments=[row for row in repayments if row["id"] not in self._loans],
        )
        self._orders |= {row["id"]: row["status"] for row in now.orders}
        self._loans |= {row["id"] for row in (*now.loans, *now.repayments)}
        return now


def _interest(rows: list[Structure]) -> dict[str, Decimal]:
    """By coin: of interest rows what was charged, of repayments what was paid."""
    found: dict[str, Decimal] = {}
    for row in rows:
        found[row["currency"]] = found.get(row["currency"], ZERO) + row["interest"]
    return found
