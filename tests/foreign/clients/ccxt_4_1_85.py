"""ccxt 4.1.85, the last with unified margin calls on v1, unchanged; run in an environment that has it."""

import json
import sys
from typing import Any

import ccxt

config = json.loads(sys.argv[1])
config["urls"]["api"].pop("ws")
exchange: Any = ccxt.bitget(config)
symbol = "BTC/USDT"
exchange.load_markets()
told: dict[str, Any] = {
    "version": ccxt.__version__,
    "markets": len(exchange.markets),
    "last": exchange.fetch_ticker(symbol)["last"],
    "bids": len(exchange.fetch_order_book(symbol)["bids"]),
    "candles": len(exchange.fetch_ohlcv(symbol, "1h")),
    "trades": len(exchange.fetch_trades(symbol)),
    "tickers": len(exchange.fetch_tickers()),
}
for mode in ("cross", "isolated"):
    where = {"marginMode": mode}
    if mode == "cross":
        lent = exchange.borrow_cross_margin("USDT", 50)
    else:
        lent = exchange.borrow_isolated_margin(symbol, "USDT", 50)
    placed = exchange.create_order(symbol, "limit", "buy", 0.001, 20000, dict(where))
    opened = exchange.fetch_open_orders(symbol, params=dict(where))
    exchange.cancel_order(placed["id"], symbol, dict(where))
    exchange.create_order(symbol, "market", "buy", 0.001, 30000, dict(where))
    batch = [{"symbol": symbol, "type": "limit", "side": "buy", "amount": 0.001, "price": 20000, "params": where}] * 2
    exchange.create_orders(batch)
    left = exchange.fetch_open_orders(symbol, params=dict(where))
    exchange.cancel_orders([order["id"] for order in left], symbol, dict(where))
    if mode == "cross":
        repaid = exchange.repay_cross_margin("USDT", 20)
    else:
        repaid = exchange.repay_isolated_margin(symbol, "USDT", 20)
    told[mode] = {
        "lent": lent["amount"],
        "opened": [order["id"] for order in opened] == [placed["id"]],
        "left": len(left),
        "fills": [trade["amount"] for trade in exchange.fetch_my_trades(symbol, params=dict(where))],
        "canceled": len(exchange.fetch_canceled_orders(symbol, params=dict(where))),
        "liquidations": exchange.fetch_my_liquidations(symbol, params=dict(where)),
        "repaid": repaid["amount"],
        "balance": exchange.fetch_balance(dict(where))["USDT"]["debt"],
    }
print(json.dumps(told), flush=True)
