"""Whose money lies where: accounts, their wallets (spot, cross, one per isolated pair), a coin of a wallet."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from ..model.words import Mode
from .interest import Accrual
from .ledger import Ledger
from .records import Log
from .terms import Tier

__all__ = ["CROSS", "SPOT", "Account", "Credit", "Holding", "Wallet", "isolated"]

SPOT, CROSS = "spot", "cross"


def isolated(symbol: str) -> str:
    """The place of a pair's account."""
    return f"isolated:{symbol}"


class Credit(NamedTuple):
    """What the venue lends of a coin in one kind of wallet. Without tiers there is no configuration for it."""

    tiers: tuple[Tier, ...]
    side: int
    """Which of a tier's caps counts for this coin."""
    flat: Decimal | None
    """The maintenance rate when there is but one tier."""
    ceiling: Decimal
    lends: bool
    pooled: bool


class Holding:
    """One coin of a wallet: four slots of the ledger, and how its debt grows."""

    __slots__ = ("accrual", "available", "coin", "credit", "ctime", "frozen", "house", "interest", "principal")

    def __init__(self, ledger: Ledger, owner: str, coin: str, ctime: int, serial: int, credit: Credit) -> None:
        self.coin = coin
        self.credit = credit
        self.ctime = ctime
        self.house = ledger.house(coin)
        self.available = ledger.open(f"{owner} available", coin)
        self.frozen = ledger.open(f"{owner} frozen", coin)
        self.principal = ledger.open(f"{owner} principal", coin)
        self.interest = ledger.open(f"{owner} interest", coin)
        self.accrual = Accrual(coin, serial)


class Wallet:
    """The coins of one place and everything that happened there."""

    __slots__ = (
        "account",
        "busy_until",
        "fills",
        "finance",
        "flashes",
        "frozen",
        "holdings",
        "liquidations",
        "loans",
        "mode",
        "open",
        "orders",
        "owing",
        "place",
        "repaying",
        "repays",
        "safe_until",
        "safe_version",
        "symbol",
        "warned",
    )

    def __init__(self, account: "Account", place: str) -> None:
        self.account = account
        self.place = place
        self.mode = None if place == SPOT else Mode.CROSS if place == CROSS else Mode.ISOLATED
        self.symbol = place.partition(":")[2] or None
        self.holdings: dict[str, Holding] = {}
        self.owing: dict[str, Holding] = {}
        """The holdings with a debt."""
        self.open: dict[str, dict[int, Any]] = {}
        """Working orders by symbol and id."""
        self.orders: dict[str, Log] = {}
        self.fills: dict[str, Log] = {}
        self.loans, self.repays, self.liquidations, self.finance = Log(), Log(), Log(), Log()
        self.flashes: dict[int, Any] = {}
        self.frozen = False
        self.warned = False
        self.repaying = False
        self.busy_until = 0
        """While liquidation or repayment lasts, nothing is taken."""
        self.safe_until = self.safe_version = -1
        """Up to this hour the risk stays where it is, as long as neither prices nor this wallet change."""


class Account:
    __slots__ = ("client_oids", "name", "vip", "wallets")

    def __init__(self, name: str, vip: int) -> None:
        self.name = name
        self.vip = vip
        self.wallets: dict[str, Wallet] = {}
        self.client_oids: dict[str, tuple[int, int, str, str]] = {}
        """Client id to order id, time, place of the wallet and symbol: atoms, as in the logs."""

    def margin(self) -> Iterator[Wallet]:
        return (wallet for wallet in self.wallets.values() if wallet.mode is not None)
