"""How fast the adapter is beside ccxt's own class: an order over a stubbed transport, and the load of 700 markets.

    python benchmarks/adapter_speed.py [--rounds 25] [--json FILE]

Both run in one process, in turns, over answers of the same size that are decoded anew each time; the figures are
medians of the rounds. The limiter is on, and its waits take no time. ccxt's order comes back with its ids only, ours
complete. The result names date, machine, command and commit.
"""

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import ccxt
from record import keep

import bitget_margin_adapter as bma

KEYS = {"apiKey": "bg_0123456789abcdef", "secret": "0123456789abcdef0123456789abcdef", "password": "passphrase"}
PAIRS = 700
ORDERS = 200
"""Orders in a round."""

LIMITS = {
    # Share of ccxt's time that is allowed.
    "create_order": 1 / 3,
    "load_markets": 0.20,
    "load_markets_without_coins": 0.25,
}


def success(data: Any) -> str:
    return json.dumps({"code": "00000", "msg": "success", "requestTime": 1_700_000_000_000, "data": data})


def names() -> list[str]:
    return ["BTC", "ETH", *(f"COIN{number}" for number in range(PAIRS - 2))]


PLACED = success({"orderId": "1098765432109876543", "clientOid": "0123456789abcdef0123456789abcdef"})
PAIRS_V1 = success(
    [
        {
            "symbol": f"{coin}USDT", "baseCoin": coin, "quoteCoin": "USDT", "maxCrossLeverage": "3",
            "maxIsolatedLeverage": "10", "warningRiskRatio": "0.80000000", "liquidationRiskRatio": "1.00000000",
            "minTradeAmount": "0.00010000", "maxTradeAmount": "10000.00000000", "takerFeeRate": "0.00100000",
            "makerFeeRate": "0.00100000", "priceScale": "2", "quantityScale": "6", "minTradeUSDT": "5.00000000",
            "isBorrowable": True, "userMinBorrow": "0.00000001", "status": "1",
        }
        for coin in names()
    ]
)  # fmt: skip
PAIRS_V2 = success(
    [
        {
            "symbol": f"{coin}USDT", "baseCoin": coin, "quoteCoin": "USDT", "maxCrossedLeverage": "3",
            "maxIsolatedLeverage": "10", "warningRiskRatio": "0.8", "liquidationRiskRatio": "1",
            "minTradeAmount": "0.0001", "maxTradeAmount": "10000", "takerFeeRate": "0.001", "makerFeeRate": "0.001",
            "pricePrecision": "2", "quantityPrecision": "6", "minTradeUSDT": "5", "isBorrowable": True,
            "userMinBorrow": "0.00000001", "status": "1", "isIsolatedBaseBorrowable": True,
            "isIsolatedQuoteBorrowable": True, "isCrossBorrowable": True,
        }
        for coin in names()
    ]
)  # fmt: skip
SYMBOLS_V2 = success(
    [
        {
            "symbol": f"{coin}USDT", "baseCoin": coin, "quoteCoin": "USDT", "minTradeAmount": "0",
            "maxTradeAmount": "10000000000", "takerFeeRate": "0.001", "makerFeeRate": "0.001", "pricePrecision": "2",
            "quantityPrecision": "6", "quotePrecision": "8", "minTradeUSDT": "1", "status": "online",
            "buyLimitPriceRatio": "0.05", "sellLimitPriceRatio": "0.05", "orderQuantity": "200",
        }
        for coin in names()
    ]
)  # fmt: skip
COINS_V2 = success(
    [
        {
            "coinId": str(number), "coin": coin, "transfer": "true", "areaCoin": "no",
            "chains": [
                {
                    "chain": chain, "needTag": "false", "withdrawable": "true", "rechargeable": "true",
                    "withdrawFee": "0.005", "extraWithdrawFee": "0", "depositConfirm": "1", "withdrawConfirm": "5",
                    "minDepositAmount": "0.001", "minWithdrawAmount": "0.001", "withdrawMinScale": "8",
                }
                for chain in ("ERC20", "BEP20")
            ],
        }
        for number, coin in enumerate([*names(), "USDT"])
    ]
)  # fmt: skip
ANSWERS = {
    "margin/v1/public/currencies": PAIRS_V1,
    "placeOrder": PLACED,
    "place-order": PLACED,
    "v2/spot/public/symbols": SYMBOLS_V2,
    "v2/margin/currencies": PAIRS_V2,
    "v2/spot/public/coins": COINS_V2,
}


