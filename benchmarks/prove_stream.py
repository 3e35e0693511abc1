"""Every fill once and in order over real sockets that are cut again and again: MarginStream on the emulator.

    python benchmarks/prove_stream.py [--cuts 200] [--seed 1] [--json FILE]

The streams' clock runs a hundred times as fast as the machine's, so that back-off, audits and budgets of hours fit into
minutes; sockets, threads, REST and the emulator are real. A bot trades all the while; in the end what the stream told
is compared with the venue's own list.
"""

import argparse
import random
import sys
import threading
import time
from pathlib import Path

from record import keep

import bitget_margin_adapter as bma
from bitget_margin_adapter.stream import clock

SYMBOL = "BTC/USDT"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    clock._SPEED = 100
    chance = random.Random(args.seed)
    started = time.perf_counter()
    told: list[str] = []
    lost = 0
    with bma.Emulator(limits=False, funds={"USDT": "1000000"}) as emulator:
        emulator.control("market", {"symbol": SYMBOL, "price": 30_000})
        exchange = bma.bitgetmargin(emulator.config())
        exchange.load_markets()
        emulator.control(
            "faults", {"kind": "cut", "endpoint": "cross_orders", "probability": 0.5, "seed": args.seed}
        )  # fmt: skip
        emulator.control("faults", {"kind": "drop", "endpoint": "cross_orders", "probability": 0.2, "seed": args.seed})
        emulator.control("faults", {"kind": "duplicate", "endpoint": "cross_orders", "probability": 0.2})
        emulator.control("faults", {"kind": "reorder", "endpoint": "cross_orders", "probability": 0.2, "delay_ms": 3})
        ended = threading.Event()
        orders = 0
        with bma.MarginStream(exchange, "cross_orders", SYMBOL) as stream:

            def trade() -> None:
                nonlocal orders
                bot = bma.bitgetmargin(emulator.config())
                while not ended.is_set():
                    # More is bought than sold, or there would be nothing to sell some day.
                    bot.create_order(SYMBOL, "market", "sell" if orders % 3 == 2 else "buy", 0.001)
                    orders += 1
                    ended.wait(chance.random() * 0.1)

            trader = threading.Thread(target=trade)
            trader.start()
            for event in stream:
                if event.kind == "trade":
                    told.append(event.data["id"])
                elif event.kind == "status" and not event.data["connected"]:
                    lost += 1
                    if lost >= args.cuts:
                        break
            ended.set()
            trader.join()
            emulator.control("faults", {"clear": True})
            truth = [row["id"] for row in exchange.fetch_my_trades(SYMBOL, exchange.milliseconds() - 3_600_000)]
            while len(told) < len(truth):
                left = stream.get(10)
                if left is None:
                    break
                if left.kind == "trade":
                    told.append(left.data["id"])
    result = {
        "cuts": lost,
        "fills": len(truth),
        "told": len(told),
        "told_twice": len(told) - len(set(told)),
        "in_order_and_complete": told == truth,
        "seconds": round(time.perf_counter() - started, 1),
    }
    keep("stream_cuts", result, args.json)
    return 0 if told == truth else 1


if __name__ == "__main__":
    sys.exit(main())
