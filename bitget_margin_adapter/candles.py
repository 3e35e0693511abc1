"""Candles from files, folders and frames, checked: as rows `(ms, open, high, low, close, volume)` or as columns.

Reads CSV (packed or not), Parquet, Feather, freqtrade's JSON and folders, DataFrames, and ccxt's own lists. Times are
the opens: a column `timestamp` in milliseconds, or `date`, or a DatetimeIndex. Errors name the row and what to mend;
nothing is guessed or filled in, unless `fill_gaps` is asked to.
"""

import gzip
import lzma
import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, overload

from .model.symbols import market_id

__all__ = [
    "Candle", "Columns", "Gap", "Rows", "columns_of", "fill_gaps", "gaps", "read_candles", "read_columns", "read_many",
    "rows_of", "sources", "symbol_of",
]  # fmt: skip

Candle = tuple[int, float, float, float, float, float]

_COLUMNS = ("open", "high", "low", "close", "volume")
# Milliseconds of the years 2001 and 2100: seconds and nanoseconds fall outside.
_EARLIEST, _LATEST = 978_307_200_000, 4_102_444_800_000
_PIECE = 16_384
_SUFFIXES = (".feather", ".parquet", ".csv", ".csv.gz", ".csv.xz", ".json", ".json.gz")


class Columns(NamedTuple):
    """One array for each figure: `ms` of int64, the others of float64."""

    ms: Any
    open: Any
    high: Any
    low: Any
    close: Any
    volume: Any


_Sheet = tuple[int, int, Any]
"""The place of the first candle that is ready, of the first one after them, and the candles."""


class Rows(Sequence[Candle]):
    """The candles of columns, each made when somebody looks: a million of them are not kept as a million tuples."""

    _BLOCK = 1024
    _AHEAD, _BEHIND = 4096, 1000
    """How many are made at once for who reads on, and how many before them, since he looks back as well."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._sheet: _Sheet = 0, 0, None
        self._shared: _Sheet = 0, 0, None

    @cached_property
    def times(self) -> list[int]:
        """When each candle opens."""
        times: list[int] = self.columns.ms.tolist()
        return times

    def opened(self, place: int) -> float:
        """The price at which a candle opens."""
        price: float = self.columns.open.item(place)
        return price

    def lists(self, first: int, last: int) -> list[list[Any]]:
        """Those from `first` up to `last`, exclusive, as lists of the reader's own; cheap for who reads on."""
        start, end, sheet = self._sheet
        if first < start or last > end:
            import numpy as np

            start, end = self._around(first, last)
            sheet = np.empty((end - start, len(self.columns)), dtype=object)
            for number, column in enumerate(self.columns):
                sheet[:, number] = column[start:end]
            self._sheet = start, end, sheet
        fresh: list[list[Any]] = sheet[first - start : last - start].tolist()
        return fresh

    def shared(self, first: int, last: int) -> list[Candle]:
        """The same as tuples, which are kept, and handed out again while somebody reads on near them."""
        start, end, sheet = self._shared
        if first < start or last > end:
            start, end = self._around(first, last)
            sheet = self[start:end]
            self._shared = start, end, sheet
        candles: list[Candle] = sheet[first - start : last - start]
        return candles

    def _around(self, first: int, last: int) -> tuple[int, int]:
        return max(0, first - self._BEHIND), min(len(self), max(last, first + self._AHEAD))

    def __len__(self) -> int:
        return len(self.columns.ms)

    @overload
    def __getitem__(self, place: int) -> Candle: ...
    @overload
    def __getitem__(self, place: slice) -> list[Candle]: ...
    def __getitem__(self, place: int | slice) -> Candle | list[Candle]:
        if isinstance(place, slice):
            return list(zip(*(column[place].tolist() for column in self.columns), strict=True))
        ms, opened, high, low, close, volume = self.columns
        return (
            ms.item(place), opened.item(place), high.item(place), low.item(place), close.item(place),
            volume.item(place),
        )  # fmt: skip

    def __iter__(self) -> Iterator[Candle]:
        for first in range(0, len(self), self._BLOCK):
            yield from self[first : first + self._BLOCK]


class Gap(NamedTuple):
    """Candles that are missing between two that are there."""

    after: int
    before: int
    missing: int


def sources(source: Any, symbol: str | None = None, timeframe: str | None = None) -> dict[str, Any]:
    """What there is to read, by the name that each source gives its pair.

    A mapping names them itself; files are named by their names; a folder holds one file a pair (and timeframe).
    """
    if isinstance(source, Mapping):
        return dict(source)
    if isinstance(source, list | tuple) and source and isinstance(source[0], str | Path):
        found: dict[str, Any] = {}
        for path in source:
            for name, part in sources(path, None, timeframe).items():
                if name in found:
                    raise ValueError(f"{part}: {name} is read from {found[name]} already; name each pair once")
                found[name] = part
        return found
    if isinstance(source, str | Path) and Path(source).is_dir():
        return _folder(Path(source), timeframe)
    return {symbol or (symbol_of(source) if isinstance(source, str | Path) else "BTC/USDT"): source}


