# mypy: ignore-errors
"""Buys weakness on two pairs at once; the whole wallet is shared out, so every result depends on those before it."""

from freqtrade.strategy import IStrategy


def rsi(close, period):
    move = close.diff()
    gain = move.clip(lower=0).ewm(alpha=1 / period, adjust=False).mean()
    loss = (-move.clip(upper=0)).ewm(alpha=1 / period, adjust=False).mean()
    return 100 - 100 / (1 + gain / loss)


class RsiTwoPairs(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1h"
    startup_candle_count = 150
    minimal_roi = {"0": 0.06, "720": 0.025, "2880": 0.005}
    stoploss = -0.07

    def populate_indicators(self, dataframe, metadata):
        dataframe["rsi"] = rsi(dataframe["close"], 14)
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        weak = (dataframe["rsi"] < 30) & (dataframe["volume"] > 0)
        dataframe.loc[weak, ["enter_long", "enter_tag"]] = (1, "rsi_30")
        dataframe.loc[weak & (dataframe["rsi"] < 22), "enter_tag"] = "rsi_22"
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["rsi"] > 62, ["exit_long", "exit_tag"]] = (1, "rsi_62")
        return dataframe
