"""`run`: finds out what kind of bot it was given, and plays it over the candles."""

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from .errors import BacktestError, StrategyError
from .feeds import Feed, place_funds, profile_of, read_feeds
from .result import Result

__all__ = ["run"]


def run(
    bot: Any,
    candles: Any,
    *,
    symbol: str | None = None,
    funds: Mapping[str, Any] = {"USDT": "10000"},
    margin_mode: Literal["cross", "isolated"] = "cross",
    config: Mapping[str, Any] = {},
    rules: Literal["venue", "freqtrade"] = "venue",
    progress: bool = True,
) -> Result:
    """Play a bot over candles and say what became of it.

    `bot` is a function (exchange, symbol, candle), a class with any of on_start, on_candle and on_end, a
    freqtrade-style strategy, or the path of a script. Raises ValueError for candles or a strategy that cannot be used,
    and BacktestError, with `.result`, when the bot itself fails on the way.

    `config["ohlcv"]` is "fresh": `fetch_ohlcv` answers with lists that are the bot's own, as live; or "shared": the
    latest candles are tuples that its answers have in common, which is quicker, and stops a bot that writes into one.
    """
    if margin_mode not in ("cross", "isolated"):
        raise ValueError(f"margin_mode {margin_mode!r} is unknown, write 'cross' or 'isolated'")
    if rules not in ("venue", "freqtrade"):
        raise ValueError(f"rules {rules!r} are unknown, write 'venue' or 'freqtrade'")
    if isinstance(bot, str | Path):
        from .files import load_bot

        bot = load_bot(Path(bot), config.get("strategy"))
    if hasattr(bot, "populate_entry_trend") or hasattr(bot, "populate_buy_trend"):
        from .signals.door import run_strategy

        return run_strategy(
            bot, candles, symbol=symbol, funds=funds, margin_mode=margin_mode, config=config, rules=rules,
            progress=progress,
        )  # fmt: skip
    if rules != "venue":
        raise StrategyError("rules 'freqtrade' are for freqtrade-style strategies; ccxt bots trade by the venue's")
    feeds = read_feeds(candles, symbol, config.get("gaps", "keep"), config.get("timeframe"))
    if isinstance(bot, Path):
        from .scripts import run_script

        return run_script(bot, feeds, place_funds(funds, margin_mode, feeds), margin_mode, config)
    return _run_bot(bot, feeds, place_funds(funds, margin_mode, feeds), margin_mode, config, progress)


def _run_bot(
    bot: Any,
    feeds: Sequence[Feed],
    funds: Mapping[str, Any],
    margin_mode: str,
    config: Mapping[str, Any],
    progress: bool,
) -> Result:
    from .bots import calls_of, open_exchange, play_bot
    from .exchange import ReplayExchange
    from .played import played_result
    from .progress import Progress
    from .stage import Stage

    if inspect.iscoroutinefunction(bot):
        raise StrategyError(f"{bot.__name__}: it is a coroutine; write a plain function, or run the file as a script")
    calls = calls_of(bot)
    stage = Stage(feeds, profile_of(feeds, config), funds, config)
    exchange = open_exchange(stage, margin_mode, ReplayExchange, config.get("options", {}))
    bar = Progress(max(len(feed) for feed in feeds), progress, calls.name)
    try:
        play_bot(calls, stage, exchange, feeds, bar)
    except BacktestError as problem:
        problem.result = played_result(calls.name, stage, feeds, until=stage.moment)
        raise
    finally:
        bar.done()
    return played_result(calls.name, stage, feeds)
