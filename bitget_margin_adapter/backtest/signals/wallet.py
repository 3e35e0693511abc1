"""Freqtrade's own wallet: a starting sum, closed profits, stakes that are tied up; fees by value, no loans."""

from math import floor
from typing import Protocol

from .trade import Trade

__all__ = ["Account", "PairLimits", "ValueWallet", "cut_to"]


class PairLimits:
    """What a pair's orders must keep to."""

    def __init__(self, amount_scale: int, least_amount: float, least_value: float, leverage: float) -> None:
        self.amount_units = 10.0**amount_scale
        self.least_amount = least_amount
        self.least_value = least_value
        self.leverage = leverage


class Account(Protocol):
    """Where a walk's trades are booked."""

    def advance(self, time: int) -> list[tuple[str, float]]:
        """Time passes; pairs whose position the venue closed meanwhile, and at which price."""
        ...

    def total(self) -> float:
        """What the account is worth in the stake coin."""
        ...

    def tied(self) -> float: ...

    def enter(self, trade: Trade, time: int) -> bool:
        """Whether the entry was filled; it may set the trade's amount."""
        ...

    def leave(self, trade: Trade, rate: float, time: int) -> float | None:
        """The exit's profit in the stake coin; None when it was not taken."""
        ...


class ValueWallet:
    def __init__(self, funds: float) -> None:
        self.start = funds
        self.profit = 0.0
        self.open: dict[str, Trade] = {}

    def advance(self, time: int) -> list[tuple[str, float]]:
        return []

    def tied(self) -> float:
        return sum(trade.stake_amount for trade in self.open.values())

    def total(self) -> float:
        return self.start + self.profit

    def enter(self, trade: Trade, time: int) -> bool:
        self.open[trade.pair] = trade
        return True

    def leave(self, trade: Trade, rate: float, time: int) -> float:
        self.open.pop(trade.pair, None)
        profit = trade.calc_profit(rate)
        self.profit += profit
        return profit


def cut_to(amount: float, units: float) -> float:
    """Down to a step; what is a hair below one because of floats counts as it."""
    return floor(amount * units + 1e-9 * max(1.0, amount)) / units
