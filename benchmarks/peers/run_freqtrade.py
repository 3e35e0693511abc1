"""freqtrade's own Backtesting class over a frame; the market is put in place by hand, since there is no network.

A trade that is open at the end is sold there, which is one fill more than the others have.
"""

import logging
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import freqtrade
import pandas as pd
from freqtrade.configuration import TimeRange
from freqtrade.enums import CandleType, RunMode
from freqtrade.exchange import Exchange
from freqtrade.optimize.backtesting import Backtesting
from workload import CASH, FAST, FEE, SLOW, Watch, given, said

logging.disable(logging.CRITICAL)
PAIR = "BTC/USDT"
STRATEGY = f"""
from freqtrade.strategy import IStrategy

class Cross(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1m"
    stoploss = -0.99
    minimal_roi = {{"0": 1000}}
    order_types = {{"entry": "market", "exit": "market", "stoploss": "market", "stoploss_on_exchange": False}}

    def custom_stake_amount(self, pair, current_time, current_rate, *args, **kwargs):
        return current_rate

    def populate_indicators(self, dataframe, metadata):
        dataframe["fast"] = dataframe["close"].rolling({FAST}).mean()
        dataframe["slow"] = dataframe["close"].rolling({SLOW}).mean()
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["fast"] > dataframe["slow"], "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["fast"] < dataframe["slow"], "exit_long"] = 1
        return dataframe
"""
folder = Path(tempfile.mkdtemp())
(folder / "cross.py").write_text(STRATEGY)
pricing = {"price_side": "other", "use_order_book": False}
config: dict[str, Any] = {
    "runmode": RunMode.BACKTEST, "dry_run": True, "dry_run_wallet": CASH, "stake_currency": "USDT",
    "stake_amount": 100.0, "tradable_balance_ratio": 1.0, "max_open_trades": 1, "fiat_display_currency": "",
    "timeframe": "1m", "strategy": "Cross", "strategy_path": str(folder), "user_data_dir": folder, "datadir": folder,
    "fee": FEE, "trading_mode": "spot", "margin_mode": "", "entry_pricing": pricing, "exit_pricing": pricing,
    "export": "none", "dataformat_ohlcv": "feather", "dataformat_trades": "feather", "db_url": "sqlite://",
    "exchange": {"name": "binance", "key": "", "secret": "", "pair_whitelist": [PAIR], "pair_blacklist": [],
                 "enable_ws": False},
    "pairlists": [{"method": "StaticPairList"}], "cancel_open_orders_on_exit": False, "internals": {}, "verbosity": 0,
    "unfilledtimeout": {"entry": 10, "exit": 10, "unit": "minutes", "exit_timeout_count": 0},
    "recursive_strategy_search": False, "candle_type_def": CandleType.SPOT,
}  # fmt: skip
market = {
    "id": "BTCUSDT", "symbol": PAIR, "base": "BTC", "quote": "USDT", "settle": None, "baseId": "BTC",
    "quoteId": "USDT", "active": True, "spot": True, "swap": False, "future": False, "option": False, "margin": False,
    "contract": False, "linear": None, "inverse": None, "contractSize": None, "type": "spot", "taker": FEE,
    "maker": FEE, "precision": {"amount": 1e-8, "price": 1e-5}, "info": {},
    "limits": {"amount": {"min": 1e-8, "max": 1e9}, "price": {"min": 1e-8, "max": 1e9},
               "cost": {"min": 1e-4, "max": 1e12}, "leverage": {"min": 1, "max": 1}},
}  # fmt: skip


def reload(self: Any, *args: Any, **kwargs: Any) -> None:
    self._markets = {PAIR: market}
    for api in (self._api, self._api_async):
        api.markets, api.markets_by_id, api.symbols = {PAIR: market}, {"BTCUSDT": [market]}, [PAIR]
    self._last_markets_refresh = 2**60


rows = given()
frame = pd.DataFrame(rows[:, 1:], columns=["open", "high", "low", "close", "volume"])
frame.insert(0, "date", pd.to_datetime(rows[:, 0].astype("int64"), unit="ms", utc=True))
nothing = {"ft_additional_exchange_init": lambda self: None, "validate_config": lambda self, config: None}
with (
    patch.multiple(Exchange, reload_markets=reload, **nothing),
    patch.object(Exchange, "validate_required_startup_candles", lambda self, count, timeframe: 1),
    patch("freqtrade.exchange.binance.Binance.additional_exchange_init", lambda self: None, create=True),
):
    backtesting = Backtesting(config)
    watch = Watch()
    backtesting.backtest_one_strategy(backtesting.strategylist[0], {PAIR: frame}, TimeRange())
    spent = watch.read()
    found = backtesting.all_bt_content["Cross"]
    said(freqtrade.__version__, spent, len(rows), 2 * len(found["results"]), found["final_balance"])
