"""How fast ccxt bots are replayed: synthetic minute bars, an average cross that the bot computes itself.

    python benchmarks/replay_speed.py [--bars 1000000] [--json FILE]

Each figure comes from a fresh process that replays a short run first, so that imports are not counted; `end_to_end`
is `backtest.run` with the equity and the fills as frames, `bars_a_second` is `backtest.run` alone.

`floor` is the same bot on the least that can be called a replay: a loop over lists with orders, fills, a fee and a
ledger in floats, whose answers share their candles. It runs in the same process right after, and `of_floor` is what is
compared with the limits: a rented core can be three times slower from one minute to the next, and both with it. Limits
are for the bot that is long or out, as in the peers' table. "three calls" gets lists of its own from `fetch_ohlcv`, as
live; "three calls, shared" is the same bot with `config={"ohlcv": "shared"}`, whose candles are shared like the
floor's. `pace` says how fast the machine was (`pace.py`).

Fees are taken from the quote coin and loans are free, as in the peers that this is compared with; then the same
with the venue's own fees and interest.
"""

import argparse
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pace import pace
from record import keep

BARS = 1_000_000
MONEY = {"USDT": "1000000"}
COMPARED: dict[str, Any] = {"fees": "quote", "rates": {"BTC": 0, "USDT": 0}}
Bot = Callable[[Any, str, list[Any]], None]
LOANS = {"autoBorrow": True, "autoRepay": True}
SYMBOL = "BTC/USDT"

FLOOR = {"lean": 2_200_000, "three calls": 345_000}
"""Bars a second of such a floor on the machine for which the limits were set."""

MUST = {"lean": 700_000, "three calls, shared": 150_000}
STRETCH = {"lean": 1_200_000, "three calls, shared": 220_000}
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


def lean(below: int) -> Bot:
    """Running sums, one order at each cross; `below` is what is held while the quick average is the lower one."""
    ring, count, position, fast, slow = [0.0] * 50, 0, 0, 0.0, 0.0
    params = LOANS if below else {}

    def on_candle(exchange: Any, symbol: str, candle: list[Any]) -> None:
        nonlocal count, position, fast, slow
        close = candle[4]
        if count >= 20:
            fast -= ring[(count - 20) % 50]
        if count >= 50:
            slow -= ring[count % 50]
        ring[count % 50] = close
        fast += close
        slow += close
        count += 1
        if count >= 50:
            wanted = 1 if fast * 5 > slow * 2 else below
            if wanted != position:
                side = "buy" if wanted > position else "sell"
                exchange.create_order(symbol, "market", side, float(abs(wanted - position)), None, params)
                position = wanted

    return on_candle


def asking(below: int) -> Bot:
    """The same, but it asks for the last candles, the balance and the open orders at every bar."""
    position = 0
    params = LOANS if below else {}

    def on_candle(exchange: Any, symbol: str, candle: list[Any]) -> None:
        nonlocal position
        rows = exchange.fetch_ohlcv(symbol, "1m", limit=51)
        exchange.fetch_balance()
        exchange.fetch_open_orders(symbol)
        if len(rows) == 51:
            closes = [row[4] for row in rows]
            closes.pop()  # of the candle that has just begun
            wanted = 1 if sum(closes[30:]) * 5 > sum(closes) * 2 else below
            if wanted != position:
                side = "buy" if wanted > position else "sell"
                exchange.create_order(symbol, "market", side, float(abs(wanted - position)), None, params)
                position = wanted

    return on_candle


STYLES: dict[str, tuple[Callable[[int], Bot], dict[str, Any]]] = {
    "lean": (lean, {}),
    "three calls": (asking, {}),
    "three calls, shared": (asking, {"ohlcv": "shared"}),
}
DIRECTIONS = {"long": 0, "long and short": -1}


