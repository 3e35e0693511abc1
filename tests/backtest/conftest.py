"""Candles and bots that several tests play."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

DATA = Path(__file__).parent / "data"


def walk_candles(count: int = 600, seed: int = 7, minutes: int = 60) -> pd.DataFrame:
    """A made-up random walk around 2000, hourly from 2022 on."""
    rng = np.random.default_rng(seed)
    close = np.round(2000 * np.exp(np.cumsum(rng.normal(0, 0.01, count))), 2)
    opens = np.concatenate(([2000.0], close[:-1]))
    high = np.round(np.maximum(opens, close) * (1 + rng.random(count) * 0.005), 2)
    low = np.round(np.minimum(opens, close) * (1 - rng.random(count) * 0.005), 2)
    times = 1_640_995_200_000 + minutes * 60_000 * np.arange(count)
    return pd.DataFrame(
        {
            "timestamp": times,
            "open": opens,
            "high": high,
            "low": low,
            "close": close,
            "volume": 10.0 + rng.random(count),
        }
    )


@pytest.fixture
def candles() -> pd.DataFrame:
    return walk_candles()


class Cross:
    """Long above, short below, one coin at a time; a ccxt bot."""

    def on_start(self, exchange: Any) -> None:
        self.closes: list[float] = []
        self.position = 0

    def on_candle(self, exchange: Any, symbol: str, candle: list[float]) -> None:
        self.closes.append(candle[4])
        if len(self.closes) < 30:
            return
        wanted = 1 if sum(self.closes[-10:]) / 10 > sum(self.closes[-30:]) / 30 else -1
        if wanted != self.position:
            side = "buy" if wanted > self.position else "sell"
            loans = {"autoBorrow": True, "autoRepay": True}
            exchange.create_order(symbol, "market", side, abs(wanted - self.position), None, loans)
            self.position = wanted


class Signals:
    """The same idea as signals, with stops and returns."""

    timeframe = "1h"
    can_short = True
    stoploss = -0.04
    minimal_roi = {"0": 0.06, "600": 0.02}

    def populate_indicators(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
        dataframe["fast"] = dataframe["close"].rolling(10).mean()
        dataframe["slow"] = dataframe["close"].rolling(30).mean()
        return dataframe

    def populate_entry_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
        dataframe.loc[dataframe["fast"] > dataframe["slow"], ["enter_long", "enter_tag"]] = (1, "up")
        dataframe.loc[dataframe["fast"] < dataframe["slow"], "enter_short"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
        dataframe.loc[dataframe["fast"] < dataframe["slow"], "exit_long"] = 1
        dataframe.loc[dataframe["fast"] > dataframe["slow"], "exit_short"] = 1
        return dataframe
