"""Strategies over history: ccxt bots, freqtrade-style strategies and unmodified scripts on the emulated margin venue.

>>> import bitget_margin_adapter as bma
>>> result = bma.backtest.run(bot, "BTCUSDT-1h.csv.gz")  # doctest: +SKIP
"""

from .door import run
from .result import Result

__all__ = ["Result", "run"]
