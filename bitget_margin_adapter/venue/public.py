"""The public market data beside the margin API, in the shape of the venue's v2 spot API, which ccxt's own calls read.

Served from what the engine's market shows now, so nothing here can look ahead. Depth and single trades are not in
candles: without a book that was set by hand the best prices stand a step around the last price with the pair's largest
order behind them, and each closed candle is one trade at its close.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

from ..model.decimals import ZERO, exact, plain, whole
from ..model.refusals import Reason, Refusal
from ..model.rows import Pair
from ..wire.render import SUCCESS
from ..wire.v2 import answer_to_v2

__all__ = ["MarketView", "public_answer"]

Candle = Sequence[Any]

_DAY = 86_400_000
_MINUTE = 60_000
# Weeks begin on Monday; 1970 began on a Thursday.
_MONDAY = 4 * _DAY
_UNITS = {"min": _MINUTE, "h": 60 * _MINUTE, "H": 60 * _MINUTE, "D": _DAY, "W": 7 * _DAY}


class Bar(NamedTuple):
    """A candle of the wanted length, exact."""

    ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    turnover: Decimal


class MarketView(Protocol):
    """What is read of the engine's market."""

    @property
    def bars(self) -> Mapping[str, Any]: ...

    def last(self, symbol: str) -> Decimal | None: ...
    def book(self, symbol: str, depth: int | None = None) -> Any: ...
    def candles(self, symbol: str) -> Sequence[Candle]: ...


def public_answer(path: str, params: Mapping[str, Any], market: MarketView, pairs: Iterable[Pair], now: int) -> Any:
    """The body for a path such as v2/spot/market/tickers.

    Raises Refusal for unknown paths, symbols and parameters.
    """
    serve = _PATHS.get(path)
    if serve is None:
        raise Refusal(Reason.NO_SUCH_PATH, path)
    known = {pair.symbol: pair for pair in pairs}
    data = serve(params, market, known, now)
    return {"code": SUCCESS, "msg": "success", "requestTime": now, "data": data}


def _time(params: Mapping[str, Any], market: MarketView, pairs: Mapping[str, Pair], now: int) -> Any:
    return answer_to_v2("time", now, now)["data"]


def _tickers(params: Mapping[str, Any], market: MarketView, pairs: Mapping[str, Pair], now: int) -> Any:
    if params.get("symbol"):
        pair = _pair(params, pairs)
        return [_ticker(pair, market, now)]
    return [_ticker(pair, market, now) for pair in pairs.values() if market.last(pair.symbol) is not None]


def _ticker(pair: Pair, market: MarketView, now: int) -> dict[str, Any]:
    last = market.last(pair.symbol)
    if last is None:
        raise Refusal(Reason.NO_PRICE, pair.symbol)
    bars = _bars(market, pair.symbol, now - _DAY, now, None)
    first = bars[0].open if bars else last
    (bid, bid_size), (ask, ask_size) = _best(pair, market, last)
    today = next((bar.open for bar in bars if bar.ms >= now - now % _DAY), last)
    return {
        "symbol": pair.symbol,
        "open": plain(first),
        "high24h": plain(max((bar.high for bar in bars), default=last)),
        "low24h": plain(min((bar.low for bar in bars), default=last)),
        "lastPr": plain(last),
        "baseVolume": plain(sum((bar.volume for bar in bars), ZERO)),
        "quoteVolume": plain(sum((bar.turnover for bar in bars), ZERO)),
        "usdtVolume": plain(sum((bar.turnover for bar in bars), ZERO)),
        "ts": str(now),
        "bidPr": plain(bid),
        "bidSz": plain(bid_size),
        "askPr": plain(ask),
        "askSz": plain(ask_size),
        "openUtc": plain(today),
        "changeUtc24h": _change(today, last),
        "change24h": _change(first, last),
    }


def _orderbook(params: Mapping[str, Any], market: MarketView, pairs: Mapping[str, Pair], now: int) -> Any:
    pair = _pair(params, pairs)
    last = market.last(pair.symbol)
    if last is None:
        raise Refusal(Reason.NO_PRICE, pair.symbol)
    book = market.book(pair.symbol, _whole("limit", params.get("limit") or 150))
    bids = [level for level in book.bids if level[1] > ZERO]
    asks = [level for level in book.asks if level[1] > ZERO]
    if not bids and not asks:
        bid, ask = _best(pair, market, last)
        bids, asks = [bid], [ask]
    return {"bids": [_level(level) for level in bids], "asks": [_level(level) for level in asks], "ts": str(now)}


