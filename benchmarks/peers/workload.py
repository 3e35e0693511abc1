"""The market that every peer is given, and what it says when it is done. Needs numpy and nothing else.

A random walk of one-minute candles from a fixed seed. Each opens where the last closed, so that an order filled at this
close and one filled at the next open get the same price, and equities can be compared.
"""

import json
import resource
import sys
import time
from typing import Any

import numpy as np

__all__ = ["CASH", "FAST", "FEE", "SLOW", "Watch", "candles", "given", "said"]

CASH, FEE, FAST, SLOW = 1_000_000.0, 0.001, 20, 50
START = 1_640_995_200_000


def candles(count: int) -> Any:
    """Rows of ms, open, high, low, close, volume. Fewer candles are the first of a million."""
    rng = np.random.default_rng(42)
    full = max(count, 1_000_000)
    close = np.round(100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.0005, full))), 5)
    opens = np.concatenate(([100.0], close[:-1]))
    top, bottom = np.maximum(opens, close), np.minimum(opens, close)
    high = np.maximum(np.round(top * (1 + np.abs(rng.normal(0, 0.0002, full))), 5), top)
    low = np.minimum(np.round(bottom * (1 - np.abs(rng.normal(0, 0.0002, full))), 5), bottom)
    times = START + 60_000 * np.arange(full, dtype=np.int64)
    return np.column_stack((times.astype(np.float64), opens, high, low, close, np.full(full, 100.0)))[:count]


def given() -> Any:
    """The rows of the file that this process was given."""
    return np.load(sys.argv[1])


class Watch:
    """Seconds since it was made: on the wall, and of the processor, which do not tell of other work on the machine."""

    def __init__(self) -> None:
        self._wall, self._own = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self._wall, time.process_time() - self._own


def said(version: str, spent: tuple[float, float], bars: int, fills: int, equity: float, **more: Any) -> None:
    """One line for whoever called."""
    wall, own = spent
    figures = {
        "version": version,
        "bars": bars,
        "bars_a_second": round(bars / wall),
        "bars_a_cpu_second": round(bars / own),
        "fills": fills,
        "equity": round(float(equity), 4),
        "rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps({**figures, **more}))
