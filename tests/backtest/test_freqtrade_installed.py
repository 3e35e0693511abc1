"""Real freqtrade, where it is installed: the same strategy files over the same candles, and the same trades.

It runs without a network: the one market that it asks for is put in place.
"""

import gc
from importlib.metadata import PackageNotFoundError, version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.candles import fill_gaps, read_columns

from .conftest import DATA
from .test_freqtrade_reference import CLOSE, CONFIG, EXACT, SHARED


def installed() -> bool:
    # The name can be imported in any case, once the stand-in for it is there.
    try:
        return bool(version("freqtrade"))
    except PackageNotFoundError:
        return False


PAIR = "ETH/USDT"
MARKET: dict[str, Any] = {
    "id": "ETHUSDT", "symbol": PAIR, "base": "ETH", "quote": "USDT", "settle": None, "baseId": "ETH",
    "quoteId": "USDT", "active": True, "spot": True, "swap": False, "future": False, "option": False, "margin": False,
    "contract": False, "linear": None, "inverse": None, "contractSize": None, "type": "spot", "taker": 0.001,
    "maker": 0.001, "precision": {"amount": 0.0001, "price": 0.01}, "info": {},
    "limits": {"amount": {"min": 0.0001, "max": None}, "price": {"min": None, "max": None},
               "cost": {"min": 1.0, "max": None}, "leverage": {"min": None, "max": None}},
}  # fmt: skip


@pytest.mark.skipif(not installed(), reason="freqtrade is not installed; the other tests compare with what it once did")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "config"), [("sma_cross", CONFIG), ("trailing", CONFIG), ("rsi", SHARED)], ids=["cross", "trailing", "rsi"]
)
def test_the_same_trades_as_the_freqtrade_that_is_here(name: str, config: dict[str, Any], tmp_path: Path) -> None:
    path = DATA / "ETHUSDT-1h.csv.gz"
    theirs = real_trades(DATA / f"{name}.py", path, config, tmp_path)
    ours = bma.backtest.run(DATA / f"{name}.py", path, config=config, rules="freqtrade", progress=False).trades
    assert len(ours) == len(theirs) > 20
    theirs["enter_tag"] = theirs["enter_tag"].fillna("")
    for column in EXACT:
        assert ours[column].tolist() == theirs[column].tolist(), column
    for column, tolerance in CLOSE.items():
        assert (ours[column] - theirs[column]).abs().max() <= tolerance, column


def real_trades(strategy: Path, candles: Path, config: dict[str, Any], folder: Path) -> Any:
    from freqtrade.configuration import TimeRange
    from freqtrade.enums import CandleType, RunMode
    from freqtrade.exchange import Exchange
    from freqtrade.optimize.backtesting import Backtesting

    columns = fill_gaps(read_columns(candles))
    frame = pd.DataFrame(columns._asdict()).rename(columns={"ms": "date"})
    frame["date"] = pd.to_datetime(frame["date"], unit="ms", utc=True)
    pricing = {"price_side": "same", "use_order_book": False}
    kind = class_name(strategy)
    full = {
        **config, "runmode": RunMode.BACKTEST, "dry_run": True, "stake_currency": "USDT",
        "tradable_balance_ratio": 0.99, "fiat_display_currency": "", "strategy": kind,
        "strategy_path": str(strategy.parent), "user_data_dir": folder, "datadir": folder, "fee": 0.001,
        "margin_mode": "", "entry_pricing": pricing, "exit_pricing": pricing, "export": "none",
        "dataformat_ohlcv": "feather", "dataformat_trades": "feather", "db_url": "sqlite://", "internals": {},
        "exchange": {"name": "bitget", "key": "", "secret": "", "pair_whitelist": [PAIR], "pair_blacklist": [],
                     "enable_ws": False},
        "pairlists": [{"method": "StaticPairList"}], "cancel_open_orders_on_exit": False, "verbosity": 0,
        "unfilledtimeout": {"entry": 10, "exit": 10, "unit": "minutes", "exit_timeout_count": 0},
        "recursive_strategy_search": False, "candle_type_def": CandleType.SPOT,
    }  # fmt: skip

    def reload(self: Any, *args: Any, **kwargs: Any) -> None:
        self._markets = {PAIR: MARKET}
        for api in (self._api, self._api_async):
            api.markets, api.markets_by_id, api.symbols = {PAIR: MARKET}, {"ETHUSDT": [MARKET]}, [PAIR]
        self._last_markets_refresh = 2**60

    nothing: dict[str, Any] = {
        "additional_exchange_init": lambda self: None,
        "validate_config": lambda self, config: None,
    }
    with (
        patch.multiple(Exchange, reload_markets=reload, **nothing),
        patch.object(Exchange, "validate_required_startup_candles", lambda self, count, timeframe: 1),
    ):
        backtesting = Backtesting(full)
        backtesting.backtest_one_strategy(backtesting.strategylist[0], {PAIR: frame}, TimeRange())
    trades = backtesting.all_bt_content[kind]["results"].reset_index(drop=True)
    # It leaves sockets and loops behind, which would be reported as the next test's.
    del backtesting
    gc.collect()
    return trades


def class_name(path: Path) -> str:
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return next(
        name for name, value in vars(module).items() if isinstance(value, type) and value.__module__ == path.stem
    )
