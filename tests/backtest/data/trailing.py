# mypy: ignore-errors
"""Momentum entry; a stop that starts to trail closely once the trade is far enough ahead."""

from freqtrade.strategy import IStrategy


class TrailingMomentum(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1h"
    startup_candle_count = 60
    minimal_roi = {"0": 0.20}
    stoploss = -0.05
    trailing_stop = True
    trailing_stop_positive = 0.012
    trailing_stop_positive_offset = 0.025
    trailing_only_offset_is_reached = True
    use_exit_signal = False

    def populate_indicators(self, dataframe, metadata):
        dataframe["base"] = dataframe["close"].ewm(span=50, adjust=False).mean()
        dataframe["change"] = dataframe["close"].pct_change(6)
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        rising = (dataframe["close"] > dataframe["base"]) & (dataframe["change"] > 0.012)
        fading = (dataframe["close"] < dataframe["base"] * 0.97) & (dataframe["close"] > dataframe["open"])
        dataframe.loc[rising, ["enter_long", "enter_tag"]] = (1, "momentum")
        dataframe.loc[fading, ["enter_long", "enter_tag"]] = (1, "dip")
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        return dataframe
