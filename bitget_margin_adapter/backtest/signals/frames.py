"""From candles to signals: the frame that a strategy is shown, what it may add, and the shift that keeps it honest."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import StrategyError
from ..failure import own_line
from ..feeds import Feed
from .plan import Plan
from .timeframes import timeframe_to_seconds

__all__ = ["LEGACY", "SIGNALS", "Provider", "Signals", "candle_frame", "signals_of"]

SIGNALS = {"enter_long": 1, "exit_long": 2, "enter_short": 4, "exit_short": 8}
"""Columns that a strategy sets to 1, and their bits."""
LEGACY = {"enter_long": "buy", "exit_long": "sell", "enter_tag": "buy_tag"}


class Signals(NamedTuple):
    """Of one pair: `flags` at a candle are those of the candle before it; `first` is the first that may trade."""

    feed: Feed
    flags: Any
    """uint8: 1 enter long, 2 exit long, 4 enter short, 8 exit short."""
    enter_tags: Any
    exit_tags: Any
    """Arrays of texts, already shifted; None when the strategy sets none."""
    first: int
    frame: Any


class Provider:
    """What a strategy finds under `self.dp`: the candles of the run, at their own timeframe or a longer one."""

    def __init__(self, feeds: Sequence[Feed], timeframe: str) -> None:
        self._feeds = {feed.symbol: feed for feed in feeds}
        self._timeframe = timeframe
        self.analyzed: dict[str, Any] = {}
        self.now: Any = None
        self.runmode = "backtest"

    @property
    def feeds(self) -> dict[str, Feed]:
        """By the pair's name."""
        return self._feeds

    def current_whitelist(self) -> list[str]:
        return list(self._feeds)

    def get_pair_dataframe(self, pair: str, timeframe: str | None = None, candle_type: str = "") -> Any:
        feed = self._feeds.get(pair.partition(":")[0])
        if feed is None:
            raise StrategyError(
                f"dp.get_pair_dataframe: no candles of {pair} were given, there are {list(self._feeds)}"
            )
        frame = candle_frame(feed)
        wanted = timeframe or self._timeframe
        if not wanted or timeframe_to_seconds(wanted) * 1000 == feed.interval:
            return frame
        if timeframe_to_seconds(wanted) * 1000 < feed.interval:
            raise StrategyError(f"dp.get_pair_dataframe: {wanted} is finer than the candles of {pair}")
        return _resampled(frame, timeframe_to_seconds(wanted))

    historic_ohlcv = get_pair_dataframe

    def get_analyzed_dataframe(self, pair: str, timeframe: str | None = None) -> tuple[Any, Any]:
        """Up to the candle that callbacks know of."""
        frame = self.analyzed.get(pair)
        if frame is None:
            raise StrategyError(f"dp.get_analyzed_dataframe: {pair} has not been analysed")
        if self.now is not None:
            frame = frame[frame["date"] < self.now]
        return frame, self.now

    def available_pairs(self) -> list[tuple[str, str]]:
        return [(pair, self._timeframe) for pair in self._feeds]

    def ohlcv(self, pair: str, timeframe: str | None = None, copy: bool = True) -> Any:
        return self.get_pair_dataframe(pair, timeframe)

    def market(self, pair: str) -> None:
        return None

    def ticker(self, pair: str) -> dict[str, Any]:
        return {}

    def orderbook(self, pair: str, maximum: int) -> dict[str, Any]:
        return {"bids": [], "asks": []}

    def send_msg(self, *args: Any, **kwargs: Any) -> None:
        return None


def candle_frame(feed: Feed) -> Any:
    """date (UTC, ms), open, high, low, close, volume; whoever writes into it writes into a copy."""
    return feed.frame.copy(deep=not _writes_copy())


def _writes_copy() -> bool:
    """Whether this pandas copies what is shared at the first write into it, and not sooner."""
    import pandas as pd

    return int(pd.__version__.partition(".")[0]) >= 3


def _resampled(frame: Any, seconds: int) -> Any:
    import pandas as pd

    kinds = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    made = frame.set_index("date").resample(pd.Timedelta(seconds=seconds)).agg(kinds).dropna()
    return made.reset_index()


def signals_of(strategy: Any, plan: Plan, feed: Feed, provider: Provider, config: Mapping[str, Any]) -> Signals:
    """Indicators over the whole frame, then the signals, then the shift by one candle."""
    frame = candle_frame(feed)
    metadata = {"pair": feed.symbol}
    for method in _informative(strategy):
        frame = _with_informative(strategy, plan, feed, provider, method, frame)
    frame = _populated(strategy, "populate_indicators", frame, metadata, feed)
    frame["enter_tag"] = feed.empty
    entry = "populate_entry_trend" if hasattr(strategy, "populate_entry_trend") else "populate_buy_trend"
    frame = _populated(strategy, entry, frame, metadata, feed)
    frame["exit_tag"] = feed.empty
    leaving = "populate_exit_trend" if hasattr(strategy, "populate_exit_trend") else "populate_sell_trend"
    frame = _populated(strategy, leaving, frame, metadata, feed)
    provider.analyzed[feed.symbol] = frame
    flags = _flags(plan, frame, entry)
    first = plan.startup_candle_count + 1
    return Signals(
        feed, flags, _tags(frame, "enter_tag", feed.empty), _tags(frame, "exit_tag", feed.empty), first, frame
    )