class Floor:
    """Rows in, answers of ccxt's form out, and nothing of a venue but cash, coins and what is owed."""

    def __init__(self, rows: list[list[Any]]) -> None:
        self.rows = rows
        self.place = 0
        self.now = 0
        self.cash, self.coins, self.owed_cash, self.owed_coins, self.interest = 1_000_000.0, 0.0, 0.0, 0.0, 0.0
        self.orders: dict[str, dict[str, Any]] = {}
        self.resting: dict[str, dict[str, Any]] = {}
        self.due: list[dict[str, Any]] = []

    def fetch_ohlcv(self, symbol: str, timeframe: str = "1m", since: Any = None, limit: int = 100) -> list[list[Any]]:
        end = self.place + 2  # as ours: the candle that has begun is the last one
        return self.rows[max(0, end - limit) : end]

    def fetch_balance(self) -> dict[str, Any]:
        cash, coins = self.cash, self.coins
        return {
            "info": {}, "timestamp": self.now, "datetime": None,
            "USDT": {"free": cash, "used": 0.0, "total": cash}, "BTC": {"free": coins, "used": 0.0, "total": coins},
            "free": {"USDT": cash, "BTC": coins}, "used": {"USDT": 0.0, "BTC": 0.0},
            "total": {"USDT": cash, "BTC": coins},
        }  # fmt: skip

    def fetch_open_orders(self, symbol: str) -> list[dict[str, Any]]:
        return [order.copy() for order in self.resting.values()]

    def create_order(
        self, symbol: str, type: str, side: str, amount: float, price: Any = None, params: Any = {}
    ) -> dict[str, Any]:
        if side not in ("buy", "sell") or amount <= 0:
            raise ValueError(side)
        name = str(len(self.orders) + 1)
        order = self.orders[name] = {
            "id": name, "clientOrderId": name, "timestamp": self.now, "datetime": None, "lastTradeTimestamp": None,
            "lastUpdateTimestamp": self.now, "status": "open", "symbol": symbol, "type": type, "timeInForce": "GTC",
            "postOnly": False, "reduceOnly": False, "side": side, "price": price, "average": None, "amount": amount,
            "cost": 0.0, "filled": 0.0, "remaining": amount, "stopPrice": None, "triggerPrice": None, "fee": None,
            "fees": [], "trades": [], "info": params,
        }  # fmt: skip
        if type == "market":
            self.due.append(order)
        else:
            self.resting[name] = order
        return order.copy()

    def fill(self, order: dict[str, Any], price: float) -> None:
        amount = order["amount"]
        cost = amount * price
        fee = cost * 0.001
        if order["side"] == "buy":
            self.cash -= cost + fee
            self.coins += amount - self.owed_coins
            self.owed_coins = 0.0
        else:
            self.cash += cost - fee
            self.coins -= amount
        if self.coins < 0.0:
            self.owed_coins -= self.coins
            self.coins = 0.0
        if self.cash < 0.0:
            self.owed_cash -= self.cash
            self.cash = 0.0
        order["status"], order["filled"], order["remaining"], order["cost"] = "closed", amount, 0.0, cost
        order["average"], order["lastTradeTimestamp"], order["fee"] = price, self.now, {"cost": fee, "currency": "USDT"}

    def play(self, on_candle: Bot) -> None:
        for place, row in enumerate(self.rows[:-1]):
            self.place, self.now = place, row[0] + 60_000
            if self.due:
                for order in self.due:
                    self.fill(order, row[1])
                self.due.clear()
            for name, order in list(self.resting.items()) if self.resting else ():
                if row[3] <= order["price"] if order["side"] == "buy" else row[2] >= order["price"]:
                    self.fill(self.resting.pop(name), order["price"])
            if self.owed_cash or self.owed_coins:
                owed = self.owed_cash + self.owed_coins * row[2]
                self.interest += owed * 1e-5 / 60
                if self.cash + self.coins * row[3] - owed <= 0.03 * owed:
                    raise RuntimeError("liquidated")
            on_candle(self, SYMBOL, row)


def floor(bot: Bot, frame: pd.DataFrame) -> tuple[float, float]:
    """Processor seconds of the floor, its candles made outside, and the equity at the end."""
    rows = list(map(list, zip(*(frame[name].tolist() for name in frame.columns), strict=True)))
    exchange = Floor(rows)
    gc.collect()
    gc.freeze()
    started = time.process_time()
    exchange.play(bot)
    spent = time.process_time() - started
    for order in exchange.due:
        exchange.fill(order, rows[-1][1])
    return spent, exchange.cash - exchange.owed_cash + (exchange.coins - exchange.owed_coins) * rows[-1][4]


def once(style: str, direction: str, bars: int, config: dict[str, Any]) -> dict[str, Any]:
    import bitget_margin_adapter as bma

    made, own = STYLES[style]
    frame, below, config = candles(bars), DIRECTIONS[direction], config | own
    bma.backtest.run(made(below), frame.iloc[:500], funds=MONEY, config=config, progress=False)
    spent = time.process_time()
    started = time.perf_counter()
    result = bma.backtest.run(made(below), frame, funds=MONEY, config=config, progress=False)
    ran = time.perf_counter() - started
    spent = time.process_time() - spent
    fills, equity = len(result.fills), float(result.equity["equity"].iloc[-1])
    whole = time.perf_counter() - started
    del result
    least, left = floor(made(below), frame)
    return {
        "bars": bars,
        "seconds": ran,
        "bars_a_second": round(bars / ran),
        "bars_a_cpu_second": round(bars / spent),
        "end_to_end": round(bars / whole),
        "fills": fills,
        "equity": round(equity, 4),
        "floor": round(bars / least),
        "floor_equity": round(left, 4),
        "of_floor": round(least / spent, 3),
    }


def measured(runs: int, *words: str) -> dict[str, Any]:
    """The median of several processes, with the pace around them."""
    command = [sys.executable, __file__, "--part", *words]
    before = pace()
    rows: list[dict[str, Any]] = [json.loads(subprocess.check_output(command)) for _ in range(runs)]
    around = (before + pace()) / 2
    row = sorted(rows, key=lambda row: float(row["of_floor"]))[len(rows) // 2]
    each = [row["of_floor"] for row in rows]
    return {**row, "of_floor_each": each, "pace": round(around, 3)}


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
    figures: dict[str, Any] = {
        "must, of the floor": {style: round(bars / FLOOR[style.partition(",")[0]], 3) for style, bars in MUST.items()},
        "stretch, of the floor": {
            style: round(bars / FLOOR[style.partition(",")[0]], 3) for style, bars in STRETCH.items()
        },
    }
    short: list[str] = []
    for style in STYLES:
        for direction in DIRECTIONS:
            name = f"{style}, {direction}"
            row = figures[name] = measured(options.runs, style, direction, str(options.bars), "compared")
            must = figures["must, of the floor"].get(style) if direction == "long" else None
            if must is not None and row["of_floor"] < must:
                short.append(f"{name}: {row['of_floor']} of the floor, it must be {must}")
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
