"""The exchange object of a replayed bot: the same class, with short ways to what bots ask for at every candle."""

from collections.abc import Mapping
from typing import Any

from ..exchange.sync import bitgetmargin

__all__ = ["ReplayExchange"]

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
