"""The result of what was played on a stage."""

from collections.abc import Mapping, Sequence
from typing import Any

from .books import EngineBooks
from .feeds import Feed
from .feeds import until as cut_off
from .result import Result
from .stage import Stage
from .valuation import Curve, curve

__all__ = ["played_result"]


def played_result(
    title: str, stage: Stage, feeds: Sequence[Feed], until: int | None = None,
    reasons: Mapping[str, str] | None = None, about: Mapping[str, Any] | None = None,
) -> Result:  # fmt: skip
    """`until` cuts off the candles that were not reached; `reasons` say by order why it was given."""
    stage.catch_up()
    stage.valuation.note_if_changed(stage.moment)
    if until is not None:
        feeds = [cut_off(feed, until) for feed in feeds]
    books = EngineBooks(stage, {feed.id: feed.symbol for feed in feeds}, reasons or {})

    def made() -> Curve:
        return curve(feeds, stage.valuation.notes)

    first = stage.valuation.first
    opens = {feed.base: float(feed.columns.open[0]) for feed in feeds}
    start = sum(owned * opens.get(coin, 1.0) for coin, (owned, *_) in first.coins.items())
    return Result(title, feeds, books, made, start_equity=start, about=about or {"rules": "venue"})
