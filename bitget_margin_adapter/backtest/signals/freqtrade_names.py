"""The names that freqtrade's strategies import, for machines without it. Written from their documented meaning."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

__all__ = [
    "BooleanParameter", "CategoricalParameter", "DecimalParameter", "IStrategy", "IntParameter", "Order", "PairLocks",
    "RealParameter", "informative", "merge_informative_pair", "stoploss_from_absolute", "stoploss_from_open",
]  # fmt: skip


class IStrategy:
    """The attributes that count when a strategy does not set them, and callbacks that change nothing."""

    INTERFACE_VERSION = 3
    timeframe = ""
    minimal_roi: dict[Any, float] = {}
    stoploss = -0.99
    can_short = False
    dp: Any = None
    wallets: Any = None
    config: dict[str, Any] = {}

    def __init__(self, config: dict[str, Any] | None = None) -> None:
        self.config = dict(config or {})

    def populate_indicators(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
        return dataframe

    def populate_entry_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
        return dataframe

    def populate_exit_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
        return dataframe


class _Parameter:
    """Outside a search a parameter is its default."""

    def __init__(self, value: Any) -> None:
        self.value = value

    @property
    def range(self) -> list[Any]:
        return [self.value]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"


class IntParameter(_Parameter):
    def __init__(self, low: Any, high: Any = None, *, default: int, space: str | None = None, **_: Any) -> None:
        super().__init__(int(default))
        self.low, self.high = (low, high) if high is not None else low


class RealParameter(_Parameter):
    def __init__(self, low: Any, high: Any = None, *, default: float, space: str | None = None, **_: Any) -> None:
        super().__init__(float(default))
        self.low, self.high = (low, high) if high is not None else low


class DecimalParameter(RealParameter):
    def __init__(
        self, low: Any, high: Any = None, *, default: float, decimals: int = 3, space: str | None = None, **_: Any
    ) -> None:
        super().__init__(low, high, default=round(float(default), decimals))


class CategoricalParameter(_Parameter):
    def __init__(self, categories: Sequence[Any], *, default: Any = None, space: str | None = None, **_: Any) -> None:
        super().__init__(categories[0] if default is None else default)
        self.opt_range = list(categories)


class BooleanParameter(CategoricalParameter):
    def __init__(self, *, default: Any = None, space: str | None = None, **_: Any) -> None:
        super().__init__([True, False], default=default)


class Order:
    """A filled order of a trade, as callbacks see it."""

    def __init__(self, **known: Any) -> None:
        self.__dict__.update(known)


class PairLocks:
    """Locks belong to live trading; in a backtest without protections nothing is locked."""

    @staticmethod
    def is_pair_locked(pair: str, now: datetime | None = None, side: str = "*") -> bool:
        return False

    @staticmethod
    def is_global_lock(now: datetime | None = None, side: str = "*") -> bool:
        return False

    @staticmethod
    def get_pair_locks(pair: str | None = None, now: datetime | None = None, side: str = "*") -> list[Any]:
        return []


Populate = Callable[[Any, Any, dict[str, Any]], Any]


def informative(
    timeframe: str, asset: str = "", fmt: Any = None, *, candle_type: Any = None, ffill: bool = True
) -> Callable[[Populate], Populate]:
    """Mark a method that computes indicators on another timeframe; they arrive with that timeframe as a suffix."""

    def mark(method: Populate) -> Populate:
        known = getattr(method, "_informative", ())
        method._informative = (*known, (timeframe, asset, fmt, ffill))  # type: ignore[attr-defined]
        return method

    return mark


def merge_informative_pair(
    dataframe: Any, informative: Any, timeframe: str, timeframe_inf: str, ffill: bool = True,
    append_timeframe: bool = True, date_column: str = "date", suffix: str | None = None,
) -> Any:  # fmt: skip
    """Join a longer timeframe to a shorter one, each value from the candle on in which it was known."""
    import pandas as pd

    from .timeframes import timeframe_to_minutes

    if suffix and append_timeframe:
        raise ValueError("give either a suffix or append_timeframe, not both")
    minutes, longer = timeframe_to_minutes(timeframe), timeframe_to_minutes(timeframe_inf)
    if minutes > longer:
        raise ValueError("a faster timeframe cannot be merged into a slower one: it would know the future")
    ending = f"_{timeframe_inf}" if append_timeframe else f"_{suffix}" if suffix else ""
    other = informative.copy()
    # The last shorter candle of the longer one is the first that ends when it does.
    known = other[date_column] + pd.to_timedelta(longer - minutes, unit="m")
    other.columns = [f"{name}{ending}" for name in other.columns]
    other["_known"] = known.astype(dataframe[date_column].dtype)
    if ffill:
        merged = pd.merge_asof(dataframe, other, left_on=date_column, right_on="_known", direction="backward")
    else:
        merged = dataframe.merge(other, left_on=date_column, right_on="_known", how="left")
    return merged.drop(columns="_known")


def stoploss_from_open(
    open_relative_stop: float, current_profit: float, is_short: bool = False, leverage: float = 1.0
) -> float:
    """A stop at a share of the open price, as the share of the current price that custom_stoploss returns."""
    move = current_profit / leverage
    if (not is_short and move <= -1) or (is_short and move >= 1):
        return 1
    wanted = open_relative_stop / leverage
    if is_short:
        return max(-1 + (1 - wanted) / (1 - move), 0.0) * leverage
    return max(1 - (1 + wanted) / (1 + move), 0.0) * leverage


def stoploss_from_absolute(
    stop_rate: float, current_rate: float, is_short: bool = False, leverage: float = 1.0
) -> float:
    """A stop price as the share of the current price that custom_stoploss returns."""
    if current_rate == 0:
        return 1
    share = 1 - stop_rate / current_rate
    if is_short:
        share = -share
    return max(min(share, 1.0), 0.0) * leverage
