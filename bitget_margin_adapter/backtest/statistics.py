"""Figures that people expect of a backtest, from its equity and its trades."""

from typing import Any

__all__ = ["statistics"]

_DAY = 86_400_000
_YEAR = 365.25 * _DAY


def statistics(ms: Any, equity: Any, debt: Any, risk: Any, trades: Any, extra: dict[str, Any]) -> dict[str, Any]:
    """Ratios are of daily returns, a year has 365 of them; shares and returns are fractions."""
    import numpy as np

    start = float(extra.pop("start_equity", equity[0]))
    final = float(equity[-1])
    span = max(int(ms[-1] - ms[0]), 1)
    peaks = np.maximum.accumulate(np.maximum(equity, 1e-12))
    falls = equity / peaks - 1
    worst = int(np.argmin(falls))
    daily = _daily(ms, equity, start)
    mean, spread = (float(daily.mean()), float(daily.std(ddof=1))) if len(daily) > 1 else (0.0, 0.0)
    losses = np.minimum(daily, 0)
    downside = float(np.sqrt((losses**2).mean())) if len(daily) else 0.0
    years = span / _YEAR
    cagr = (final / start) ** (1 / years) - 1 if final > 0 and start > 0 and years > 0.01 else None
    figures: dict[str, Any] = {
        "start": _iso(ms[0]),
        "end": _iso(ms[-1]),
        "bars": len(ms),
        "start_equity": start,
        "final_equity": final,
        "profit_abs": final - start,
        "total_return": final / start - 1 if start else 0.0,
        "cagr": cagr,
        "sharpe": mean / spread * 365**0.5 if spread else 0.0,
        "sortino": mean / downside * 365**0.5 if downside else 0.0,
        "max_drawdown": -float(falls[worst]),
        "max_drawdown_date": _iso(ms[worst]),
        "calmar": cagr / -float(falls[worst]) if cagr is not None and falls[worst] < 0 else None,
        "peak_debt": float(debt.max()) if len(debt) else 0.0,
        "peak_risk_rate": float(risk.max()) if len(risk) else 0.0,
    }
    return {**figures, **_of_trades(trades, span), **extra}


def _of_trades(trades: Any, span: int) -> dict[str, Any]:
    # A frame without rows has no types.
    closed = trades[~trades["is_open"].astype(bool)] if "is_open" in trades.columns else trades
    profits = closed["profit_abs"]
    won, lost = float(profits[profits > 0].sum()), -float(profits[profits < 0].sum())
    return {
        "trades": len(closed),
        "open_trades": len(trades) - len(closed),
        "shorts": int(closed["is_short"].sum()),
        "win_rate": float((profits > 0).mean()) if len(closed) else 0.0,
        "profit_factor": won / lost if lost else (float("inf") if won else 0.0),
        "average_profit": float(closed["profit_ratio"].mean()) if len(closed) else 0.0,
        "best_trade": float(closed["profit_ratio"].max()) if len(closed) else 0.0,
        "worst_trade": float(closed["profit_ratio"].min()) if len(closed) else 0.0,
        "exposure": min(1.0, _held(trades) / span),
    }


def _held(trades: Any) -> float:
    """Milliseconds in which at least one trade was open: trades of several pairs may overlap."""
    if not len(trades):
        return 0.0
    import numpy as np

    opens = trades["open_date"].dt.as_unit("ms").astype("int64").to_numpy()
    order = np.argsort(opens, kind="stable")
    opens = opens[order]
    closes = np.maximum.accumulate(trades["close_date"].dt.as_unit("ms").astype("int64").to_numpy()[order])
    # From each opening, or from the end of all trades before it, to its own end.
    starts = np.maximum(opens, np.concatenate(([opens[0]], closes[:-1])))
    return float(np.maximum(closes - starts, 0).sum())


def _daily(ms: Any, equity: Any, start: float) -> Any:
    """Returns from one day's last equity to the next."""
    import numpy as np

    days = ms // _DAY
    lasts = np.flatnonzero(np.append(np.diff(days) != 0, True))
    values = np.concatenate(([start], equity[lasts]))
    before = np.where(values[:-1] > 0, values[:-1], np.nan)
    returns = values[1:] / before - 1
    return returns[np.isfinite(returns)]


def _iso(ms: Any) -> str:
    from .errors import moment

    return moment(int(ms))
