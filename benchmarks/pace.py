"""How fast this machine is just now, beside the one on which the limits of the benchmarks were set.

    python benchmarks/pace.py

The yardstick is work that is not ours: ccxt's own `create_order` over a stubbed transport, which took `THERE_US` on
that machine. A rented core can be three times slower from one day to the next; a limit in orders a second says
something only beside what the same core does with the same interpreter in the same minute.
"""

import statistics
import subprocess
import sys
import time

import ccxt

__all__ = ["THERE_US", "pace"]

THERE_US = 75.6
_CALLS, _ROUNDS = 2_000, 5


def pace() -> float:
    """1.0 where a call takes as long as there, 0.5 on a machine half as fast; measured in a fresh process."""
    command = [sys.executable, __file__]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _microseconds() -> float:
    exchange = ccxt.bitget({"apiKey": "k" * 20, "secret": "s" * 40, "password": "p" * 8, "enableRateLimit": False})
    exchange.set_markets([_market()])
    answer = {"code": "00000", "msg": "success", "requestTime": 1, "data": {"orderId": "1", "clientOid": "a"}}
    exchange.fetch = lambda *args, **kwargs: answer
    times = []
    for _ in range(_ROUNDS + 1):
        started = time.perf_counter()
        for _ in range(_CALLS):
            exchange.create_order("BTC/USDT", "limit", "buy", 1.5, 100.12)
        times.append((time.perf_counter() - started) / _CALLS * 1e6)
    return statistics.median(times[1:])


def _market() -> dict[str, object]:
    return {
        "id": "BTCUSDT", "symbol": "BTC/USDT", "base": "BTC", "quote": "USDT", "settle": None, "baseId": "BTC",
        "quoteId": "USDT", "settleId": None, "type": "spot", "spot": True, "margin": True, "swap": False,
        "future": False, "option": False, "active": True, "contract": False, "taker": 0.001, "maker": 0.001,
        "precision": {"amount": 1e-6, "price": 0.01},
        "limits": {"amount": {"min": 1e-6}, "price": {}, "cost": {"min": 1}, "leverage": {}}, "info": {},
    }  # fmt: skip


if __name__ == "__main__":
    print(THERE_US / _microseconds())