def _populated(strategy: Any, method: str, frame: Any, metadata: dict[str, Any], feed: Feed) -> Any:
    name = f"{type(strategy).__name__}.{method}"
    try:
        made = getattr(strategy, method)(frame, dict(metadata))
    except Exception as problem:
        hint = ""
        if isinstance(problem, KeyError):
            hint = f"; the frame has {', '.join(map(str, frame.columns))}"
        raise StrategyError(
            f"{name} for {feed.symbol} ({len(feed)} candles){own_line(problem)}: {type(problem).__name__}: "
            f"{problem}{hint}"
        ) from problem
    if made is None or not hasattr(made, "columns"):
        raise StrategyError(f"{name}: it must return the dataframe, it returned {type(made).__name__}")
    if len(made) != len(feed) or "close" not in made.columns or "date" not in made.columns:
        raise StrategyError(
            f"{name}: rows must stay as they are; there were {len(feed)}, now there are {len(made)}. Merge other "
            "timeframes with merge_informative_pair, and do not drop rows"
        )
    if float(made["close"].iloc[-1]) != float(feed.columns.close[-1]):
        raise StrategyError(f"{name}: the candles' own columns were changed; write indicators to columns of their own")
    return made


def _flags(plan: Plan, frame: Any, method: str) -> Any:
    """The four signals as bits, each acting one candle later; contradictions cancel as in freqtrade."""
    import numpy as np

    flags = np.zeros(len(frame), dtype=np.uint8)
    seen = False
    for name, bit in SIGNALS.items():
        column = name if name in frame.columns else LEGACY.get(name, "")
        if column not in frame.columns:
            continue
        seen = seen or name.startswith("enter")
        if not plan.can_short and bit >= 4:
            continue
        values = frame[column].to_numpy()
        try:
            # Of truths it would make numbers first, which takes ten times as long.
            marked = values if values.dtype == bool else values == 1
        except TypeError as problem:
            raise StrategyError(f"{plan.name}.{method}: column {column} must hold 1 and 0 ({problem})") from None
        if not marked.any() and (odd := _odd(values)):
            raise StrategyError(
                f"{plan.name}.{method}: column {column} holds {odd}; write the number 1 where it is meant"
            )
        flags[1:] |= marked[:-1].view(np.uint8) * np.uint8(bit)
    if not seen:
        near = [str(name) for name in frame.columns if "long" in str(name) or "short" in str(name) or name == "buy"]
        raise StrategyError(
            f"{plan.name}.{method}: it sets neither enter_long nor enter_short"
            + (f"; it sets {', '.join(near)}" if near else "")
            + ". Write 1 into dataframe.loc[condition, 'enter_long']"
        )
    return flags


def _odd(values: Any) -> str:
    """A value that is neither 0 nor missing, of a column in which nothing is 1."""
    import pandas as pd

    present = values[~pd.isna(values)]
    odd = next((value for value in present[present != 0].tolist() if value != ""), None)
    return "" if odd is None else repr(odd)


def _tags(frame: Any, name: str, empty: Any) -> Any:
    """Texts one candle later; None when there is none at all."""
    import numpy as np

    column = name if name in frame.columns else LEGACY.get(name, "")
    if column not in frame.columns:
        return None
    values = frame[column].to_numpy(dtype=object)
    # The column that the strategy was given, or at least none of its texts: a million comparisons would take a while.
    if values.ctypes.data == empty.to_numpy().ctypes.data or not values.any():
        return None
    shifted = np.empty(len(values), dtype=object)
    shifted[0] = ""
    shifted[1:] = [text if isinstance(text, str) else "" for text in values[:-1].tolist()]
    return shifted


def _informative(strategy: Any) -> list[Any]:
    found = []
    for name in dir(type(strategy)):
        method = getattr(type(strategy), name, None)
        if callable(method) and getattr(method, "_informative", None):
            found.append(method)
    return found


def _with_informative(strategy: Any, plan: Plan, feed: Feed, provider: Provider, method: Any, frame: Any) -> Any:

    for timeframe, asset, fmt, ffill in method._informative:
        pair = asset.format(base=feed.base, quote=feed.quote, stake=feed.quote) if asset else feed.symbol
        other = method(strategy, provider.get_pair_dataframe(pair, timeframe), {"pair": pair})
        base, _, quote = pair.partition("/")
        names = {"base": base, "quote": quote, "stake": feed.quote, "asset": pair, "timeframe": timeframe}
        pattern = fmt or ("{base}_{quote}_{column}_{timeframe}" if asset else "{column}_{timeframe}")
        make = pattern if callable(pattern) else pattern.format
        other.columns = [
            name if name == "date" else make(column=name, BASE=base, QUOTE=quote, **names) for name in other.columns
        ]
        shorter = plan.timeframe or f"{feed.interval // 60_000}m"
        frame = _joined(frame, other, shorter, timeframe, ffill)
    return frame


def _joined(frame: Any, other: Any, shorter: str, timeframe: str, ffill: bool) -> Any:
    from .freqtrade_names import merge_informative_pair

    merged = merge_informative_pair(frame, other, shorter, timeframe, ffill, append_timeframe=False, suffix="_inf")
    back = {f"{name}__inf": name for name in other.columns if name != "date"}
    return merged.rename(columns={**back, "date__inf": f"date_{timeframe}"})
