"""What a run comes back with: frames, statistics, a report. Everything is made when somebody looks at it."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from .books import Books
from .export import write_table
from .feeds import Feed
from .statistics import statistics
from .trips import trips
from .valuation import Curve

__all__ = ["Result"]


class Result:
    """`equity` is valued at the close of each candle and indexed by when that candle opened, UTC."""

    def __init__(
        self,
        title: str,
        feeds: Sequence[Feed],
        books: Books,
        curve: Callable[[], Curve],
        *,
        trades: Callable[[], Any] | None = None,
        start_equity: float | None = None,
        equity: Any = None,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        self.title = title
        self.feeds = tuple(feeds)
        self.about = dict(about or {})
        self._books = books
        self._curve = curve
        self._trades = trades
        self._start_equity = start_equity
        self._equity = equity

    @cached_property
    def curve(self) -> Curve:
        """Arrays: ms, equity, assets, debt, risk (at each candle's worst price)."""
        return self._curve()

    @cached_property
    def trades(self) -> Any:
        return self._trades() if self._trades is not None else trips(self.fills, self.feeds)

    @property
    def fills(self) -> Any:
        return self._books.fills

    @property
    def orders(self) -> Any:
        return self._books.orders

    @property
    def loans(self) -> Any:
        """Borrowings and repayments; `type` tells them apart."""
        return self._books.loans

    @property
    def interest(self) -> Any:
        return self._books.interest

    @property
    def liquidations(self) -> Any:
        return self._books.liquidations

    @cached_property
    def equity(self) -> Any:
        import pandas as pd

        values = self.curve.equity if self._equity is None else self._equity
        times = self.curve.ms if self._equity is None else self.feeds[0].columns.ms
        index = pd.DatetimeIndex(times.view("M8[ms]"), name="date").tz_localize("UTC")
        return pd.DataFrame({"equity": values}, index=index)

    @property
    def final_equity(self) -> float:
        return float((self.curve.equity if self._equity is None else self._equity)[-1])

    @cached_property
    def stats(self) -> dict[str, Any]:
        curve = self.curve
        closes = {feed.base: float(feed.columns.close[-1]) for feed in self.feeds}
        interest, fills = self.interest, self.fills
        paid = sum(
            (
                float(row) * closes.get(coin, 1.0)
                for coin, row in interest.groupby("currency")["interest"].sum().items()
            ),
            0.0,
        )
        in_base = fills["feeCurrency"] == fills["symbol"].str.partition("/")[0] if len(fills) else fills["fee"] > 0
        fees = float(fills["fee"].where(~in_base, fills["fee"] * fills["price"]).sum()) if len(fills) else 0.0
        extra: dict[str, Any] = {
            "fills": len(fills),
            "fees_paid": fees,
            "interest_paid": paid,
            "liquidations": len(self.liquidations),
            **self.about,
        }
        if self._start_equity is not None:
            extra["start_equity"] = self._start_equity
        return statistics(curve.ms, curve.equity, curve.debt, curve.risk, self.trades, extra)

    def report(self, path: str | Path) -> Path:
        """One HTML page with candles, trades, equity, drawdown, debt and risk; needs nothing else to be read."""
        from .reporting import write_report

        return write_report(self, Path(path))

    def save(self, folder: str | Path) -> Path:
        """Every frame as CSV and as Parquet (where pyarrow is there), the statistics as JSON."""
        import json

        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        frames = {
            "trades": self.trades, "orders": self.orders, "fills": self.fills, "equity": self.equity.reset_index(),
            "loans": self.loans, "interest": self.interest, "liquidations": self.liquidations,
        }  # fmt: skip
        for name, table in frames.items():
            write_table(table, place / name)
        text = json.dumps(self.stats, indent=1, default=str)
        (place / "stats.json").write_text(text + "\n", encoding="utf-8")
        return place

    def __repr__(self) -> str:
        return f"<Result {self.title}: {self.final_equity:,.2f} after {len(self.equity)} candles>"
