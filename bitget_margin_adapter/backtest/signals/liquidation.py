"""A liquidation in the kernel's account, done by the engine itself on an account with the same holdings and debts."""

from decimal import Decimal
from typing import Any, NamedTuple

from ...engine import liquidation
from ...engine.accounts import CROSS, isolated
from ...engine.loans import reprice
from ...model.decimals import MONEY_SCALE, exact, exactly, half_up
from ...venue.profile import Profile
from ...venue.service import Venue
from ..feeds import Feed

__all__ = ["Forced", "force"]

_ACCOUNT = "forced"


class Forced(NamedTuple):
    """What is left, and what was done: fills as (sells, price, amount, total, fee), repayments, and the record."""

    coins: list[tuple[float, float, float, float]]
    """held, principal, interest, charge of base and quote."""
    fills: list[tuple[bool, float, float, float, float]]
    repays: list[tuple[str, float, float, float]]
    record: tuple[float, float, float, float]
    """Risk rate, assets, debt, fee."""


def _money(value: float) -> Decimal:
    return half_up(exact(float(value)), MONEY_SCALE)


def force(profile: Profile, feed: Feed, mode: str, vip: int, coins: tuple[Any, Any], moment: int) -> Forced:
    """`coins` are the kernel's records of base and quote; the price is the one that the base shows."""
    place = CROSS if mode == "cross" else isolated(feed.id)
    names = (feed.base, feed.quote)
    venue = Venue(profile, vip=vip, start=moment)
    funds = {name: _money(coin.held) for name, coin in zip(names, coins, strict=True)}
    venue.open_account(_ACCOUNT, {place: funds}, moment)
    venue.set_price(feed.id, float(coins[0].price), moment)
    state = venue.inside
    wallet = state.wallet(_ACCOUNT, place)
    for name, coin in zip(names, coins, strict=True):
        principal, interest = _money(coin.principal), _money(coin.interest)
        if not principal and not interest:
            continue
        holding, house = state.holding(wallet, name), state.ledger.house(name)
        state.ledger.commit(((house.claims, holding.principal, principal), (house.accrued, holding.interest, interest)))
        holding.accrual.hour = state.hour
        wallet.owing[name] = holding
        state.debtors[wallet] = None
        reprice(state, holding, state.daily_rate(wallet, name))
    # The engine's exact context is the venue's to set: a look through the front door is a check as well.
    venue.advance(moment)
    with exactly():
        liquidation.check(state, wallet, moment)
    left = []
    amounts = state.ledger.amounts
    for name in names:
        holding = state.holding(wallet, name)
        charge = holding.accrual.charge if name in wallet.owing else 0
        left.append(
            (
                float(state.held(holding)),
                float(amounts[holding.principal]),
                float(amounts[holding.interest]),
                float(charge),
            )
        )
    log = wallet.fills.get(feed.id)
    fills = [
        (row[4].endswith("sell"), float(row[5]), float(row[6]), float(row[7]), float(-row[9]))
        for row in (log.rows if log is not None else ())
    ]
    repays = [(row[2], float(row[3]), float(row[5]), float(row[4])) for row in wallet.repays.rows]
    record = wallet.liquidations.rows[-1] if wallet.liquidations.rows else None
    figures = (0.0, 0.0, 0.0, 0.0) if record is None else tuple(float(value) for value in record[3:7])
    return Forced(left, fills, repays, figures)  # type: ignore[arg-type]  # four figures
