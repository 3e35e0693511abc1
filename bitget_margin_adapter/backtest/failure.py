"""What a strategy's failure says: at which candle, in which call, and the cure."""

import sysconfig
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .errors import BacktestError, moment
from .feeds import Feed

__all__ = ["failure", "last_closed", "own_line"]

_CURES = {
    "AttributeError": "Look the name up: exchange.has tells which calls there are.",
    "BadRequest": "Correct what the message names.",
    "BadSymbol": "Trade the pairs that have candles.",
    "ArgumentsRequired": "Name what the call asks for.",
    "ExchangeError": "If it is the markets that are missing, call exchange.load_markets() in on_start.",
    "IndexError": "Early candles have little history: check the length before you index.",
    "InsufficientFunds": "Order less, or borrow with params={'autoBorrow': True}.",
    "InvalidOrder": "Check amount, price and the least order value against exchange.market(symbol)['limits'].",
    "KeyError": "Ask with .get(): a coin that was never held is in no balance.",
    "NotSupported": "exchange.has tells what margin trading has.",
    "OperationRejected": "Trade the pairs that have candles, and only once their first has opened.",
    "SystemExit": "A run ends with its candles; leave without an exit code, or with 0.",
    "TypeError": "Check the arguments: a bot is called with (exchange, symbol, candle), and candle is a list.",
    "ZeroDivisionError": "Guard the division for the first candles.",
}
_TUPLE = (
    "If it is a candle that fetch_ohlcv shares: copy it before you write into it, or set config['ohlcv'] to 'fresh'."
)
_ANY = "Catch it in the strategy if it may go on, or mend the strategy."

_PACKAGE = str(Path(__file__).parents[1])
_INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def failure(
    who: str, problem: BaseException, now: int, symbol: str = "", candle: Sequence[Any] = (), cure: str = ""
) -> BacktestError:
    """`candle` is the last one that the strategy knew. Its own line is quoted, not the libraries' that it called."""
    at = f" for {symbol}, candle {moment(int(candle[0]))} {list(candle[1:])}" if len(candle) else ""
    said = str(problem).rstrip(".")
    if not cure:
        cure = _TUPLE if "'tuple' object" in said else _CURES.get(type(problem).__name__, _ANY)
    return BacktestError(
        f"{who}{at}, called at {moment(now)}{own_line(problem)}: {type(problem).__name__}: {said}. "
        f"{cure} What was done until then is in the error's .result"
    )


def last_closed(feeds: Sequence[Feed], now: int) -> tuple[str, list[Any]]:
    """The candle that closed last, of the first pair that has one; its symbol and nothing when none has."""
    import numpy as np

    for feed in feeds:
        closed = int(np.searchsorted(feed.columns.ms, now, side="right")) - 1
        # The last candle has closed when its time is over, the others when the next one opens.
        if closed == len(feed) - 1 and int(feed.columns.ms[-1]) + feed.interval <= now:
            closed += 1
        if closed > 0:
            return feed.symbol, list(feed.rows[closed - 1])
    return feeds[0].symbol, []


def own_line(problem: BaseException) -> str:
    """Where the strategy's own code was when it happened, and what it called there; empty for what has no source."""
    own = None
    for frame in traceback.extract_tb(problem.__traceback__):
        if not frame.filename.startswith((_PACKAGE, *_INSTALLED)) and not frame.filename.startswith("<frozen"):
            own = frame
    if own is None:
        return ""
    call = f" ({own.line})" if own.line else ""
    return f", {Path(own.filename).name}, line {own.lineno}{call}"
