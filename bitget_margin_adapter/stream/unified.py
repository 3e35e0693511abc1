"""What was seen, as a bot of ccxt knows it: orders, trades, balances and tickers in its structures."""

from typing import Any, NamedTuple

from ..flows.arguments import symbol_of, unified_code
from ..flows.context import Context
from ..model.rows import Asset
from ..model.words import Mode
from ..wire import unify
from ..wire.channels import CHANNELS, IndexPrice, channel_of, render_push
from .healing import AssetSeen, FillSeen, OrderSeen, Seen

__all__ = ["StreamEvent", "Unified"]

_INDEX = next(row.name for row in CHANNELS.values() if row.mode is None)


class StreamEvent(NamedTuple):
    """`kind` is order, trade, balance, ticker or status; `data` ccxt's structure of that name.

    A balance is whole, not only what changed. A ticker has the index price alone. A status says whether the venue is
    connected (`data["connected"]`) and, if not, why (`data["reason"]`).
    """

    kind: str
    channel: str | None
    symbol: str | None
    marginMode: str | None
    data: dict[str, Any]


class Unified:
    """Remembers the balances, since a change tells of one coin. Markets must be loaded."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._number = unify.number_of(context.number)
        self._assets: dict[Mode, dict[tuple[str | None, str], Asset]] = {mode: {} for mode in Mode}
        self._times: dict[Mode, int | None] = {}

    def event(self, seen: Seen) -> StreamEvent:
        if isinstance(seen, OrderSeen):
            order = self.order(seen)
            return StreamEvent("order", channel_of("orders", seen.mode).name, order["symbol"], str(seen.mode), order)
        if isinstance(seen, FillSeen):
            trade = self.trade(seen)
            return StreamEvent("trade", channel_of("orders", seen.mode).name, trade["symbol"], str(seen.mode), trade)
        if isinstance(seen, AssetSeen):
            self.remember(seen)
            channel = channel_of("account", seen.mode).name
            return StreamEvent("balance", channel, None, str(seen.mode), self.balance(seen.mode))
        ticker = self.ticker(seen.price)
        return StreamEvent("ticker", _INDEX, ticker["symbol"], None, ticker)

    def order(self, seen: OrderSeen) -> dict[str, Any]:
        return unify.order(seen.order, self._symbol(seen.order.symbol), seen.mode, self._number)

    def trade(self, seen: FillSeen) -> dict[str, Any]:
        fill = seen.fill
        code = unified_code(self._context, fill.fee_coin)
        return {**unify.trade(fill, self._symbol(fill.symbol), code, self._number), "marginMode": str(seen.mode)}

    def remember(self, seen: AssetSeen) -> None:
        self._assets[seen.mode][seen.asset.symbol, seen.asset.coin] = seen.asset
        if seen.time is not None:
            self._times[seen.mode] = seen.time

    def balance(self, mode: Mode, symbol: str | None = None) -> dict[str, Any]:
        """As `fetch_balance` has it: flat for cross and for one pair (the venue's symbol), else by pair."""
        assets = [row for (place, _), row in self._assets[mode].items() if symbol is None or place == symbol]
        codes = self._context.commonCurrencies
        if mode is Mode.CROSS or symbol is not None:
            made = unify.balance(assets, codes, self._number)
        else:
            symbols = {row.symbol: self._symbol(row.symbol) for row in assets if row.symbol is not None}
            made = unify.balances(assets, symbols, codes, self._number)
        time = self._times.get(mode)
        return {**made, "timestamp": time, "datetime": unify.iso8601(time)}

    def ticker(self, price: IndexPrice) -> dict[str, Any]:
        """The channel has the index price and nothing else."""
        return {
            **dict.fromkeys(_TICKER),
            "symbol": self._symbol(price.symbol),
            "timestamp": price.time,
            "datetime": unify.iso8601(price.time),
            "indexPrice": self._number(price.price),
            "info": price.info if price.info is not None else render_push(_INDEX, (price,), {})["data"][0],
        }

    def _symbol(self, id_: str | None) -> str:
        return symbol_of(self._context, id_) or ""


_TICKER = (
    "symbol", "timestamp", "datetime", "high", "low", "bid", "bidVolume", "ask", "askVolume", "vwap", "open", "close",
    "last", "previousClose", "change", "percentage", "average", "baseVolume", "quoteVolume", "markPrice", "indexPrice",
    "info",
)  # fmt: skip
