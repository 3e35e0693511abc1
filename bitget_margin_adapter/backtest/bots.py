"""ccxt bots: a function or a class, called at the open of each next candle with the candle that has just closed."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..exchange.sync import bitgetmargin
from ..paper.settings import settings_of
from .errors import BacktestError, StrategyError
from .exchange import ReplayDoor
from .failure import failure
from .feeds import Feed
from .progress import Progress
from .stage import ACCOUNT, Stage

__all__ = ["Calls", "calls_of", "open_exchange", "play_bot"]

Candle = list[Any]


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
    stage: Stage, margin_mode: str, kind: type[Any] = bitgetmargin, options: Mapping[str, Any] = {}
) -> Any:
    """An exchange object that trades on the stage."""
    paper = {"account": None}
    exchange = kind({"options": {**options, "marginMode": margin_mode}})
    exchange.options["paper"] = paper
    exchange._paper = ReplayDoor(
        paper, settings_of(paper, exchange.id), stage, ACCOUNT, exchange.id, dict.fromkeys(stage.replay.symbols).keys()
    )
    return exchange


def play_bot(calls: Calls, stage: Stage, exchange: Any, feeds: Sequence[Feed], progress: Progress) -> None:
    """Calls the bot through all candles; it is not called after the last one.

    Raises BacktestError naming candle and call; the stage then stands where it happened.
    """
    _run(calls, "on_start", calls.start, stage, exchange)
    stage.valuation.note_if_changed(stage.moment)
    if calls.candle is not None:
        if len(feeds) == 1:
            _one_symbol(calls, calls.candle, stage, exchange, feeds[0], progress)
        else:
            _many_symbols(calls, calls.candle, stage, exchange, feeds, progress)
    else:
        stage.play(max(int(feed.columns.ms[-1]) for feed in feeds))
    _run(calls, "on_end", calls.end, stage, exchange)
    stage.catch_up()
    stage.play(max(int(feed.columns.ms[-1]) + feed.interval for feed in feeds))
    progress.done()


def _one_symbol(
    calls: Calls, on_candle: Callable[..., Any], stage: Stage, exchange: Any, feed: Feed, progress: Progress
) -> None:
    symbol, id_ = feed.symbol, feed.id
    columns = feed.columns
    candles = list(map(list, feed.rows))
    later = columns.ms[1:].tolist()
    lows, highs = columns.low.tolist(), columns.high.tolist()
    fence = stage.fence(id_)
    low, high, until = fence or (float("inf"), 0.0, 0)
    seen = stage.changes
    tick = progress.tick
    step = progress.step
    left = step
    candle: Candle = []
    try:
        for candle, bottom, top, opens in zip(candles, lows, highs, later, strict=False):
            if bottom <= low or top >= high or opens > until:
                # Something may happen inside this candle.
                stage.catch_up()
                stage.play(opens)
                low, high, until = stage.fence(id_) or (float("inf"), 0.0, 0)
            else:
                stage.moment = opens
            on_candle(exchange, symbol, candle)
            if stage.changes != seen:
                seen = stage.changes
                stage.valuation.note_if_changed(opens)
                low, high, until = stage.fence(id_) or (float("inf"), 0.0, 0)
            left -= 1
            if not left:
                left = step
                tick(step)
    except Exception as problem:
        raise _failed(calls, "on_candle", problem, stage, symbol, candle) from problem


def _many_symbols(
    calls: Calls, on_candle: Callable[..., Any], stage: Stage, exchange: Any, feeds: Sequence[Feed], progress: Progress
) -> None:
    """At each instant the bot is called for every pair whose candle has just closed, in the order of the input."""
    due: dict[int, list[tuple[Feed, Candle]]] = {}
    last = max(int(feed.columns.ms[-1]) for feed in feeds)
    for feed in feeds:
        times = feed.columns.ms.tolist()
        ends = [*times[1:], times[-1] + feed.interval]
        for row, end in zip(feed.rows, ends, strict=True):
            # After a hole the call comes with the next candle; after a pair's last candle, when that has closed.
            if end <= last:
                due.setdefault(end, []).append((feed, list(row)))
    seen = stage.changes
    idle = stage.idle()
    symbol = ""
    candle: Candle = []
    try:
        for count, time in enumerate(sorted(due)):
            if idle:
                stage.moment = time
            else:
                stage.catch_up()
                stage.play(time)
            for feed, candle in due[time]:
                symbol = feed.symbol
                on_candle(exchange, symbol, candle)
            if stage.changes != seen:
                seen = stage.changes
                stage.valuation.note_if_changed(time)
                idle = stage.idle()
            elif not idle:
                idle = stage.idle()
            if count % progress.step == 0:
                progress.tick(progress.step)
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
