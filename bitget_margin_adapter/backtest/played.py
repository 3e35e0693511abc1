"""The result of what was played on a stage."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..candles import Columns
from .books import EngineBooks
from .feeds import Feed
from .result import Result
from .stage import Stage
from .valuation import Curve, curve

__all__ = ["played_result"]


def played_result(
    title: str, stage: Stage, feeds: Sequence[Feed], until: int | None = None,
    reasons: Mapping[str, str] | None = None, about: Mapping[str, Any] | None = None,
) -> Result:  # fmt: skip
    """`until` cuts off the candles that were not reached; `reasons` say by order why it was given."""
    if until is not None:
        feeds = [
            Feed(feed.symbol, Columns(*(column[: _reached(feed, until)] for column in feed.columns))) for feed in feeds
        ]
    books = EngineBooks(stage, {feed.id: feed.symbol for feed in feeds}, reasons or {})

    def made() -> Curve:
        return curve(feeds, stage.valuation.notes)

    first = stage.valuation.notes[0]
    opens = {feed.base: float(feed.columns.open[0]) for feed in feeds}
    start = sum(owned * opens.get(coin, 1.0) for coin, (owned, *_) in first.coins.items())
    return Result(title, feeds, books, made, start_equity=start, about=about or {"rules": "venue"})


def _reached(feed: Feed, until: int) -> int:
    """How many candles had opened; at least one, so that there is something to show."""
    import numpy as np

    return max(1, int(np.searchsorted(feed.columns.ms, until, side="right")))
