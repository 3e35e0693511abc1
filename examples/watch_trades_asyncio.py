"""An asyncio bot that prints its own trades as they happen, on an emulator that it starts itself.

    python examples/watch_trades_asyncio.py

The loop of `watch` is what any bot on ccxt.pro has: a lost connection raises, and the next call goes on without a gap.
"""

import asyncio
from typing import Any

import ccxt

import bitget_margin_adapter as bma

SYMBOL = "BTC/USDT"
WANTED = 3


async def watch(exchange: Any, watching: asyncio.Event) -> None:
    seen = 0
    while seen < WANTED:
        try:
            call = asyncio.ensure_future(exchange.watch_my_trades(SYMBOL))
            watching.set()
            trades = await call
        except ccxt.NetworkError as problem:
            print(f"lost: {problem}")
            continue
        for trade in trades:
            fee = trade["fee"]
            print(
                f"TRADE {trade['datetime']} {trade['side']} {trade['amount']} {trade['symbol']} "
                f"at {trade['price']}, fee {fee['cost']} {fee['currency']}"
            )
        seen += len(trades)


async def trade(exchange: Any, emulator: bma.Emulator) -> None:
    """A ladder of orders, the last of them with borrowed money, and a market that comes down to them."""
    for price in (29_900, 29_850, 29_800):
        await exchange.create_order(SYMBOL, "limit", "buy", 0.15, price, {"loanType": "autoLoan"})
    for price in (29_900, 29_800, 29_950, 30_100):
        emulator.control("market", {"symbol": SYMBOL, "price": price})


async def run(emulator: bma.Emulator) -> None:
    exchange = bma.pro.bitgetmargin(emulator.config())
    try:
        await exchange.load_markets()
        watching = asyncio.Event()
        watcher = asyncio.ensure_future(watch(exchange, watching))
        await watching.wait()
        await trade(exchange, emulator)
        await watcher
        balance = await exchange.fetch_balance()
        print(f"now {balance['BTC']['free']} BTC, debt {balance['USDT']['debt']} USDT")
    finally:
        await exchange.close()


def main() -> None:
    with bma.Emulator(funds={"USDT": "10000"}) as emulator:
        emulator.control("market", {"symbol": SYMBOL, "price": 30_000})
        asyncio.run(run(emulator))


if __name__ == "__main__":
    main()
