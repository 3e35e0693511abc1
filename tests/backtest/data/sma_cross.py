# mypy: ignore-errors
"""Moving-average cross with a profit table and a fixed stop."""

from freqtrade.strategy import IStrategy


class SmaCross(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1h"
    startup_candle_count = 100
    minimal_roi = {"0": 0.08, "360": 0.05, "1440": 0.02, "4320": 0}
    stoploss = -0.04

    def populate_indicators(self, dataframe, metadata):
        dataframe["fast"] = dataframe["close"].rolling(12).mean()
        dataframe["slow"] = dataframe["close"].rolling(48).mean()
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        above = dataframe["fast"] > dataframe["slow"]
        crossed = above & ~above.shift(1, fill_value=False)
        dataframe.loc[crossed & (dataframe["volume"] > 0), ["enter_long", "enter_tag"]] = (1, "cross_up")
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        below = dataframe["fast"] < dataframe["slow"]
        crossed = below & ~below.shift(1, fill_value=False)
        dataframe.loc[crossed, ["exit_long", "exit_tag"]] = (1, "cross_down")
        return dataframe
