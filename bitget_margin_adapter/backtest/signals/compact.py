"""One strategy on the kernel: arrays in, arrays out, and the engine called in for liquidations."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...engine.terms import Tier
from ...venue.profile import Profile
from ..feeds import Feed
from . import kernel
from .forced import force
from .plan import Plan

__all__ = ["Compact", "Terms", "play", "terms_of"]

_HOUR = 3_600_000
_ROOM = 4_096


class Terms(NamedTuple):
    """The venue's and the plan's figures as the kernel reads them."""

    coin: Any
    tiers: Any
    pairs: Any
    settings: Any
    roi: Any
    units: Any
    profile: Profile
    mode: str
    vip: int


class Compact(NamedTuple):
    """Records are cut to what was written; `liquidations` are (ms, risk rate, assets, debt, fee)."""

    equity: Any
    fills: Any
    loans: Any
    notes: Any
    liquidations: list[tuple[float, ...]]
    rejected: int
    trade: Any


def terms_of(
    plan: Plan, feed: Feed, profile: Profile, mode: str, funds: Mapping[str, float], config: Mapping[str, Any]
) -> Terms:
    import numpy as np

    pair = profile.pairs[feed.id]
    vip = int(config.get("vip", 0))
    discount = profile.vip_discounts[vip]
    coins = [profile.coins[feed.base], profile.coins[feed.quote]]
    coin = np.zeros((2, len(kernel.COIN_FIELDS)))
    ladders: list[list[tuple[float, float, float]]] = []
    for c, terms in enumerate(coins):
        ladder = terms.tiers if mode == "cross" else pair.tiers
        side = 0 if mode == "cross" else c
        most = terms.max_borrowable if mode == "cross" else pair.max_borrowable(terms.coin)
        lends = terms.borrowable and ladder and (mode == "cross" or pair.borrowable)
        coin[c, 0] = float(funds.get(terms.coin, 0))
        coin[c, 5] = float(terms.daily_rate * discount)
        coin[c, 6] = float(most) if lends else 0.0
        if terms.pool is not None:
            coin[c, 6] = min(coin[c, 6], float(terms.pool))
        ladders.append([_tier(tier, side) for tier in ladder] or [(0.0, 1.0, 1.0)])
    coin[1, 4] = 1.0
    coin[0, 4] = float(feed.columns.open[0])
    depth = max(map(len, ladders))
    tiers = np.array([ladder + [ladder[-1]] * (depth - len(ladder)) for ladder in ladders])
    pairs = np.array(
        [[
            10.0**pair.quantity_scale, 10.0**pair.price_scale, float(pair.taker_fee), float(pair.min_amount),
            float(pair.min_value), float(pair.max_amount),
        ]]
    )  # fmt: skip
    reserve = min(max(1.05 / (1 - 0.05), 1.0), 1.5)
    settings = np.array(
        [
            -1.0 if plan.stake_amount is None else plan.stake_amount, plan.tradable_balance_ratio,
            float(config.get("leverage", 1.0)), 1.0 if profile.fee_coin == "quote" else 0.0, plan.stoploss,
            float(plan.trailing_stop), plan.trailing_stop_positive or 0.0, plan.trailing_stop_positive_offset,
            float(plan.trailing_only_offset_is_reached), float(plan.use_exit_signal),
            plan.exit_profit_offset if plan.exit_profit_only else -np.inf, float(plan.ignore_roi_if_entry_signal),
            float(plan.max_open_trades), reserve, float(config.get("position_amount", 0.0)), float(plan.minutes),
            float(profile.liquidation_ratio), float(mode == "isolated"), 0.0,
        ]
    )  # fmt: skip
    roi = np.array(plan.minimal_roi, dtype=np.float64).reshape(-1, 2)
    units = np.array([10.0**pair.price_scale])
    return Terms(coin, tiers, pairs, settings, roi, units, profile, mode, vip)


def _tier(tier: Tier, side: int) -> tuple[float, float, float]:
    return float(tier.caps[side]), float(tier.maintain_margin_rate), float(tier.leverage)


def play(feed: Feed, flags: Any, first: int, terms: Terms, equity: Any = None) -> Compact:
    """All candles; `equity` may be given to be written over, so that a grid needs one array only."""
    import numpy as np

    columns = feed.columns
    coin, trade = terms.coin.copy(), np.zeros((1, len(kernel.TRADE_FIELDS)))
    cursor = np.zeros(len(kernel.CURSOR_FIELDS), dtype=np.int64)
    cursor[3] = int(columns.ms[0]) // _HOUR
    records = [
        np.empty((_ROOM, len(kernel.FILL_FIELDS))), np.empty((_ROOM, len(kernel.LOAN_FIELDS))), np.empty((_ROOM, 8))
    ]  # fmt: skip
    if equity is None:
        equity = np.empty(len(columns.ms))
    kernel.note(records[2], cursor, coin, 2, int(columns.ms[0]))
    liquidations: list[tuple[float, ...]] = []
    while True:
        status = kernel.simulate(
            columns.ms, columns.open, columns.high, columns.low, columns.close, flags, terms.units, first,
            feed.interval, coin, terms.tiers, terms.pairs, terms.settings, terms.roi, trade, cursor, records[0],
            records[1], records[2], equity,
        )  # fmt: skip
        if status == kernel.DONE:
            break
        if status == kernel.LIQUIDATE:
            liquidations.append(_liquidated(feed, terms, coin, trade, cursor, records))
        records = (
            [np.concatenate((part, np.empty_like(part))) for part in records] if _full(cursor, records) else records
        )
    fills, loans, notes = (part[: cursor[place]] for place, part in zip((4, 5, 6), records, strict=True))
    return Compact(equity, fills, loans, notes, liquidations, int(cursor[7]), trade)


def _full(cursor: Any, records: list[Any]) -> bool:
    return any(cursor[place] + 64 > len(part) for place, part in zip((4, 5, 6), records, strict=True))


def _liquidated(feed: Feed, terms: Terms, coin: Any, trade: Any, cursor: Any, records: list[Any]) -> tuple[float, ...]:
    """Lets the engine liquidate, and writes down what it did."""
    moment = int(cursor[9])
    done = force(terms.profile, feed, terms.mode, terms.vip, coin, moment)
    for c, figures in enumerate(done.coins):
        coin[c, :4] = figures
    for sells, price, amount, total, fee in done.fills:
        kernel.log_fill(records[0], cursor, moment, 0, float(sells), price, amount, total, fee, 6)
    for name, amount, principal, interest in done.repays:
        c = 0 if name == feed.base else 1
        kernel.log_loan(records[1], cursor, moment, c, amount, principal, interest, 2, coin[c, 3])
    kernel.note(records[2], cursor, coin, 2, moment)
    side = trade[0, 0]
    left = coin[0, 0] if side > 0 else coin[0, 1] + coin[0, 2]
    # A rest that cannot be traded is no position.
    if side != 0 and left * coin[0, 4] < terms.pairs[0, 4]:
        trade[0, 0] = 0.0
    elif side != 0:
        trade[0, 3] = min(trade[0, 3], left)
    return (moment, *done.record)
