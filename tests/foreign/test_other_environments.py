"""Clients that need an environment of their own. BITGET_MARGIN_FOREIGN_PYTHON names the Python of one that has
ccxt 4.1.85 and python-bitget 1.0.8 (requirements.txt beside this file); without it these tests are skipped.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bitget_margin_adapter.emulator import Emulator

PYTHON = os.environ.get("BITGET_MARGIN_FOREIGN_PYTHON")
CLIENTS = Path(__file__).parent / "clients"

pytestmark = pytest.mark.skipif(not PYTHON, reason="needs BITGET_MARGIN_FOREIGN_PYTHON")


def run(client: str, limits: bool = False) -> Any:
    funds = {"USDT": "10000", "isolated:BTCUSDT": {"USDT": "5000"}}
    with Emulator(limits=limits, funds=funds) as venue:
        candle = [1_700_000_000_000, 30_000, 31_000, 29_000, 30_000, 10]
        venue.control("market", {"symbol": "BTC/USDT", "candle": candle})
        config = {**venue.config(), "url": venue.url, "ws_url": venue.ws_url}
        done = subprocess.run(  # noqa: S603
            [str(PYTHON), str(CLIENTS / client), json.dumps(config)], capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_ccxt_4_1_85() -> None:
    told = run("ccxt_4_1_85.py")
    assert told.pop("version") == "4.1.85"
    mode = {
        "lent": 50, "opened": True, "left": 2, "fills": [0.001], "canceled": 3, "liquidations": [], "repaid": 20,
    }  # fmt: skip
    for name in ("cross", "isolated"):
        found = told.pop(name)
        assert 30 <= found.pop("balance") < 30.01
        assert found == mode
    assert told == {"markets": 8, "last": 30_000, "bids": 1, "candles": 1, "trades": 1, "tickers": 1}


def test_python_bitget() -> None:
    told = run("python_bitget.py", limits=True)
    assert told == {
        "time": "00000", "symbols": 8, "symbol": "BTCUSDT", "ticker": "30000", "tickers": 1, "depth": 1,
        "borrow": "00000", "order": "00000", "open": 1, "heard": True,
    }  # fmt: skip
