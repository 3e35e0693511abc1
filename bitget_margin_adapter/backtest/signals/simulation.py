"""One strategy on the kernel: arrays in, arrays out, and the engine called in for liquidations."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...engine.terms import Tier
from ...venue.profile import Profile
from ..feeds import Feed
from . import kernel, layout
from .account import log_fill, log_loan, note
from .coasting import HOUR
from .compiled import compiled, has_numba
from .exits import LIQUIDATION
from .liquidation import force
from .plan import Plan

__all__ = ["SMALL", "Room", "Simulated", "Terms", "play", "terms_of"]

SMALL = 50_000
"""Candles that are played sooner as they are than numba is imported, let alone has compiled anything."""

_ROOM = 32_768
_NEXT_TO_NOTHING = 1e-12
"""A peak to divide by, lower than any account's that is worth something."""
_KEPT = (layout.FILL, layout.LOAN, layout.NOTE)


class Terms(NamedTuple):
    """The venue's and the plan's figures as the kernel reads them."""

    coins: tuple[Mapping[str, float], Mapping[str, float]]
    """Base and quote at the start."""
    tiers: Any
    """By coin and tier: cap, maintenance rate, leverage."""
    figures: Mapping[str, float]
    roi: Any
    profile: Profile
    mode: str
    vip: int


class Room:
    """Memory that passes write into: equity, fills, loans, notes.

    Given to one pass after the other it is made once, and what a pass returned holds until the next one. It is not for
    several threads.
    """

    def __init__(self, bars: int, quick: bool) -> None:
        """With no `bars` the equity is only followed: its end and its deepest fall."""
        import numpy as np

        self.quick = quick
        self.equity = np.empty(bars)
        self.records = [part.rows(quick, _ROOM if quick else 64) for part in _KEPT]

    def make(self, counts: Sequence[int]) -> None:
        """Twice as much for those of which little is left."""
        self.records = [
            part.doubled(rows) if count + 64 > len(rows) else rows
            for rows, part, count in zip(self.records, _KEPT, counts, strict=True)
        ]


class Simulated(NamedTuple):
    """Records are cut to what was written; `liquidations` are (ms, risk rate, assets, debt, fee)."""

    equity: Any
    fills: Any
    loans: Any
    notes: Any
    liquidations: list[tuple[float, ...]]
    rejected: int
    worth: float
    """What the account is worth at the end, and `fall` its largest drawdown below zero, where no equity is kept."""
    fall: float


def terms_of(
    plan: Plan, feed: Feed, profile: Profile, mode: str, funds: Mapping[str, float], config: Mapping[str, Any]
) -> Terms:
    import numpy as np

    pair = profile.pairs[feed.id]
    vip = int(config.get("vip", 0))
    discount = profile.vip_discounts[vip]
    coins = []
    ladders: list[list[tuple[float, float, float]]] = []
    for place, name in enumerate((feed.base, feed.quote)):
        terms = profile.coins[name]
        ladder = terms.tiers if mode == "cross" else pair.tiers
        side = 0 if mode == "cross" else place
        most = terms.max_borrowable if mode == "cross" else pair.max_borrowable(terms.coin)
        lends = terms.borrowable and ladder and (mode == "cross" or pair.borrowable)
        ceiling = float(most) if lends else 0.0
        if terms.pool is not None:
            ceiling = min(ceiling, float(terms.pool))
        coins.append(
            {
                "held": float(funds.get(terms.coin, 0)),
                "rate": float(terms.daily_rate * discount),
                "ceiling": ceiling,
                "price": 1.0 if place else float(feed.columns.open[0]),
                "place": place,
            }
        )
        ladders.append([_tier(tier, side) for tier in ladder] or [(0.0, 1.0, 1.0)])
    depth = max(map(len, ladders))
    tiers = np.array([ladder + [ladder[-1]] * (depth - len(ladder)) for ladder in ladders])
    figures = {
        "fee": float(pair.taker_fee),
        "least_amount": float(pair.min_amount),
        "most_amount": float(pair.max_amount),
        "least_value": float(pair.min_value),
        "amount_units": 10.0**pair.quantity_scale,
        "price_units": 10.0**pair.price_scale,
        "liquidation_ratio": float(profile.liquidation_ratio),
        "stake": -1.0 if plan.stake_amount is None else plan.stake_amount,
        "balance_ratio": plan.tradable_balance_ratio,
        "fixed_amount": float(config.get("position_amount", 0.0)),
        "leverage": float(config.get("leverage", 1.0)),
        "reserve": min(max(1.05 / (1 - 0.05), 1.0), 1.5),
        "places": float(plan.max_open_trades),
        "stoploss": plan.stoploss,
        "trailing_positive": plan.trailing_stop_positive or 0.0,
        "trailing_offset": plan.trailing_stop_positive_offset,
        "exit_floor": plan.exit_profit_offset if plan.exit_profit_only else -np.inf,
        "minutes": float(plan.minutes),
        "fee_in_quote": profile.fee_coin == "quote",
        "isolated": mode == "isolated",
        "trailing": plan.trailing_stop,
        "trailing_waits": plan.trailing_only_offset_is_reached,
        "use_exit_signal": plan.use_exit_signal,
        "entry_outlives_roi": plan.ignore_roi_if_entry_signal,
    }
    roi = np.array(plan.minimal_roi, dtype=np.float64).reshape(-1, 2)
    return Terms((coins[0], coins[1]), tiers, figures, roi, profile, mode, vip)


