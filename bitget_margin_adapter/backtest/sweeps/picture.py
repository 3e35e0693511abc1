"""A sweep's table as a page: the heat map over two names of its grid, and all points, the best first."""

from pathlib import Path
from typing import Any

from ...report.content import Column, Figure, HeatMap, Layer, Table
from ...report.page import write_heat
from .table import SMALLER_IS_BETTER, Sweep

__all__ = ["heat_map_of", "write_heat_map"]

_LAYERS = (
    "total_return", "cagr", "sharpe", "sortino", "max_drawdown", "win_rate", "profit_factor", "trades",
    "interest_paid", "peak_risk_rate",
)  # fmt: skip
_FIGURES = ("total_return", "sharpe", "max_drawdown", "trades")
_PERCENT = frozenset({"total_return", "cagr", "max_drawdown", "win_rate", "exposure", "average_profit"})
_ROWS = 500


def write_heat_map(sweep: Sweep, path: Path, by: str, x: str | None, y: str | None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_heat(path, heat_map_of(sweep, by, x, y))
    return path


def heat_map_of(sweep: Sweep, by: str = "total_return", x: str | None = None, y: str | None = None) -> HeatMap:
    """Raises ValueError for names that the grid does not have, and when every point failed."""
    names = sweep.grid.names
    x = x or next(name for name in names if name != y)
    y = y or next((name for name in names if name != x), None)
    for name in (x, y):
        if name is not None and name not in names:
            raise ValueError(f"the grid does not vary {name}; it varies {', '.join(names)}")
    best = sweep.best(by)
    table, failed = sweep.table, sweep.failed
    known = [name for name in dict.fromkeys((by, *_LAYERS)) if name in sweep.figures]
    rest = [name for name in names if name not in (x, y)]
    notes = [f"Each cell is the best over {', '.join(rest)}."] if rest else []
    if len(failed):
        notes.append("Cells without a colour failed; the table below says why.")
    candles = ", ".join(f"{name} ({count:,} candles)" for name, count in sweep.candles.items())
    span = f", {best['start']} to {best['end']} UTC"
    return HeatMap(
        title=f"{sweep.title}: sweep",
        summary=f"{candles}{span}: {len(table):,} points of {', '.join(names)}",
        figures=[
            *(Figure(name, _text(name, best[name]), f"the best by {_words(by)}") for name in names),
            *(Figure(_words(name), _text(name, best[name])) for name in dict.fromkeys((by, *_FIGURES))),
            Figure("points", f"{len(table):,}", f"{len(failed):,} failed", "bad" if len(failed) else ""),
        ],
        x=x,
        y=y or "",
        xs=_axis(table, x),
        ys=_axis(table, y) if y else [""],
        layers=[_layer(sweep, name, x, y) for name in known],
        note=" ".join(notes),
        tables=[_points(sweep, by, known), *([_failures(failed, names)] if len(failed) else [])],
        footer="Made by bitget_margin_adapter.backtest.sweep. Many points tried on one past: the best of them is "
        "better than it will be.",
    )


def _axis(table: Any, name: str) -> list[str]:
    return [str(value) for value in table[name].drop_duplicates()]


def _layer(sweep: Sweep, figure: str, x: str, y: str | None) -> Layer:
    """Of several points in a cell the best one; its other parameters stand at the pointer."""
    ranked, names = sweep.ranked(figure), sweep.grid.names
    xs, ys = _axis(sweep.table, x), _axis(sweep.table, y) if y else [""]
    values: list[list[float | None]] = [[None] * len(xs) for _ in ys]
    texts = [["failed"] * len(xs) for _ in ys]
    for row in ranked.to_dict("records"):
        place = ys.index(str(row[y])) if y else 0
        column = xs.index(str(row[x]))
        if texts[place][column] == "failed":
            value = float(row[figure])
            # No number: a ratio of nothing, or an endless one.
            values[place][column] = value if abs(value) < float("inf") else None
            chosen = ", ".join(f"{name} {row[name]}" for name in names)
            texts[place][column] = f"{chosen}<br>{_words(figure)}: {_text(figure, value)}"
    style = ".1%" if figure in _PERCENT else ",.0f" if figure in ("trades", "interest_paid") else ",.3g"
    return Layer(_words(figure), values, texts, figure in SMALLER_IS_BETTER, style)


def _points(sweep: Sweep, by: str, known: list[str]) -> Table:
    ranked = sweep.ranked(by)
    names = sweep.grid.names
    rows = [[_text(name, row[name]) for name in (*names, *known)] for row in ranked.head(_ROWS).to_dict("records")]
    note = f"the best {_ROWS} of {len(ranked):,}; save() writes all of them" if len(ranked) > _ROWS else ""
    return Table(f"points by {_words(by)}", [Column(_words(name)) for name in (*names, *known)], rows, note)


def _failures(failed: Any, names: list[str]) -> Table:
    columns = [*(Column(name) for name in names), Column("error", "long")]
    rows = [[str(row[name]) for name in (*names, "error")] for row in failed.head(_ROWS).to_dict("records")]
    return Table("failed points", columns, rows, folded=True)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _text(name: str, value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.2%}" if name in _PERCENT else f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    return "-" if value is None else str(value)
