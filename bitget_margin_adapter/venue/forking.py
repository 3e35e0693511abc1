"""A second account that starts from where the first one is."""

import copy

from ..engine.accounts import Wallet
from ..engine.ledger import Ledger, Move
from ..engine.state import State

__all__ = ["fork"]

_SLOTS = ("available", "frozen", "principal", "interest")


def fork(state: State, account: str, to: str) -> None:
    """Copies wallets, debts, records and open orders; the money comes from outside, the debt is to the venue."""
    ledger: Ledger = state.ledger
    twin = copy.deepcopy(state.accounts[account])
    twin.name = to
    for wallet in twin.wallets.values():
        moves: list[Move] = []
        for coin, holding in wallet.holdings.items():
            house = ledger.house(coin)
            state.serial += 1
            holding.accrual.serial = state.serial
            sources = (house.outside, house.outside, house.claims, house.accrued)
            for name, source in zip(_SLOTS, sources, strict=True):
                old: int = getattr(holding, name)
                slot = ledger.open(f"{to} {wallet.place} {name}", coin)
                setattr(holding, name, slot)
                moves.append((source, slot, ledger.amounts[old]))
        ledger.commit(moves)
        if wallet.owing:
            state.debtors[wallet] = None
        _work(state, wallet, account)
    state.accounts[to] = twin
    state.quiet_until = -1


def _work(state: State, wallet: Wallet, account: str) -> None:
    """Open orders of the copy wait where those of the original wait."""
    original = state.accounts[account].wallets[wallet.place]
    for symbol, orders in wallet.open.items():
        for order_id, order in orders.items():
            resting = state.resting.get(symbol)
            if resting is not None and any(other is original.open[symbol][order_id] for other in resting):
                resting.add(order)
    for due, what_id, _, what in sorted(state.waiting, key=lambda entry: entry[:3]):
        if what.wallet is original:
            mine = wallet.open[what.symbol][what.id] if hasattr(what, "symbol") else wallet.flashes[what_id]
            state.wait(due, what_id, mine)
