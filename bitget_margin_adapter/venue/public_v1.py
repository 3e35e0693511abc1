"""The public market data under its v1 addresses and names, for clients of that time: the v2 answers, translated.

Futures have no pairs here: their lists are empty.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..model.refusals import Reason, Refusal
from ..model.symbols import SPOT_SUFFIX

__all__ = ["is_v1", "public_v1_answer"]

_ROOTS: Final = ("spot/v1/", "mix/v1/")

Ask = Callable[[str, Mapping[str, Any]], dict[str, Any]]
"""The body that v2 answers for a path and parameters."""

_TICKER: Final = {
    "symbol": "symbol", "high24h": "high24h", "low24h": "low24h", "close": "lastPr", "quoteVol": "quoteVolume",
    "baseVol": "baseVolume", "usdtVol": "usdtVolume", "ts": "ts", "buyOne": "bidPr", "sellOne": "askPr",
    "bidSz": "bidSz", "askSz": "askSz", "openUtc0": "openUtc", "changeUtc": "changeUtc24h", "change": "change24h",
}  # fmt: skip
_PRODUCT: Final = {
    "symbolName": "symbol", "baseCoin": "baseCoin", "quoteCoin": "quoteCoin", "minTradeAmount": "minTradeAmount",
    "maxTradeAmount": "maxTradeAmount", "takerFeeRate": "takerFeeRate", "makerFeeRate": "makerFeeRate",
    "priceScale": "pricePrecision", "quantityScale": "quantityPrecision", "quotePrecision": "quotePrecision",
    "status": "status", "minTradeUSDT": "minTradeUSDT",
}  # fmt: skip
_CANDLE: Final = ("ts", "open", "high", "low", "close", "baseVol", "usdtVol", "quoteVol")
_LENGTHS: Final = {"day": "D", "week": "W"}


def is_v1(path: str) -> bool:
    return path.startswith(_ROOTS)


def public_v1_answer(path: str, params: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    """The whole body. Raises Refusal."""
    serve = _PATHS.get(path)
    if serve is None:
        raise Refusal(Reason.NO_SUCH_PATH, path)
    plain = {**params, "symbol": str(params["symbol"]).removesuffix(SPOT_SUFFIX)} if params.get("symbol") else params
    return serve(plain, ask)


def _products(params: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    body = ask("v2/spot/public/symbols", {})
    rows = [_renamed(row, _PRODUCT) | {"symbol": row["symbol"] + SPOT_SUFFIX} for row in body["data"]]
    return {**body, "data": rows}


def _product(params: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    body = _products({}, ask)
    wanted = params.get("symbol")
    found = next((row for row in body["data"] if row["symbolName"] == wanted), None)
    if found is None:
        raise Refusal(Reason.UNKNOWN_PAIR if wanted else Reason.MISSING_PARAMETER, wanted or "symbol")
    return {**body, "data": found}


def _currencies(params: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    body = ask("v2/spot/public/coins", {})
    rows = [
        {"coinId": row["coinId"], "coinName": row["coin"], "transfer": row["transfer"], "chains": []}
        for row in body["data"]
    ]
    return {**body, "data": rows}


def _ticker(params: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    if not params.get("symbol"):
        raise Refusal(Reason.MISSING_PARAMETER, "symbol")
    body = ask("v2/spot/market/tickers", params)
    return {**body, "data": _renamed(body["data"][0], _TICKER)}


def _tickers(params: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    body = ask("v2/spot/market/tickers", {})
    return {**body, "data": [_renamed(row, _TICKER) for row in body["data"]]}


def _depth(params: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    body = ask("v2/spot/market/orderbook", params)
    data = body["data"]
    return {**body, "data": {"asks": data["asks"], "bids": data["bids"], "timestamp": data["ts"]}}


def _candles(params: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    length = str(params.get("period") or "")
    for old, new in _LENGTHS.items():
        length = length.replace(old, new)
    asked = {"symbol": params.get("symbol"), "granularity": length, "limit": params.get("limit")}
    asked |= {"startTime": params.get("after"), "endTime": params.get("before") or params.get("endTime")}
    body = ask("v2/spot/market/candles", asked)
    return {**body, "data": [dict(zip(_CANDLE, (*row[:6], row[6], row[6]), strict=True)) for row in body["data"]]}


def _fills(params: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    body = ask("v2/spot/market/fills", params)
    rows = [
        {
            "symbol": row["symbol"] + SPOT_SUFFIX,
            "tradeId": row["tradeId"],
            "side": row["side"],
            "fillPrice": row["price"],
            "fillQuantity": row["size"],
            "fillTime": row["ts"],
        }
        for row in body["data"]
    ]
    return {**body, "data": rows}


def _none(params: Mapping[str, Any], ask: Ask) -> dict[str, Any]:
    return {**ask("v2/public/time", {}), "data": []}


def _renamed(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {new: row[old] for new, old in names.items()}


_PATHS: Final[Mapping[str, Callable[[Mapping[str, Any], Ask], dict[str, Any]]]] = {
    "spot/v1/public/products": _products,
    "spot/v1/public/product": _product,
    "spot/v1/public/currencies": _currencies,
    "spot/v1/market/ticker": _ticker,
    "spot/v1/market/tickers": _tickers,
    "spot/v1/market/depth": _depth,
    "spot/v1/market/candles": _candles,
    "spot/v1/market/history-candles": _candles,
    "spot/v1/market/fills": _fills,
    "spot/v1/market/fills-history": _fills,
    "mix/v1/market/contracts": _none,
    "mix/v1/market/tickers": _none,
}
