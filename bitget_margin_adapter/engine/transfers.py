"""Money that moves between wallets, or comes from outside."""

from decimal import Decimal

from ..model.decimals import ZERO
from ..model.refusals import Reason, Refusal
from ..model.words import MarginType
from .accounts import Wallet
from .loans import max_transfer_out
from .state import State

__all__ = ["fund", "transfer"]


def fund(state: State, wallet: Wallet, coin: str, amount: Decimal, now: int) -> None:
    """From outside into a wallet."""
    _fits(state, wallet, coin)
    holding = state.holding(wallet, coin)
    state.ledger.commit(((state.ledger.house(coin).outside, holding.available, amount),))
    state.note(wallet, coin, MarginType.TRANSFER_IN, amount, ZERO, state.held(holding), now)
    state.touched(wallet, coin)


def transfer(state: State, source: Wallet, target: Wallet, coin: str, amount: Decimal, now: int) -> None:
    _fits(state, source, coin)
    _fits(state, target, coin)
    holding = source.holdings.get(coin)
    most = max_transfer_out(state, source, coin)
    if holding is None or amount > most:
        raise Refusal(Reason.INSUFFICIENT_BALANCE, coin)
    into = state.holding(target, coin)
    state.ledger.commit(((holding.available, into.available, amount),))
    state.note(source, coin, MarginType.TRANSFER_OUT, -amount, ZERO, state.held(holding), now)
    state.note(target, coin, MarginType.TRANSFER_IN, amount, ZERO, state.held(into), now)
    state.touched(source, coin)
    state.touched(target, coin)


def _fits(state: State, wallet: Wallet, coin: str) -> None:
    """Whether a coin may lie in this wallet."""
    terms = state.coin(coin)
    if wallet.symbol is not None:
        pair = state.terms.pairs[wallet.symbol]
        if coin not in (pair.base, pair.quote):
            raise Refusal(Reason.COIN_NOT_IN_PAIR, coin, pair.symbol)
        if not terms.isolated:
            raise Refusal(Reason.COIN_NOT_ISOLATED, coin)
    elif wallet.mode is not None and not terms.cross:
        raise Refusal(Reason.COIN_NOT_CROSS, coin)
