"""Every fill once and in order over real sockets that are cut, silenced and muddled: MarginStream and watch_my_trades.

    python benchmarks/prove_stream.py [--cuts 1000] [--orders 1000] [--workers 8] [--speed 5] [--seed 1] [--json FILE]

For each of the two clients: a storm of cuts, black holes, delays, duplicates and reorders until that many connections
were lost, and a run in which 80 % of the pushes are dropped. A bot trades all the while, on a market that moves; in the
end what the stream told is compared with the venue's own list. Sockets, threads, event loops, REST and the emulator are
real. The streams' clock runs `speed` times as fast as the machine's, so that back-off, audits and budgets of hours fit
into minutes: a lateness is measured on the machine's clock, from the fill's own time to the bot, and told on the
streams'. Each worker is a process with an emulator of its own.
"""

import argparse
import asyncio
import contextlib
import os
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import ccxt
from record import keep

import bitget_margin_adapter as bma
from bitget_margin_adapter.stream import clock
from bitget_margin_adapter.stream.healing import AUDIT_EVERY

SYMBOL = "BTC/USDT"
INTERVAL = 30_000
"""One audit interval with the time that a look takes, ms of the streams' clock."""

_PAUSE = 8_000

STORM = {"cut": 0.4, "blackhole": 0.02, "delay": 0.1, "duplicate": 0.15, "reorder": 0.25}
DROPPED = {"drop": 0.8}


class Job(NamedTuple):
    client: str
    faults: dict[str, float]
    cuts: int
    orders: int
    speed: int
    seed: int


class Bot:
    """Trades until it is told to stop, or has placed so many orders."""

    def __init__(self, emulator: bma.Emulator, job: Job) -> None:
        self._emulator = emulator
        self._chance = random.Random(job.seed)
        self._exchange = bma.bitgetmargin(emulator.config())
        self._most = job.orders
        self.orders = 0
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.ended.set()
        self._thread.join()

    def _run(self) -> None:
        price = 30_000.0
        while not self.ended.is_set() and (not self._most or self.orders < self._most):
            price = round(price * (1 + self._chance.uniform(-0.002, 0.002)), 2)
            self._emulator.control("market", {"symbol": SYMBOL, "price": price})
            self._trade(price)
            self.ended.wait(self._chance.random() * _PAUSE / 1_000 / clock._SPEED)
        self.ended.set()

    def _trade(self, price: float) -> None:
        side = self._chance.choice(("buy", "buy", "sell"))
        kind = self._chance.choice(("market", "limit", "limit", "cancel"))
        with contextlib.suppress(ccxt.InsufficientFunds):
            if kind == "market":
                self._exchange.create_order(SYMBOL, "market", side, 0.001)
            elif kind == "limit":
                at = round(price * (1 + self._chance.uniform(-0.002, 0.002)), 2)
                self._exchange.create_order(SYMBOL, "limit", side, 0.001, at)
            else:
                self._exchange.cancel_all_orders(SYMBOL)
                return
            self.orders += 1


