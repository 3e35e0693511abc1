"""ccxt-backtesting-exchange: a ccxt-shaped exchange on a clock of its own; each bar asks for candles and the balance.

As published, its `__init__` imports names that do not exist, so that the package is put in place by hand and its
modules are imported.
"""

import datetime
import importlib.util
import json
import sys
import tempfile
import types
from importlib.metadata import version
from pathlib import Path

from workload import CASH, FAST, FEE, SLOW, Watch, given, said

NAME = "ccxt_backtesting_exchange"
try:
    __import__(NAME)
except ImportError:
    spec = importlib.util.find_spec(NAME)
    package = types.ModuleType(NAME)
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules[NAME] = package

from ccxt_backtesting_exchange.backtester import Backtester  # noqa: E402
from ccxt_backtesting_exchange.clock import Clock  # noqa: E402

rows = given()
path = Path(tempfile.mkdtemp()) / "candles.json"
path.write_text(json.dumps([[int(row[0]), *row[1:].tolist()] for row in rows]))
begin, end = (datetime.datetime.fromtimestamp(row[0] / 1000) for row in (rows[0], rows[-1]))
exchange = Backtester(
    balances={"BTC": 0.0, "USDT": CASH}, clock=Clock(begin, end, datetime.timedelta(minutes=1)), fee=FEE
)
exchange.add_data_feed("BTC/USDT", "1m", str(path))

fills = bar = 0
watch = Watch()
while True:
    seen = exchange.fetch_ohlcv("BTC/USDT", "1m", limit=SLOW, params={"until": exchange.milliseconds()})
    if len(seen) >= SLOW:
        closes = seen[:, 4]
        fast, slow = closes[-FAST:].mean(), closes.mean()
        held = exchange.fetch_balance()["BTC"]["total"]
        # It fills at the price that it is told.
        if (fast > slow and not held) or (fast < slow and held > 0):
            exchange.create_order("BTC/USDT", "market", "sell" if held else "buy", 1.0, float(rows[bar, 1]))
            fills += 1
    bar += 1
    if not exchange.tick():
        break
spent = watch.read()
balance = exchange.fetch_balance()
equity = balance["USDT"]["total"] + balance["BTC"]["total"] * rows[-1, 4]
said(version("ccxt-backtesting-exchange"), spent, bar, fills, equity)
