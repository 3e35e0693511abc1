"""Candles from every kind of file are the same candles, and what is wrong with them is said with row and cure."""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bitget_margin_adapter.candles import fill_gaps, gaps, read_candles, read_columns, sources
from tests.backtest.conftest import walk_candles

FRAME = walk_candles(50)
ROWS = [(int(row[0]), *row[1:]) for row in FRAME.to_numpy().tolist()]


def written(frame: pd.DataFrame, path: Path) -> Path:
    dated = frame.assign(date=pd.to_datetime(frame["timestamp"], unit="ms", utc=True)).drop(columns="timestamp")
    if path.suffix == ".feather":
        # As freqtrade writes it.
        dated[["date", "open", "high", "low", "close", "volume"]].to_feather(path)
    elif path.suffix == ".parquet":
        frame.to_parquet(path)
    elif ".json" in path.suffixes:
        text = json.dumps(frame.to_numpy().tolist())
        path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    else:
        (dated if "date" in path.name else frame).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "ETHUSDT-1h.csv", "ETHUSDT-1h.csv.gz", "ETHUSDT-1h.csv.xz", "ETHUSDT-1h-date.csv", "ETH_USDT-1h.feather",
        "ETHUSDT-1h.parquet", "ETH_USDT-1h.json", "ETH_USDT-1h.json.gz",
    ],
)  # fmt: skip
def test_every_kind_of_file(name: str, tmp_path: Path) -> None:
    path = written(FRAME, tmp_path / name)
    assert read_candles(path) == ROWS
    assert list(sources(path)) == ["ETHUSDT"]
    # A folder of them, as freqtrade lays it out.
    assert sources(tmp_path, timeframe="1h" if "date" not in name else None) == {"ETHUSDT": path}


def test_frames_and_lists() -> None:
    dates = pd.to_datetime(FRAME["timestamp"], unit="ms")
    assert read_candles(FRAME) == ROWS
    assert read_candles([list(row) for row in ROWS]) == ROWS
    assert read_candles(FRAME.drop(columns="timestamp").set_index(dates)) == ROWS
    assert (
        read_candles(FRAME.drop(columns="timestamp").set_index(dates.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")))
        == ROWS
    )
    assert read_candles(FRAME.assign(date=dates.astype(str)).drop(columns="timestamp")) == ROWS
    assert read_candles(FRAME[FRAME.columns[::-1]]) == ROWS


def test_a_folder_of_two_timeframes_asks_which(tmp_path: Path) -> None:
    written(FRAME, tmp_path / "ETH_USDT-1h.feather")
    written(FRAME, tmp_path / "ETH_USDT-4h.feather")
    with pytest.raises(ValueError, match=r"set the strategy's .* timeframe"):
        sources(tmp_path)
    assert list(sources(tmp_path, timeframe="4h").values()) == [tmp_path / "ETH_USDT-4h.feather"]
    with pytest.raises(ValueError, match="no candle files of timeframe 5m"):
        sources(tmp_path, timeframe="5m")


def at(column: str, row: int, value: Any) -> pd.DataFrame:
    frame = FRAME.copy()
    frame[column] = frame[column].astype(object if isinstance(value, str) else float)
    frame.loc[row, column] = value
    return frame


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (FRAME.drop(columns=["close", "volume"]), "no column close, volume; there are timestamp, open"),
        (FRAME.drop(columns="timestamp"), "no times; add a column timestamp"),
        (FRAME.assign(timestamp=FRAME["timestamp"] // 1_000), "row 0 .*these are seconds, multiply by 1,000"),
        (FRAME.assign(timestamp=FRAME["timestamp"] * 1_000), "row 0 .*these are microseconds, divide by 1,000"),
        (FRAME.assign(timestamp=FRAME["timestamp"] * 1_000_000), "row 0 .*these are nanoseconds, divide by 1,000,000"),
        (at("timestamp", 5, np.nan), "row 5 .*is it missing"),
        (FRAME.iloc[::-1], "row 1 .*comes after 1641171600000; sort"),
        (FRAME.iloc[[0, 2, 1, 3]], "row 2 .*comes after"),
        (FRAME.iloc[[0, 1, 1, 2]], "row 2 .*stands twice; .*drop doubles"),
        *((at(name, 7, np.nan), f"row 7 .*{name} nan") for name in ("open", "high", "low", "close", "volume")),
        (at("high", 7, np.inf), "row 7 .*high inf"),
        (at("low", 7, -1.0), "row 7 .*above zero"),
        (at("open", 7, 0.0), "row 7 .*above zero"),
        (at("volume", 7, -1.0), "row 7 .*volume -1"),
        (at("high", 7, 1.0), "row 7 .*high and low must enclose"),
        (at("close", 7, "much"), "must be numbers .*much"),
        (FRAME.assign(date="soon").drop(columns="timestamp"), "column date holds what is no time"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(frame: pd.DataFrame, words: str) -> None:
    with pytest.raises(ValueError, match=f"ETH.*{words}"):
        read_columns(frame, "ETH")


@pytest.mark.parametrize(
    ("rows", "words"), [([[1, 2, 3]], "row 0"), ([[1640995200000, "x", 1, 1, 1, 1]], "six numbers")]
)
def test_lists_that_are_no_candles(rows: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_candles(rows)


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.xz", "a.parquet", "a.feather", "a.json", "a.csv", "a.txt"])
def test_files_that_are_none(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with pytest.raises(ValueError, match="no such file"):
        read_columns(path)
    path.write_bytes(b"")
    with pytest.raises(ValueError, match=f"{name}: "):
        read_columns(path)
    path.write_bytes(b"\x1f\x8b garbage \xff\xfe" * 9)
    with pytest.raises(ValueError, match=f"{name}: |no column"):
        read_columns(path)


def test_half_a_file(tmp_path: Path) -> None:
    path = written(FRAME, tmp_path / "ETHUSDT-1h.csv.gz")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ValueError, match="cannot be read as its name says"):
        read_columns(path)


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(FRAME, tmp_path / "ETHUSDT-1h.parquet")

    def missing(*args: Any, **more: Any) -> None:
        raise ImportError("no pyarrow")

    monkeypatch.setattr(pd, "read_parquet", missing)
    with pytest.raises(ValueError, match=r"bitget_margin_adapter\[parquet\]"):
        read_columns(path)
    assert "pandas" in sys.modules


def test_gaps_are_found_and_filled() -> None:
    holes = read_columns(FRAME.drop(index=[3, 20, 21, 22]))
    assert [(gap.after, gap.before, gap.missing) for gap in gaps(holes)] == [
        (ROWS[2][0], ROWS[4][0], 1), (ROWS[19][0], ROWS[23][0], 3),
    ]  # fmt: skip
    filled = fill_gaps(holes)
    assert filled.ms.tolist() == [row[0] for row in ROWS]
    for row in (20, 21, 22):
        assert [column[row] for column in filled[1:]] == [ROWS[19][4]] * 4 + [0.0]
    assert gaps(filled) == []
