"""Flash repay: everything owed is paid at once, from the same coin first, then by selling the others."""

from typing import NamedTuple

from ..model.words import FlashState
from .accounts import Wallet
from .force import FLASH, pay_down
from .state import State

__all__ = ["Flash", "begin", "run", "status"]


class Flash(NamedTuple):
    """A request: `coin` None means every debt of the wallet."""

    id: int
    coin: str | None
    start: int
    end: int
    wallet: Wallet


def begin(state: State, wallet: Wallet, coin: str | None, now: int) -> Flash:
    """Accepts a request; it runs when its time is over, which may be at once."""
    flash = Flash(state.ids.next(now), coin, now, now + state.terms.flash_repay_ms, wallet)
    wallet.flashes[flash.id] = flash
    if flash.end > now:
        wallet.busy_until, wallet.repaying = flash.end, True
        state.wait(flash.end, flash.id, flash)
    else:
        run(state, flash, now)
    return flash


def run(state: State, flash: Flash, now: int) -> None:
    wallet = flash.wallet
    coins = [flash.coin] if flash.coin else list(wallet.owing)
    for sell in (False, True):
        for coin in coins:
            holding = wallet.owing.get(coin)
            if holding is None:
                continue
            owed = state.owed(holding)
            amount = owed if sell else min(owed, state.ledger.amounts[holding.available])
            pay_down(state, wallet, coin, amount, FLASH, now)


def status(flash: Flash, now: int) -> FlashState:
    """It begins in the first half of its time and repays in the second."""
    if now >= flash.end:
        return FlashState.FINISH
    return FlashState.BEGIN if 2 * (now - flash.start) < flash.end - flash.start else FlashState.REPAYING
