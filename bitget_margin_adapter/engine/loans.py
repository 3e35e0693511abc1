"""Borrowing and repaying: what may be borrowed, what it costs at once, what a repayment pays first."""

from decimal import Decimal
from typing import NamedTuple

from ..model.decimals import ZERO
from ..model.refusals import Reason, Refusal
from ..model.words import LoanRecordType, MarginType, Mode, RepayRecordType
from . import risk
from .accounts import Holding, Wallet
from .interest import hourly
from .ledger import Move
from .state import State
from .terms import tier_of

__all__ = ["Draft", "borrow", "draft", "lend", "max_borrowable", "max_transfer_out", "repay", "reprice", "settle"]

# Members bound once: on 3.11 each look-up on the class is a Python call, and these are asked for with every order.
_MANUAL_LOAN = LoanRecordType.MANUAL
_BORROW = MarginType.BORROW.value
_REPAY = MarginType.REPAY.value
_ISOLATED = Mode.ISOLATED

_DUST = Decimal("0.00000001")


class Draft(NamedTuple):
    """A loan that may be given: its moves are not on the books yet."""

    holding: Holding
    amount: Decimal
    rate: Decimal
    first: Decimal
    moves: tuple[Move, ...]


def max_borrowable(state: State, wallet: Wallet, coin: str) -> Decimal:
    credit, price = state.credit(wallet, coin), state.market.index(coin)
    if not credit.tiers or not credit.lends:
        return ZERO
    if price is None:
        raise Refusal(Reason.NO_PRICE, coin)
    holding = wallet.holdings.get(coin)
    owed = ZERO if holding is None else state.owed(holding)
    most = risk.borrowable(state.sums(wallet), owed, price, credit.tiers, credit.side, credit.ceiling)
    return min(most, _pool(state, coin)) if credit.pooled else most


def max_transfer_out(state: State, wallet: Wallet, coin: str) -> Decimal:
    holding = wallet.holdings.get(coin)
    if holding is None:
        return ZERO
    available = state.ledger.amounts[holding.available]
    if not wallet.owing:
        return available
    return risk.transferable(state.sums(wallet), available, state.market.index(coin))


def draft(state: State, wallet: Wallet, coin: str, amount: Decimal) -> Draft:
    """A loan of `amount`, checked against every limit."""
    holding = wallet.holdings.get(coin)
    tiers, side, _, ceiling, lends, pooled = state.credit(wallet, coin) if holding is None else holding.credit
    if not tiers:
        raise Refusal(Reason.NO_LOAN_CONFIGURATION, coin)
    if not lends:
        raise Refusal(Reason.NOT_BORROWABLE, coin)
    if pooled and amount > _pool(state, coin):
        raise Refusal(Reason.SYSTEM_LOAN_LIMIT, coin)
    price = state.market.index(coin)
    if price is None:
        raise Refusal(Reason.NO_PRICE, coin)
    debt = amount if holding is None else state.owed(holding) + amount
    if debt > ceiling or not risk.carries(state.sums(wallet), amount * price, tier_of(tiers, debt, side)):
        raise Refusal(Reason.BORROW_OVER_MAXIMUM, coin)
    if holding is None:
        holding = state.holding(wallet, coin)
    house = holding.house
    rate = state.daily_rate(wallet, coin)
    first = hourly(amount, rate)
    moves = (
        (house.pool, holding.available, amount),
        (house.claims, holding.principal, amount),
        (house.accrued, holding.interest, first),
    )
    return tuple.__new__(Draft, (holding, amount, rate, first, moves))


def lend(state: State, wallet: Wallet, loan: Draft, kind: LoanRecordType, balance: Decimal, now: int) -> None:
    """Records of a loan whose moves were committed; `balance` is what was held right after it."""
    holding, accrual, coin = loan.holding, loan.holding.accrual, loan.holding.coin
    _, amount, rate, first, _ = loan
    row_id = state.ids.take(now, 3)
    wallet.loans.rows.append((row_id, now, coin, amount, kind._value_))
    if first:
        accrual.firsts.append((row_id + 1, now, rate, first))
    wallet.finance.rows.append((row_id + 2, now, coin, _BORROW, amount, ZERO, balance))
    wallet.owing[coin] = holding
    state.debtors[wallet] = None
    accrual.rate = rate
    principal = state.ledger.amounts[holding.principal]
    accrual.charge = first if principal == amount else hourly(principal, rate)


def borrow(state: State, wallet: Wallet, coin: str, amount: Decimal, now: int) -> None:
    if amount <= _DUST:
        raise Refusal(Reason.BORROW_TOO_SMALL)
    loan = draft(state, wallet, coin, amount)
    settle(state, loan.holding)
    state.ledger.commit(loan.moves)
    lend(state, wallet, loan, _MANUAL_LOAN, state.held(loan.holding), now)
    state.touched(wallet, coin)


def repay(state: State, wallet: Wallet, holding: Holding, amount: Decimal, kind: RepayRecordType, now: int) -> Decimal:
    """Pays up to `amount`, interest first; returns what was paid. The money must be there."""
    accrual = holding.accrual
    if accrual.hour != state.hour:
        settle(state, holding)
    amounts, coin, house = state.ledger.amounts, holding.coin, holding.house
    interest, principal = amounts[holding.interest], amounts[holding.principal]
    if amount <= interest:
        interest, principal = amount, ZERO
    elif amount < interest + principal:
        principal = amount - interest
    paid = interest + principal
    if not paid:
        return ZERO
    available = holding.available
    state.ledger.commit(
        (
            (available, house.income, interest),
            (holding.interest, house.accrued, interest),
            (available, house.pool, principal),
            (holding.principal, house.claims, principal),
        )
    )
    row_id = state.ids.take(now, 2)
    wallet.repays.rows.append((row_id, now, coin, paid, interest, principal, kind._value_))
    wallet.finance.rows.append((row_id + 1, now, coin, _REPAY, -paid, ZERO, state.held(holding)))
    left = amounts[holding.principal]
    if left:
        accrual.charge = hourly(left, accrual.rate)
    else:
        accrual.charge = ZERO
        # Interest is paid first, so it is gone as well.
        del wallet.owing[coin]
        if not wallet.owing:
            del state.debtors[wallet]
            wallet.warned = False
    wallet.safe_until = state.quiet_until = -1
    if state.events is not None:
        state.touched(wallet, coin)
    return paid


def settle(state: State, holding: Holding) -> None:
    """Puts the hours since the last change of a debt on the books."""
    accrual = holding.accrual
    if accrual.hour != state.hour:
        due = accrual.book(state.hour)
        if due:
            state.ledger.commit(((holding.house.accrued, holding.interest, due),))


def reprice(state: State, holding: Holding, rate: Decimal) -> None:
    """The charge of the hours to come, after principal or rate changed."""
    accrual = holding.accrual
    accrual.rate = rate
    accrual.charge = hourly(state.ledger.amounts[holding.principal], rate)


def _pool(state: State, coin: str) -> Decimal:
    """What the venue has left to lend."""
    return state.ledger.amounts[state.ledger.house(coin).pool]