def _candles(params: Mapping[str, Any], market: MarketView, pairs: Mapping[str, Pair], now: int) -> Any:
    pair = _pair(params, pairs)
    length = str(params.get("granularity") or "")
    if not length:
        raise Refusal(Reason.MISSING_PARAMETER, "granularity")
    start, end = _whole("startTime", params.get("startTime") or 0), _whole("endTime", params.get("endTime") or now)
    bucket = _bucket(length)
    closed = market.candles(pair.symbol)
    if len(closed) > 1 and bucket(closed[0][0] + _interval(market, pair.symbol) - 1) > closed[0][0]:
        raise Refusal(Reason.BAD_PARAMETER, f"granularity {length}: the venue's candles are longer")
    most = _whole("limit", params.get("limit") or 100)
    if not params.get("startTime"):
        # The latest ones are wanted: no need to walk through all of history to find them.
        last = bucket(min(end, now))
        start = max(start, last - (most + 1) * max(last - bucket(last - 1), _MINUTE))
    bars = _bars(market, pair.symbol, start, min(end, now), bucket)
    # Who says where to begin walks forward from there; who does not wants the latest.
    bars = bars[:most] if params.get("startTime") else bars[-most:]
    return [[str(bar.ms), *(plain(value) for value in (*bar[1:], bar.turnover))] for bar in bars]


def _fills(params: Mapping[str, Any], market: MarketView, pairs: Mapping[str, Pair], now: int) -> Any:
    pair = _pair(params, pairs)
    start, end = _whole("startTime", params.get("startTime") or 0), _whole("endTime", params.get("endTime") or now)
    most = _whole("limit", params.get("limit") or 100)
    closed = market.candles(pair.symbol)
    interval = _interval(market, pair.symbol)
    end = min(end, now)
    trades = [
        {
            "symbol": pair.symbol,
            "tradeId": str(row[0] + interval),
            "side": "buy" if row[4] >= row[1] else "sell",
            "price": plain(exact(row[4])),
            "size": plain(exact(row[5])),
            "ts": str(row[0] + interval),
        }
        for row in closed[_first(closed, start - interval) : _first(closed, end + 1)]
        if start <= row[0] + interval <= end and row[5]
    ]
    return (trades[:most] if params.get("startTime") else trades[-most:])[::-1]


def _symbols(params: Mapping[str, Any], market: MarketView, pairs: Mapping[str, Pair], now: int) -> Any:
    return [
        {
            "symbol": pair.symbol,
            "baseCoin": pair.base_coin,
            "quoteCoin": pair.quote_coin,
            "minTradeAmount": plain(pair.min_trade_amount),
            "maxTradeAmount": plain(pair.max_trade_amount),
            "takerFeeRate": plain(pair.taker_fee_rate),
            "makerFeeRate": plain(pair.maker_fee_rate),
            "pricePrecision": str(pair.price_scale),
            "quantityPrecision": str(pair.quantity_scale),
            "quotePrecision": str(pair.price_scale),
            "minTradeUSDT": plain(pair.min_trade_usdt),
            "status": "online" if pair.status == "1" else "halt",
        }
        for pair in pairs.values()
    ]


def _coins(params: Mapping[str, Any], market: MarketView, pairs: Mapping[str, Pair], now: int) -> Any:
    coins = {coin: None for pair in pairs.values() for coin in (pair.base_coin, pair.quote_coin)}
    return [
        {"coinId": str(number), "coin": coin, "transfer": "true", "chains": []} for number, coin in enumerate(coins, 1)
    ]


def _margin_currencies(params: Mapping[str, Any], market: MarketView, pairs: Mapping[str, Pair], now: int) -> Any:
    return answer_to_v2("currencies", tuple(pairs.values()), now)["data"]


def _nothing(params: Mapping[str, Any], market: MarketView, pairs: Mapping[str, Pair], now: int) -> Any:
    return []


_PATHS: Mapping[str, Callable[[Mapping[str, Any], MarketView, Mapping[str, Pair], int], Any]] = {
    "v2/public/time": _time,
    "v2/spot/market/tickers": _tickers,
    "v2/spot/market/orderbook": _orderbook,
    "v2/spot/market/candles": _candles,
    "v2/spot/market/history-candles": _candles,
    "v2/spot/market/fills": _fills,
    "v2/spot/market/fills-history": _fills,
    "v2/spot/public/symbols": _symbols,
    "v2/spot/public/coins": _coins,
    "v2/margin/currencies": _margin_currencies,
    "v2/mix/market/contracts": _nothing,
}


