"""How fast backtests are: synthetic one-minute bars, an average cross, fills and equity beside every speed.

python benchmarks/backtest.py [BARS]      writes benchmarks/results/backtest.json
python benchmarks/backtest.py BARS --reference FOLDER CANDLES    also freqtrade's reference trades, if you have them
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import bitget_margin_adapter as bma

OUT = Path(__file__).parent / "results" / "backtest.json"
MONEY = {"USDT": "1000000"}
CONFIG: dict[str, Any] = {"fees": "quote", "position_amount": 1.0}


def candles(count: int) -> pd.DataFrame:
    """A random walk from a fixed seed whose opens are the closes before them."""
    rng = np.random.default_rng(42)
    close = np.round(100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.0005, count))), 5)
    opens = np.concatenate(([100.0], close[:-1]))
    high = np.maximum(opens, close) * (1 + np.abs(rng.normal(0, 0.0002, count)))
    low = np.minimum(opens, close) * (1 - np.abs(rng.normal(0, 0.0002, count)))
    high, low = (
        np.maximum(np.round(high, 5), np.maximum(opens, close)),
        np.minimum(np.round(low, 5), np.minimum(opens, close)),
    )
    times = 1_640_995_200_000 + 60_000 * np.arange(count, dtype=np.int64)
    return pd.DataFrame({"timestamp": times, "open": opens, "high": high, "low": low, "close": close, "volume": 100.0})


class Signals:
    timeframe = "1m"
    stoploss = -0.99
    minimal_roi = {"0": 1000}

    def populate_indicators(self, dataframe: Any, metadata: Any) -> Any:
        dataframe["fast"] = dataframe["close"].rolling(20).mean()
        dataframe["slow"] = dataframe["close"].rolling(50).mean()
        return dataframe

    def populate_entry_trend(self, dataframe: Any, metadata: Any) -> Any:
        dataframe.loc[dataframe["fast"] > dataframe["slow"], "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: Any, metadata: Any) -> Any:
        dataframe.loc[dataframe["fast"] < dataframe["slow"], "exit_long"] = 1
        return dataframe


class Lean:
    """Running sums, one order at each cross."""

    def on_start(self, exchange: Any) -> None:
        self.ring = [0.0] * 50
        self.count = self.position = 0
        self.fast = self.slow = 0.0

    def on_candle(self, exchange: Any, symbol: str, candle: list[float]) -> None:
        close, count, ring = candle[4], self.count, self.ring
        if count >= 20:
            self.fast -= ring[(count - 20) % 50]
        if count >= 50:
            self.slow -= ring[count % 50]
        ring[count % 50] = close
        self.fast += close
        self.slow += close
        self.count = count + 1
        if count < 49:
            return
        wanted = 1 if self.fast * 5 > self.slow * 2 else 0
        if wanted != self.position:
            exchange.create_order(symbol, "market", "buy" if wanted else "sell", 1.0)
            self.position = wanted


def timed(bot: Any, frame: pd.DataFrame, repeats: int) -> dict[str, Any]:
    spent, best = [], None
    for _ in range(repeats):
        started = time.perf_counter()
        best = bma.backtest.run(bot, frame, funds=MONEY, config=CONFIG, progress=False)
        spent.append(time.perf_counter() - started)
    assert best is not None
    seconds = sorted(spent)[len(spent) // 2]
    row = {
        "bars_a_second": round(len(frame) / seconds),
        "fills": len(best.fills),
        "equity": round(best.final_equity, 4),
    }
    if "seconds_simulation" in best.about:
        row["simulation_only"] = round(len(frame) / best.about["seconds_simulation"])
    return row


def references(folder: Path, data: Path) -> dict[str, Any]:
    """Trades that differ in time, rate, amount or reason, for each run of freqtrade."""
    found = {}
    for run in sorted(path for path in folder.iterdir() if (path / "trades.csv.gz").exists()):
        config = json.loads((run / "config.json").read_text())
        pairs = {f"{base}/USDT": data / f"{base}USDT-1h.csv.gz" for base in ("ETH", "BTC")}
        made = bma.backtest.run(run / "strategy.py", pairs, config=config, rules="freqtrade").trades
        theirs = pd.read_csv(run / "trades.csv.gz", keep_default_na=False, parse_dates=["open_date", "close_date"])
        order = ["open_date", "pair"]
        ours, theirs = (part.sort_values(order, kind="stable").reset_index(drop=True) for part in (made, theirs))
        wrong = pd.Series(len(ours) != len(theirs), index=theirs.index)
        for name in ("pair", "open_date", "close_date", "exit_reason", "enter_tag"):
            wrong |= ours[name].reindex(theirs.index) != theirs[name]
        for name in ("open_rate", "close_rate", "amount"):
            wrong |= (ours[name].reindex(theirs.index) - theirs[name]).abs() > 1e-9
        found[run.name] = {"trades": len(theirs), "different": int(wrong.sum())}
    return found


def main(words: list[str]) -> None:
    frame = candles(int(float(words[0])) if words else 1_000_000)
    bma.backtest.run(Signals, frame.iloc[:1000], funds=MONEY, config=CONFIG)
    report: dict[str, Any] = {
        "bars": len(frame),
        "signals": timed(Signals, frame, 7),
        "ccxt bot, lean": timed(Lean, frame, 1),
    }
    if "--reference" in words:
        place = words.index("--reference")
        report["freqtrade"] = references(Path(words[place + 1]), Path(words[place + 2]))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
