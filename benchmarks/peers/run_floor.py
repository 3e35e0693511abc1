"""The floor: what one compiled pass costs that does the least a margin simulation must, in binary floats and no more.

A yardstick for machines of any speed. Averages by running sums, a fill at the next open, the fee, interest and a margin
check for each candle, the equity; no steps, tiers, hours or records but fills. Needs numba. With `start` it ends after
the first pass.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any

import numba
import numpy as np
from workload import CASH, FAST, FEE, SLOW, Watch, given, said

DAILY, CALL = 0.0005, 0.03


@numba.njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator, unused-ignore]
def passed(
    opens: Any, highs: Any, lows: Any, closes: Any, fast: int, slow: int, equity: Any, fills: Any
) -> tuple[int, float]:
    cash, held, count, wanted, quick, long = CASH, 0.0, 0, 0.0, 0.0, 0.0
    rate = DAILY / 1440
    for bar in range(len(opens)):
        if wanted != held:
            amount = wanted - held
            cash -= amount * opens[bar] + abs(amount) * opens[bar] * FEE
            fills[count, 0], fills[count, 1], fills[count, 2] = bar, amount, opens[bar]
            count += 1
            held = wanted
        if cash < 0.0:
            cash += cash * rate
        if held != 0.0:
            worst = lows[bar] if held > 0.0 else highs[bar]
            if cash + held * worst <= CALL * abs(held) * worst:
                cash += held * worst
                held = wanted = 0.0
        close = closes[bar]
        equity[bar] = cash + held * close
        quick += close
        long += close
        if bar >= fast:
            quick -= closes[bar - fast]
        if bar >= slow:
            long -= closes[bar - slow]
        if bar >= slow - 1:
            wanted = 1.0 if quick * slow > long * fast else 0.0
    return count, equity[-1]


rows = given()
prices = tuple(np.ascontiguousarray(rows[:, place]) for place in (1, 2, 3, 4))


own = local()


def played(fast: int, slow: int) -> tuple[int, float]:
    """Each thread writes over its own memory."""
    if not hasattr(own, "room"):
        own.room = np.empty(len(rows)), np.empty((len(rows), 3))
    found: tuple[int, float] = passed(*prices, fast, slow, *own.room)
    return found


fills, equity = played(FAST, SLOW)
if sys.argv[2:] == ["start"]:
    print(json.dumps({"fills": fills, "equity": round(equity, 4)}), flush=True)
    sys.exit()
runs = []
for _ in range(15):
    watch = Watch()
    fills, equity = played(FAST, SLOW)
    runs.append(watch.read())
said(numba.__version__, sorted(runs, key=lambda run: run[1])[7], len(rows), fills, equity)

grid = [(fast, slow) for fast in range(5, 15) for slow in range(20, 50, 3)]
runs = []
with ThreadPoolExecutor(os.cpu_count()) as pool:
    for _ in range(3):
        watch = Watch()
        total = sum(count for count, _ in pool.map(played, *zip(*grid, strict=True)))
        runs.append(watch.read())
wall, spent = sorted(runs)[1]
work = len(rows) * len(grid)
figures = {"bar_columns_a_second": round(work / wall), "bar_columns_a_cpu_second": round(work / spent)}
print(json.dumps({"columns": len(grid), **figures, "fills": total}))