def stubbed(exchange: Any) -> Any:
    """The exchange with a transport that answers at once."""

    texts: dict[str, str] = {}

    def fetch(url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        text = texts.get(url)
        if text is None:
            text = texts[url] = next(answer for part, answer in ANSWERS.items() if part in url)
        return exchange.parse_json(text)

    exchange.fetch = fetch
    return exchange


def ours(**more: Any) -> Any:
    base = "https://venue.example"
    return stubbed(bma.bitgetmargin({**KEYS, "urls": {"api": {"margin": base, "spot": base}}, **more}))


def theirs(**more: Any) -> Any:
    return stubbed(ccxt.bitget({**KEYS, "options": {"uta": False, "fetchMarkets": {"types": ["spot"]}}, **more}))


def order(exchange: Any) -> Callable[[], Callable[[], Any]]:
    exchange.load_markets()

    def run() -> Any:
        for _ in range(ORDERS):
            placed = exchange.create_order("BTC/USDT", "limit", "buy", 0.123456, 15_000.12, {"marginMode": "cross"})
        return placed

    return lambda: run


def load(make: Callable[..., Any], *, coins: bool) -> Callable[[], Callable[[], Any]]:
    """Prepares a fresh object each time: a second load merges with the first."""

    def prepare() -> Callable[[], Any]:
        exchange = make()
        if not coins:
            exchange.has["fetchCurrencies"] = False
        return exchange.load_markets  # type: ignore[no-any-return]  # a method

    return prepare


def seconds(prepare: Callable[[], Callable[[], Any]]) -> float:
    run = prepare()
    gc.collect()
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def compare(
    mine: Callable[[], Callable[[], Any]], other: Callable[[], Callable[[], Any]], rounds: int, each: int = 1
) -> dict[str, float]:
    """Medians in microseconds, in turns."""
    seconds(mine), seconds(other)
    times = [(seconds(mine), seconds(other)) for _ in range(rounds)]
    ours_us, ccxt_us = (median(column) / each * 1e6 for column in zip(*times, strict=True))
    return {"ours_us": round(ours_us, 2), "ccxt_us": round(ccxt_us, 2), "share": round(ours_us / ccxt_us, 4)}


def measure(rounds: int) -> dict[str, dict[str, float]]:
    sleep, time.sleep = time.sleep, lambda _: None
    try:
        placed = order(ours())()()
        missing = {"id", "clientOrderId", "symbol", "type", "side", "price", "amount", "status"} - {
            name for name, value in placed.items() if value is not None
        }
        if missing:
            raise SystemExit(f"the order is not complete: {sorted(missing)} are missing")
        if len(ours().load_markets()) != PAIRS or len(theirs().load_markets()) != PAIRS:
            raise SystemExit(f"both sides must load {PAIRS} markets")
        figures = {
            "create_order": compare(order(ours()), order(theirs()), rounds, ORDERS),
            "load_markets": compare(load(ours, coins=True), load(theirs, coins=True), rounds),
            "load_markets_without_coins": compare(load(ours, coins=False), load(theirs, coins=False), rounds),
        }
    finally:
        time.sleep = sleep
    for name, limit in LIMITS.items():
        figures[name]["allowed_share"] = round(limit, 4)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = measure(options.rounds)
    what = "medians of rounds in turns with ccxt, one process; share is ours over ccxt's"
    keep("adapter", {"what": what, "ccxt": ccxt.__version__, "figures": figures}, options.json)
    too_slow = [name for name, row in figures.items() if row["share"] > row["allowed_share"]]
    if too_slow:
        sys.exit(f"slower than allowed: {', '.join(too_slow)}")


if __name__ == "__main__":
    main()
