"""Trades that the venue makes on somebody's account, to turn collateral into the coin that is owed."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from ..model.decimals import MONEY_SCALE, STEPS, ZERO, cut, round_up
from ..model.words import LoanType, OrderStatus, OrderType, RepayRecordType, Side, Source, TimeInForce
from .accounts import Wallet
from .loans import repay, settle
from .market import Level
from .matching import consume, fill, slices, tell
from .orders import Request, Working, given, remember
from .state import State
from .terms import PairTerms

__all__ = ["FLASH", "LIQUIDATION", "Manner", "pay_down"]

_ONE = Decimal(1)


class Manner(NamedTuple):
    """In whose name the venue trades and repays."""

    buy: Side
    sell: Side
    repay: RepayRecordType


LIQUIDATION = Manner(Side.LIQUIDATION_BUY, Side.LIQUIDATION_SELL, RepayRecordType.LIQUIDATION)
FLASH = Manner(Side.REPAY_BUY, Side.REPAY_SELL, RepayRecordType.FORCE)


def pay_down(state: State, wallet: Wallet, coin: str, amount: Decimal, manner: Manner, now: int) -> Decimal:
    """Repays up to `amount` of a debt: from the same coin first, then from the others, largest value first."""
    paid = _pay(state, wallet, coin, amount, manner, now)
    for other in _collateral(state, wallet, coin):
        if paid >= amount or coin not in wallet.owing:
            break
        _raise(state, wallet, coin, amount - paid, other, manner, now)
        paid += _pay(state, wallet, coin, amount - paid, manner, now)
    return paid


def _pay(state: State, wallet: Wallet, coin: str, amount: Decimal, manner: Manner, now: int) -> Decimal:
    holding = wallet.owing.get(coin)
    if holding is None:
        return ZERO
    settle(state, holding)
    amount = min(amount, state.ledger.amounts[holding.available], state.owed(holding))
    return repay(state, wallet, holding, amount, manner.repay, now) if amount > ZERO else ZERO


def _collateral(state: State, wallet: Wallet, debt: str) -> list[str]:
    """Coins that can be sold for it, the most valuable first."""
    values = {
        coin: state.ledger.amounts[holding.available] * (state.market.index(coin) or ZERO)
        for coin, holding in wallet.holdings.items()
        if coin != debt
    }
    return sorted((coin for coin, value in values.items() if value), key=lambda coin: (-values[coin], coin))


def _raise(state: State, wallet: Wallet, coin: str, wanted: Decimal, other: str, manner: Manner, now: int) -> None:
    """Gets about `wanted` of `coin` for `other`, by way of USDT when they have no pair of their own."""
    pairs = state.terms.pairs
    if buying := pairs.get(coin + other):
        _buy(state, wallet, buying, wanted, manner, now)
    elif selling := pairs.get(other + coin):
        _sell(state, wallet, selling, wanted, manner, now)
    elif (out := pairs.get(other + "USDT")) and (into := pairs.get(coin + "USDT")):
        price = state.policy.slippage.price(True, state.market.last(into.symbol) or ZERO)
        between = state.holding(wallet, "USDT")
        before = state.ledger.amounts[between.available]
        _sell(state, wallet, out, _gross(wanted, into) * price, manner, now)
        _buy(state, wallet, into, wanted, manner, now, state.ledger.amounts[between.available] - before)


def _gross(wanted: Decimal, pair: PairTerms) -> Decimal:
    """The base quantity whose rest after the fee is what is wanted."""
    return round_up(wanted / (_ONE - pair.taker_fee), pair.quantity_scale)


def _buy(
    state: State,
    wallet: Wallet,
    pair: PairTerms,
    wanted: Decimal,
    manner: Manner,
    now: int,
    most: Decimal | None = None,
) -> None:
    last = state.market.last(pair.symbol)
    if last is None:
        return
    money = state.ledger.amounts[wallet.holdings[pair.quote].available] if most is None else most
    if state.terms.fee_coin == "quote":
        money = cut(money / (_ONE + pair.taker_fee), MONEY_SCALE)
    quantity = _gross(wanted, pair)
    while quantity > ZERO:
        parts = _parts(state, pair, True, quantity)
        total = sum((round_up(price * size, MONEY_SCALE) for price, size in parts), ZERO)
        if total <= money:
            _trade(state, wallet, pair, True, parts, manner.buy, now)
            return
        # Worse levels cost more than the best one: shrink until it is affordable.
        smaller = cut(quantity * money / total, pair.quantity_scale)
        quantity = min(smaller, quantity - STEPS[pair.quantity_scale])


def _sell(state: State, wallet: Wallet, pair: PairTerms, wanted: Decimal, manner: Manner, now: int) -> None:
    last = state.market.last(pair.symbol)
    if last is None:
        return
    price = state.policy.slippage.price(False, last)
    most = cut(state.ledger.amounts[wallet.holdings[pair.base].available], pair.quantity_scale)
    quantity = min(most, round_up(wanted / (price * (_ONE - pair.taker_fee)), pair.quantity_scale))
    if quantity > ZERO:
        _trade(state, wallet, pair, False, _parts(state, pair, False, quantity), manner.sell, now)


def _parts(state: State, pair: PairTerms, buys: bool, quantity: Decimal) -> Sequence[Level]:
    """Forced trades fill in whole: what the book does not hold goes at its last level."""
    request = _request(buys, quantity, Side.BUY if buys else Side.SELL)
    parts = list(slices(state, pair, request, quantity, None, state.market.last(pair.symbol)))
    rest = quantity - sum((size for _, size in parts), ZERO)
    if rest > ZERO:
        last = given(state.market.last(pair.symbol))
        price = parts[-1][0] if parts else state.policy.slippage.price(buys, last)
        parts.append((price, rest))
    return parts


def _request(buys: bool, quantity: Decimal, side: Side) -> Request:
    return Request(
        buys,
        OrderType.MARKET,
        LoanType.NORMAL,
        borrows=False,
        repays=False,
        force=TimeInForce.IOC,
        price=None,
        quantity=quantity,
        quote=None,
        client_oid=None,
        side=side,
        source=Source.SYS,
    )


def _trade(
    state: State, wallet: Wallet, pair: PairTerms, buys: bool, parts: Sequence[Level], side: Side, now: int
) -> None:
    base, quote = state.holding(wallet, pair.base), state.holding(wallet, pair.quote)
    quantity = sum((size for _, size in parts), ZERO)
    request = _request(buys, quantity, side)
    order = Working(wallet, pair.symbol, state.ids.next(now), request, now)
    taken = slices(state, pair, request, quantity, None, state.market.last(pair.symbol))
    for price, size in parts:
        fill(state, order, pair, base, quote, price, size, pair.taker_fee, now)
    consume(state, pair.symbol, buys, taken)
    order.status = OrderStatus.FULL_FILL
    remember(wallet, order)
    state.touched(wallet, pair.base, pair.quote)
    tell(state, order, now)
