"""Orders that the venue would never take: said before the first candle, not by a run without trades."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...venue.profile import Profile
from ..errors import StrategyError, moment
from .frames import Signals
from .plan import Plan

__all__ = ["refuse_impossible"]


def refuse_impossible(
    plan: Plan, found: Sequence[Signals], profile: Profile, money: float, margin_mode: str, config: Mapping[str, Any]
) -> None:
    """`money` is what the account is worth at the start. Raises StrategyError naming pair, candle, setting and cure."""
    for signals in found:
        entries = signals.flags[signals.first :] & 5
        if not entries.any():
            continue
        feed, pair = signals.feed, profile.pairs[signals.feed.id]
        place = signals.first + int(entries.argmax())
        where = (
            f"{plan.name} cannot enter {feed.symbol} at the candle of {moment(int(feed.columns.ms[place]))}, "
            "nor later: "
        )
        leverage = float(config.get("leverage", 1.0))
        most = float(pair.cross_leverage if margin_mode == "cross" else pair.isolated_leverage)
        if not 1.0 <= leverage <= most:
            raise StrategyError(f"{where}config['leverage'] is {leverage:g}, set it between 1 and {most:g}")
        stake = plan.stake_amount
        if stake is None or config.get("position_amount"):
            continue
        rate = float(feed.columns.open[place])
        least = max(float(pair.min_value), float(pair.min_amount) * rate)
        if stake * leverage < least:
            raise StrategyError(
                f"{where}stake_amount is {stake:g}, and the least order is worth {least:g} {feed.quote}; set it higher"
            )
        if stake * leverage / rate > float(pair.max_amount):
            raise StrategyError(
                f"{where}stake_amount {stake:g} buys more than {pair.max_amount} {feed.base}, the largest order; set "
                "it lower"
            )
        if stake > money * plan.tradable_balance_ratio and not plan.amend_last_stake_amount:
            raise StrategyError(
                f"{where}stake_amount is {stake:g}, and {plan.tradable_balance_ratio:g} of {money:g} {feed.quote} may "
                "be used; set it lower, start with more funds, or set amend_last_stake_amount"
            )