def read_many(source: Any, symbol: str | None = None) -> dict[str, list[Candle]]:
    """Candles by the venue's symbol: of a mapping of symbols, or of one source that `symbol` (or its file) names."""
    return {market_id(name): read_candles(part, str(name)) for name, part in sources(source, symbol).items()}


def symbol_of(path: str | Path) -> str:
    """The venue's symbol in a file's name: ETHUSDT-1h.csv.gz and ETH_USDT-1h.feather are ETHUSDT."""
    first = Path(path).name.split(".")[0].split("-")[0]
    return first.replace("_", "").upper()


def read_candles(source: Any, name: str = "candles") -> list[Candle]:
    """The candles of one pair, oldest first.

    Raises ValueError for missing columns, times out of order, doubled, or in another unit, and for prices that are
    missing, not positive, or outside their own high and low. Missing hours are the source's affair and stay missing.
    """
    if isinstance(source, Sequence) and not isinstance(source, str | Path):
        rows = [tuple(row[:6]) for row in source]
        columns_of(rows, name)
        return rows
    return rows_of(read_columns(source, name))


def read_columns(source: Any, name: str = "candles") -> Columns:
    """The same candles as arrays, with the same checks."""
    if isinstance(source, Columns):
        return source
    if isinstance(source, str | Path):
        source = _read(Path(source))
    if isinstance(source, Sequence):
        return columns_of(source, name)
    return _of_frame(source, name)


def rows_of(columns: Columns) -> list[Candle]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


def columns_of(rows: Sequence[Any], name: str = "candles") -> Columns:
    """ccxt's lists as arrays."""
    import numpy as np

    short = next((number for number, row in enumerate(rows) if len(row) < 6), None)
    if short is not None:
        raise ValueError(f"{name}, row {short}: a candle is [ms, open, high, low, close, volume]")
    try:
        table = np.array([[float(value) for value in row[:6]] for row in rows], dtype=np.float64).reshape(-1, 6)
    except (TypeError, ValueError) as problem:
        raise ValueError(f"{name}: a candle holds six numbers ({problem})") from None
    finite = np.where(np.isfinite(table[:, 0]), table[:, 0], 0)
    opened, high, low, close, volume = table[:, 1:].T.copy()
    return _checked(Columns(finite.astype(np.int64), opened, high, low, close, volume), name)