def _tier(tier: Tier, side: int) -> tuple[float, float, float]:
    return float(tier.caps[side]), float(tier.maintain_margin_rate), float(tier.leverage)


def play(
    feed: Feed, flags: Any, first: int, terms: Terms, room: Room | None = None, fast: bool | None = None,
    again: bool = False,
) -> Simulated:  # fmt: skip
    """All candles; `room` may be given to be written over, and `again` says that the feed will be played often.

    `fast` is whether to compile, which changes nothing but the speed; by default it is done where it pays.
    """
    if room is None:
        room = Room(len(feed), has_numba() and len(feed) > SMALL if fast is None else fast)
    quick = room.quick
    simulate: Any = compiled(kernel.simulate) if quick else kernel.simulate
    base, quote = (layout.COIN.record(quick, coin) for coin in terms.coins)
    trade, cursor = layout.TRADE.record(quick), layout.CURSOR.record(quick)
    figures = layout.TERMS.record(quick, terms.figures)
    cursor.hour = int(feed.columns.ms[0]) // HOUR
    cursor.peak = cursor.trough = _NEXT_TO_NOTHING
    columns, shown = _columns(feed, quick, again), _read_only(flags) if quick else flags.tolist()
    note(room.records[2], cursor, base, quote, int(feed.columns.ms[0]))
    liquidations: list[tuple[float, ...]] = []
    while True:
        status = simulate(
            *columns, shown, first, feed.interval, base, quote, terms.tiers, figures, terms.roi, trade, cursor,
            *room.records, room.equity,
        )  # fmt: skip
        if status == kernel.DONE:
            break
        if status == kernel.LIQUIDATE:
            liquidations.append(_liquidated(feed, terms, base, quote, trade, cursor, room.records))
        room.make((cursor.fills, cursor.loans, cursor.notes))
    counts = (cursor.fills, cursor.loans, cursor.notes)
    fills, loans, notes = (
        part.table(rows, int(count)) for rows, part, count in zip(room.records, _KEPT, counts, strict=True)
    )
    fall = min(float(cursor.fall), float(cursor.trough / cursor.peak - 1.0))
    return Simulated(
        room.equity, fills, loans, notes, liquidations, int(cursor.rejected), float(cursor.worth), fall
    )  # fmt: skip


def _columns(feed: Feed, quick: bool, again: bool) -> tuple[Any, ...]:
    """Times, the four prices, and each block's highest high and lowest low where it pays to find them."""
    import numpy as np

    none = np.empty(0)
    arrays = (*feed.columns[:5], *(feed.blocks if again else (none, none)))
    return tuple(map(_read_only, arrays)) if quick else tuple(array.tolist() for array in arrays)


def _read_only(array: Any) -> Any:
    """Some of pandas' arrays are so already; were others not, numba would compile the kernel for each mixture."""
    shown = array.view()
    shown.flags.writeable = False
    return shown


def _liquidated(
    feed: Feed, terms: Terms, base: Any, quote: Any, trade: Any, cursor: Any, records: list[Any]
) -> tuple[float, ...]:
    """Lets the engine liquidate, and writes down what it did."""
    moment = int(cursor.moment)
    done = force(terms.profile, feed, terms.mode, terms.vip, (base, quote), moment)
    for coin, figures in zip((base, quote), done.coins, strict=True):
        coin.held, coin.principal, coin.interest, coin.charge = figures
    for sells, price, amount, total, fee in done.fills:
        log_fill(records[0], cursor, moment, int(sells), price, amount, total, fee)
        records[0][cursor.fills - 1].reason = LIQUIDATION
    for name, amount, principal, interest in done.repays:
        log_loan(records[1], cursor, moment, base if name == feed.base else quote, amount, principal, interest, 2)
    note(records[2], cursor, base, quote, moment)
    left = base.held if trade.side > 0 else base.principal + base.interest
    # A rest that cannot be traded is no position.
    if trade.side != 0 and left * base.price < terms.figures["least_value"]:
        trade.side = 0.0
    elif trade.side != 0:
        trade.amount = min(trade.amount, left)
    return (moment, *done.record)
