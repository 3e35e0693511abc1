"""The exchange objects of replayed bots: the same classes, with short ways to what bots ask for at every candle."""

from collections.abc import Mapping, Set
from typing import Any

from ccxt.base import errors

from ..exchange import aio, sync
from ..paper.door import Door
from ..paper.settings import Settings
from .counter import Counter
from .stage import ACCOUNT, Stage

__all__ = ["ReplayDoor", "ReplayExchange", "Staged", "WaitingReplayExchange"]

Params = Mapping[str, Any]


class Staged:
    """A replay has no other side to switch to: what looks like Bitget stays on the stage."""

    isSandboxModeEnabled: bool
    _counter: Counter | None = None

    def set_sandbox_mode(self, enabled: bool) -> None:
        self.isSandboxModeEnabled = enabled


class ReplayExchange(Staged, sync.bitgetmargin):
    """Every answer is the one that `bitgetmargin` on the same paper account would give.

    The counter is asked first, and the usual method when that has no answer. Spelled out, since these calls are made
    millions of times, and a wrapper that packs and unpacks arguments costs as much as an answer.
    """

    def milliseconds(self) -> int:
        counter = self._counter
        return super().milliseconds() if counter is None else counter.milliseconds()

    def fetch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: Any = None, limit: Any = None, params: Params = {}
    ) -> Any:
        counter = self._counter
        found = None if counter is None else counter.fetch_ohlcv(symbol, timeframe, since, limit, params)
        return super().fetch_ohlcv(symbol, timeframe, since, limit, params) if found is None else found

    def fetch_balance(self, params: Params = {}) -> Any:
        counter = self._counter
        found = None if counter is None else counter.fetch_balance(params)
        return super().fetch_balance(params) if found is None else found

    def fetch_open_orders(self, symbol: Any = None, since: Any = None, limit: Any = None, params: Params = {}) -> Any:
        counter = self._counter
        found = None if counter is None else counter.fetch_open_orders(symbol, since, limit, params)
        return super().fetch_open_orders(symbol, since, limit, params) if found is None else found

    def create_order(
        self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Params = {}
    ) -> Any:
        counter = self._counter
        found = None if counter is None else counter.create_order(symbol, type, side, amount, price, params)
        return super().create_order(symbol, type, side, amount, price, params) if found is None else found


class WaitingReplayExchange(Staged, aio.bitgetmargin):
    """The same for `await`."""

    def milliseconds(self) -> int:
        counter = self._counter
        return super().milliseconds() if counter is None else counter.milliseconds()

    async def fetch_ohlcv(
        self, symbol: str, timeframe: str = "1m", since: Any = None, limit: Any = None, params: Params = {}
    ) -> Any:
        counter = self._counter
        found = None if counter is None else counter.fetch_ohlcv(symbol, timeframe, since, limit, params)
        return await super().fetch_ohlcv(symbol, timeframe, since, limit, params) if found is None else found

    async def fetch_balance(self, params: Params = {}) -> Any:
        counter = self._counter
        found = None if counter is None else counter.fetch_balance(params)
        return await super().fetch_balance(params) if found is None else found

    async def fetch_open_orders(
        self, symbol: Any = None, since: Any = None, limit: Any = None, params: Params = {}
    ) -> Any:
        counter = self._counter
        found = None if counter is None else counter.fetch_open_orders(symbol, since, limit, params)
        return await super().fetch_open_orders(symbol, since, limit, params) if found is None else found

    async def create_order(
        self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Params = {}
    ) -> Any:
        counter = self._counter
        found = None if counter is None else counter.create_order(symbol, type, side, amount, price, params)
        return await super().create_order(symbol, type, side, amount, price, params) if found is None else found


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
