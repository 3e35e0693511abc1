"""Whether a strategy's signals know the future: computed once more without it, they must be the same.

Signals are computed over whole columns, so nothing keeps a strategy from reading a later row. Each pair's candles are
cut off right after a candle with a signal; up to there both frames must agree.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import StrategyError, moment
from ..feeds import Feed, until
from .frames import LEGACY, SIGNALS, Provider, Signals, signals_of
from .plan import Plan, make_strategy

__all__ = ["refuse_foresight"]

_WINDOW = 1_000
"""Candles in which signals are looked for, beside those of the start: few, so that it costs little."""


def refuse_foresight(bot: Any, plan: Plan, found: Sequence[Signals], config: Mapping[str, Any]) -> None:
    """Raises StrategyError naming candle, column and cure. An instance cannot be tried: it may remember its first time.

    `config['lookahead']` = 'allow' leaves it out.
    """
    wish = config.get("lookahead", "refuse")
    if wish not in ("allow", "refuse"):
        raise StrategyError(f"config['lookahead'] is {wish!r}, choose of 'refuse', 'allow'")
    if wish == "allow" or not isinstance(bot, type):
        return
    feeds = [signals.feed for signals in found]
    for signals in found:
        for place in _places(signals, plan):
            _compare(bot, plan, feeds, signals, place, config)


def _places(signals: Signals, plan: Plan) -> list[int]:
    """Rows with a signal to enter and to leave, the last ones of the window, or else the very first ones."""
    import numpy as np

    window = plan.startup_candle_count + _WINDOW
    chosen = set()
    for kind in ("enter", "exit"):
        marks = [_marked(signals.frame, name)[: 10 * window] for name in SIGNALS if name.startswith(kind)]
        rows = np.flatnonzero(np.logical_or.reduce(marks))
        rows = rows[(rows > 1) & (rows < len(signals.frame) - 1)]
        if len(rows):
            inside = rows[rows < window]
            chosen.add(int(inside[-1] if len(inside) else rows[0]))
    return sorted(chosen)


def _marked(frame: Any, name: str) -> Any:
    import numpy as np

    column = name if name in frame.columns else LEGACY.get(name, "")
    return frame[column].to_numpy() == 1 if column in frame.columns else np.zeros(len(frame), dtype=bool)


def _compare(
    bot: Any, plan: Plan, feeds: Sequence[Feed], signals: Signals, place: int, config: Mapping[str, Any]
) -> None:
    import numpy as np

    last = int(signals.feed.columns.ms[place])
    short = [until(feed, last) for feed in feeds]
    if any(len(feed) < 2 for feed in short):
        return
    own = short[feeds.index(signals.feed)]
    strategy = make_strategy(bot, config)
    provider = Provider(short, plan.timeframe)
    strategy.dp = provider
    try:
        frame = signals_of(strategy, plan, own, provider, config).frame
    except StrategyError:
        # It needs more candles than these; what it makes of all of them stands.
        return
    for name in SIGNALS:
        with_, without = _marked(signals.frame, name)[: place + 1], _marked(frame, name)
        wrong = np.flatnonzero(with_ != without)
        if not len(wrong):
            continue
        row = int(wrong[0])
        columns = _different(signals.frame, frame)
        raise StrategyError(
            f"{plan.name} looks ahead: {name} of {signals.feed.symbol} at the candle of "
            f"{moment(int(signals.feed.columns.ms[row]))} is {int(with_[row])}, and {int(without[row])} when the "
            f"candles after {moment(last)} are not there yet"
            + (f"; columns that differ: {', '.join(columns)}" if columns else "")
            + ". Look for shift(-1), bfill, rolling(center=True), figures of a whole column such as mean() or max(), "
            "and chance without a seed; config['lookahead'] = 'allow' runs it all the same"
        )


def _different(frame: Any, other: Any) -> list[str]:
    """Indicators that are not the same in both."""
    import numpy as np

    found = []
    for name in other.columns:
        if name in SIGNALS or name in LEGACY.values() or name not in frame.columns:
            continue
        one, two = frame[name].to_numpy()[: len(other)], other[name].to_numpy()
        if one.dtype.kind == two.dtype.kind == "f" and not np.allclose(one, two, rtol=1e-9, equal_nan=True):
            found.append(str(name))
    return found
