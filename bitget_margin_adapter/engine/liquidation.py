"""Liquidation: when a wallet's risk reaches the ratio, collateral is sold until it is safe or owes nothing."""

from decimal import Decimal

from ..model.decimals import MONEY_SCALE, ZERO, cut, round_up
from ..model.words import MarginType, RepayRecordType
from . import risk
from .accounts import Wallet
from .events import RiskEvent
from .force import LIQUIDATION, pay_down
from .loans import repay, settle
from .matching import cancel
from .risk import Line, Sums
from .state import State

__all__ = ["check", "needed", "watch"]

_ROUNDS = 64


def watch(state: State, now: int) -> None:
    """Checks every wallet with a debt."""
    for wallet in list(state.debtors):
        check(state, wallet, now)


def check(state: State, wallet: Wallet, now: int) -> None:
    """Warns, liquidates, or takes the warning back."""
    if not wallet.owing:
        return
    total = state.sums(wallet)
    terms = state.terms
    assets, debt, maintain = total
    if maintain < (assets - debt) * terms.warning_ratio:
        wallet.warned = False
    elif risk.reaches(total, terms.liquidation_ratio):
        _liquidate(state, wallet, total, now)
    elif not wallet.warned:
        wallet.warned = True
        wallet.safe_until = state.quiet_until = -1
        _say(state, wallet, "warning", total, now)


def needed(total: Sums, line: Line, recovery: Decimal, cost: Decimal) -> Decimal:
    """How much of a debt must be repaid to bring the rate down to `recovery`, when repaying costs that share more.

    rate = (maintain - x * m) / (net - x * cost) for a repaid value x, solved for x; all of it if nothing less helps.
    """
    gain = line.maintain - recovery * cost
    if gain <= ZERO:
        return line.debt
    value = (total.maintain - recovery * total.net) / gain
    return min(round_up(value / line.price, MONEY_SCALE), line.debt)


def _liquidate(state: State, wallet: Wallet, start: Sums, now: int) -> None:
    terms = state.terms
    for orders in list(wallet.open.values()):
        for order in list(orders.values()):
            cancel(state, order, now)
    liq_id = state.ids.next(now)
    fees = ZERO
    turns: dict[str, int] = {}
    for _ in range(_ROUNDS):
        total = state.sums(wallet)
        if not total.debt or not _over(total, terms.recovery_ratio):
            break
        line = max((line for line in state.lines(wallet) if line.debt), key=lambda line: line.debt * line.price)
        share = terms.liquidation_fee + state.policy.slippage.rate + 2 * _dearest(state, wallet)
        # Each further step for the same debt is twice as long: the rounding of fees can eat a small one.
        turn = turns[line.coin] = turns.get(line.coin, -1) + 1
        amount = min(needed(total, line, terms.recovery_ratio, share) * 2**turn, line.debt)
        paid = pay_down(state, wallet, line.coin, amount, LIQUIDATION, now)
        if paid < amount:
            # What is left cannot be sold: the other debts take what they can, then the venue steps in.
            for coin in list(wallet.owing):
                pay_down(state, wallet, coin, state.owed(wallet.owing[coin]), LIQUIDATION, now)
            if wallet.owing:
                _write_off(state, wallet, now)
        else:
            fees += _charge(state, wallet, paid * line.price * terms.liquidation_fee, now)
    rate, assets, debt = risk.rate(start), cut(start.assets, MONEY_SCALE), cut(start.debt, MONEY_SCALE)
    wallet.liquidations.rows.append((liq_id, now, now + terms.liquidation_ms, rate, assets, debt, fees))
    wallet.warned = False
    if terms.liquidation_ms:
        wallet.busy_until, wallet.repaying = now + terms.liquidation_ms, False
    state.touched(wallet, *wallet.holdings)
    _say(state, wallet, "liquidation", start, now)


def _over(total: Sums, ratio: Decimal) -> bool:
    return total.maintain > total.net * ratio


def _dearest(state: State, wallet: Wallet) -> Decimal:
    """The highest taker fee that a sale in this wallet could cost."""
    return max((pair.taker_fee for pair in state.terms.pairs.values() if pair.base in wallet.holdings), default=ZERO)


def _charge(state: State, wallet: Wallet, value: Decimal, now: int) -> Decimal:
    """Takes the fee, in USDT or the quote coin first, then in what is worth most; returns its value."""
    taken = ZERO
    worth = {
        coin: state.ledger.amounts[holding.available] * (state.market.index(coin) or ZERO)
        for coin, holding in wallet.holdings.items()
    }
    for coin in sorted(worth, key=lambda coin: (coin not in state.terms.quotes, -worth[coin], coin)):
        price, holding = state.market.index(coin), wallet.holdings[coin]
        if not price or taken >= value:
            continue
        amount = min(round_up((value - taken) / price, MONEY_SCALE), state.ledger.amounts[holding.available])
        if amount > ZERO:
            state.ledger.commit(((holding.available, state.ledger.house(coin).insurance, amount),))
            state.note(wallet, coin, MarginType.LIQUIDATION_FEE, -amount, ZERO, state.held(holding), now)
            taken += amount * price
    return cut(taken, MONEY_SCALE)


def _write_off(state: State, wallet: Wallet, now: int) -> None:
    """The venue takes the crumbs that cannot be sold and pays what is still owed."""
    for coin, holding in wallet.holdings.items():
        amount = state.ledger.amounts[holding.available]
        if amount > ZERO:
            state.ledger.commit(((holding.available, state.ledger.house(coin).insurance, amount),))
            state.note(wallet, coin, MarginType.CONFISCATED, -amount, ZERO, state.held(holding), now)
    for coin, holding in list(wallet.owing.items()):
        settle(state, holding)
        owed = state.owed(holding)
        state.ledger.commit(((state.ledger.house(coin).insurance, holding.available, owed),))
        state.note(wallet, coin, MarginType.COMPENSATE, owed, ZERO, state.held(holding), now)
        repay(state, wallet, holding, owed, RepayRecordType.LIQUIDATION, now)


def _say(state: State, wallet: Wallet, kind: str, total: Sums, now: int) -> None:
    if state.events is not None:
        state.events.append(RiskEvent(wallet.account.name, wallet.place, kind, risk.rate(total), now))
