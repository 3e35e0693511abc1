"""ccxt bots: a function or a class, called at the open of each next candle with the candle that has just closed."""

import inspect
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from operator import length_hint
from typing import Any, Final, NamedTuple

from ..collector import BATCH, seldom
from ..paper.settings import settings_of
from .calendar import Candle, blocks
from .counter import Counter
from .errors import BacktestError, StrategyError
from .exchange import ReplayDoor, ReplayExchange
from .failure import failure
from .feeds import Feed
from .progress import Progress
from .stage import Stage

__all__ = ["Calls", "calls_of", "open_exchange", "play_bot"]

_WINDOW: Final = 128
"""How many calls ahead is looked after a change; twice as many each time that nothing changed."""


class Calls(NamedTuple):
    """What a bot wants to be called for."""

    name: str
    start: Callable[[Any], Any] | None
    candle: Callable[[Any, str, Candle], Any] | None
    end: Callable[[Any], Any] | None


def calls_of(bot: Any) -> Calls:
    """Raises StrategyError for what is neither a function nor a class with one of the three methods."""
    if inspect.isclass(bot):
        name = bot.__name__
        try:
            bot = bot()
        except TypeError as problem:
            raise StrategyError(f"{name}: a bot class is made without arguments ({problem})") from problem
    else:
        name = getattr(bot, "__name__", type(bot).__name__)
    found = [getattr(bot, method, None) for method in ("on_start", "on_candle", "on_end")]
    if any(found):
        for method in found:
            _not_a_coroutine(name, method)
        return Calls(name, *found)
    if not callable(bot):
        raise StrategyError(
            f"{name}: a bot is a function (exchange, symbol, candle), a class with on_start, on_candle or on_end, a "
            "class with populate_indicators, or the path of a script"
        )
    _not_a_coroutine(name, bot)
    return Calls(name, None, bot, None)


def _not_a_coroutine(name: str, method: Any) -> None:
    if inspect.iscoroutinefunction(method):
        raise StrategyError(
            f"{name}.{method.__name__}: it is a coroutine, but candles are played one by one; write a plain function, "
            "or run the file as a script, which may use asyncio"
        )


def open_exchange(
    stage: Stage, margin_mode: str, kind: type[Any] = ReplayExchange, options: Mapping[str, Any] = {}
) -> Any:
    """An exchange object that trades on the stage."""
    paper = {"account": None}
    exchange = kind({"options": {**options, "marginMode": margin_mode}})
    exchange.options["paper"] = paper
    exchange._paper = ReplayDoor(paper, settings_of(paper, exchange.id), stage, exchange.id)
    exchange._counter = Counter(exchange, stage)
    return exchange


def play_bot(calls: Calls, stage: Stage, exchange: Any, feeds: Sequence[Feed], progress: Progress) -> None:
    """Calls the bot through all candles; it is not called after the last one.

    Raises BacktestError naming candle and call; the stage then stands where it happened.
    """
    _run(calls, "on_start", calls.start, stage, exchange)
    stage.valuation.note_if_changed(stage.moment)
    if calls.candle is not None:
        with seldom(BATCH):
            _call_all(calls, calls.candle, stage, exchange, feeds, progress)
    else:
        stage.travel(max(int(feed.columns.ms[-1]) for feed in feeds))
    _run(calls, "on_end", calls.end, stage, exchange)
    stage.travel(max(int(feed.columns.ms[-1]) + feed.interval for feed in feeds))
    progress.done()


def _call_all(
    calls: Calls, on_candle: Callable[..., Any], stage: Stage, exchange: Any, feeds: Sequence[Feed], progress: Progress
) -> None:
    """While the way is clear a candle costs the call and two comparisons; the others are played."""
    symbol = ""
    candle: Candle = []
    try:
        for block in blocks(feeds, stage.shared_ohlcv):
            times = block.times
            candles = iter(block.candles)
            events = zip(times, block.symbols, candles, strict=False)
            done, total, window = 0, len(times), _WINDOW
            while done < total:
                ahead = min(done + window, total)
                stop = bisect_right(times, stage.clear(times[ahead - 1]), done, ahead)
                if stop == done:
                    stage.play(times[done])
                    stop += 1
                seen = stage.changes
                for time, symbol, candle in islice(events, stop - done):
                    stage.moment = time
                    on_candle(exchange, symbol, candle)
                    if stage.changes != seen:
                        break
                if stage.changes == seen:
                    done = stop
                    window *= 2
                else:
                    done = total - length_hint(candles)
                    window = _WINDOW
                    stage.valuation.note_if_changed(stage.moment)
            progress.tick(total)
    except Exception as problem:
        raise _failed(calls, "on_candle", problem, stage, symbol, candle) from problem


def _run(calls: Calls, name: str, call: Callable[[Any], Any] | None, stage: Stage, exchange: Any) -> None:
    if call is None:
        return
    try:
        call(exchange)
    except Exception as problem:
        raise _failed(calls, name, problem, stage, "", []) from problem


def _failed(calls: Calls, call: str, problem: Exception, stage: Stage, symbol: str, candle: Candle) -> BacktestError:
    if isinstance(problem, BacktestError):
        return problem
    where = f"{calls.name}.{call}" if calls.start or calls.end or call != "on_candle" else calls.name
    return failure(where, problem, stage.moment, symbol, candle)
