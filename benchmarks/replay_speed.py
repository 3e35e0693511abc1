"""How fast ccxt bots are replayed: synthetic minute bars, an average cross that the bot computes itself.

    python benchmarks/replay_speed.py [--bars 1000000] [--json FILE]

Each figure comes from a fresh process that replays a short run first, so that imports are not counted; `end_to_end`
is `backtest.run` with the equity and the fills as frames, `bars_a_second` is `backtest.run` alone. `beside` is a bare
loop over the same candles, with the same bot on a stub that only counts orders: what is left of the machine's speed.
`of_beside` is the replay's share of that speed, processor time by processor time. Beside each figure stands the
machine's pace (`pace.py`); the limits are held against the figure at pace 1.
Fees are taken from the quote coin and loans are free, as in the peers that this is compared with; then the same
with the venue's own fees and interest.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pace import pace
from record import keep

BARS = 1_000_000
MONEY = {"USDT": "1000000"}
COMPARED: dict[str, Any] = {"fees": "quote", "rates": {"BTC": 0, "USDT": 0}}
LOANS = {"autoBorrow": True, "autoRepay": True}
SYMBOL = "BTC/USDT"

MUST = {"lean": 700_000, "three calls": 150_000}
STRETCH = {"lean": 1_200_000, "three calls": 220_000}
EXPECTED = {"long": (22_499, 998_074.6923), "long and short": (22_499, 996_144.7172)}
"""Fills and equity after a million bars under the compared rules, as the peers have them."""


def candles(count: int) -> pd.DataFrame:
    """A random walk from a fixed seed whose opens are the closes before them."""
    rng = np.random.default_rng(42)
    close = np.round(100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.0005, BARS))), 5)
    opens = np.concatenate(([100.0], close[:-1]))
    top, bottom = np.maximum(opens, close), np.minimum(opens, close)
    high = np.maximum(np.round(top * (1 + np.abs(rng.normal(0, 0.0002, BARS))), 5), top)
    low = np.minimum(np.round(bottom * (1 - np.abs(rng.normal(0, 0.0002, BARS))), 5), bottom)
    volume = np.round(rng.lognormal(2.0, 1.0, BARS), 3) + 100.0
    times = 1_640_995_200_000 + 60_000 * np.arange(BARS, dtype=np.int64)
    frame = pd.DataFrame(
        {"timestamp": times, "open": opens, "high": high, "low": low, "close": close, "volume": volume}
    )
    return frame.iloc[:count]


class Lean:
    """Running sums, one order at each cross."""

    below = 0

    def on_start(self, exchange: Any) -> None:
        self.ring = [0.0] * 50
        self.count = self.position = 0
        self.fast = self.slow = 0.0

    def on_candle(self, exchange: Any, symbol: str, candle: list[Any]) -> None:
        close, count, ring = candle[4], self.count, self.ring
        if count >= 20:
            self.fast -= ring[(count - 20) % 50]
        if count >= 50:
            self.slow -= ring[count % 50]
        ring[count % 50] = close
        self.fast += close
        self.slow += close
        self.count = count = count + 1
        if count >= 50:
            wanted = 1 if self.fast * 5 > self.slow * 2 else self.below
            if wanted != self.position:
                side = "buy" if wanted > self.position else "sell"
                amount = float(abs(wanted - self.position))
                exchange.create_order(symbol, "market", side, amount, None, LOANS if self.below else {})
                self.position = wanted


class Asking:
    """The same, but it asks for the last candles, the balance and the open orders at every bar."""

    below = 0

    def on_start(self, exchange: Any) -> None:
        self.position = 0

    def on_candle(self, exchange: Any, symbol: str, candle: list[Any]) -> None:
        rows = exchange.fetch_ohlcv(symbol, "1m", limit=51)
        exchange.fetch_balance()
        exchange.fetch_open_orders(symbol)
        if len(rows) == 51:
            closes = [row[4] for row in rows]
            closes.pop()  # of the candle that has just begun
            wanted = 1 if sum(closes[30:]) * 5 > sum(closes) * 2 else self.below
            if wanted != self.position:
                side = "buy" if wanted > self.position else "sell"
                amount = float(abs(wanted - self.position))
                exchange.create_order(symbol, "market", side, amount, None, LOANS if self.below else {})
                self.position = wanted


class LeanShort(Lean):
    below = -1


class AskingShort(Asking):
    below = -1


BOTS: dict[tuple[str, str], type[Any]] = {
    ("lean", "long"): Lean,
    ("lean", "long and short"): LeanShort,
    ("three calls", "long"): Asking,
    ("three calls", "long and short"): AskingShort,
}


class Stub:
    """Answers as fast as Python can, and knows nothing."""

    def __init__(self, rows: list[list[Any]]) -> None:
        self.rows = rows
        self.place = self.orders = 0

    def fetch_ohlcv(self, symbol: str, timeframe: str, limit: int) -> list[list[Any]]:
        return self.rows[max(0, self.place - limit + 2) : self.place + 2]

    def fetch_balance(self) -> dict[str, Any]:
        coins: dict[str, Any] = {"free": {}, "used": {}, "total": {}}
        return {"info": {}, "USDT": {"free": 0.0, "used": 0.0, "total": 0.0}, **coins}

    def fetch_open_orders(self, symbol: str) -> list[Any]:
        return []

    def create_order(self, symbol: str, *asked: Any) -> dict[str, Any]:
        self.orders += 1
        return {"id": str(self.orders), "symbol": symbol, "status": "open", "filled": None}


def bare(kind: type[Any], frame: pd.DataFrame) -> float:
    """Seconds of the bare loop; its candles are made outside."""
    rows = list(map(list, zip(*(frame[name].tolist() for name in frame.columns), strict=True)))
    bot, stub = kind(), Stub(rows)
    bot.on_start(stub)
    started = time.process_time()
    for place, row in enumerate(rows[:-1]):
        stub.place = place
        bot.on_candle(stub, SYMBOL, row)
    return time.process_time() - started


def once(style: str, direction: str, bars: int, config: dict[str, Any]) -> dict[str, Any]:
    import bitget_margin_adapter as bma

    frame, kind = candles(bars), BOTS[style, direction]
    bma.backtest.run(kind, frame.iloc[:500], funds=MONEY, config=config, progress=False)
    spent = time.process_time()
    started = time.perf_counter()
    result = bma.backtest.run(kind, frame, funds=MONEY, config=config, progress=False)
    ran = time.perf_counter() - started
    spent = time.process_time() - spent
    fills, equity = len(result.fills), float(result.equity["equity"].iloc[-1])
    whole = time.perf_counter() - started
    alone = bare(kind, frame)
    return {
        "bars": bars,
        "seconds": ran,
        "bars_a_second": round(bars / ran),
        "bars_a_cpu_second": round(bars / spent),
        "end_to_end": round(bars / whole),
        "beside": round(bars / alone),
        "of_beside": round(alone / spent, 3),
        "fills": fills,
        "equity": round(equity, 4),
    }


def measured(runs: int, *words: str) -> dict[str, Any]:
    """The median of several processes, with the pace around them."""
    command = [sys.executable, __file__, "--part", *words]
    before = pace()
    rows: list[dict[str, Any]] = [json.loads(subprocess.check_output(command)) for _ in range(runs)]
    around = (before + pace()) / 2
    row = sorted(rows, key=lambda row: float(row["seconds"]))[len(rows) // 2]
    return {**row, "pace": round(around, 3), "bars_a_second_at_pace_1": round(row["bars_a_second"] / around)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, default=BARS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--part", nargs=4)
    options = parser.parse_args()
    if options.part:
        style, direction, bars, rules = options.part
        print(json.dumps(once(style, direction, int(bars), COMPARED if rules == "compared" else {})))
        return 0
    figures: dict[str, Any] = {"must": MUST, "stretch": STRETCH}
    short: list[str] = []
    for style, direction in BOTS:
        name = f"{style}, {direction}"
        row = measured(options.runs, style, direction, str(options.bars), "compared")
        figures[name] = row
        reached = row["bars_a_second_at_pace_1"]
        if reached < MUST[style]:
            short.append(f"{name}: {reached} bars/s at pace 1, it must be {MUST[style]}")
        if options.bars == BARS and (row["fills"], row["equity"]) != EXPECTED[direction]:
            short.append(f"{name}: {row['fills']} fills, equity {row['equity']}, not {EXPECTED[direction]}")
    tenth = measured(options.runs, "three calls", "long", str(options.bars // 10), "compared")
    growth = tenth["bars_a_second"] / figures["three calls, long"]["bars_a_second"]
    figures["a bar's cost after ten times the history"] = round(growth, 2)
    if growth > 1.5:
        short.append(f"a bar costs {growth:.2f} times as much after ten times the history")
    figures["lean, long and short, the venue's fees and interest"] = measured(
        1, "lean", "long and short", str(options.bars), "venue"
    )
    keep("replay_speed", figures | {"short": short}, options.json)
    for line in short:
        print(line, file=sys.stderr)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
