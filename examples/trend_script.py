"""A live script, which a backtest runs as it stands: it holds ETH on half borrowed money while the trend is up.

    bitget-margin backtest examples/trend_script.py --candles examples/candles/ETHUSDT-1h.csv.xz --report trend.html
    python examples/trend_script.py ETH/USDT            # the real thing, with your keys in the environment

In the backtest `time` is the candles' own, and `ccxt.bitget` the emulated venue. The script does not know.
"""

import os
import sys
import time
from typing import Any

import ccxt

SYMBOL = sys.argv[1] if len(sys.argv) > 1 else "ETH/USDT"
DAY = 86_400
FAST, SLOW = 5, 20
SHARE, MOST = 1.5, 100_000
LOANS = {"marginMode": "cross", "autoBorrow": True, "autoRepay": True}


def is_up(exchange: Any) -> bool | None:
    """The mean of the last five days above that of twenty; unknown while there are too few candles."""
    candles = exchange.fetch_ohlcv(SYMBOL, "1d", limit=SLOW + 1)
    # The last one has only just begun.
    closes = [candle[4] for candle in candles[:-1]]
    if len(closes) < SLOW:
        return None
    return bool(sum(closes[-FAST:]) / FAST > sum(closes) / SLOW)


def follow(exchange: Any, up: bool) -> None:
    """Buys when the trend is up and nothing is held; sells everything when it is not."""
    base, _, quote = SYMBOL.partition("/")
    balance = exchange.fetch_balance({"marginMode": "cross"})
    price = exchange.fetch_ticker(SYMBOL)["last"]
    held = balance["free"].get(base, 0)
    if up and held * price < 20:
        money = min(balance["free"].get(quote, 0), MOST)
        amount = exchange.amount_to_precision(SYMBOL, money * SHARE / price)
        exchange.create_order(SYMBOL, "market", "buy", amount, price, LOANS)
    elif not up and held * price >= 20:
        exchange.create_order(SYMBOL, "market", "sell", exchange.amount_to_precision(SYMBOL, held), None, LOANS)


def main() -> None:
    exchange = ccxt.bitget({key: os.environ.get(key.upper(), "") for key in ("apiKey", "secret", "password")})
    exchange.load_markets()
    while True:
        up = is_up(exchange)
        if up is not None:
            follow(exchange, up)
        # Until the next day begins.
        time.sleep(DAY - time.time() % DAY)


if __name__ == "__main__":
    main()
