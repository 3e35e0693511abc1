"""What the kernel keeps: an account's coins, the terms, the open trade, where the pass stands, and what it writes down.

Each is a record: one of numpy's for the compiled pass, a plain object of the same names for the interpreted one.
"""

from collections import namedtuple
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

__all__ = ["COIN", "CURSOR", "FILL", "LOAN", "NOTE", "TERMS", "TRADE", "Layout"]


class Layout:
    """Names of float64 figures and of int64 ones; a name stands in one of the two."""

    def __init__(self, figures: tuple[str, ...], counts: tuple[str, ...] = ()) -> None:
        self.names = (*figures, *counts)
        self._types = [(name, "f8") for name in figures] + [(name, "i8") for name in counts]

    def record(self, compiled: bool, given: Mapping[str, float] | None = None) -> Any:
        """One record, zero where nothing is given."""
        if not compiled:
            zeros = {name: 0 if kind == "i8" else 0.0 for name, kind in self._types}
            return SimpleNamespace(**zeros | dict(given or {}))
        made = self._zeros(1)[0]
        for name, value in (given or {}).items():
            made[name] = value
        return made

    def rows(self, compiled: bool, count: int) -> Any:
        return self._zeros(count) if compiled else [self.record(False) for _ in range(count)]

    def doubled(self, rows: Any) -> Any:
        """The same rows, and as many empty ones."""
        if isinstance(rows, list):
            return rows + self.rows(False, len(rows))
        # Not by concatenate, whose rows have no attributes, neither for Python nor for the kernel as it is compiled.
        made = self.rows(True, 2 * len(rows))
        made[: len(rows)] = rows
        return made

    def table(self, rows: Any, count: int) -> Any:
        """The first rows, as a structured array."""
        import numpy as np

        if isinstance(rows, np.ndarray):
            return rows[:count]
        return np.array([tuple(getattr(row, name) for name in self.names) for row in rows[:count]], self._types)

    def tuples(self, table: Any) -> list[Any]:
        """A structured array's rows as named tuples of Python's own numbers."""
        row = namedtuple("row", self.names)  # type: ignore[misc]  # the names are the layout's
        return [row(*figures) for figures in table.tolist()]

    def _zeros(self, count: int) -> Any:
        import numpy as np

        return np.zeros(count, self._types).view(np.recarray)


COIN = Layout(("held", "principal", "interest", "charge", "price", "rate", "ceiling"), ("place",))
"""`charge` is an hour's interest, `rate` a day's, `ceiling` what is lent at most; `place` is 0 for the base and
1 for the quote."""

TERMS = Layout(
    (
        "fee", "least_amount", "most_amount", "least_value", "amount_units", "price_units", "liquidation_ratio",
        "stake", "balance_ratio", "fixed_amount", "leverage", "reserve", "places", "stoploss", "trailing_positive",
        "trailing_offset", "exit_floor", "minutes",
    ),
    ("fee_in_quote", "isolated", "trailing", "trailing_waits", "use_exit_signal", "entry_outlives_roi"),
)  # fmt: skip
"""The venue's and the plan's. Units are one over a step; `stake` below zero shares the wallet out; `exit_floor` is the
profit that an exit signal needs."""

TRADE = Layout(("side", "rate", "amount", "charge", "stop", "first_stop", "share"), ("opened", "hour"))
"""`side` 1 is long, -1 short, 0 none; `share` is the stop's distance as a share of the stake, below zero."""

CURSOR = Layout(
    ("worth", "peak", "trough", "fall"),
    ("bar", "phase", "held", "hour", "fills", "loans", "notes", "rejected", "changed", "moment"),
)  # fmt: skip
"""For who keeps no equity: what the account is worth, the most it was, the least since then, and its deepest fall
before that, a share below zero. `phase` 0 is before a candle, 1 at its open, 3 to 5 on the way through it; `held` is
one more than the candle whose price was set by hand; `moment` is when a liquidation begins."""

FILL = Layout(("price", "amount", "total", "fee"), ("ms", "sells", "reason", "bar"))
LOAN = Layout(("amount", "principal", "interest", "charge"), ("ms", "coin", "kind", "hour"))
NOTE = Layout(
    ("base_held", "base_owed", "base_charge", "quote_held", "quote_owed", "quote_charge"), ("ms", "hour")
)  # fmt: skip
