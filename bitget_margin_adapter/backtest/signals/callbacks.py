"""A strategy's callbacks: called with freqtrade's arguments, on a copy of the trade, with sane answers when absent."""

import copy
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from ..failure import failure, last_closed
from .frames import Provider
from .plan import Plan
from .trade import Trade

__all__ = ["Callbacks"]


class Callbacks:
    def __init__(self, strategy: Any, plan: Plan, provider: Provider) -> None:
        self._strategy = strategy
        self._plan = plan
        self._provider = provider
        self._callbacks = plan.callbacks

    def has(self, name: str) -> bool:
        return name in self._callbacks

    def start(self) -> None:
        if hasattr(self._strategy, "bot_start") and "bot_start" not in vars(self._strategy):
            self._strategy.bot_start()

    def loop(self, now: int) -> None:
        if self._callbacks:
            self._provider.now = _date(now)
            if "bot_loop_start" in self._callbacks:
                self._call("bot_loop_start", now, current_time=_date(now))

    def leverage(self, pair: str, now: int, rate: float, most: float, tag: str, short: bool) -> float:
        if "leverage" not in self._callbacks or most <= 1.0:
            return 1.0
        asked = self._call(
            "leverage", now, pair=pair, current_time=_date(now), current_rate=rate, proposed_leverage=1.0,
            max_leverage=most, entry_tag=tag, side=_side(short),
        )  # fmt: skip
        return min(max(float(asked), 1.0), most)

    def stake(
        self, pair: str, now: int, rate: float, proposed: float, least: float, most: float, leverage: float, tag: str,
        short: bool,
    ) -> float:  # fmt: skip
        if "custom_stake_amount" not in self._callbacks:
            return proposed
        asked = self._call(
            "custom_stake_amount", now, pair=pair, current_time=_date(now), current_rate=rate, proposed_stake=proposed,
            min_stake=least, max_stake=most, leverage=leverage, entry_tag=tag, side=_side(short),
        )  # fmt: skip
        return float(proposed if asked is None else asked)

    def entry_price(self, pair: str, now: int, rate: float, tag: str, short: bool) -> float:
        asked = self._call(
            "custom_entry_price", now, pair=pair, trade=None, current_time=_date(now), proposed_rate=rate,
            entry_tag=tag, side=_side(short),
        )  # fmt: skip
        return float(rate if asked is None else asked)

    def confirm_entry(self, pair: str, amount: float, rate: float, now: int, tag: str, short: bool) -> bool:
        if "confirm_trade_entry" not in self._callbacks:
            return True
        return bool(
            self._call(
                "confirm_trade_entry", now, pair=pair, order_type="limit" if self._plan.limit_entries else "market",
                amount=amount, rate=rate, time_in_force="GTC", current_time=_date(now), entry_tag=tag,
                side=_side(short),
            )
        )  # fmt: skip

    def confirm_exit(self, trade: Trade, rate: float, reason: str, now: int) -> bool:
        if "confirm_trade_exit" not in self._callbacks:
            return True
        return bool(
            self._call(
                "confirm_trade_exit", now, pair=trade.pair, trade=copy.copy(trade),
                order_type="limit" if self._plan.limit_exits else "market", amount=trade.amount, rate=rate,
                time_in_force="GTC", exit_reason=reason, sell_reason=reason, current_time=_date(now),
            )
        )  # fmt: skip

    def stoploss(self, trade: Trade, now: int, rate: float, profit: float) -> float | None:
        asked = self._call(
            "custom_stoploss", now, pair=trade.pair, trade=copy.copy(trade), current_time=_date(now),
            current_rate=rate, current_profit=profit, after_fill=False,
        )  # fmt: skip
        return float(asked) if asked and isfinite(asked) else None

    def custom_exit(self, trade: Trade, now: int, rate: float) -> str:
        asked = self._call(
            "custom_exit", now, pair=trade.pair, trade=copy.copy(trade), current_time=_date(now), current_rate=rate,
            current_profit=trade.calc_profit_ratio(rate),
        )  # fmt: skip
        if not asked:
            return ""
        return asked[:255] if isinstance(asked, str) else "custom_exit"

    def exit_price(self, trade: Trade, now: int, rate: float, reason: str) -> float:
        asked = self._call(
            "custom_exit_price", now, pair=trade.pair, trade=copy.copy(trade), current_time=_date(now),
            proposed_rate=rate, current_profit=trade.calc_profit_ratio(rate), exit_tag=reason,
        )  # fmt: skip
        return float(rate if asked is None else asked)

    def filled(self, trade: Trade, now: int) -> None:
        if "order_filled" in self._callbacks:
            from .freqtrade_names import Order

            side = trade.entry_side if trade.is_open else trade.exit_side
            order = Order(
                ft_order_side=side, side=side, filled=trade.amount, price=trade.close_rate or trade.open_rate,
                safe_price=trade.close_rate or trade.open_rate, ft_is_open=False, status="closed",
            )  # fmt: skip
            self._call(
                "order_filled", now, pair=trade.pair, trade=copy.copy(trade), order=order, current_time=_date(now)
            )

    def _call(self, name: str, now: int, **arguments: Any) -> Any:
        try:
            return getattr(self._strategy, name)(**arguments)
        except Exception as problem:
            feeds = self._provider.feeds
            known = [feeds[arguments["pair"]]] if arguments.get("pair") in feeds else list(feeds.values())
            cure = "Callbacks take freqtrade's keyword arguments, and **kwargs." if type(problem) is TypeError else ""
            raise failure(f"{self._plan.name}.{name}", problem, now, *last_closed(known, now), cure=cure) from problem


def _side(short: bool) -> str:
    return "short" if short else "long"


def _date(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
