"""A synchronous bot that prints its own trades as they happen, on an emulator that it starts itself.

    python examples/watch_trades_sync.py

For another venue give `bitgetmargin` that venue's configuration instead of `emulator.config()`; the rest stays.
"""

import bitget_margin_adapter as bma

SYMBOL = "BTC/USDT"
PRICES = (30_000, 29_900, 29_800, 29_950, 30_100)


def main() -> None:
    with bma.Emulator(funds={"USDT": "10000"}) as emulator:
        exchange = bma.bitgetmargin(emulator.config())
        emulator.control("market", {"symbol": SYMBOL, "price": PRICES[0]})

        # From here on nothing is missed, whatever the connection does.
        with bma.MarginStream(exchange, ["cross_orders"], [SYMBOL]) as stream:
            # A ladder of orders, the last of them with borrowed money...
            for price in (29_900, 29_850, 29_800):
                exchange.create_order(SYMBOL, "limit", "buy", 0.15, price, {"loanType": "autoLoan"})
            # ... and a market that comes down to them.
            for price in PRICES:
                emulator.control("market", {"symbol": SYMBOL, "price": price})

            expected = 3
            for event in stream:
                if event.kind == "status":
                    print("connected" if event.data["connected"] else f"lost: {event.data['reason']}")
                elif event.kind == "order":
                    order = event.data
                    print(f"order {order['id']} {order['status']}: {order['filled']} of {order['amount']}")
                elif event.kind == "trade":
                    trade = event.data
                    fee = trade["fee"]
                    print(
                        f"TRADE {trade['datetime']} {trade['side']} {trade['amount']} {trade['symbol']} "
                        f"at {trade['price']}, fee {fee['cost']} {fee['currency']}"
                    )
                    expected -= 1
                    if not expected:
                        break
        exchange.session.close()


if __name__ == "__main__":
    main()
