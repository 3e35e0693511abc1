"""vectorbt: arrays of entries and exits, orders at the next open; and twenty columns at once."""

import json
import resource
import warnings
from typing import Any

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")

import vectorbt  # noqa: E402
from workload import CASH, FAST, FEE, SLOW, Watch, given, said  # noqa: E402

rows = given()
index = pd.to_datetime(rows[:, 0].astype("int64"), unit="ms")
close, opens = pd.Series(rows[:, 4], index=index), pd.Series(rows[:, 1], index=index)


def played(fast: Any, slow: Any) -> Any:
    quick, long = vectorbt.MA.run(close, fast).ma.values, vectorbt.MA.run(close, slow).ma.values
    enters, exits = np.zeros(quick.shape, bool), np.zeros(quick.shape, bool)
    enters[1:], exits[1:] = quick[:-1] > long[:-1], quick[:-1] < long[:-1]
    shape = pd.Series if enters.ndim == 1 else pd.DataFrame
    return vectorbt.Portfolio.from_signals(
        close, entries=shape(enters, index=index), exits=shape(exits, index=index), price=opens, size=1, fees=FEE,
        init_cash=CASH, freq="1min",
    )  # fmt: skip


watch = Watch()
played(FAST, SLOW).final_value()
first, _ = watch.read()
runs = []
for _ in range(5):
    watch = Watch()
    portfolio = played(FAST, SLOW)
    fills, equity = int(portfolio.orders.count()), portfolio.final_value()
    runs.append(watch.read())
spent = sorted(runs, key=lambda run: run[1])[2]
said(vectorbt.__version__, spent, len(rows), fills, equity, first_call_seconds=round(first, 2))

# A hundred would take more than nine GiB.
some = [(fast, slow) for fast in range(5, 15, 2) for slow in range(20, 50, 8)]
watch = Watch()
fills = int(played([fast for fast, _ in some], [slow for _, slow in some]).orders.count().sum())
wall, own = watch.read()
work = len(rows) * len(some)
memory = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
figures = {"bar_columns_a_second": round(work / wall), "bar_columns_a_cpu_second": round(work / own)}
print(json.dumps({"columns": len(some), **figures, "fills": fills, "rss_mib": memory}))
