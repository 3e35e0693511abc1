"""The example for any exchange of ccxt runs unchanged with ours on paper."""

import ast
import importlib.util
from pathlib import Path
from typing import Any

import ccxt
import pytest

import bitget_margin_adapter as bma

EXAMPLE = Path(__file__).parents[2] / "examples" / "multi_exchange.py"


@pytest.fixture
def example() -> Any:
    spec = importlib.util.spec_from_file_location("multi_exchange", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_runs_by_ccxts_name_on_paper(example: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("APIKEY", "SECRET", "PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    bma.register()
    exchange = example.make("bitgetmargin")
    exchange.options["paper"] = {"account": None}
    exchange.sandbox_control("market", {"symbol": "BTC/USDT", "price": "30000"})
    told = example.trade(exchange)
    assert told["before"] == 10_000
    # Two fees of a thousandth, and one per cent more bought than sold.
    assert 9_998 < told["after"] < 10_000
    assert len(told["open"]) == 1
    assert [told[name]["status"] for name in ("sold", "bought")] == ["closed", "closed"]
    assert [told[name]["fee"]["currency"] for name in ("sold", "bought")] == ["USDT", "BTC"]
    assert [trade["side"] for trade in told["trades"]] == ["sell", "buy"]
    assert [row["currency"] for row in told["interest"]] == ["BTC"]


def test_it_uses_unified_calls_only() -> None:
    tree = ast.parse(EXAMPLE.read_text(encoding="utf-8"))
    trade = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "trade")
    used = {
        node.attr
        for node in ast.walk(trade)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "exchange"
    }
    assert len(used) >= 12
    assert {name for name in used if not hasattr(ccxt.binance, name)} == set()
