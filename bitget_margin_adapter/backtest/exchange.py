"""The exchange object of a replayed bot: the same class, with short ways to what bots ask for at every candle."""

from collections.abc import Mapping, Set
from typing import Any

from ccxt.base import errors

from ..exchange.sync import bitgetmargin
from ..paper.door import Door
from ..paper.host import PaperHost
from ..paper.settings import Settings

__all__ = ["ReplayDoor", "ReplayExchange"]

_REQUIRES = "createMarketBuyOrderRequiresPrice"


class ReplayExchange(bitgetmargin):
    """Every answer is the one that `bitgetmargin` on the same paper account would give."""

    def create_order(
        self, symbol: str, type: str, side: str, amount: Any, price: Any = None, params: Mapping[str, Any] = {}
    ) -> Any:
        """A market buy without a price takes the last one from the market itself, not by way of a day's ticker."""
        plain = price is None and type == "market" and side == "buy"
        if plain and params.get("cost") is None and params.get("quoteAmount") is None:
            asked = params.get(_REQUIRES, self.options.get(_REQUIRES))
            if asked is None:
                price = self._last(symbol)
        return super().create_order(symbol, type, side, amount, price, params)

    def _last(self, symbol: str) -> Any:
        host = self._paper._host
        host.catch_up()
        return host.venue.market.last(str(symbol).replace("/", "").upper())


class ReplayDoor(Door):
    """A paper account's door without the operator's words that would show the future, or change the past."""

    def __init__(
        self, option: Any, settings: Settings, host: PaperHost, account: str, id: str, pairs: Set[str]
    ) -> None:
        super().__init__(option, settings, host, account, id)
        self._pairs = pairs

    def control(self, word: str, body: Any) -> Any:
        if word != "state":
            raise errors.NotSupported(
                f"{self._id} sandbox_control {word}: in a backtest time and prices come from the candles, and money "
                "from run's funds; take the call out, or use the emulator"
            )
        return super().control(word, body)

    def public(self, path: str, params: Mapping[str, Any]) -> Any:
        """Raises BadSymbol for a pair without candles: an empty answer would only fail later, and less clearly."""
        symbol = params.get("symbol")
        if symbol is not None and symbol not in self._pairs:
            raise errors.BadSymbol(
                f"{self._id} {path}: no candles of {symbol} were given to the run, only of {', '.join(self._pairs)}"
            )
        return super().public(path, params)
