"""The candles of a run: read once, checked once, named as ccxt and as the venue name them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..candles import Columns, Rows, fill_gaps, gaps, read_columns, sources
from ..engine.terms import PairTerms
from ..model.symbols import market_id
from ..venue.profile import DEFAULT, Profile
from ..venue.replay import interval_of

__all__ = ["BLOCK", "Feed", "place_funds", "profile_of", "read_feeds", "until"]

BLOCK = 64
_QUOTES = ("USDT", "USDC", "BTC", "ETH")


@dataclass(frozen=True)
class Feed:
    """One pair's candles."""

    symbol: str
    """ccxt's, such as BTC/USDT."""
    columns: Columns
    spacing: int | None = None
    """Milliseconds that a candle lasts; measured when left out, for which there must be two."""

    @cached_property
    def id(self) -> str:
        return market_id(self.symbol)

    @property
    def base(self) -> str:
        return self.symbol.partition("/")[0]

    @property
    def quote(self) -> str:
        return self.symbol.partition("/")[2]

    def __len__(self) -> int:
        return len(self.columns.ms)

    @cached_property
    def rows(self) -> Rows:
        """Tuples, as the engine reads them."""
        return Rows(self.columns)

    @cached_property
    def interval(self) -> int:
        return self.spacing or interval_of(self.columns.ms[:101].tolist())

    @cached_property
    def frame(self) -> Any:
        """The columns as a DataFrame with `date`, over the same memory: for copies, never to be written into."""
        import pandas as pd

        dates = pd.DatetimeIndex(self.columns.ms.view("M8[ms]")).tz_localize("UTC")
        names = ("open", "high", "low", "close", "volume")
        return pd.DataFrame({"date": dates, **dict(zip(names, self.columns[1:], strict=True))}, copy=False)

    @cached_property
    def empty(self) -> Any:
        """An empty text for each candle; as objects, since pandas' own text type costs more than a simulation."""
        import numpy as np
        import pandas as pd

        texts = np.empty(len(self), dtype=object)
        texts.fill("")
        return pd.Series(texts, dtype=object, copy=False)

    @cached_property
    def blocks(self) -> tuple[Any, Any]:
        """Highest high and lowest low of every BLOCK candles."""
        import numpy as np

        starts = np.arange(0, len(self), BLOCK)
        return np.maximum.reduceat(self.columns.high, starts), np.minimum.reduceat(self.columns.low, starts)

    @cached_property
    def price_scale(self) -> int:
        """Decimals that the prices are written with: candles may be finer than the venue's table says."""
        import numpy as np

        # Some thousand prices tell it; a million would take longer than the simulation.
        step = max(1, len(self) // 2_000)
        sample = np.concatenate([column[::step] for column in self.columns[1:5]])
        for scale in range(8):
            prices = sample * 10.0**scale
            if (np.abs(prices - np.rint(prices)) <= 1e-6).all():
                return scale
        return 8


def until(feed: Feed, now: int) -> Feed:
    """Its candles that had opened; at least one, so that there is something to show."""
    import numpy as np

    end = max(1, int(np.searchsorted(feed.columns.ms, now, side="right")))
    return Feed(feed.symbol, Columns(*(column[:end] for column in feed.columns)), feed.interval)


def read_feeds(candles: Any, symbol: str | None, gap: str = "keep", timeframe: str | None = None) -> list[Feed]:
    """What `run` was given, as feeds in the order given. Raises ValueError that says what is wrong with which row."""
    feeds = []
    for name, source in sources(candles, symbol, timeframe).items():
        unified = _unified(str(name))
        columns = read_columns(source, unified)
        if len(columns.ms) < 2:
            raise ValueError(f"{unified}: there are {len(columns.ms)} candles; a run needs two or more")
        feeds.append(Feed(unified, _mended(columns, unified, gap)))
    if not feeds:
        raise ValueError("there are no candles: give a DataFrame, a mapping of symbols to DataFrames, or files")
    return feeds


def _mended(columns: Columns, name: str, gap: str) -> Columns:
    if gap == "fill":
        return fill_gaps(columns)
    if gap not in ("keep", "refuse"):
        raise ValueError(f"config['gaps'] is {gap!r}, choose of 'keep', 'fill', 'refuse'")
    if gap == "refuse" and (found := gaps(columns)):
        after, before, missing = found[0]
        raise ValueError(
            f"{name}: {len(found)} gaps; the first is between {after} and {before}, where {missing} candles are "
            "missing; set config['gaps'] to 'fill' (flat candles without volume) or 'keep'"
        )
    return columns


def _unified(name: str) -> str:
    """BTC/USDT, of however the pair was written."""
    text = name.strip().upper().partition(":")[0]
    if "/" in text:
        return text
    id_ = market_id(text.replace("_", "")) if text.count("_") == 1 and "SPBL" not in text else market_id(text)
    quote = next((quote for quote in _QUOTES if id_.endswith(quote) and id_ != quote), None)
    if quote is None:
        raise ValueError(f"{name!r}: cannot tell base from quote; write the pair as BASE/QUOTE with symbol=")
    return f"{id_[: -len(quote)]}/{quote}"


def place_funds(funds: Mapping[str, Any], margin_mode: str, feeds: Sequence[Feed]) -> dict[str, Any]:
    """Isolated funds go to the one pair there is; with several they must be spelled out."""
    if margin_mode == "cross" or any(isinstance(part, Mapping) for part in funds.values()):
        return dict(funds)
    if len(feeds) > 1:
        raise ValueError(
            "with several pairs isolated funds must say where they go, such as "
            f"funds={{'isolated:{feeds[0].id}': {{'USDT': '10000'}}}}"
        )
    return {f"isolated:{feeds[0].id}": dict(funds)}


def profile_of(feeds: Sequence[Feed], config: Mapping[str, Any]) -> Profile:
    """The venue's figures for these pairs: the default ones, with what `config` replaces.

    Pairs that the profile lacks are taken in like ETHUSDT. Prices may have as many decimals as the candles show.
    """
    import json
    from pathlib import Path

    given = config.get("profile") or {}
    parts: dict[str, Any] = dict(
        given if isinstance(given, Mapping) else json.loads(Path(given).read_text(encoding="utf-8"))
    )
    fees = config.get("fees")
    if fees == "quote":
        parts["fee_coin"] = "quote"
    elif fees is not None:
        parts["fees"] = fees
    if config.get("fee") is not None:
        parts["fees"] = config["fee"]
    if config.get("rates") is not None:
        parts["rates"] = {**parts.get("rates", {}), **config["rates"]}
    pairs = {name: dict(part) for name, part in parts.get("pairs", {}).items()}
    for feed in feeds:
        own = pairs.setdefault(feed.id, {})
        known: PairTerms | None = DEFAULT.pairs.get(feed.id)
        if known is None and feed.quote != "USDT":
            own.setdefault("quote", feed.quote)
        scale = own.get("price_scale", 4 if known is None else known.price_scale)
        own["price_scale"] = max(int(scale), feed.price_scale)
    return Profile.from_mapping({**parts, "pairs": pairs})
