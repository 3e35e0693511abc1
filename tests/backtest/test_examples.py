"""The example strategies, each of its kind, over a short piece of their years."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from bitget_margin_adapter.backtest.files import load_bot
from bitget_margin_adapter.candles import gaps, read_columns

FOLDER = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def reports() -> ModuleType:
    spec = importlib.util.spec_from_file_location("example_reports", FOLDER / "reports.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def hard_weeks(reports: ModuleType) -> pd.DataFrame:
    """With the crash of 19 May 2021 in them."""
    frame = pd.read_csv(reports.CANDLES["ETH/USDT"])
    start = pd.Timestamp("2021-03-25", tz="UTC").value // 1_000_000
    return frame[frame["timestamp"] >= start].head(24 * 75).reset_index(drop=True)


@pytest.mark.parametrize(("name", "kind"), [("breakout_bot", type), ("trend_script", Path), ("momentum_signals", type)])
def test_it_trades_on_borrowed_money_and_reports(
    name: str, kind: type, reports: ModuleType, hard_weeks: pd.DataFrame, tmp_path: Path
) -> None:
    assert isinstance(load_bot(FOLDER / f"{name}.py"), kind)
    result = reports.play(name, "ETH/USDT", hard_weeks)
    assert len(result.trades) >= 1
    assert result.stats["interest_paid"] > 0
    assert 0 < result.stats["peak_risk_rate"] < 1
    page = result.report(tmp_path / f"{name}.html").read_text(encoding="utf-8")
    for panel in ("price", "equity", "drawdown", "debt", "risk rate"):
        assert panel in page.split('id="figure">')[1].split("</script>")[0]


def test_every_example_strategy_is_reported(reports: ModuleType) -> None:
    strategies = {path.stem for path in FOLDER.glob("*.py") if "bitget-margin backtest" in path.read_text()}
    assert strategies == set(reports.EXAMPLES)


@pytest.mark.parametrize(("name", "rows", "holes"), [("BTCUSDT", 25_927, 1), ("ETHUSDT", 51_816, 15)])
def test_the_candles_are_as_their_page_says(name: str, rows: int, holes: int) -> None:
    path = FOLDER / "candles" / f"{name}-1h.csv.xz"
    columns: Any = read_columns(path)
    assert (len(columns.ms), len(gaps(columns))) == (rows, holes)
    page = (FOLDER / "candles" / "README.md").read_text(encoding="utf-8")
    first, last = (pd.Timestamp(ms, unit="ms").strftime("%Y-%m-%d %H:%M") for ms in columns.ms[[0, -1]].tolist())
    assert f"| {path.name} | {first} | {last} | {rows:,} |" in page
