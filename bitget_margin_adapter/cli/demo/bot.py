"""A small margin bot of ccxt's unified calls: it follows breakouts, long on borrowed dollars, short on borrowed coins.

* The price closes above the highest price of two days: borrow as much USDT as the account is worth, buy.
* It closes below the lowest price of two days: borrow ETH for as much as the account is worth, sell it.
* A resting limit order takes the profit a fifth away from the entry. When the price closes beyond the last day's
  opposite extreme, the order is cancelled and the position left at the market.
* Then everything is repaid, and what is left over is sold.

It keeps nothing in memory. What it owes tells its position, what rests tells whether the profit was taken, so it can be
stopped and started at any time. It shows how the calls go together; as a way to make money it is no advice.
"""

from collections.abc import Callable
from decimal import ROUND_UP, Decimal
from typing import Any

__all__ = ["BreakoutBot"]

HOUR = 3_600_000
# The resting order of a short buys back this many days' interest beforehand.
_DAYS = 14


class BreakoutBot:
    """`tell(event, text)` hears what it does and why: long, short, profit, stop or end, and a sentence."""

    symbol = "ETH/USDT"
    base, quote = "ETH", "USDT"
    entry_hours = 48
    exit_hours = 24
    profit = Decimal("0.2")

    def __init__(self, tell: Callable[[str, str], None] = print) -> None:
        self.tell = tell

    def on_start(self, exchange: Any) -> None:
        # Money is exact: ccxt hands out Decimals instead of floats.
        exchange.number = Decimal
        exchange.load_markets(True)

    def on_candle(self, exchange: Any, symbol: str, candle: list[Any]) -> None:
        """Once an hour. `candle` is the last closed one."""
        candles = exchange.fetch_ohlcv(self.symbol, "1h", limit=self.entry_hours + 2)
        # The list ends with the candle that is still forming.
        *earlier, last = [row for row in candles if row[0] + HOUR <= exchange.milliseconds()][-self.entry_hours - 1 :]
        if len(earlier) < self.entry_hours:
            return
        close, day = last[4], earlier[-self.exit_hours :]
        debts = exchange.fetch_balance()["debt"]
        long, short = debts.get(self.quote, 0) > 0, debts.get(self.base, 0) > 0
        if long or short:
            if not exchange.fetch_open_orders(self.symbol):
                self.leave(exchange, "profit", "the resting order took the profit")
            elif long and close < (low := min(row[3] for row in day)):
                self.leave(exchange, "stop", f"closed at {close}, below the day's low of {low}")
            elif short and close > (high := max(row[2] for row in day)):
                self.leave(exchange, "stop", f"closed at {close}, above the day's high of {high}")
        elif close > (high := max(row[2] for row in earlier)):
            self.go_long(exchange, f"closed at {close}, above the two days' high of {high}")
        elif close < (low := min(row[3] for row in earlier)):
            self.go_short(exchange, f"closed at {close}, below the two days' low of {low}")

    def on_end(self, exchange: Any) -> None:
        debts = exchange.fetch_balance()["debt"]
        if any(debts.values()):
            self.leave(exchange, "end", "the demonstration ends here")

    def go_long(self, exchange: Any, reason: str) -> None:
        loan = min(self.equity(exchange), exchange.fetch_max_borrowable(self.quote)["amount"])
        exchange.borrow_cross_margin(self.quote, loan)
        cost = exchange.fetch_balance()[self.quote]["free"]
        bought = self.filled(exchange, exchange.create_market_buy_order_with_cost(self.symbol, cost))
        amount = exchange.fetch_balance()[self.base]["free"]
        exchange.create_order(self.symbol, "limit", "sell", amount, bought["average"] * (1 + self.profit))
        self.tell("long", f"{reason}: borrowed {loan:.2f} {self.quote} and bought")

    def go_short(self, exchange: Any, reason: str) -> None:
        price = exchange.fetch_ticker(self.symbol)["last"]
        most = exchange.fetch_max_borrowable(self.base)["amount"]
        step = exchange.market(self.symbol)["precision"]["amount"]
        loan = min(self.equity(exchange) / price, most) // step * step
        exchange.borrow_cross_margin(self.base, loan)
        sold = self.filled(exchange, exchange.create_order(self.symbol, "market", "sell", loan))
        interest = loan * exchange.fetch_cross_borrow_rate(self.base)["rate"] * _DAYS
        back = self.to_receive(exchange, self.missing(exchange) + interest)
        exchange.create_order(self.symbol, "limit", "buy", back, sold["average"] * (1 - self.profit))
        self.tell("short", f"{reason}: borrowed {loan} {self.base} and sold")

    def leave(self, exchange: Any, event: str, reason: str) -> None:
        """Cancel what rests, trade back what is owed, repay all of it, sell what is left over."""
        market = exchange.market(self.symbol)
        smallest, step = market["limits"]["cost"]["min"], market["precision"]["amount"]
        price = exchange.fetch_ticker(self.symbol)["last"]
        for order in exchange.fetch_open_orders(self.symbol):
            exchange.cancel_order(order["id"], self.symbol)
        missing = self.missing(exchange)
        if missing > 0:
            # A market buy spends a cost that was cut down to the step of prices: one step more than needed.
            amount = max(self.to_receive(exchange, missing), smallest / price) + step
            exchange.create_order(self.symbol, "market", "buy", amount, price)
        self.repay(exchange, self.base)
        rest = exchange.fetch_balance()["free"].get(self.base, Decimal(0)) // step * step
        if rest * price >= smallest:
            exchange.create_order(self.symbol, "market", "sell", rest)
        self.repay(exchange, self.quote)
        self.tell(event, f"{reason}: everything repaid")

    def repay(self, exchange: Any, code: str) -> None:
        balance = exchange.fetch_balance()
        amount = min(balance["debt"].get(code, 0), balance["free"].get(code, 0))
        if amount > 0:
            exchange.repay_cross_margin(code, amount)

    def missing(self, exchange: Any) -> Decimal:
        """How much of the coin is owed and not there."""
        balance = exchange.fetch_balance()
        owed: Decimal = balance["debt"].get(self.base, Decimal(0)) - balance["total"].get(self.base, Decimal(0))
        return owed

    def to_receive(self, exchange: Any, amount: Decimal) -> Decimal:
        """What to buy to receive an amount, up to the step: the fee is taken from what is bought."""
        market = exchange.market(self.symbol)
        step: Decimal = market["precision"]["amount"]
        steps: Decimal = (amount / (1 - market["taker"]) / step).to_integral_value(ROUND_UP)
        return steps * step

    def equity(self, exchange: Any) -> Decimal:
        """What would be left in USDT if all was sold and repaid at the last price."""
        balance = exchange.fetch_balance()
        price = exchange.fetch_ticker(self.symbol)["last"]
        worth = {self.base: price, self.quote: 1}
        return sum(
            (worth[code] * (balance["total"][code] - balance["debt"][code]) for code in worth if code in balance),
            Decimal(0),
        )

    def filled(self, exchange: Any, order: dict[str, Any]) -> dict[str, Any]:
        """The order with what became of it: the answer to create_order has the id only."""
        found: dict[str, Any] = exchange.fetch_order(order["id"], self.symbol)
        return found
