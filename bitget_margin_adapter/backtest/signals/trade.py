"""A trade as freqtrade's callbacks see it: one entry, one exit, a stop that only comes closer."""

from datetime import UTC, datetime
from typing import Any

from .rules import profit_ratio, step_down, step_up, stop_distance

__all__ = ["Trade"]


class Trade:
    """Attributes and methods have freqtrade's names. `units` is one over the price step."""

    def __init__(
        self, *, pair: str, is_short: bool, opened: int, open_rate: float, amount: float, stake_amount: float,
        leverage: float, fee: float, units: float, enter_tag: str, number: int,
    ) -> None:  # fmt: skip
        self.id = number
        self.pair = pair
        self.is_short = is_short
        self.is_open = True
        self.opened = opened
        self.open_rate = open_rate
        self.amount = self.amount_requested = amount
        self.stake_amount = self.max_stake_amount = stake_amount
        self.leverage = leverage
        self.fee_open = self.fee_close = fee
        self.units = units
        self.enter_tag = enter_tag
        self.min_rate = self.max_rate = open_rate
        self.stop_loss = self.initial_stop_loss = 0.0
        self.stop_loss_pct: float | None = None
        self.initial_stop_loss_pct: float | None = None
        self.liquidation_price: float | None = None
        self.interest = 0.0
        self.closed: int | None = None
        self.close_rate: float | None = None
        self.close_profit: float | None = None
        self.close_profit_abs: float | None = None
        self.exit_reason = ""
        self.nr_of_successful_entries, self.nr_of_successful_exits = 1, 0
        self.has_open_orders = False
        self._data: dict[str, Any] = {}

    # when

    @property
    def open_date_utc(self) -> datetime:
        return datetime.fromtimestamp(self.opened / 1000, UTC)

    @property
    def open_date(self) -> datetime:
        return self.open_date_utc

    @property
    def date_last_filled_utc(self) -> datetime:
        return self.open_date_utc

    @property
    def close_date_utc(self) -> datetime | None:
        return None if self.closed is None else datetime.fromtimestamp(self.closed / 1000, UTC)

    @property
    def close_date(self) -> datetime | None:
        return self.close_date_utc

    # which way

    @property
    def entry_side(self) -> str:
        return "sell" if self.is_short else "buy"

    @property
    def exit_side(self) -> str:
        return "buy" if self.is_short else "sell"

    @property
    def trade_direction(self) -> str:
        return "short" if self.is_short else "long"

    @property
    def is_stop_loss_trailing(self) -> bool:
        return self.stop_loss != self.initial_stop_loss

    @property
    def open_trade_value(self) -> float:
        side = -1 if self.is_short else 1
        return self.amount * self.open_rate * (1 + side * self.fee_open)

    # what it brings

    def calc_profit_ratio(self, rate: float, amount: float | None = None, open_rate: float | None = None) -> float:
        return profit_ratio(
            open_rate or self.open_rate, rate, self.fee_close, self.leverage, self.is_short, amount or self.amount,
            self.interest,
        )  # fmt: skip

    def calc_profit(self, rate: float, amount: float | None = None, open_rate: float | None = None) -> float:
        amount, opened = amount or self.amount, open_rate or self.open_rate
        if self.is_short:
            profit = amount * opened * (1 - self.fee_open) - (amount + self.interest) * rate * (1 + self.fee_close)
        else:
            profit = amount * rate * (1 - self.fee_close) - self.interest - amount * opened * (1 + self.fee_open)
        return round(profit, 8)

    # the stop

    def set_stop(self, price: float, share: float, initial: bool = False) -> None:
        """Put the stop at `share` of the stake from a price, if that is closer than where it is."""
        if initial and self.stop_loss:
            return
        stop = stop_distance(price, share, self.leverage, self.is_short)
        stop = step_down(stop, self.units) if self.is_short else step_up(stop, self.units)
        if self.initial_stop_loss_pct is None:
            self.initial_stop_loss, self.initial_stop_loss_pct = stop, -abs(share)
        elif not (stop < self.stop_loss if self.is_short else stop > self.stop_loss):
            return
        self.stop_loss, self.stop_loss_pct = stop, -abs(share)

    # what strategies keep with it

    def set_custom_data(self, key: str, value: Any) -> None:
        self._data[key] = value

    def get_custom_data(self, key: str, default: Any = None) -> Any:
        return self._data.get(key, default)

    def __repr__(self) -> str:
        return f"Trade({self.pair}, {self.trade_direction}, {self.amount} at {self.open_rate})"
