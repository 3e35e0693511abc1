"""The same strategy as signals on the kernel and on the engine, and as bot and script through ccxt's calls."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bitget_margin_adapter as bma

from .conftest import Cross, Signals, walk_candles

SCRIPT = """
import time
from datetime import datetime, timezone
import ccxt

exchange = ccxt.bitget({"apiKey": "a", "secret": "b", "password": "c"})
position, seen, loans = 0, None, {"autoBorrow": True, "autoRepay": True}
while True:
    candles = exchange.fetch_ohlcv("ETH/USDT", "1h", limit=31)[:-1]
    if len(candles) == 30 and candles[-1][0] != seen:
        seen = candles[-1][0]
        closes = [candle[4] for candle in candles]
        wanted = 1 if sum(closes[20:]) / 10 > sum(closes) / 30 else -1
        if wanted != position:
            side = "buy" if wanted > position else "sell"
            exchange.create_order("ETH/USDT", "market", side, abs(wanted - position), None, loans)
            position = wanted
    assert datetime.now(timezone.utc).timestamp() == time.time()
    time.sleep(1800)
"""
ASYNC = """
import asyncio
import ccxt.async_support as ccxt

async def main():
    exchange = ccxt.bitget()
    position, seen, loans = 0, None, {"autoBorrow": True, "autoRepay": True}
    while True:
        candles = (await exchange.fetch_ohlcv("ETH/USDT", "1h", limit=31))[:-1]
        if len(candles) == 30 and candles[-1][0] != seen:
            seen = candles[-1][0]
            closes = [candle[4] for candle in candles]
            wanted = 1 if sum(closes[20:]) / 10 > sum(closes) / 30 else -1
            if wanted != position:
                side = "buy" if wanted > position else "sell"
                await exchange.create_order("ETH/USDT", "market", side, abs(wanted - position), None, loans)
                position = wanted
        await asyncio.sleep(3600)

asyncio.run(main())
"""
MONEY = {"USDT": "100000"}


def same(one: Any, other: Any) -> None:
    columns = ["timestamp", "side", "price", "amount", "feeCurrency"]
    pd.testing.assert_frame_equal(one.fills[columns], other.fills[columns])
    ours, theirs = one.equity["equity"].to_numpy(), other.equity["equity"].to_numpy()
    assert np.abs(ours / theirs - 1).max() <= 1e-9
    assert len(one.interest) == len(other.interest)
    assert one.interest["interest"].sum() == pytest.approx(other.interest["interest"].sum(), abs=1e-7)


@pytest.mark.parametrize("mode", ["cross", "isolated"])
@pytest.mark.parametrize(
    "config",
    [{}, {"fees": "quote"}, {"stake_amount": 4000, "leverage": 2.5}, {"leverage": 2.9}],
    ids=["plain", "quote fees", "levered", "levered to the brim"],
)
def test_kernel_and_engine_agree(candles: pd.DataFrame, config: dict[str, Any], mode: Any) -> None:
    fast = bma.backtest.run(Signals, candles, symbol="ETH/USDT", config=config, margin_mode=mode)
    slow = bma.backtest.run(Signals, candles, symbol="ETH/USDT", config={**config, "exact": True}, margin_mode=mode)
    assert len(fast.trades) > 20
    same(fast, slow)


def test_a_liquidation_is_the_engine_s_own() -> None:
    """Down forty percent within a day while long on borrowed money."""
    fall = walk_candles(120)
    for place in range(60, 120):
        for name in ("open", "high", "low", "close"):
            value: Any = fall.loc[place, name]
            fall.loc[place, name] = round(value * max(0.45, 1 - 0.02 * (place - 59)), 2)
    fall["low"] = fall[["open", "low", "close"]].min(axis=1)
    fall["high"] = fall[["open", "high", "close"]].max(axis=1)

    class Long(Signals):
        can_short = False
        stoploss = -0.99
        minimal_roi: dict[str, float] = {}

        def populate_entry_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
            dataframe["enter_long"] = (dataframe.index == 30).astype(int)
            return dataframe

        def populate_exit_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
            return dataframe

    config = {"leverage": 2.9}
    fast = bma.backtest.run(Long, fall, symbol="ETH/USDT", config=config)
    slow = bma.backtest.run(Long, fall, symbol="ETH/USDT", config={**config, "exact": True})
    assert len(fast.liquidations) == len(slow.liquidations) > 0
    assert fast.final_equity == pytest.approx(slow.final_equity, rel=1e-9)


@pytest.mark.parametrize("text", [SCRIPT, ASYNC], ids=["sync", "asyncio"])
def test_a_script_trades_as_the_bot(candles: pd.DataFrame, tmp_path: Path, text: str) -> None:
    path = tmp_path / "live.py"
    path.write_text(text)
    few = candles.iloc[:300]
    same(
        bma.backtest.run(Cross, few, symbol="ETH/USDT", funds=MONEY),
        bma.backtest.run(path, few, symbol="ETH/USDT", funds=MONEY),
    )
