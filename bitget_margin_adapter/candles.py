"""Candles from files and frames, checked, as plain rows `(ms, open, high, low, close, volume)`.

Reads CSV (packed or not), Parquet, Feather, DataFrames, and ccxt's own lists. Times are the opens: a column `timestamp`
in milliseconds, or `date`, or a DatetimeIndex. Errors name the row and what to mend; nothing is guessed or filled in.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .model.symbols import market_id

__all__ = ["Candle", "read_candles", "read_many"]

Candle = tuple[int, float, float, float, float, float]

_COLUMNS = ("open", "high", "low", "close", "volume")
# Milliseconds of the years 2001 and 2100: seconds and nanoseconds fall outside.
_EARLIEST, _LATEST = 978_307_200_000, 4_102_444_800_000


def read_many(source: Any, symbol: str | None = None) -> dict[str, list[Candle]]:
    """Candles by the venue's symbol: of a mapping of symbols, or of one source that `symbol` (or its file) names."""
    if isinstance(source, Mapping):
        return {market_id(name): read_candles(part, name) for name, part in source.items()}
    if isinstance(source, list | tuple) and source and isinstance(source[0], str | Path):
        return {symbol_of(path): read_candles(path, str(path)) for path in source}
    name = symbol or (symbol_of(source) if isinstance(source, str | Path) else "BTC/USDT")
    return {market_id(name): read_candles(source, name)}


def symbol_of(path: str | Path) -> str:
    """The venue's symbol in a file's name: ETHUSDT-1h.csv.gz and ETH_USDT-1h.feather are ETHUSDT."""
    first = Path(path).name.split(".")[0].split("-")[0]
    return first.replace("_", "").upper()


def read_candles(source: Any, name: str = "candles") -> list[Candle]:
    """The candles of one pair, oldest first.

    Raises ValueError for missing columns, times out of order, doubled, or in another unit, and for prices that are
    missing, not positive, or outside their own high and low. Missing hours are the source's affair and stay missing.
    """
    if isinstance(source, str | Path):
        frame = _read(Path(source))
    elif isinstance(source, Sequence):
        return _checked([tuple(row[:6]) for row in source], name)
    else:
        frame = source
    missing = [column for column in _COLUMNS if column not in frame.columns]
    if missing:
        raise ValueError(f"{name}: no column {', '.join(missing)}; there are {', '.join(map(str, frame.columns))}")
    columns = (frame[column].tolist() for column in _COLUMNS)
    return _checked(list(zip(_times(frame, name), *columns, strict=True)), name)


def _read(path: Path) -> Any:
    import pandas as pd

    if not path.exists():
        raise ValueError(f"{path}: there is no such file")
    kinds = {suffix.lower() for suffix in path.suffixes}
    if ".feather" in kinds:
        return pd.read_feather(path)
    if ".parquet" in kinds:
        return pd.read_parquet(path)
    if ".csv" in kinds:
        return pd.read_csv(path)
    raise ValueError(f"{path}: write candles as .csv, .csv.gz, .parquet or .feather")


def _times(frame: Any, name: str) -> list[int]:
    import pandas as pd

    if "timestamp" in frame.columns and pd.api.types.is_numeric_dtype(frame["timestamp"]):
        return [int(value) for value in frame["timestamp"].tolist()]
    for column in ("date", "timestamp"):
        if column in frame.columns:
            moments = pd.to_datetime(frame[column], utc=True)
            return [int(value) for value in moments.dt.as_unit("ms").astype("int64").tolist()]
    if isinstance(frame.index, pd.DatetimeIndex):
        index = frame.index.tz_localize("UTC") if frame.index.tz is None else frame.index.tz_convert("UTC")
        return [int(value) for value in index.as_unit("ms").astype("int64").tolist()]
    raise ValueError(f"{name}: no times; add a column timestamp (ms, UTC) or date, or a DatetimeIndex")


def _checked(rows: list[Any], name: str) -> list[Candle]:
    before = -1
    for number, row in enumerate(rows):
        ms, opened, high, low, close, volume = row
        where = f"{name}, row {number} (time {ms})"
        if not _EARLIEST <= ms < _LATEST:
            raise ValueError(f"{where}: times must be milliseconds since 1970 (multiply seconds by 1000)")
        if ms <= before:
            wrong = "stands twice" if ms == before else f"comes after {before}"
            raise ValueError(f"{where}: the time {wrong}; sort the candles by time and drop doubles")
        # A NaN fails every comparison.
        if not (0 < low <= opened <= high and low <= close <= high and volume >= 0 and high < float("inf")):
            raise ValueError(
                f"{where}: open {opened}, high {high}, low {low}, close {close}, volume {volume} are no candle; "
                "prices must be above zero, and high and low must enclose open and close"
            )
        before = ms
    return rows
