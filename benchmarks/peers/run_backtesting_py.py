"""backtesting.py: a strategy class, one unit at each cross."""

import os
import warnings
from typing import Any

os.environ["TQDM_DISABLE"] = "1"
warnings.filterwarnings("ignore")

import backtesting  # noqa: E402
import pandas as pd  # noqa: E402
from workload import CASH, FAST, FEE, SLOW, Watch, given, said  # noqa: E402


def mean(values: Any, window: int) -> Any:
    return pd.Series(values).rolling(window).mean()


class Cross(backtesting.Strategy):
    def init(self) -> None:
        self.fast = self.I(mean, self.data.Close, FAST)
        self.slow = self.I(mean, self.data.Close, SLOW)

    def next(self) -> None:
        if self.fast[-1] > self.slow[-1]:
            if not self.position:
                self.buy(size=1)
        elif self.fast[-1] < self.slow[-1] and self.position:
            self.position.close()


rows = given()
names = ["Open", "High", "Low", "Close", "Volume"]
frame = pd.DataFrame(rows[:, 1:], columns=names, index=pd.to_datetime(rows[:, 0].astype("int64"), unit="ms"))
watch = Watch()
result = backtesting.Backtest(frame, Cross, cash=CASH, commission=FEE, finalize_trades=False).run()
spent = watch.read()
closed = len(result["_trades"])
# A trade that is open at the end has been bought only.
fills = 2 * closed + int(result["_strategy"].position.size != 0)
said(backtesting.__version__, spent, len(rows), fills, result["_equity_curve"]["Equity"].iloc[-1])
