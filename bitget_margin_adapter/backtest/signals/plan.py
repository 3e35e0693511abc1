"""What a strategy says of itself: attributes of the class, which `config` overrides, read once and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import StrategyError
from .timeframes import timeframe_to_minutes

__all__ = ["CALLBACKS", "Plan", "make_strategy", "plan_of"]

CALLBACKS = (
    "adjust_entry_price", "adjust_exit_price", "adjust_order_price", "adjust_trade_position", "bot_loop_start",
    "check_entry_timeout", "check_exit_timeout", "confirm_trade_entry", "confirm_trade_exit", "custom_entry_price",
    "custom_exit", "custom_exit_price", "custom_roi", "custom_stake_amount", "custom_stoploss", "leverage",
    "order_filled",
)  # fmt: skip
_NOT_SERVED = ("adjust_trade_position", "adjust_entry_price", "adjust_exit_price", "adjust_order_price", "custom_roi")


@dataclass(frozen=True)
class Plan:
    """Everything that the rules read."""

    name: str
    timeframe: str
    minimal_roi: tuple[tuple[int, float], ...]
    stoploss: float
    trailing_stop: bool
    trailing_stop_positive: float | None
    trailing_stop_positive_offset: float
    trailing_only_offset_is_reached: bool
    use_custom_stoploss: bool
    can_short: bool
    use_exit_signal: bool
    exit_profit_only: bool
    exit_profit_offset: float
    ignore_roi_if_entry_signal: bool
    startup_candle_count: int
    max_open_trades: int
    stake_amount: float | None
    """None: unlimited, the wallet is shared out."""
    tradable_balance_ratio: float
    amend_last_stake_amount: bool
    limit_exits: bool
    limit_entries: bool
    callbacks: frozenset[str]

    @property
    def minutes(self) -> int:
        return timeframe_to_minutes(self.timeframe) if self.timeframe else 0


def make_strategy(bot: Any, config: Mapping[str, Any]) -> Any:
    """An instance, of a class or as it is."""
    if not isinstance(bot, type):
        return bot
    settings = {"stake_currency": "USDT", "runmode": "backtest", "dry_run": True, **config}
    try:
        return bot(settings)
    except TypeError:
        pass
    try:
        return bot()
    except TypeError as problem:
        raise StrategyError(f"{bot.__name__}: it is made with a config, or without arguments ({problem})") from problem


def plan_of(strategy: Any, config: Mapping[str, Any], spot: bool = False) -> Plan:
    """Raises StrategyError for attributes that make no sense; `spot` refuses shorts as freqtrade's spot mode does."""
    name = type(strategy).__name__

    def read(key: str, default: Any) -> Any:
        value = config[key] if key in config else getattr(strategy, key, default)
        return getattr(value, "value", value)

    stoploss = float(read("stoploss", -0.99))
    if not stoploss < 0:
        raise StrategyError(f"{name}.stoploss is {stoploss}: write it below zero, such as -0.05 for five percent")
    roi = read("minimal_roi", None) or {}
    try:
        table = tuple(sorted((int(minutes), float(share)) for minutes, share in roi.items()))
    except (AttributeError, TypeError, ValueError) as problem:
        raise StrategyError(f"{name}.minimal_roi maps minutes to returns, such as {{'0': 0.05}} ({problem})") from None
    can_short = bool(read("can_short", False))
    if spot and can_short:
        raise StrategyError(
            f"{name}.can_short: there are no shorts in spot mode; set config['trading_mode'] to 'margin'"
        )
    stake = config.get("stake_amount", getattr(strategy, "stake_amount", "unlimited"))
    most = config.get("max_open_trades", getattr(strategy, "max_open_trades", None))
    most = 1 if most is None else int(most)
    callbacks = _callbacks(strategy, name)
    types = read("order_types", {}) or {}
    positive = read("trailing_stop_positive", None)
    return Plan(
        name=name,
        timeframe=str(read("timeframe", "") or ""),
        minimal_roi=table,
        stoploss=stoploss,
        trailing_stop=bool(read("trailing_stop", False)),
        trailing_stop_positive=None if positive is None else float(positive),
        trailing_stop_positive_offset=float(read("trailing_stop_positive_offset", 0.0) or 0.0),
        trailing_only_offset_is_reached=bool(read("trailing_only_offset_is_reached", False)),
        use_custom_stoploss=bool(read("use_custom_stoploss", False)) and "custom_stoploss" in callbacks,
        can_short=can_short,
        use_exit_signal=bool(read("use_exit_signal", True)),
        exit_profit_only=bool(read("exit_profit_only", False)),
        exit_profit_offset=float(read("exit_profit_offset", 0.0) or 0.0),
        ignore_roi_if_entry_signal=bool(read("ignore_roi_if_entry_signal", False)),
        startup_candle_count=int(read("startup_candle_count", 0) or 0),
        max_open_trades=most if most >= 0 else 1_000_000,
        stake_amount=None if stake == "unlimited" else float(stake),
        tradable_balance_ratio=float(config.get("tradable_balance_ratio", 0.99)),
        amend_last_stake_amount=bool(config.get("amend_last_stake_amount", False)),
        limit_exits=types.get("exit", "limit") == "limit",
        limit_entries=types.get("entry", "limit") == "limit",
        callbacks=callbacks,
    )


def _callbacks(strategy: Any, name: str) -> frozenset[str]:
    """Those that the strategy itself defines; a base class of freqtrade's or ours does not count."""
    own = set()
    for callback in CALLBACKS:
        if callback in getattr(strategy, "__dict__", {}):
            own.add(callback)
            continue
        for kind in type(strategy).__mro__:
            if callback in kind.__dict__:
                if not kind.__module__.startswith(("freqtrade.", "bitget_margin_adapter.")):
                    own.add(callback)
                break
    adjusts = getattr(strategy, "position_adjustment_enable", False)
    for callback in _NOT_SERVED:
        if callback in own and (callback != "adjust_trade_position" or adjusts):
            raise StrategyError(
                f"{name}.{callback}: this callback is not served; leave it out, or run freqtrade itself"
            )
    return frozenset(own)
