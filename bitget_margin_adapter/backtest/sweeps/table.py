"""What a sweep comes back with: one table, a row for each point in the grid's order, and pictures of it."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from .grid import Grid
from .task import Outcome

__all__ = ["SMALLER_IS_BETTER", "Sweep"]

SMALLER_IS_BETTER = frozenset(
    {"fees_paid", "interest_paid", "liquidations", "max_drawdown", "peak_debt", "peak_risk_rate"}
)
"""Of the statistics; of all others the larger one is the better."""


class Sweep:
    """`played` is how many points this call played; the others were kept from earlier ones."""

    def __init__(
        self, title: str, grid: Grid, outcomes: Sequence[Outcome], candles: Mapping[str, int], played: int
    ) -> None:
        self.title = title
        self.grid = grid
        self.candles = dict(candles)
        self.played = played
        self._outcomes = list(outcomes)

    @cached_property
    def table(self) -> Any:
        """A DataFrame: a column for each name of the grid, then `run`'s statistics, then `error` (empty if none).

        A name of the grid that is also a statistic's keeps its own column. Values that are no scalars are JSON.
        """
        import pandas as pd

        names = self.grid.names
        rows = [
            {
                **{name: _scalar(value) for name, value in point.items()},
                **{name: value for name, value in (outcome.stats or {}).items() if name not in point},
                "error": outcome.error,
            }
            for point, outcome in zip(self.grid.points(), self._outcomes, strict=True)
        ]
        known = dict.fromkeys(name for outcome in self._outcomes for name in outcome.stats or {} if name not in names)
        made = pd.DataFrame(rows, columns=[*names, *known, "error"])
        # Counts stay whole numbers where a failed point has none.
        counts = [name for name in known if all(isinstance(row.get(name, 0), int) for row in rows)]
        return made.astype(dict.fromkeys(counts, "Int64"))

    @property
    def failed(self) -> Any:
        """The rows with an error."""
        return self.table[self.table["error"] != ""]

    def ranked(self, by: str = "total_return") -> Any:
        """The rows without an error, the best first. Raises ValueError for a statistic that there is not."""
        good = self.table[self.table["error"] == ""]
        if not len(good):
            return good
        if by not in good.columns or by in self.grid.names or not hasattr(good[by], "dtype"):
            raise ValueError(f"{by!r} is no statistic; there are {', '.join(self.figures)}")
        return good.sort_values(by, ascending=by in SMALLER_IS_BETTER, kind="stable")

    @property
    def figures(self) -> list[str]:
        """The statistics that are numbers."""
        numbers = self.table.select_dtypes("number").columns
        return [str(name) for name in numbers if name not in self.grid.names]

    def best(self, by: str = "total_return") -> dict[str, Any]:
        """The whole row. Raises ValueError when every point failed."""
        ranked = self.ranked(by)
        if not len(ranked):
            raise ValueError(f"every point failed; the first: {self.table['error'].iloc[0]}")
        return {str(name): value for name, value in ranked.iloc[0].items()}

    def heat_map(
        self, path: str | Path, *, by: str = "total_return", x: str | None = None, y: str | None = None
    ) -> Path:
        """One self-contained HTML page. `x` and `y` are names of the grid, its first two when left out; of more names
        the best of the rest is shown.
        """
        from .picture import write_heat_map

        return write_heat_map(self, Path(path), by, x, y)

    def save(self, folder: str | Path) -> Path:
        """The table as table.csv, as table.parquet where pyarrow is there, and the heat map as heatmap.html."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        from ..export import write_table

        write_table(self.table, place / "table")
        if len(self.ranked()):
            self.heat_map(place / "heatmap.html")
        return place

    def __repr__(self) -> str:
        return f"<Sweep of {self.title}: {len(self.table)} points, {len(self.failed)} failed>"


def _scalar(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) or value is None else json.dumps(value, default=repr)