def gaps(columns: Columns) -> list[Gap]:
    """Where candles are missing, measured by the shortest distance between two of them."""
    import numpy as np

    if len(columns.ms) < 3:
        return []
    distances = np.diff(columns.ms)
    step = int(distances.min())
    return [
        Gap(int(columns.ms[place]), int(columns.ms[place + 1]), int(distances[place]) // step - 1)
        for place in np.flatnonzero(distances > step)
    ]


def fill_gaps(columns: Columns) -> Columns:
    """Missing candles as freqtrade makes them up: the close before them as all four prices, and no volume."""
    import numpy as np

    if len(columns.ms) < 2:
        return columns
    step = int(np.diff(columns.ms).min())
    offsets = columns.ms - columns.ms[0]
    if not (offsets % step).any() and len(offsets) == offsets[-1] // step + 1:
        return columns
    times = np.arange(columns.ms[0], columns.ms[-1] + 1, step, dtype=np.int64)
    last = np.searchsorted(columns.ms, times, side="right") - 1
    made = columns.ms[last] != times
    closes = columns.close[last]
    prices = [np.where(made, closes, values[last]) for values in columns[1:5]]
    return Columns(times, prices[0], prices[1], prices[2], prices[3], np.where(made, 0.0, columns.volume[last]))


def _folder(folder: Path, timeframe: str | None) -> dict[str, Any]:
    """freqtrade's layout: PAIR-timeframe.feather, spot beside each other, futures in a folder of their own."""
    files: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        _, _, rest = path.name.partition("-")
        if not path.name.lower().endswith(_SUFFIXES) or not rest:
            continue
        if timeframe is None or rest.split(".")[0] == timeframe:
            files.setdefault(symbol_of(path), []).append(path)
    if not files:
        wanted = f" of timeframe {timeframe}" if timeframe else ""
        raise ValueError(f"{folder}: no candle files{wanted}, such as BTC_USDT-1h.feather")
    for name, paths in files.items():
        if len(paths) > 1:
            raise ValueError(
                f"{folder}: {name} is there as {', '.join(path.name for path in paths)}; "
                "set the strategy's (or config's) timeframe, or name the files"
            )
    return {name: paths[0] for name, paths in files.items()}


def _read(path: Path) -> Any:
    if not path.exists():
        raise ValueError(f"{path}: there is no such file")
    try:
        return _parsed(path, {suffix.lower() for suffix in path.suffixes})
    except ImportError as problem:
        raise ValueError(
            f"{path}: this kind of file needs another package ({problem}); pip install 'bitget_margin_adapter[parquet]'"
        ) from None
    except (EOFError, OSError, ValueError, lzma.LZMAError, zlib.error) as problem:
        raise ValueError(
            f"{path}: it cannot be read as its name says ({type(problem).__name__}: {problem})"
        ) from problem


def _parsed(path: Path, kinds: set[str]) -> Any:
    import pandas as pd

    if ".feather" in kinds:
        return pd.read_feather(path)
    if ".parquet" in kinds:
        return pd.read_parquet(path)
    if ".csv" in kinds:
        return pd.read_csv(path)
    if ".json" in kinds:
        import orjson

        text = path.read_bytes()
        return orjson.loads(gzip.decompress(text) if path.suffix.lower() == ".gz" else text)
    raise ValueError("candles are .csv, .csv.gz, .csv.xz, .parquet, .feather or freqtrade's .json")


def _of_frame(frame: Any, name: str) -> Columns:
    import numpy as np

    missing = [column for column in _COLUMNS if column not in frame.columns]
    if missing:
        raise ValueError(f"{name}: no column {', '.join(missing)}; there are {', '.join(map(str, frame.columns))}")
    times = _times(frame, name)
    try:
        figures = [np.ascontiguousarray(frame[column].to_numpy(dtype=np.float64)) for column in _COLUMNS]
    except (TypeError, ValueError) as problem:
        raise ValueError(f"{name}: prices and volumes must be numbers ({problem})") from None
    return _checked(Columns(times, *figures), name)


def _times(frame: Any, name: str) -> Any:
    import numpy as np
    import pandas as pd

    if "timestamp" in frame.columns and pd.api.types.is_numeric_dtype(frame["timestamp"]):
        values = frame["timestamp"].to_numpy()
        if np.issubdtype(values.dtype, np.floating):
            values = np.where(np.isfinite(values), values, 0)
        return np.ascontiguousarray(values.astype(np.int64))
    for column in ("date", "timestamp"):
        if column in frame.columns:
            try:
                with warnings.catch_warnings():
                    # That it cannot tell the format of what is no time; the error below says so.
                    warnings.simplefilter("ignore", UserWarning)
                    moments = pd.DatetimeIndex(pd.to_datetime(frame[column], utc=True))
            except (TypeError, ValueError) as problem:
                raise ValueError(f"{name}: column {column} holds what is no time ({problem})") from None
            return np.asarray(moments.as_unit("ms").asi8)
    if isinstance(frame.index, pd.DatetimeIndex):
        index = frame.index.tz_localize("UTC") if frame.index.tz is None else frame.index.tz_convert("UTC")
        return np.asarray(index.as_unit("ms").asi8)
    raise ValueError(f"{name}: no times; add a column timestamp (ms, UTC) or date, or a DatetimeIndex")


def _checked(columns: Columns, name: str) -> Columns:
    """All rows at once; the first bad one is named."""
    import numpy as np

    ms, opened, high, low, close, volume = columns
    rises = np.ones(len(ms), dtype=bool)
    np.greater(ms[1:], ms[:-1], out=rises[1:])
    good = np.empty(len(ms), dtype=bool)
    # In pieces that stay in the processor's cache, which takes half of the time.
    for start in range(0, len(ms), _PIECE):
        part = slice(start, start + _PIECE)
        time, first, top, bottom, last = ms[part], opened[part], high[part], low[part], close[part]
        # A NaN fails every comparison.
        shaped = (bottom > 0) & (bottom <= first) & (first <= top) & (bottom <= last) & (last <= top)
        timed = (time >= _EARLIEST) & (time < _LATEST) & rises[part]
        good[part] = timed & shaped & (volume[part] >= 0) & (top < np.inf)
    if good.all():
        return columns
    number = int(np.argmin(good))
    time = int(ms[number])
    where = f"{name}, row {number} (time {time})"
    if not _EARLIEST <= time < _LATEST:
        raise ValueError(f"{where}: times must be milliseconds since 1970, UTC{_unit(time)}")
    if not rises[number]:
        before = int(ms[number - 1])
        wrong = "stands twice" if time == before else f"comes after {before}"
        raise ValueError(f"{where}: the time {wrong}; sort the candles by time and drop doubles")
    figures = (float(column[number]) for column in (opened, high, low, close, volume))
    raise ValueError(
        "{}: open {}, high {}, low {}, close {}, volume {} are no candle; prices must be above zero, and high and low "
        "must enclose open and close".format(where, *figures)
    )


def _unit(time: int) -> str:
    """What such a time is written in, if it is a time at all."""
    units = {"seconds": (1_000, "multiply by"), "microseconds": (-1_000, "divide by"),
             "nanoseconds": (-1_000_000, "divide by")}  # fmt: skip
    for unit, (factor, verb) in units.items():
        if _EARLIEST <= (time * factor if factor > 0 else time // -factor) < _LATEST:
            return f"; these are {unit}, {verb} {abs(factor):,}"
    return "; is it missing, or no time?"
