"""Clients that need an environment of their own, unchanged; `tox -e foreign` makes both and runs these tests.

BITGET_MARGIN_FOREIGN_PYTHON names the Python of one that has ccxt 4.1.85 and python-bitget 1.0.8 (requirements.txt
beside this file), BITGET_MARGIN_FOREIGN_NODE the folder of one that has the npm package bitget-api 1.1.1. Without them
the tests are skipped.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bitget_margin_adapter.emulator import Emulator

from .calls import CALLS, FUNDS

PYTHON = os.environ.get("BITGET_MARGIN_FOREIGN_PYTHON")
NODE = os.environ.get("BITGET_MARGIN_FOREIGN_NODE")
CLIENTS = Path(__file__).parent / "clients"
HOUR = 3_600_000

pytestmark = pytest.mark.slow
needs_python = pytest.mark.skipif(not PYTHON, reason="needs BITGET_MARGIN_FOREIGN_PYTHON")
needs_node = pytest.mark.skipif(not NODE, reason="needs BITGET_MARGIN_FOREIGN_NODE")


@contextmanager
def venue(clock: str = "wall", limits: bool = False) -> Iterator[Emulator]:
    with Emulator(clock=clock, limits=limits, funds=FUNDS) as made:
        hour = made.host.now() // HOUR * HOUR - HOUR
        made.control("market", {"symbol": "BTC/USDT", "candle": [hour, 30_000, 31_000, 29_000, 30_000, 10]})
        yield made


def run(made: Emulator, *command: str) -> Any:
    config = {**made.config(), "url": made.url, "ws_url": made.ws_url}
    first, second, *rest = command
    done = subprocess.run(  # noqa: S603
        [first, second, json.dumps(config), *rest],
        env={**os.environ, "MODULES": str(NODE)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@needs_python
def test_ccxt_4_1_85() -> None:
    with venue() as made:
        told = run(made, str(PYTHON), str(CLIENTS / "ccxt_4_1_85.py"))
    assert told.pop("version") == "4.1.85"
    mode = {
        "lent": 50, "opened": True, "left": 2, "fills": [0.001], "canceled": 3, "liquidations": [], "repaid": 20,
    }  # fmt: skip
    for name in ("cross", "isolated"):
        found = told.pop(name)
        assert 30 <= found.pop("balance") < 30.01
        assert found == mode
    assert told == {"markets": 8, "last": 30_000, "bids": 1, "candles": 1, "trades": 1, "tickers": 1}


@needs_python
def test_python_bitget() -> None:
    with venue(limits=True) as made:
        told = run(made, str(PYTHON), str(CLIENTS / "python_bitget.py"))
    assert told == {
        "time": "00000", "symbols": 8, "symbol": "BTCUSDT", "ticker": "30000", "tickers": 1, "depth": 1,
        "borrow": "00000", "order": "00000", "open": 1, "heard": True,
    }  # fmt: skip


@needs_node
def test_bitget_api_1_1_1() -> None:
    """It has no names for margin's calls, but signs any path: all 45, and the old stream."""
    calls = [(call.row.method, call.row.path, call.params) for call in CALLS]
    with venue("virtual") as made:
        told = run(made, "node", str(CLIENTS / "bitget_api_v1.cjs"), json.dumps(calls))
    assert dict(zip([call.row.name for call in CALLS], told.pop("codes"), strict=True)) == {
        call.row.name: call.code for call in CALLS
    }
    heard = told.pop("heard")
    assert set(heard) == {"cross_account", "cross_orders", "indexPrice"}
    assert told == {
        "version": "1.1.1", "refused": [], "time": "00000", "symbols": 8, "ticker": "30000", "depth": 1,
        "subscribed": True, "orders": True,
    }  # fmt: skip
