"""The exchange objects of replayed bots: the same classes, with short ways to what bots ask for at every candle."""

from collections.abc import Callable, Mapping, Set
from functools import wraps
from typing import Any

from ccxt.base import errors

from ..exchange import aio, sync
from ..paper.door import Door
from ..paper.settings import Settings
from .counter import Counter
from .stage import ACCOUNT, Stage

__all__ = ["ReplayDoor", "ReplayExchange", "Staged", "WaitingReplayExchange"]

Method = Callable[..., Any]


def _served(usual: Method, ask: Method) -> Method:
    """The usual method, when the counter has no answer."""

    @wraps(usual)
    def method(self: Any, *args: Any, **named: Any) -> Any:
        counter = self._counter
        found = None if counter is None else ask(counter, *args, **named)
        return usual(self, *args, **named) if found is None else found

    return method


def _served_later(usual: Method, ask: Method) -> Method:
    @wraps(usual)
    async def method(self: Any, *args: Any, **named: Any) -> Any:
        counter = self._counter
        found = None if counter is None else ask(counter, *args, **named)
        return await usual(self, *args, **named) if found is None else found

    return method


class Staged:
    """A replay has no other side to switch to: what looks like Bitget stays on the stage."""

    isSandboxModeEnabled: bool
    _counter: Counter | None = None

    def set_sandbox_mode(self, enabled: bool) -> None:
        self.isSandboxModeEnabled = enabled


class ReplayExchange(Staged, sync.bitgetmargin):
    """Every answer is the one that `bitgetmargin` on the same paper account would give."""

    milliseconds = _served(sync.bitgetmargin.milliseconds, Counter.milliseconds)
    fetch_ohlcv = _served(sync.bitgetmargin.fetch_ohlcv, Counter.fetch_ohlcv)
    fetch_balance = _served(sync.bitgetmargin.fetch_balance, Counter.fetch_balance)
    fetch_open_orders = _served(sync.bitgetmargin.fetch_open_orders, Counter.fetch_open_orders)
    create_order = _served(sync.bitgetmargin.create_order, Counter.create_order)


class WaitingReplayExchange(Staged, aio.bitgetmargin):
    """The same for `await`."""

    milliseconds = _served(aio.bitgetmargin.milliseconds, Counter.milliseconds)
    fetch_ohlcv = _served_later(aio.bitgetmargin.fetch_ohlcv, Counter.fetch_ohlcv)
    fetch_balance = _served_later(aio.bitgetmargin.fetch_balance, Counter.fetch_balance)
    fetch_open_orders = _served_later(aio.bitgetmargin.fetch_open_orders, Counter.fetch_open_orders)
    create_order = _served_later(aio.bitgetmargin.create_order, Counter.create_order)


class ReplayDoor(Door):
    """A paper account's door without the operator's words that would show the future, or change the past."""

    def __init__(self, option: Any, settings: Settings, stage: Stage, id: str) -> None:
        super().__init__(option, settings, stage, ACCOUNT, id)
        self._stage = stage
        self._pairs: Set[str] = dict.fromkeys(stage.replay.symbols).keys()

    def control(self, word: str, body: Any) -> Any:
        if word != "state":
            raise errors.NotSupported(
                f"{self._id} sandbox_control {word}: in a backtest time and prices come from the candles, and money "
                "from run's funds; take the call out, or use the emulator"
            )
        self._stage.catch_up()
        return super().control(word, body)

    def public(self, path: str, params: Mapping[str, Any]) -> Any:
        """Raises BadSymbol for a pair without candles: an empty answer would only fail later, and less clearly."""
        self._check(path, params.get("symbol"))
        return super().public(path, params)

    def last_price(self, symbol: str) -> Any:
        self._check("last price", symbol)
        return super().last_price(symbol)

    def _check(self, call: str, symbol: str | None) -> None:
        if symbol is not None and symbol not in self._pairs:
            raise errors.BadSymbol(
                f"{self._id} {call}: no candles of {symbol} were given to the run, only of {', '.join(self._pairs)}"
            )
