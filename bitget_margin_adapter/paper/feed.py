"""Real prices for a paper account: public market data, without a key, polled when somebody trades.

At most once a second the last prices of the pairs in use are asked for; what was missed meanwhile is played from the
venue's minute candles, so that resting orders fill and loans are liquidated where they would have been.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ..flows.effects import Flow, Inherit
from ..model.symbols import market_id
from .host import PaperHost

__all__ = ["Feed"]

_PAUSE = 1_000
_MINUTE = 60_000
_DOLLAR = "USDT"
_MOST_CANDLES = 1_000
"""As many as one call brings; longer absences are played in several."""


class Feed:
    """Which pairs are in use: those that calls name, and those that give the held and owed coins their price."""

    def __init__(self, host: PaperHost) -> None:
        self._host = host
        self._polled = -_PAUSE
        self._seen: dict[str, int] = {}
        """When each pair's price was last shown; 0 before the first time."""
        for account in host.venue.state(host.now())["accounts"].values():
            for coins in account.values():
                self._use(coin + _DOLLAR for coin in coins)

    def refresh(self, params: Mapping[str, Any]) -> Flow[None]:
        """Before a call with these parameters."""
        symbol, coin = params.get("symbol"), params.get("coin")
        fresh = self._use([*([str(symbol)] if symbol else []), *([f"{coin}{_DOLLAR}"] if coin else [])])
        now = self._host.now()
        if not self._seen or (now - self._polled < _PAUSE and not fresh):
            return
        self._polled = now
        pairs = self._host.venue.profile.pairs
        names = {f"{pairs[id_].base}/{pairs[id_].quote}": id_ for id_ in self._seen}
        tickers = yield Inherit("fetch_tickers", (list(names),))
        for name, id_ in names.items():
            if self._seen[id_] and now - self._seen[id_] >= _MINUTE:
                yield from self._catch_up(name, id_, now)
        prices = {names[name]: str(row["last"]) for name, row in tickers.items() if name in names and row.get("last")}
        with self._host.lock:
            self._host.venue.set_prices(prices, self._host.now())
        for id_ in prices:
            self._seen[id_] = now

    def _catch_up(self, name: str, id_: str, now: int) -> Flow[None]:
        since = self._seen[id_] - self._seen[id_] % _MINUTE + _MINUTE
        while since + _MINUTE <= now:
            rows = yield Inherit("fetch_ohlcv", (name, "1m", since, _MOST_CANDLES))
            closed = [row for row in rows if since <= row[0] and row[0] + _MINUTE <= now]
            if not closed:
                return
            with self._host.lock:
                for row in closed:
                    self._host.venue.play_candle(id_, tuple(row), row[0] + _MINUTE)
            since = closed[-1][0] + _MINUTE

    def _use(self, symbols: Iterable[str]) -> bool:
        """Whether one of them is new."""
        known = self._host.venue.profile.pairs
        fresh = [id_ for id_ in map(market_id, symbols) if id_ in known and id_ not in self._seen]
        self._seen.update(dict.fromkeys(fresh, 0))
        return bool(fresh)
