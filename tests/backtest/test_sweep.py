"""Sweeps: every crew gives the same table, deaths and errors are survived, and what is finished is not played again."""

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.backtest.errors import StrategyError
from bitget_margin_adapter.backtest.sweeps.grid import Grid
from bitget_margin_adapter.backtest.sweeps.table import SMALLER_IS_BETTER
from bitget_margin_adapter.cli.main import main

from .conftest import Signals, walk_candles

STRATEGY = """
import os
import signal
from pathlib import Path


class Averages:
    timeframe = "1h"
    can_short = True
    stoploss = -0.05
    fast, slow = 10, 30
    deadly = 0
    marker = None

    def populate_indicators(self, dataframe, metadata):
        if self.deadly == self.fast and not (self.marker and Path(self.marker).exists()):
            if self.marker:
                Path(self.marker).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fast >= self.slow:
            raise ValueError("the fast average is the slower one")
        dataframe["fast"] = dataframe["close"].rolling(self.fast).mean()
        dataframe["slow"] = dataframe["close"].rolling(self.slow).mean()
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["fast"] > dataframe["slow"], "enter_long"] = 1
        dataframe.loc[dataframe["fast"] < dataframe["slow"], "enter_short"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["fast"] < dataframe["slow"], "exit_long"] = 1
        dataframe.loc[dataframe["fast"] > dataframe["slow"], "exit_short"] = 1
        return dataframe
"""
GRID = {"fast": [5, 8, 12, 20], "slow": [12, 25]}


class Counting:
    """A ccxt bot with an attribute to vary; it stops the sweep once, at size 3."""

    size = 1
    stop: str | None = None

    def on_candle(self, exchange: Any, symbol: str, candle: list[float]) -> None:
        if self.stop and self.size == 3 and not Path(self.stop).exists():
            Path(self.stop).touch()
            raise KeyboardInterrupt
        if candle[4] < candle[1]:
            exchange.create_order(symbol, "market", "buy", self.size / 100)


@pytest.fixture
def strategy(tmp_path: Path) -> Path:
    path = tmp_path / "averages.py"
    path.write_text(STRATEGY)
    return path


@pytest.fixture
def few() -> pd.DataFrame:
    return walk_candles(200)


def deadly(path: Path, fast: int, marker: Path | None = None) -> Path:
    """The same strategy, whose process dies at one point: always, or until the marker is there."""
    text = STRATEGY.replace("deadly = 0", f"deadly = {fast}")
    path.write_text(text if marker is None else text.replace("marker = None", f"marker = {str(marker)!r}"))
    return path


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_each_row_is_a_run_of_its_own(strategy: Path, few: pd.DataFrame) -> None:
    made = bma.backtest.sweep(strategy, few, GRID, symbol="ETH/USDT", workers=1, progress=False)
    assert made.table[["fast", "slow"]].to_numpy().tolist() == [[f, s] for f in GRID["fast"] for s in GRID["slow"]]
    namespace: dict[str, Any] = {}
    exec(STRATEGY, namespace)  # noqa: S102
    for row in made.table.to_dict("records"):
        if row["error"]:
            assert row["fast"] >= row["slow"]
            assert "the fast average is the slower one" in row["error"]
            continue
        kind = namespace["Averages"]
        kind.fast, kind.slow = row["fast"], row["slow"]
        stats = bma.backtest.run(kind, few, symbol="ETH/USDT").stats
        for name in ("final_equity", "trades", "sharpe", "interest_paid", "max_drawdown"):
            assert row[name] == stats[name], name
    assert made.failed[["fast", "slow"]].to_numpy().tolist() == [[12, 12], [20, 12]]
    assert made.table["total_return"].nunique() == 6
    best = made.best("max_drawdown")
    assert best["max_drawdown"] == made.table["max_drawdown"].min()
    assert made.best()["total_return"] == made.table["total_return"].max()


def test_processes_give_the_table_that_one_gives_and_a_dead_one_is_a_row(strategy: Path, few: pd.DataFrame) -> None:
    grid = {"fast": [5, 8, 12]}
    alone = bma.backtest.sweep(strategy, few, grid, workers=1, progress=False).table
    made = bma.backtest.sweep(deadly(strategy, 8), few, grid, workers=2, progress=False).table
    assert "died" in made.loc[1, "error"]
    same(made.drop(index=1), alone.drop(index=1))


