"""A freqtrade-style strategy: follows the momentum of a month on margin, both ways.

    bitget-margin backtest examples/momentum_signals.py --candles examples/candles/ETHUSDT-1h.csv.xz \\
        --set leverage=1.5 --report momentum.html
    bitget-margin sweep examples/momentum_signals.py --candles examples/candles/ETHUSDT-1h.csv.xz \\
        --grid hours=360,720,1080 config.leverage=1,1.5,2 --heat-map momentum-sweep.html

Runs with or without freqtrade installed.
"""

from typing import Any

from freqtrade.strategy import IntParameter, IStrategy


class Momentum(IStrategy):  # type: ignore[misc]  # known when it runs
    INTERFACE_VERSION = 3
    timeframe = "1h"
    can_short = True
    startup_candle_count = 1_200
    stoploss = -0.15

    hours = IntParameter(240, 1_200, default=720)

    def populate_indicators(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
        dataframe["change"] = dataframe["close"].pct_change(self.hours.value)
        dataframe["mean"] = dataframe["close"].ewm(span=240, adjust=False).mean()
        return dataframe

    def populate_entry_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
        up = (dataframe["change"] > 0.05) & (dataframe["close"] > dataframe["mean"])
        down = (dataframe["change"] < -0.15) & (dataframe["close"] < dataframe["mean"])
        dataframe.loc[up, ["enter_long", "enter_tag"]] = (1, "rising")
        dataframe.loc[down, ["enter_short", "enter_tag"]] = (1, "falling")
        return dataframe

    def populate_exit_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
        dataframe.loc[dataframe["change"] < 0, "exit_long"] = 1
        dataframe.loc[dataframe["change"] > -0.05, "exit_short"] = 1
        return dataframe
