"""The market, hour by hour: the clock moves on, the account is looked at, the bot is called, until the candles end."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from .account import Hour, Snapshot, Watcher
from .bot import HOUR, BreakoutBot

__all__ = ["Played", "play"]

# An hour in which the price runs this far, from its low to its high, is a turning point of its own.
_CRASH = Decimal("1.2")


class Played(NamedTuple):
    """Everything that happened, as unified calls told it."""

    candles: list[list[Any]]
    hours: list[Hour]
    turns: list[Snapshot]
    fills: list[dict[str, Any]]
    loans: list[dict[str, Any]]
    repayments: list[dict[str, Any]]
    interest: list[dict[str, Any]]


def play(
    exchange: Any,
    bot: BreakoutBot,
    turn: Callable[[Snapshot], None] = lambda snapshot: None,
    hour: Callable[[Hour], None] = lambda hour: None,
) -> Played:
    """Plays all candles of a paper account with a virtual clock. `turn` and `hour` hear of each as it happens.

    The bot is called at the open of the next candle, with the last closed one, and once more when there are no more.
    """
    told: list[tuple[str, str]] = []
    bot.tell = lambda event, text: told.append((event, text))
    bot.on_start(exchange)
    watcher = Watcher(exchange, bot.symbol)
    candles: list[list[Any]] = []
    hours: list[Hour] = []
    turns: list[Snapshot] = []

    def note(event: str, text: str) -> None:
        turns.append(watcher.snapshot(event, text))
        turn(turns[-1])

    def act(call: Callable[..., None], *args: Any) -> None:
        call(exchange, *args)
        for event, text in told:
            note(event, text)
        told.clear()

    while True:
        exchange.sandbox_control("clock", {"advance_ms": HOUR})
        *closed, forming = exchange.fetch_ohlcv(bot.symbol, "1h", limit=2)
        ended = forming[0] + HOUR <= exchange.milliseconds()
        candle = forming if ended else closed[-1]
        candles.append(candle)
        if candle[2] > candle[3] * _CRASH:
            note("crash", f"within an hour the price ran between {candle[3]} and {candle[2]}")
        if ended:
            act(bot.on_end)
        else:
            act(bot.on_candle, bot.symbol, candle)
        hours.append(watcher.hour())
        hour(hours[-1])
        if ended:
            break
    return Played(candles, hours, turns, watcher.fills(), watcher.loans(), watcher.repayments(), watcher.interest())
