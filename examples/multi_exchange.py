"""A script for any exchange of ccxt with a cross margin account: borrow, sell short, buy back, repay, look back.

    python examples/multi_exchange.py bitgetmargin      # on paper, without a key
    python examples/multi_exchange.py binance           # with your keys in the environment, and real money

It uses unified calls only; nothing here is particular to one exchange.
"""

import os
import sys
from typing import Any

import ccxt

import bitget_margin_adapter

MARGIN = {"marginMode": "cross"}


def trade(exchange: Any, symbol: str = "BTC/USDT", worth: float = 100.0) -> dict[str, Any]:
    """Go short by `worth` quote coins and close again; returns what the exchange says of it afterwards."""
    exchange.load_markets()
    market = exchange.market(symbol)
    since = exchange.milliseconds()
    price = exchange.fetch_ticker(symbol)["last"]
    amount = float(exchange.amount_to_precision(symbol, worth / price))
    before = exchange.fetch_balance(MARGIN)

    exchange.borrow_cross_margin(market["base"], amount)
    resting = exchange.create_order(symbol, "limit", "sell", amount, price * 1.5, MARGIN)
    open_orders = exchange.fetch_open_orders(symbol, None, None, MARGIN)
    exchange.cancel_order(resting["id"], symbol, MARGIN)
    sold = exchange.create_order(symbol, "market", "sell", amount, None, MARGIN)
    # A little more, since fees are taken from what is received and the loan costs interest.
    bought = exchange.create_order(symbol, "market", "buy", amount * 1.01, price, MARGIN)
    exchange.repay_cross_margin(market["base"], amount)

    return {
        "before": before[market["quote"]]["free"],
        "after": exchange.fetch_balance(MARGIN)[market["quote"]]["free"],
        "open": [order["id"] for order in open_orders],
        "sold": exchange.fetch_order(sold["id"], symbol, MARGIN),
        "bought": exchange.fetch_order(bought["id"], symbol, MARGIN),
        "trades": exchange.fetch_my_trades(symbol, since, None, MARGIN),
        "interest": exchange.fetch_borrow_interest(market["base"], None, since, None, MARGIN),
    }


def make(name: str) -> Any:
    """By its name, as every script does it that knows more than one exchange."""
    keys = {key: os.environ.get(key.upper(), "") for key in ("apiKey", "secret", "password")}
    exchange = getattr(ccxt, name)(keys)
    if not keys["apiKey"]:
        exchange.set_sandbox_mode(True)
    return exchange


def main(name: str) -> None:
    bitget_margin_adapter.register()
    exchange = make(name)
    if name == "bitgetmargin":
        exchange.sandbox_control("market", {"symbol": "BTC/USDT", "price": "30000"})
    for what, value in trade(exchange).items():
        print(f"{what}: {value if not isinstance(value, list) else len(value)}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "bitgetmargin")
