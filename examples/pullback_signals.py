"""A freqtrade-style strategy: buys weakness in a rising market and sells strength in a falling one, on margin.

    bitget-margin backtest examples/pullback_signals.py --candles examples/candles/ETHUSDT-1h.csv.xz \\
        --set leverage=2 --report pullback.html
    bitget-margin sweep examples/pullback_signals.py --candles examples/candles/ETHUSDT-1h.csv.xz \\
        --grid weak=25,30,35 config.leverage=1,2,3 --heat-map pullback-sweep.html

Runs with or without freqtrade installed.
"""

from typing import Any

from freqtrade.strategy import IntParameter, IStrategy


def rsi(close: Any, period: int) -> Any:
    """Wilder's relative strength index, 0 to 100."""
    move = close.diff()
    gain = move.clip(lower=0).ewm(alpha=1 / period, adjust=False).mean()
    loss = (-move.clip(upper=0)).ewm(alpha=1 / period, adjust=False).mean()
    return 100 - 100 / (1 + gain / loss)


class Pullback(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1h"
    can_short = True
    startup_candle_count = 700
    minimal_roi = {"0": 0.10, "2880": 0.04, "7200": 0.0}
    stoploss = -0.12
    trailing_stop = True
    trailing_stop_positive = 0.04
    trailing_stop_positive_offset = 0.08
    trailing_only_offset_is_reached = True

    weak = IntParameter(15, 40, default=30)

    def populate_indicators(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
        dataframe["rsi"] = rsi(dataframe["close"], 14)
        dataframe["trend"] = dataframe["close"].ewm(span=200, adjust=False).mean()
        dataframe["slope"] = dataframe["trend"] - dataframe["trend"].shift(168)
        return dataframe

    def populate_entry_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
        weak = self.weak.value
        dips = (dataframe["slope"] > 0) & (dataframe["rsi"] < weak)
        jumps = (dataframe["slope"] < 0) & (dataframe["rsi"] > 100 - weak)
        dataframe.loc[dips, ["enter_long", "enter_tag"]] = (1, "dip")
        dataframe.loc[jumps, ["enter_short", "enter_tag"]] = (1, "jump")
        return dataframe

    def populate_exit_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
        dataframe.loc[dataframe["rsi"] > 70, "exit_long"] = 1
        dataframe.loc[dataframe["rsi"] < 30, "exit_short"] = 1
        return dataframe
