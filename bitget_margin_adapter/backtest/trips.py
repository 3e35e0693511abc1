"""Round trips of fills: from no position to none, under freqtrade's column names."""

from collections.abc import Sequence
from typing import Any

from .feeds import Feed

__all__ = ["TRADES", "trade_table", "trips"]

TRADES = (
    "pair", "is_short", "open_date", "close_date", "open_rate", "close_rate", "amount", "stake_amount", "leverage",
    "fee_open", "fee_close", "profit_abs", "profit_ratio", "exit_reason", "enter_tag", "trade_duration", "is_open",
)  # fmt: skip

# A rest of this share of the largest position is dust: fees in the received coin never leave a round zero.
_DUST = 0.005


class _Trip:
    def __init__(self, time: int, short: bool, tag: str) -> None:
        self.time = time
        self.short = short
        self.tag = tag
        self.entered = self.paid = self.left = self.got = 0.0
        self.open_fee = self.close_fee = 0.0
        # Fees in quote. Those in base are in the amounts already: less is left to sell, more is bought.
        self.paid_aside = 0.0
        self.held = self.most = 0.0


def trips(fills: Any, feeds: Sequence[Feed]) -> Any:
    """Profits are net of fees, not of interest, which belongs to the account. What is open counts at the last close."""
    rows: list[tuple[Any, ...]] = []
    closes = {feed.symbol: (int(feed.columns.ms[-1]), float(feed.columns.close[-1])) for feed in feeds}
    for symbol, part in fills.groupby("symbol", sort=False):
        base = str(symbol).partition("/")[0]
        columns = [
            part[name].tolist() for name in ("timestamp", "side", "price", "amount", "fee", "feeCurrency", "reason")
        ]
        trip: _Trip | None = None
        for time, side, price, amount, fee, coin, reason in zip(*columns, strict=True):
            in_base = coin == base
            while amount > 1e-12:
                if trip is None:
                    trip = _Trip(time, side == "sell", reason)
                opens = (side == "sell") == trip.short
                if opens:
                    part_amount = amount
                    trip.entered += part_amount
                    trip.paid += part_amount * price
                    trip.open_fee += fee * price if in_base else fee
                    trip.paid_aside += 0.0 if in_base else fee
                    trip.held += part_amount - (fee if in_base and not trip.short else 0.0)
                    trip.most = max(trip.most, trip.held)
                    break
                # A fill beyond the position closes it and opens the other way with the rest.
                limit = trip.held / (1 - (fee / amount if in_base else 0.0))
                part_amount = min(amount, limit)
                if amount - part_amount < _DUST * trip.most:
                    part_amount = amount
                share = part_amount / amount
                trip.left += part_amount
                trip.got += part_amount * price
                trip.close_fee += (fee * price if in_base else fee) * share
                trip.paid_aside += 0.0 if in_base else fee * share
                trip.held -= part_amount - (fee * share if in_base and trip.short else 0.0)
                amount, fee = amount - part_amount, fee * (1 - share)
                if trip.held <= _DUST * trip.most:
                    rows.append(_row(str(symbol), trip, time, reason, False))
                    trip = None
        if trip is not None:
            time, price = closes[str(symbol)]
            trip.left += trip.held
            trip.got += trip.held * price
            rows.append(_row(str(symbol), trip, time, "open", True))
    return trade_table(rows).sort_values("close_date", kind="stable").reset_index(drop=True)


def trade_table(rows: Sequence[tuple[Any, ...]]) -> Any:
    """Rows of `TRADES` as a frame whose columns have their types even if there are no rows."""
    import pandas as pd

    made = pd.DataFrame(rows, columns=list(TRADES)).astype({"is_short": bool, "is_open": bool})
    figures = TRADES[TRADES.index("open_rate") : TRADES.index("exit_reason")]
    made = made.astype(dict.fromkeys(figures, float))
    for name in ("open_date", "close_date"):
        made[name] = pd.to_datetime(made[name].astype("int64"), unit="ms", utc=True)
    return made


def _row(symbol: str, trip: _Trip, time: int, reason: str, is_open: bool) -> tuple[Any, ...]:
    profit = (trip.paid - trip.got if trip.short else trip.got - trip.paid) - trip.paid_aside
    return (
        symbol, trip.short, trip.time, time, trip.paid / trip.entered, trip.got / trip.left if trip.left else 0.0,
        trip.entered, trip.paid, 1.0, trip.open_fee / trip.paid, trip.close_fee / trip.got if trip.got else 0.0,
        profit, profit / (trip.paid + trip.open_fee), reason or "order", trip.tag, (time - trip.time) // 60_000,
        is_open,
    )  # fmt: skip
