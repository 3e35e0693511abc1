"""Strategies over history: ccxt bots, freqtrade-style strategies and unmodified scripts on the emulated margin venue.

>>> import bitget_margin_adapter as bma
>>> result = bma.backtest.run(bot, "BTCUSDT-1h.csv.gz")  # doctest: +SKIP
>>> grid = {"fast": [10, 20], "slow": [50, 100]}
>>> table = bma.backtest.sweep(Strategy, "BTCUSDT-1h.csv.gz", grid).table  # doctest: +SKIP
"""

from .door import run
from .result import Result
from .signals.columns import run_columns
from .sweeps.door import sweep
from .sweeps.table import Sweep

__all__ = ["Result", "Sweep", "run", "run_columns", "sweep"]
