"""A result as a page: candles with trades, equity, drawdown, debt and risk, on one time axis."""

from pathlib import Path
from typing import Any

from ..report.content import Column, Figure, Level, Line, Mark, Panel, Report, Span, Table
from ..report.page import write
from .result import Result

__all__ = ["report_of", "write_report"]

# More points than a screen has columns only make the file large.
_POINTS = 3_000
_MARKS = 1_500
_ROWS = 400


def write_report(result: Result, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, report_of(result))
    return path


def report_of(result: Result) -> Report:
    import numpy as np

    curve, stats = result.curve, result.stats
    feed = result.feeds[0]
    peaks = np.maximum.accumulate(np.maximum(curve.equity, 1e-12))
    falls = (curve.equity / peaks - 1) * 100
    cuts = _cuts(len(curve.ms))
    times = curve.ms[cuts].tolist()
    trades = result.trades
    panels = [
        Panel("equity", [Line("equity", curve.equity[cuts].tolist(), "blue")]),
        Panel("drawdown, percent", [Line("drawdown", _lowest(falls, cuts), "violet", filled=True)]),
    ]
    if float(curve.debt.max()) > 0:
        panels.append(Panel("debt", [Line("debt", _highest(curve.debt, cuts), "orange", filled=True)]))
        levels = [Level(1.0, "liquidation", "red"), Level(0.8, "warning", "orange")]
        shown = levels if float(curve.risk.max()) > 0.3 else []
        panels.append(Panel("risk rate", [Line("risk", _highest(curve.risk, cuts), "violet")], shown, ",.3f"))
    return Report(
        title=f"{result.title}: backtest",
        summary=f"{', '.join(feed.symbol for feed in result.feeds)}, {stats['start']} to {stats['end']} UTC, "
        f"{stats['bars']:,} candles",
        statement=(
            "Simulated on the emulated margin venue: its rules are documented, inferred or assumed, and none was "
            "checked against a live exchange.",
            "Past prices do not tell future ones; slippage is what the fill policy says, by default none.",
        ),
        figures=_figures(stats),
        symbol=feed.symbol,
        candles=_candles(feed.columns),
        marks=_marks(result),
        spans=_spans(trades[trades["pair"] == feed.symbol]),
        times=times,
        panels=panels,
        tables=[_statistics(stats), _trades(trades)],
        footer="Made by bitget_margin_adapter.backtest",
    )


def _cuts(count: int) -> Any:
    """Places of the points that are shown: the last of each stretch."""
    import numpy as np

    step = max(1, -(-count // _POINTS))
    places = np.arange(step - 1, count, step)
    return places if len(places) and places[-1] == count - 1 else np.append(places, count - 1)


def _lowest(values: Any, cuts: Any) -> list[float]:
    import numpy as np

    starts = np.concatenate(([0], cuts[:-1] + 1))
    return [float(value) for value in np.minimum.reduceat(values, starts)]


def _highest(values: Any, cuts: Any) -> list[float]:
    import numpy as np

    starts = np.concatenate(([0], cuts[:-1] + 1))
    return [float(value) for value in np.maximum.reduceat(values, starts)]


def _candles(columns: Any) -> list[list[float]]:
    import numpy as np

    cuts = _cuts(len(columns.ms))
    starts = np.concatenate(([0], cuts[:-1] + 1))
    parts = (
        columns.ms[starts], columns.open[starts], np.maximum.reduceat(columns.high, starts),
        np.minimum.reduceat(columns.low, starts), columns.close[cuts], np.add.reduceat(columns.volume, starts),
    )  # fmt: skip
    return [list(row) for row in zip(*(part.tolist() for part in parts), strict=True)]


def _marks(result: Result) -> list[Mark]:
    fills = result.fills
    fills = fills[fills["symbol"] == result.feeds[0].symbol]
    if len(fills) > _MARKS:
        fills = fills.iloc[:: -(-len(fills) // _MARKS)]
    return [
        Mark(int(ms), price, side, f"{side} {amount:g} at {price:g}{' · ' + reason if reason else ''}")
        for ms, side, price, amount, reason in zip(
            fills["timestamp"], fills["side"], fills["price"], fills["amount"], fills["reason"], strict=True
        )
    ]


def _spans(trades: Any) -> list[Span]:
    """Shading is for few trades: hundreds of stripes are a grey wall."""
    if len(trades) > 150:
        return []
    opens = trades["open_date"].dt.as_unit("ms").astype("int64")
    closes = trades["close_date"].dt.as_unit("ms").astype("int64")
    return [
        Span(int(start), int(end), "short" if short else "long")
        for start, end, short in zip(opens, closes, trades["is_short"], strict=True)
    ]


def _figures(stats: dict[str, Any]) -> list[Figure]:
    gain = stats["total_return"]
    return [
        Figure("final equity", f"{stats['final_equity']:,.2f}", f"from {stats['start_equity']:,.2f}"),
        Figure("return", f"{gain:+.2%}", "" if stats["cagr"] is None else f"{stats['cagr']:+.2%} a year",
               "good" if gain > 0 else "bad"),
        Figure("worst drawdown", f"{stats['max_drawdown']:.2%}", stats["max_drawdown_date"]),
        Figure("Sharpe", f"{stats['sharpe']:.2f}", f"Sortino {stats['sortino']:.2f}"),
        Figure("trades", f"{stats['trades']:,}", f"{stats['win_rate']:.1%} won"),
        Figure("interest paid", f"{stats['interest_paid']:,.2f}", f"fees {stats['fees_paid']:,.2f}"),
        Figure("peak risk rate", f"{stats['peak_risk_rate']:.3f}", f"{stats['liquidations']} liquidations",
               "bad" if stats["liquidations"] else ""),
    ]  # fmt: skip


def _statistics(stats: dict[str, Any]) -> Table:
    rows = [(name.replace("_", " "), _text(value)) for name, value in stats.items()]
    return Table("statistics", [Column("figure", "word"), Column("value")], rows, folded=True)


def _trades(trades: Any) -> Table:
    columns = [
        Column("pair", "word"), Column("side", "word"), Column("opened", "word"), Column("closed", "word"),
        Column("open rate"), Column("close rate"), Column("amount"), Column("profit"), Column("return"),
        Column("reason", "word"),
    ]  # fmt: skip
    shown = trades.tail(_ROWS)
    rows = [
        (
            row.pair, "short" if row.is_short else "long", f"{row.open_date:%Y-%m-%d %H:%M}",
            f"{row.close_date:%Y-%m-%d %H:%M}", f"{row.open_rate:g}", f"{row.close_rate:g}", f"{row.amount:g}",
            f"{row.profit_abs:,.2f}", f"{row.profit_ratio:+.2%}", str(row.exit_reason),
        )
        for row in shown.itertuples(index=False)
    ]  # fmt: skip
    note = f"the last {_ROWS} of {len(trades):,}; save() writes all of them" if len(trades) > _ROWS else ""
    return Table("trades", columns, rows, note, folded=True)


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1000 else f"{value:,.2f}"
    return "-" if value is None else str(value)