def _pair(params: Mapping[str, Any], pairs: Mapping[str, Pair]) -> Pair:
    symbol = params.get("symbol")
    if not symbol:
        raise Refusal(Reason.MISSING_PARAMETER, "symbol")
    pair = pairs.get(str(symbol))
    if pair is None:
        raise Refusal(Reason.UNKNOWN_PAIR, symbol)
    return pair


def _best(pair: Pair, market: MarketView, last: Decimal) -> tuple[tuple[Decimal, Decimal], tuple[Decimal, Decimal]]:
    """Best bid and ask: of the book, or a step around the last price for as much as one order may be."""
    book = market.book(pair.symbol, 1)
    step = Decimal(1).scaleb(-pair.price_scale)
    bid = next((level for level in book.bids if level[1] > ZERO), (max(last - step, step), pair.max_trade_amount))
    ask = next((level for level in book.asks if level[1] > ZERO), (last + step, pair.max_trade_amount))
    return bid, ask


def _level(level: tuple[Decimal, Decimal]) -> list[str]:
    return [plain(level[0]), plain(level[1])]


def _change(before: Decimal, after: Decimal) -> str:
    return plain(round(after / before - 1, 5)) if before else "0"


def _bars(market: MarketView, symbol: str, start: int, end: int, bucket: Callable[[int], int] | None) -> list[Bar]:
    """The candles that open within [start, end], put together to the wanted length; the last one is still forming."""
    rows: list[Candle] = []
    closed = market.candles(symbol)
    first = start if bucket is None else min(start, bucket(start))
    rows += closed[_first(closed, first) : _first(closed, end + 1)]
    forming, last = market.bars.get(symbol), market.last(symbol)
    if forming is not None and last is not None and first <= forming.ms <= end:
        rows.append((forming.ms, last, last, last, last, ZERO))
    bars: dict[int, Bar] = {}
    for row in rows:
        ms = row[0] if bucket is None else bucket(row[0])
        if ms < start:
            continue
        opened, high, low, close, volume = (exact(value) for value in row[1:6])
        known = bars.get(ms)
        bars[ms] = (
            Bar(ms, opened, high, low, close, volume, volume * close)
            if known is None
            else Bar(
                ms, known.open, max(known.high, high), min(known.low, low), close,
                known.volume + volume, known.turnover + volume * close,
            )
        )  # fmt: skip
    return list(bars.values())


def _first(closed: Sequence[Candle], start: int) -> int:
    """Where the candles from `start` on begin; found by halving, the list is in order."""
    low, high = 0, len(closed)
    while low < high:
        middle = (low + high) // 2
        if closed[middle][0] < start:
            low = middle + 1
        else:
            high = middle
    return low


def _interval(market: MarketView, symbol: str) -> int:
    """How long a candle lasts: the least distance of some, the one that is forming included.

    Where these have holes between them, candles seem longer than they are.
    """
    opened = [int(row[0]) for row in market.candles(symbol)[:10]]
    if symbol in market.bars:
        opened.append(market.bars[symbol].ms)
    return min((late - early for early, late in pairwise(opened)), default=_MINUTE)


def _bucket(length: str) -> Callable[[int], int]:
    """What begins the candle of a time: 1min, 4h, 6Hutc, 1Dutc, 1Wutc, 1Mutc."""
    text = length.removesuffix("utc")
    digits = len(text) - len(text.lstrip("0123456789"))
    unit = text[digits:]
    count = whole(text[:digits])
    if not count or (unit not in _UNITS and unit != "M"):
        raise Refusal(Reason.BAD_PARAMETER, f"granularity {length}")
    if unit == "M":
        return _month
    span = count * _UNITS[unit]
    offset = _MONDAY if unit == "W" else 0
    return lambda ms: ms - (ms - offset) % span


def _month(ms: int) -> int:
    day = datetime.fromtimestamp(ms / 1000, UTC)
    return int(datetime(day.year, day.month, 1, tzinfo=UTC).timestamp() * 1000)


def _whole(name: str, value: Any) -> int:
    """Callers in this process give numbers, those on the wire their texts."""
    number = whole(str(value))
    if number is None:
        raise Refusal(Reason.BAD_PARAMETER, name)
    return number
