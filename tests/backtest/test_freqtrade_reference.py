"""Trades that unmodified freqtrade 2026.9 made of the same candles: time, rate, amount and reason must be the same."""

import pandas as pd
import pytest

import bitget_margin_adapter as bma

from .conftest import DATA

CONFIG = {
    "dry_run_wallet": 10000,
    "stake_amount": 1000,
    "max_open_trades": 1,
    "timeframe": "1h",
    "trading_mode": "spot",
}
SHARED = {**CONFIG, "stake_amount": "unlimited", "max_open_trades": 2}
EXACT = ["pair", "is_short", "open_date", "close_date", "exit_reason", "enter_tag"]
CLOSE = {"open_rate": 1e-9, "close_rate": 1e-9, "amount": 1e-9, "stake_amount": 1e-6, "profit_abs": 1e-6}


@pytest.mark.parametrize(
    ("name", "config"), [("sma_cross", CONFIG), ("trailing", CONFIG), ("rsi", SHARED)], ids=["cross", "trailing", "rsi"]
)
def test_the_same_trades_as_freqtrade(name: str, config: dict[str, object]) -> None:
    expected = pd.read_csv(DATA / f"{name}.csv", keep_default_na=False, parse_dates=["open_date", "close_date"])
    result = bma.backtest.run(DATA / f"{name}.py", DATA / "ETHUSDT-1h.csv.gz", config=config, rules="freqtrade")
    made = result.trades.iloc[: len(expected)]
    assert len(expected) > 20
    for column in EXACT:
        assert made[column].tolist() == expected[column].tolist(), column
    for column, tolerance in CLOSE.items():
        assert (made[column] - expected[column]).abs().max() <= tolerance, column
