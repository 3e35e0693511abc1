"""A ccxt bot for backtests: follows breakouts both ways on borrowed money.

    bitget-margin backtest examples/breakout_bot.py --candles examples/candles/ETHUSDT-1h.csv.xz --report breakout.html
    bitget-margin sweep examples/breakout_bot.py --candles examples/candles/ETHUSDT-1h.csv.xz \\
        --grid entry=240,480,720 leave=120,240 --heat-map breakout-sweep.html

It makes the calls that it would make live, and only when there is something to do.
"""

from collections import deque
from typing import Any

LOANS = {"autoBorrow": True, "autoRepay": True}


class Breakout:
    """Long above the highest close of `entry` hours, short below the lowest; out at the other end of `leave` hours."""

    entry = 480
    leave = 240
    long_leverage = 1.5
    short_leverage = 0.5

    def on_start(self, exchange: Any) -> None:
        exchange.load_markets()
        self.closes: dict[str, deque[float]] = {}
        self.side: dict[str, int] = {}

    def on_candle(self, exchange: Any, symbol: str, candle: list[float]) -> None:
        closes = self.closes.setdefault(symbol, deque(maxlen=self.entry))
        close, side = candle[4], self.side.get(symbol, 0)
        if len(closes) == self.entry:
            lately = list(closes)[-self.leave :]
            if (side > 0 and close < min(lately)) or (side < 0 and close > max(lately)):
                self.flatten(exchange, symbol, close)
                side = 0
            if side == 0:
                side = 1 if close > max(closes) else -1 if close < min(closes) else 0
                if side:
                    self.open(exchange, symbol, close, side)
            self.side[symbol] = side
        closes.append(close)

    def open(self, exchange: Any, symbol: str, price: float, side: int) -> None:
        market = exchange.market(symbol)
        money = exchange.fetch_balance()[market["quote"]]["free"]
        # The venue lends no more than that, whatever the account is worth.
        if side > 0:
            lent = exchange.fetch_max_borrowable(market["quote"])["amount"]
            amount = min(money * self.long_leverage, money + 0.95 * lent) / price
        else:
            lent = exchange.fetch_max_borrowable(market["base"])["amount"]
            amount = min(money * self.short_leverage / price, 0.95 * lent)
        amount = exchange.amount_to_precision(symbol, amount)
        exchange.create_order(symbol, "market", "buy" if side > 0 else "sell", amount, None, LOANS)

    def flatten(self, exchange: Any, symbol: str, price: float) -> None:
        market = exchange.market(symbol)
        held = exchange.fetch_balance()[market["base"]]
        # What is owed is bought back with its fee, which is taken from what is bought.
        owed = held["debt"] / (1 - market["taker"]) * 1.001
        amount = held["free"] - owed
        # After a liquidation there may be nothing left that could be traded.
        if abs(amount) * price > market["limits"]["cost"]["min"]:
            side = "sell" if amount > 0 else "buy"
            exchange.create_order(
                symbol, "market", side, exchange.amount_to_precision(symbol, abs(amount)), None, LOANS
            )
