"""Everything that the engine remembers, in one object that can be copied; and the readings that all modules share."""

import copy
from collections.abc import Iterator, Mapping
from decimal import Decimal
from heapq import heappush
from typing import Any

from ..model.decimals import ZERO
from ..model.refusals import Reason, Refusal
from ..model.words import MarginType, Mode
from .accounts import CROSS, SPOT, Account, Credit, Holding, Wallet
from .events import BalanceEvent, Event
from .ids import HOUR_MS, Ids
from .ledger import Ledger
from .market import Market
from .policies import FillPolicy
from .risk import Line, Sums, sums
from .terms import CoinTerms, PairTerms, Terms, tier_of

__all__ = ["State"]

# Members bound once: on 3.11 each look-up on the class is a Python call, and these are asked for with every order.
_ISOLATED = Mode.ISOLATED


class State:
    def __init__(self, terms: Terms, policy: FillPolicy, vip: int, now: int) -> None:
        self.terms = terms
        self.policy = policy
        self.in_quote = terms.fee_coin == "quote"
        """Whether fees are taken from the quote coin, not from what comes in."""
        self.vip = vip
        self.now = now
        self.hour = now // HOUR_MS
        """The last full hour whose interest is due; `set_hour` moves it."""
        self.next_hour = (self.hour + 1) * HOUR_MS
        self.ledger = Ledger()
        self.ids = Ids()
        self.market = Market()
        self.accounts: dict[str, Account] = {}
        self.debtors: dict[Wallet, None] = {}
        self.resting: dict[str, Any] = {}
        self.waiting: list[tuple[int, int, int, Any]] = []
        """(due, id, serial, what): orders on their way, repayments and liquidations that take time."""
        self.rates = {coin: terms_.daily_rate for coin, terms_ in terms.coins.items()}
        self._levels: dict[tuple[str, int], Decimal] = {}
        self._credits: dict[tuple[str | None, str], Credit] = {}
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
            found = wallet.holdings[coin] = Holding(
                self.ledger, owner, coin, self.now, self.serial, self.credit(wallet, coin)
            )
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
        available, frozen = amounts[holding.available], amounts[holding.frozen]
        # Most of the time nothing is frozen, and records keep the very number of the books.
        return available + frozen if frozen else available

    def interest(self, holding: Holding) -> Decimal:
        """What is owed in interest, hours that are not on the books yet included."""
        booked = self.ledger.amounts[holding.interest]
        return booked + holding.accrual.unbooked(self.hour) if holding.accrual.charge else booked

    def owed(self, holding: Holding) -> Decimal:
        return self.ledger.amounts[holding.principal] + self.interest(holding)

    def daily_rate(self, wallet: Wallet, coin: str) -> Decimal:
        key = (coin, wallet.account.vip)
        found = self._levels.get(key)
        if found is None:
            found = self._levels[key] = self.rates[coin] * self.terms.vip_discounts[wallet.account.vip]
        return found

    def set_rates(self, rates: Mapping[str, Decimal]) -> None:
        self.rates.update(rates)
        self._levels.clear()

    def credit(self, wallet: Wallet, coin: str) -> Credit:
        """What may be borrowed of a coin in this kind of wallet."""
        key = wallet.symbol, coin
        found = self._credits.get(key)
        if found is None:
            terms, pair = self.coin(coin), self.terms.pairs.get(wallet.symbol or "")
            pooled, tiers = terms.pool is not None, terms.tiers if pair is None else pair.tiers
            flat = tiers[0].maintain_margin_rate if len(tiers) == 1 else None
            if pair is None:
                found = Credit(tiers, 0, flat, terms.max_borrowable, terms.borrowable, pooled)
            else:
                lends = terms.borrowable and pair.borrowable
                side = 0 if coin == pair.base else 1
                found = Credit(tiers, side, flat, pair.max_borrowable(coin), lends, pooled)
            self._credits[key] = found
        return found

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
            maintain = tier_of(holding.credit.tiers, owed, holding.credit.side).maintain_margin_rate
            lines.append(Line(coin, owned, owed, price, maintain))
        if wallet.mode is _ISOLATED and len(owing) > 1:
            # One rate for the pair: that of the larger debt.
            largest = max(lines, key=lambda line: line.debt * line.price)
            lines = [line._replace(maintain=largest.maintain) for line in lines]
        return lines

    def sums(self, wallet: Wallet) -> Sums:
        """`risk.sums` of the lines, without making them: this is asked after every order."""
        owing = wallet.owing
        if len(owing) > 1 and wallet.mode is _ISOLATED:
            return sums(self.lines(wallet))
        amounts, market, hour = self.ledger.amounts, self.market, self.hour
        known = market.known
        assets = debts = maintain = ZERO
        for coin, holding in wallet.holdings.items():
            owned = amounts[holding.available]
            # Most coins have nothing frozen, and most debts no hour that is not booked.
            if frozen := amounts[holding.frozen]:
                owned += frozen
            price = known.get(coin) or market.index(coin) or ZERO
            if owned:
                assets += owned * price
            if coin in owing:
                accrual = holding.accrual
                owed = amounts[holding.principal] + amounts[holding.interest]
                if hours := hour - accrual.hour:
                    owed += accrual.charge * hours
                debt = owed * price
                debts += debt
                tiers, side, rate, _, _, _ = holding.credit
                maintain += debt * (tier_of(tiers, owed, side).maintain_margin_rate if rate is None else rate)
        return tuple.__new__(Sums, (assets, debts, maintain))

    def debts(self) -> Iterator[tuple[Wallet, Holding]]:
        for wallet in self.debtors:
            for holding in wallet.owing.values():
                yield wallet, holding

    # writing what several modules write

    def set_hour(self, hour: int) -> None:
        self.hour = hour
        self.next_hour = (hour + 1) * HOUR_MS
        if self.events is not None:
            # Streams hear of interest that is charged, once however many hours have passed.
            self.events.extend(
                BalanceEvent(wallet.account.name, wallet.place, tuple(wallet.owing), hour * HOUR_MS)
                for wallet in self.debtors
            )

    def wait(self, due: int, what_id: int, what: Any) -> None:
        """Keeps something for `advance` to do."""
        self.serial += 1
        heappush(self.waiting, (due, what_id, self.serial, what))

    def note(
        self, wallet: Wallet, coin: str, kind: MarginType, amount: Decimal, fee: Decimal, balance: Decimal, now: int
    ) -> None:
        """A line of the financial records: amount signed, fee positive, balance what is held afterwards."""
        wallet.finance.rows.append((self.ids.take(now, 1), now, coin, kind._value_, amount, fee, balance))

    def touched(self, wallet: Wallet, *coins: str) -> None:
        """Says that a wallet's money changed, to streams and to the watch over its risk."""
        wallet.safe_until = self.quiet_until = -1
        if self.events is not None:
            self.events.append(BalanceEvent(wallet.account.name, wallet.place, coins, self.now))