def test_a_class_is_sent_as_it_is(few: pd.DataFrame) -> None:
    """This module cannot be imported by a worker."""
    grid = {"size": [1, 2, 4]}
    alone = bma.backtest.sweep(Counting, few, grid, workers=1, progress=False).table
    same(bma.backtest.sweep(Counting, few, grid, workers=2, progress=False).table, alone)
    assert (alone["fills"] > 50).all()
    assert alone["fees_paid"].is_monotonic_increasing


@pytest.fixture
def cluster() -> Iterator[Any]:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=3, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None,
        silence_logs=logging.CRITICAL,
    ) as made:  # fmt: skip
        yield made


def test_a_dask_cluster_one_of_whose_workers_dies(
    strategy: Path, few: pd.DataFrame, cluster: Any, tmp_path: Path
) -> None:
    alone = bma.backtest.sweep(strategy, few, GRID, workers=1, progress=False).table
    marker = tmp_path / "killed"
    path = deadly(strategy, 12, marker)
    made = bma.backtest.sweep(path, few, GRID, scheduler=cluster.scheduler_address, progress=False)
    assert marker.exists(), "no worker was killed"
    assert made.played == 8
    same(made.table, alone)


def test_nobody_at_the_address(strategy: Path, few: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    from bitget_margin_adapter.backtest.sweeps import cluster

    monkeypatch.setattr(cluster, "_PATIENCE", 0.3)
    with pytest.raises(RuntimeError, match="no Dask scheduler answers"):
        bma.backtest.sweep(strategy, few, GRID, scheduler="tcp://127.0.0.1:9", progress=False)


def test_without_dask_the_extra_is_named(strategy: Path, few: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "bitget_margin_adapter.backtest.sweeps.cluster", raising=False)
    with pytest.raises(RuntimeError, match=re.escape("bitget_margin_adapter[sweep]")):
        bma.backtest.sweep(strategy, few, GRID, scheduler="tcp://127.0.0.1:9", progress=False)


def test_a_sweep_that_was_cut_short_goes_on(few: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = {"size": [1, 2, 3, 4, 5_000]}
    whole = bma.backtest.sweep(Counting, few, grid, workers=1, progress=False).table
    monkeypatch.setattr(Counting, "stop", str(tmp_path / "stop"))
    folder = tmp_path / "kept"
    with pytest.raises(KeyboardInterrupt):
        bma.backtest.sweep(Counting, few, grid, workers=1, folder=folder, progress=False)
    lines = (folder / "finished.jsonl").read_text().splitlines()
    assert [json.loads(line)["parameters"]["size"] for line in lines] == [1, 2]
    # A line that was being written when the power went.
    with (folder / "finished.jsonl").open("a") as file:
        file.write(lines[0][: len(lines[0]) // 2])
    made = bma.backtest.sweep(Counting, few, grid, workers=1, folder=folder, progress=False)
    assert made.played == 3
    same(made.table, whole)
    assert "InsufficientFunds" in made.failed["error"].iloc[0]
    # What the venue refuses today it refuses tomorrow: errors of the strategy are kept as well.
    again = bma.backtest.sweep(Counting, few, grid, workers=1, folder=folder, progress=False)
    assert again.played == 0
    same(again.table, whole)


def test_what_changes_the_answer_is_played_anew(strategy: Path, few: pd.DataFrame, tmp_path: Path) -> None:
    grid = {"fast": [5]}

    def played(candles: pd.DataFrame = few, **more: Any) -> int:
        return bma.backtest.sweep(strategy, candles, grid, workers=1, folder=tmp_path, progress=False, **more).played

    assert played() == 1
    assert played() == 0
    assert played(few.iloc[:-1]) == 1
    assert played(few.assign(close=few["close"].where(few.index != 7, few["low"]))) == 1
    assert played(funds={"USDT": "5000"}) == 1
    assert played(margin_mode="isolated") == 1
    assert played(config={"leverage": 2}) == 1
    strategy.write_text(STRATEGY.replace("slow = 10, 30", "slow = 10, 31"))
    assert played() == 1
    assert played() == 0


def test_a_folder_needs_a_source(few: pd.DataFrame, tmp_path: Path) -> None:
    namespace: dict[str, Any] = {"__name__": "nowhere"}
    exec(STRATEGY, namespace)  # noqa: S102
    kind = namespace["Averages"]
    with pytest.raises(StrategyError, match="source cannot be read"):
        bma.backtest.sweep(kind, few, {"fast": [5]}, folder=tmp_path, progress=False)
    assert len(bma.backtest.sweep(kind, few, {"fast": [5]}, workers=1, progress=False).table) == 1


@pytest.mark.parametrize(
    ("bot", "grid", "words"),
    [
        (Counting, {}, "the grid is empty"),
        (Counting, {"size": []}, "list of the values"),
        (Counting, {"size": "12"}, "list of the values"),
        (Counting, {"sise": [1]}, "do you mean size"),
        (Counting, {"leverage": [1]}, "config.leverage"),
        (Counting(), {"size": [1]}, "give the class itself"),
        (lambda exchange, symbol, candle: None, {"size": [1]}, "give the class itself"),
        (Path("nowhere.py"), {"size": [1]}, "no such file"),
    ],
)
def test_a_grid_that_makes_no_sense_is_refused(bot: Any, grid: Any, words: str, few: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        bma.backtest.sweep(bot, few, grid, progress=False)


def test_a_script_has_no_attributes(tmp_path: Path, few: pd.DataFrame) -> None:
    path = tmp_path / "live.py"
    path.write_text("import time\nwhile True:\n    time.sleep(60)\n")
    with pytest.raises(StrategyError, match="it holds no bot class"):
        bma.backtest.sweep(path, few, {"size": [1]}, progress=False)


def test_bad_candles_end_it_before_it_begins(strategy: Path, few: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="comes after"):
        bma.backtest.sweep(strategy, few.iloc[::-1], GRID, progress=False)


def test_the_grid_wins_over_settings_and_settings_can_be_varied(few: pd.DataFrame) -> None:
    config = {"stoploss": -0.5, "stake_amount": 1000}
    made = bma.backtest.sweep(
        Signals, few, {"stoploss": [-0.005, -0.04], "config.leverage": [1, 2]}, config=config, workers=1, progress=False
    )
    rows = made.table.set_index(["stoploss", "config.leverage"])
    for (stop, leverage), row in rows.iterrows():
        kind = type("Signals", (Signals,), {"stoploss": stop})
        run = bma.backtest.run(kind, few, config={"stake_amount": 1000, "leverage": leverage})
        assert row["final_equity"] == run.final_equity
    assert rows["final_equity"].nunique() == 4


def test_freqtrades_parameters_take_their_value(tmp_path: Path, few: pd.DataFrame) -> None:
    path = tmp_path / "with_parameters.py"
    text = STRATEGY.replace("fast, slow = 10, 30", "fast_ = IntParameter(5, 20, default=10)\n    slow = 30")
    text = text.replace("self.fast", "self.fast_.value").replace("class Averages:", "class Averages(IStrategy):")
    path.write_text("from freqtrade.strategy import IntParameter, IStrategy\n" + text)
    made = bma.backtest.sweep(path, few, {"fast_": [5, 12]}, symbol="ETH/USDT", workers=1, progress=False)
    plain = tmp_path / "plain.py"
    plain.write_text(STRATEGY)
    other = bma.backtest.sweep(plain, few, {"fast": [5, 12]}, symbol="ETH/USDT", workers=1, progress=False)
    same(made.table.drop(columns="fast_"), other.table.drop(columns="fast"))


def test_the_last_name_varies_fastest() -> None:
    assert Grid({"a": [1, 2], "b": (3, 4)}).points() == [
        {"a": 1, "b": 3}, {"a": 1, "b": 4}, {"a": 2, "b": 3}, {"a": 2, "b": 4},
    ]  # fmt: skip


def test_which_statistics_are_better_small_is_said_of_statistics_only(few: pd.DataFrame) -> None:
    assert set(bma.backtest.run(Signals, few).stats) >= SMALLER_IS_BETTER


def test_the_heat_map_is_one_page_with_the_best_of_the_rest(strategy: Path, few: pd.DataFrame, tmp_path: Path) -> None:
    grid: dict[str, Any] = {**GRID, "stoploss": [-0.01, -0.05]}
    made = bma.backtest.sweep(strategy, few, grid, workers=1, progress=False)
    text = made.heat_map(tmp_path / "maps" / "heat.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r"<(script|img|link)[^>]+(src|href)=", text)
    figure = json.loads(text.split('id="figure">')[1].split("</script>")[0])
    first = figure["data"][0]
    assert (first["x"], first["y"]) == (["5", "8", "12", "20"], ["12", "25"])
    table = made.table
    for row, slow in enumerate(GRID["slow"]):
        for column, fast in enumerate(GRID["fast"]):
            cell = table[(table["fast"] == fast) & (table["slow"] == slow)]["total_return"]
            assert first["z"][row][column] == (None if fast >= slow else cell.max())
    assert [trace["visible"] for trace in figure["data"]].count(True) == 1
    drawdown = next(trace for trace in figure["data"] if trace["name"] == "max drawdown")
    assert drawdown["reversescale"]
    assert drawdown["z"][1][0] == table[(table["fast"] == 5) & (table["slow"] == 25)]["max_drawdown"].min()
    with pytest.raises(ValueError, match="does not vary sloth"):
        made.heat_map(tmp_path / "x.html", x="sloth")
    with pytest.raises(ValueError, match="is no statistic"):
        made.best("luck")


def test_saved_tables_are_read_back(strategy: Path, few: pd.DataFrame, tmp_path: Path) -> None:
    made = bma.backtest.sweep(strategy, few, GRID, workers=1, progress=False)
    made.save(tmp_path / "out")
    same(
        pd.read_parquet(tmp_path / "out" / "table.parquet")[["fast", "final_equity"]],
        made.table[["fast", "final_equity"]],
    )
    assert pd.read_csv(tmp_path / "out" / "table.csv")["final_equity"].tolist()[:2] == pytest.approx(
        made.table["final_equity"].tolist()[:2]
    )
    assert (tmp_path / "out" / "heatmap.html").exists()


def test_on_the_command_line(
    strategy: Path, few: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few.to_csv(tmp_path / "ETHUSDT-1h.csv", index=False)
    words = ["sweep", str(strategy), "--candles", str(tmp_path / "ETHUSDT-1h.csv"), "--workers", "1"]
    folder, page = tmp_path / "out", tmp_path / "heat.html"
    grid = ["--grid", "fast=5,20", "slow=12,25", "--folder", str(folder), "--heat-map", str(page)]
    assert main([*words, *grid]) == 0
    said = capsys.readouterr().out
    assert "4 points, 4 played now, 1 failed" in said
    assert "the fast average is the slower one" in said
    assert page.exists()
    assert {path.name for path in folder.iterdir()} >= {"finished.jsonl", "table.csv", "heatmap.html"}
    assert main([*words, *grid, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["fast"], row["slow"]) for row in rows] == [(5, 12), (5, 25), (20, 12), (20, 25)]
    assert main([*words, "--grid", "fast=50"]) == 1
    assert main([*words, "--grid", "fast"]) == 2
    assert main([*words, "--grid", "fast=5", "fast=6"]) == 2
    assert main([*words, "--grid", "fats=5"]) == 2
    assert "do you mean fast" in capsys.readouterr().err


def test_values_of_a_grid_are_read_as_json_or_as_texts() -> None:
    from bitget_margin_adapter.cli.commands.sweep import grid_of

    assert grid_of(["a=1,2.5", 'minimal_roi={"0": 0.1},{"0": 0.2}', "mode=fast,slow", "b=true,null"]) == {
        "a": [1, 2.5], "minimal_roi": [{"0": 0.1}, {"0": 0.2}], "mode": ["fast", "slow"], "b": [True, None],
    }  # fmt: skip


def test_a_script_without_a_guard_is_told_so(tmp_path: Path) -> None:
    """Its workers import it, and would sweep themselves; more candles than a pipe holds must not keep it waiting."""
    walk_candles(3_000).to_csv(tmp_path / "ETHUSDT-1h.csv", index=False)
    script = tmp_path / "unguarded.py"
    script.write_text(
        "import bitget_margin_adapter as bma\nclass Idle:\n    n = 1\n    def on_candle(self, *rest): pass\n"
        f"bma.backtest.sweep(Idle, {str(tmp_path / 'ETHUSDT-1h.csv')!r}, {{'n': [1, 2]}}, workers=2)\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=240, check=False)  # noqa: S603
    assert done.returncode == 1
    assert "if __name__ == '__main__':" in done.stderr.splitlines()[-1]
