"""Everything that the engine remembers, in one object that can be copied; and the readings that all modules share."""

import copy
from collections.abc import Iterator
from decimal import Decimal
from heapq import heappush
from typing import Any

from ..model.decimals import ZERO
from ..model.refusals import Reason, Refusal
from ..model.words import MarginType, Mode
from .accounts import CROSS, SPOT, Account, Holding, Wallet
from .events import BalanceEvent, Event
from .ids import HOUR_MS, Ids
from .ledger import Ledger
from .market import Market
from .policies import FillPolicy
from .risk import Line, Sums, sums
from .terms import CoinTerms, PairTerms, Terms, Tier, tier_of

__all__ = ["State"]


class State:
    def __init__(self, terms: Terms, policy: FillPolicy, vip: int, now: int) -> None:
        self.terms = terms
        self.policy = policy
        self.vip = vip
        self.now = now
        self.hour = now // HOUR_MS
        """The last full hour whose interest is due."""
        self.ledger = Ledger()
        self.ids = Ids()
        self.market = Market()
        self.accounts: dict[str, Account] = {}
        self.debtors: dict[Wallet, None] = {}
        self.resting: dict[str, Any] = {}
        self.waiting: list[tuple[int, int, Any]] = []
        """(due, serial, what): orders on their way, repayments and liquidations that take time."""
        self.rates = {coin: terms_.daily_rate for coin, terms_ in terms.coins.items()}
        self.new_rates: dict[str, Decimal] = {}
        self.new_vips: dict[str, int] = {}
        self.serial = 0
        self.quiet_until = -1
        self.quiet_version = -1
        self.events: list[Event] | None = None
        """None until somebody listens."""
        for coin, coin_terms in terms.coins.items():
            if coin_terms.pool is not None:
                house = self.ledger.house(coin)
                self.ledger.commit([(house.outside, house.pool, coin_terms.pool)])

    def copy(self) -> "State":
        keep = {id(item): item for item in (self.terms, self.policy)}
        return copy.deepcopy(self, keep)

    # reading

    def wallet(self, account: str, place: str) -> Wallet:
        """The wallet of an account that exists; opened at the first look."""
        owner = self.accounts.get(account)
        if owner is None:
            raise Refusal(Reason.NO_MARGIN_ACCOUNT, account)
        found = owner.wallets.get(place)
        if found is None:
            if place not in (SPOT, CROSS) and place.partition(":")[2] not in self.terms.pairs:
                raise Refusal(Reason.UNKNOWN_PAIR, place.partition(":")[2])
            found = owner.wallets[place] = Wallet(owner, place)
        return found

    def holding(self, wallet: Wallet, coin: str) -> Holding:
        found = wallet.holdings.get(coin)
        if found is None:
            self.serial += 1
            owner = f"{wallet.account.name} {wallet.place}"
            found = wallet.holdings[coin] = Holding(self.ledger, owner, coin, self.now, self.serial)
        return found

    def coin(self, coin: str) -> CoinTerms:
        found = self.terms.coins.get(coin)
        if found is None:
            raise Refusal(Reason.UNKNOWN_COIN, coin)
        return found

    def pair(self, symbol: str) -> PairTerms:
        found = self.terms.pairs.get(symbol)
        if found is None:
            raise Refusal(Reason.UNKNOWN_PAIR, symbol)
        return found

    def held(self, holding: Holding) -> Decimal:
        amounts = self.ledger.amounts
        return amounts[holding.available] + amounts[holding.frozen]

    def interest(self, holding: Holding) -> Decimal:
        """What is owed in interest, hours that are not on the books yet included."""
        booked = self.ledger.amounts[holding.interest]
        return booked + holding.accrual.unbooked(self.hour) if holding.accrual.charge else booked

    def owed(self, holding: Holding) -> Decimal:
        return self.ledger.amounts[holding.principal] + self.interest(holding)

    def daily_rate(self, wallet: Wallet, coin: str) -> Decimal:
        return self.rates[coin] * self.terms.vip_discounts[wallet.account.vip]

    def tiers(self, wallet: Wallet, coin: str) -> tuple[tuple[Tier, ...], int]:
        """The tiers of a coin in this wallet, and which of their caps counts for it."""
        if wallet.mode is Mode.CROSS:
            return self.coin(coin).tiers, 0
        pair = self.terms.pairs[wallet.symbol or ""]
        return pair.tiers, 0 if coin == pair.base else 1

    def lines(self, wallet: Wallet, hour: int | None = None) -> list[Line]:
        """The wallet as risk sees it, now or at a later full hour with the same prices."""
        amounts, index, owing = self.ledger.amounts, self.market.index, wallet.owing
        hour = self.hour if hour is None else hour
        lines = []
        for coin, holding in wallet.holdings.items():
            owned = amounts[holding.available] + amounts[holding.frozen]
            price = index(coin) or ZERO
            if coin not in owing:
                if owned:
                    lines.append(Line(coin, owned, ZERO, price, ZERO))
                continue
            accrual = holding.accrual
            owed = amounts[holding.principal] + amounts[holding.interest] + accrual.charge * (hour - accrual.hour)
            tiers, side = self.tiers(wallet, coin)
            lines.append(Line(coin, owned, owed, price, tier_of(tiers, owed, side).maintain_margin_rate))
        if wallet.mode is Mode.ISOLATED and len(owing) > 1:
            # One rate for the pair: that of the larger debt.
            largest = max(lines, key=lambda line: line.debt * line.price)
            lines = [line._replace(maintain=largest.maintain) for line in lines]
        return lines

    def sums(self, wallet: Wallet) -> Sums:
        return sums(self.lines(wallet))

    def debts(self) -> Iterator[tuple[Wallet, Holding]]:
        for wallet in self.debtors:
            for holding in wallet.owing.values():
                yield wallet, holding

    # writing what several modules write

    def wait(self, due: int, serial: int, what: Any) -> None:
        """Keeps something for `advance` to do."""
        heappush(self.waiting, (due, serial, what))

    def note(
        self, wallet: Wallet, coin: str, kind: MarginType, amount: Decimal, fee: Decimal, balance: Decimal, now: int
    ) -> None:
        """A line of the financial records: amount signed, fee positive, balance what is held afterwards."""
        wallet.finance.rows.append((self.ids.next(now), now, coin, kind.value, amount, fee, balance))

    def touched(self, wallet: Wallet, *coins: str) -> None:
        """Says that a wallet's money changed, to streams and to the watch over its risk."""
        wallet.safe_until = self.quiet_until = -1
        if self.events is not None:
            self.events.append(BalanceEvent(wallet.account.name, wallet.place, coins, self.now))
