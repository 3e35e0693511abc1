"""The streaming exchange: `ccxt.pro.bitgetmargin`."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import ccxt.pro
from ccxt.base import errors

from ..flows.arguments import market_of, mode_of
from ..flows.context import Market
from ..flows.used import markets_for
from ..model.words import Mode
from ..stream.board import Board, TooSlow
from ..stream.frames import Stream, stream_of
from ..stream.healing import AssetSeen, FillSeen, OrderSeen, PriceSeen
from ..wire.channels import CHANNELS, channel_of
from . import aio
from .closed import close_inherited
from .feed import Feed

__all__ = ["bitgetmargin"]

_INDEX = next(row.name for row in CHANNELS.values() if row.mode is None)
_COMPLETE_EVERY = 1_000
"""How old the rest of a ticker may be when its index price moves, ms."""

Params = dict[str, Any]


@close_inherited
class bitgetmargin(aio.bitgetmargin, ccxt.pro.bitget):
    """The asyncio exchange with streams: ccxt's public ones, and the margin account's.

    A watching call returns what is new since its last return, in order, nothing twice; it raises NetworkError when the
    connection is lost, and called again goes on without a gap.
    """

    _feed: Feed | None = None

    def describe(self) -> Any:
        described = super().describe()
        streamed = ("Balance", "MyTrades", "Orders", "Ticker", "Tickers")
        described["has"] |= {f"{word}{name}": True for word in ("watch", "unWatch") for name in streamed}
        # ccxt's client has the heartbeat: a connection that is dead is found within three of these.
        described["streaming"] = {**(described.get("streaming") or {}), "keepAlive": 10_000, "maxPingPongMisses": 2.0}
        return described

    async def watch_orders(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = {}
    ) -> list[Any]:
        """Orders that changed; without a symbol those of all pairs that this object uses."""
        feed, mode, market = await self._watched("watch_orders", symbol, params)
        rows: list[OrderSeen] = await self._next(feed, feed.orders, "orders", mode, market, limit)
        return _from([feed.unified.order(row) for row in rows], since)

    async def watch_my_trades(
        self, symbol: str | None = None, since: int | None = None, limit: int | None = None, params: Params = {}
    ) -> list[Any]:
        """Fills, each once, in the order in which they happened; without a symbol those of all pairs in use."""
        feed, mode, market = await self._watched("watch_my_trades", symbol, params)
        rows: list[FillSeen] = await self._next(feed, feed.trades, "trades", mode, market, limit)
        return _from([feed.unified.trade(row) for row in rows], since)

    async def watch_balance(self, params: Params = {}) -> Any:
        """The whole balance, whenever something of it changed; as `fetch_balance` has it."""
        feed, mode, market = await self._watched("watch_balance", params.get("symbol"), params)
        streams = [(channel_of("account", mode).name, None)]
        # The cross account is one for all pairs.
        id_ = None if market is None or mode is Mode.CROSS else str(market["id"])

        def wants(row: AssetSeen) -> bool:
            return row.mode is mode and id_ in (None, row.asset.symbol)

        await self._rows(feed, feed.balances, ("balance", mode, id_), streams, wants, latest=True)
        return feed.unified.balance(mode, id_)

    async def watch_ticker(self, symbol: str, params: Params = {}) -> Any:
        """The ticker, whenever the pair's index price changed."""
        return (await self.watch_tickers([symbol], params))[market_of(self, "watch_ticker", symbol)["symbol"]]

    async def watch_tickers(self, symbols: list[str] | None = None, params: Params = {}) -> Any:
        """The tickers of the pairs whose index price changed, by symbol."""
        feed = await self._ready()
        ids = None
        if symbols is not None:
            ids = frozenset(str(market_of(self, "watch_tickers", symbol)["id"]) for symbol in symbols)

        def wants(row: PriceSeen) -> bool:
            return ids is None or row.price.symbol in ids

        rows = await self._rows(feed, feed.prices, ("tickers", ids), [(_INDEX, None)], wants, latest=True)
        tickers = {ticker["symbol"]: ticker for ticker in (feed.unified.ticker(row.price) for row in rows)}
        return await self._completed(tickers)

    async def un_watch_orders(self, symbol: str | None = None, params: Params = {}) -> Any:
        """Those who wait for it get an UnsubscribeError."""
        return await self._leave("un_watch_orders", "orders", symbol, params)

    async def un_watch_my_trades(self, symbol: str | None = None, params: Params = {}) -> Any:
        """Those who wait for it get an UnsubscribeError."""
        return await self._leave("un_watch_my_trades", "trades", symbol, params)

    async def un_watch_balance(self, params: Params = {}) -> Any:
        """Of the margin mode; those who wait for it get an UnsubscribeError."""
        feed, mode, _ = await self._watched("un_watch_balance", None, params)
        feed.balances.forget_all(lambda reader: reader[:2] == ("balance", mode))
        feed.leave([(channel_of("account", mode).name, None)], "balance")
        return True

    async def un_watch_ticker(self, symbol: str, params: Params = {}) -> Any:
        """Those who wait for it get an UnsubscribeError."""
        return await self.un_watch_tickers([symbol], params)

    async def un_watch_tickers(self, symbols: list[str] | None = None, params: Params = {}) -> Any:
        """Without symbols: all that are watched."""
        feed = await self._ready()
        wanted = None
        if symbols is not None:
            wanted = frozenset(str(market_of(self, "un_watch_tickers", symbol)["id"]) for symbol in symbols)
        if not feed.prices.forget_all(lambda reader: wanted is None or reader[1] == wanted):
            feed.leave([(_INDEX, None)], "tickers")
        return True

    async def close(self, *args: Any, **named: Any) -> Any:
        feed, self._feed = self._feed, None
        if feed is not None:
            await feed.close()
        return await super().close(*args, **named)

    # ccxt's client reports here

    def handle_message(self, client: Any, message: Any) -> Any:
        if self._feed is not None and self._feed.is_mine(client) and not _is_public(message):
            self._feed.received(client, message)
            return self.handle_pong(client, message) if message == "pong" else None
        if message == "pong":
            return self.handle_pong(client, message)
        return super().handle_message(client, message)

    def on_error(self, client: Any, error: Any) -> Any:
        self._lost(client, error)
        return super().on_error(client, error)

    def on_close(self, client: Any, error: Any) -> Any:
        text = f"{self.id} streams: closed by the venue with code {error}"
        self._lost(client, errors.NetworkError(text))
        return super().on_close(client, error)

    # inside

    def _lost(self, client: Any, problem: Any) -> None:
        if self._feed is not None and self._feed.is_mine(client):
            if not isinstance(problem, errors.BaseError):
                problem = errors.NetworkError(f"{self.id} streams: {problem}")
            self._feed.lost(client, problem)

    async def _ready(self) -> Feed:
        if not self.markets:
            await self.load_markets()
        self.open()
        if self._feed is None or self._feed.loop is not asyncio.get_running_loop():
            self._feed = Feed(self)
        return self._feed

    async def _watched(self, call: str, symbol: str | None, params: Params) -> tuple[Feed, Mode, Market | None]:
        mode = mode_of(self, call, params)
        feed = await self._ready()
        return feed, mode, None if symbol is None else market_of(self, call, symbol)

    async def _next(
        self, feed: Feed, board: Board[Any], use: str, mode: Mode, market: Market | None, limit: int | None
    ) -> list[Any]:
        """News of orders or fills: of one pair, or of every pair that is used."""
        channel = channel_of("orders", mode).name
        id_ = None if market is None else str(market["id"])

        def wants(row: Any) -> bool:
            return row.mode is mode and id_ in (None, (row.order if use == "orders" else row.fill).symbol)

        if market is None:
            # Raises when there is none, before anything else is done.
            markets_for(self, f"watch_{use}", None)
        streams = None if id_ is None else [(channel, id_)]
        return await self._rows(feed, board, (use, mode, id_), streams, wants, channel=channel, limit=limit)

    async def _rows(
        self,
        feed: Feed,
        board: Board[Any],
        reader: tuple[Any, ...],
        streams: Sequence[Stream] | None,
        wants: Callable[[Any], bool],
        *,
        channel: str = "",
        limit: int | None = None,
        latest: bool = False,
    ) -> list[Any]:
        """What is new for the reader, as soon as there is something; no streams: those of the channel in use.

        `latest`: a new reader gets what is known already, and may miss all but the last.
        """

        def still() -> bool:
            return board.knows(reader)

        mark = board.start if latest and not board.knows(reader) else board.mark(reader)
        board.mark(reader)
        while True:
            try:
                rows = board.read(reader, mark, wants, limit)
            except TooSlow as problem:
                mark = board.start
                if latest:
                    continue
                raise errors.ExchangeError(
                    f"{self.id} watch: {problem}, since this was not called often enough; read them by fetch_*"
                ) from None
            if rows:
                # Gives way: a bot that always finds something must not be alone on the loop.
                await asyncio.sleep(0)
                return rows
            mark = board.mark(reader)
            if streams is None:
                stands = await feed.watch_everything(channel, reader[0], still)
            else:
                stands = await feed.watch(streams, reader[0], still)
            if stands and board.knows(reader) and not board.has_after(mark):
                await feed.news(streams or feed.used(channel))
            if not board.knows(reader):
                raise errors.UnsubscribeError(f"{self.id}: {reader[0]} were unsubscribed")

    async def _leave(self, call: str, use: str, symbol: str | None, params: Params) -> bool:
        feed, mode, market = await self._watched(call, symbol, params)
        channel = channel_of("orders", mode).name
        id_ = None if market is None else str(market["id"])
        board: Board[Any] = feed.orders if use == "orders" else feed.trades
        board.forget_all(lambda reader: reader[1] is mode and id_ in (None, reader[2]))
        if id_ is None:
            feed.leave_everything(channel, use)
        else:
            feed.leave([(channel, id_)], use)
        return True

    async def _completed(self, tickers: dict[str, Any]) -> dict[str, Any]:
        """The channel has the index price alone; the rest is read, unless it was a moment ago."""
        now = self.milliseconds()
        kept: dict[str, Any] = self.options.setdefault("tickersRead", {})
        for symbol, ticker in tickers.items():
            read, rest = kept.get(symbol, (None, {}))
            if read is None or not 0 <= now - read < _COMPLETE_EVERY:
                try:
                    rest = await self.fetch_ticker(symbol)
                except errors.BaseError:
                    rest = {}
                kept[symbol] = now, rest
            known = {key: value for key, value in ticker.items() if value is not None}
            self.tickers[symbol] = tickers[symbol] = {**ticker, **rest, **known}
        return tickers


def _is_public(message: Any) -> bool:
    """Of one of ccxt's own channels, which may share the connection."""
    argument = message.get("arg") if isinstance(message, dict) else None
    return isinstance(argument, dict) and stream_of(argument) is None


def _from(structures: list[Any], since: int | None) -> list[Any]:
    return [row for row in structures if since is None or (row["timestamp"] or 0) >= since]