class Told:
    """What reached the bot, and how late."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.late: list[float] = []
        self.lost = 0

    def trade(self, trade: dict[str, Any]) -> None:
        self.ids.append(trade["id"])
        self.late.append(time.time() * 1_000 - trade["timestamp"])


def synchronous(emulator: bma.Emulator, told: Told, ready: Callable[[], None], done: Callable[[], bool]) -> None:
    exchange = bma.bitgetmargin(emulator.config())
    with bma.MarginStream(exchange, "cross_orders", SYMBOL) as stream:
        ready()
        while not done():
            with contextlib.suppress(ccxt.NetworkError):
                event = stream.get(0.2)
                if event is not None and event.kind == "trade":
                    told.trade(event.data)
                elif event is not None and event.kind == "status" and not event.data["connected"]:
                    told.lost += 1


def asynchronous(emulator: bma.Emulator, told: Told, ready: Callable[[], None], done: Callable[[], bool]) -> None:
    async def run() -> None:
        streaming = {"keepAlive": 10_000 / clock._SPEED}
        exchange = bma.pro.bitgetmargin({**emulator.config(), "streaming": streaming})
        await exchange.load_markets()
        waiting = asyncio.ensure_future(exchange.watch_my_trades(SYMBOL))
        await asyncio.sleep(1)
        ready()
        while not done():
            finished, _ = await asyncio.wait({waiting}, timeout=0.2)
            if not finished:
                continue
            try:
                for trade in waiting.result():
                    told.trade(trade)
            except ccxt.NetworkError:
                told.lost += 1
            waiting = asyncio.ensure_future(exchange.watch_my_trades(SYMBOL))
        waiting.cancel()
        await exchange.close()

    asyncio.run(run())


CLIENTS = {"MarginStream": synchronous, "watch_my_trades": asynchronous}


def run(job: Job) -> dict[str, Any]:
    clock._SPEED = job.speed
    told = Told()
    with bma.Emulator(limits=False, funds={"USDT": "1000000", "BTC": "1"}) as emulator:
        emulator.control("market", {"symbol": SYMBOL, "price": 30_000})
        began = int(time.time() * 1_000)
        for number, (kind, probability) in enumerate(job.faults.items()):
            emulator.control(
                "faults",
                {
                    "kind": kind, "endpoint": "cross_orders", "probability": probability,
                    "seed": 1_000 * job.seed + number, "delay_ms": 3_000 // job.speed,
                },
            )  # fmt: skip
        bot = Bot(emulator, job)
        reader = bma.bitgetmargin(emulator.config())
        truth: list[str] = []
        struck: dict[str, int] = {}
        patience = 0.0

        def done() -> bool:
            nonlocal patience
            if not bot.ended.is_set():
                if job.cuts and told.lost >= job.cuts:
                    bot.ended.set()
                return False
            if not truth:
                bot.stop()
                struck.update({fault["kind"]: fault["struck"] for fault in emulator.control("faults")["faults"]})
                truth.extend(row["id"] for row in reader.fetch_my_trades(SYMBOL, began - 60_000))
                # The faults go on: what is lacking has to come all the same.
                patience = time.monotonic() + 10 * INTERVAL / 1_000 / job.speed
            return len(told.ids) >= len(truth) or time.monotonic() > patience

        CLIENTS[job.client](emulator, told, bot.start, done)
    return {
        "lost": told.lost,
        "struck": struck,
        "orders": bot.orders,
        "fills": len(truth),
        "twice": len(told.ids) - len(set(told.ids)),
        "exact": told.ids == truth,
        "late": told.late,
    }


def summary(found: list[dict[str, Any]], speed: int) -> dict[str, Any]:
    late = sorted(ms for one in found for ms in one["late"])
    struck: Counter[str] = Counter()
    for one in found:
        struck.update(one["struck"])
    return {
        "connections_lost": sum(one["lost"] for one in found),
        "pushes_struck": dict(struck),
        "orders": sum(one["orders"] for one in found),
        "fills": sum(one["fills"] for one in found),
        "told_twice": sum(one["twice"] for one in found),
        "in_order_and_complete": all(one["exact"] for one in found),
        "lateness_on_the_streams_clock_s": {
            "p50": round(statistics.median(late) * speed / 1_000, 2),
            "p99": round(late[int(len(late) * 0.99)] * speed / 1_000, 2),
            "most": round(late[-1] * speed / 1_000, 2),
        },
        "most_on_the_machines_clock_s": round(late[-1] / 1_000, 3),
        "later_than_an_audit_interval": sum(ms * speed > INTERVAL for ms in late),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cuts", type=int, default=1_000)
    parser.add_argument("--orders", type=int, default=1_000)
    parser.add_argument("--workers", type=int, default=8, help="for each client")
    parser.add_argument("--speed", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    started = time.perf_counter()
    result: dict[str, Any] = {}
    with ProcessPoolExecutor(len(CLIENTS) * args.workers, mp_context=get_context("spawn")) as pool:
        for name, faults, cuts, orders in (("storm", STORM, args.cuts, 0), ("dropped", DROPPED, 0, args.orders)):
            share = Job("", faults, -(-cuts // args.workers), -(-orders // args.workers), args.speed, 0)
            jobs = [
                share._replace(client=client, seed=args.seed + number)
                for number in range(args.workers)
                for client in CLIENTS
            ]
            found = list(pool.map(run, jobs))
            for client in CLIENTS:
                part = [one for job, one in zip(jobs, found, strict=True) if job.client == client]
                result[f"{name}, {client}"] = summary(part, args.speed)
                print(name, client, result[f"{name}, {client}"], flush=True)
    keep(
        "stream_cuts",
        {
            "audit_every_s": AUDIT_EVERY / 1_000,
            "audit_interval_s": INTERVAL / 1_000,
            "clock_speed": args.speed,
            "probabilities": {"storm": STORM, "dropped": DROPPED},
            "load_average": os.getloadavg()[0],
            **result,
            "seconds": round(time.perf_counter() - started, 1),
        },
        args.json,
    )
    kept = all(
        part["in_order_and_complete"] and not part["told_twice"] and not part["later_than_an_audit_interval"]
        for part in result.values()
    )
    print("kept" if kept else "MISSED")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
