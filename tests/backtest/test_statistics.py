"""The figures of a result, computed once more another way: by hand, and by plain Python from the frames."""

import math
import statistics as plain
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.backtest.statistics import statistics
from bitget_margin_adapter.backtest.trips import TRADES, trade_table

from .conftest import Cross, Signals, walk_candles

DAY = 86_400_000
NONE = np.zeros(5)


def trades(*rows: tuple[int, int, float, float, bool]) -> Any:
    """Of (opened, closed, profit, ratio, open)."""
    return trade_table(
        [
            tuple(
                {
                    "pair": "ETH/USDT", "is_short": False, "open_date": opened, "close_date": closed,
                    "profit_abs": profit, "profit_ratio": ratio, "is_open": still,
                }.get(name, 0)
                for name in TRADES
            )
            for opened, closed, profit, ratio, still in rows
        ]
    )  # fmt: skip


def test_by_hand() -> None:
    """Five days: 100, 110, 99, 99, 120 at their ends."""
    ms = np.arange(5) * DAY
    equity = np.array([100.0, 110.0, 99.0, 99.0, 120.0])
    risk = np.array([0.0, 0.1, 0.4, 0.2, 0.0])
    made = trades(
        (0, DAY, 10.0, 0.10, False), (DAY, 2 * DAY, -11.0, -0.10, False), (3 * DAY, 4 * DAY, 21.0, 0.21, True)
    )
    found = statistics(ms, equity, np.array([0, 50.0, 80.0, 0, 0]), risk, made, {"start_equity": 100.0})
    assert found["total_return"] == pytest.approx(0.2)
    assert found["profit_abs"] == 20
    assert found["max_drawdown"] == pytest.approx(0.1)
    assert found["max_drawdown_date"].startswith("1970-01-03")
    assert (found["peak_debt"], found["peak_risk_rate"]) == (80.0, 0.4)
    assert (found["trades"], found["open_trades"], found["win_rate"]) == (2, 1, 0.5)
    assert found["profit_factor"] == pytest.approx(10 / 11)
    assert (found["best_trade"], found["worst_trade"], found["average_profit"]) == (0.1, -0.1, 0.0)
    # Days 1, 2 and 4 of four.
    assert found["exposure"] == pytest.approx(3 / 4)
    # Returns 0, 10 %, -10 %, 0, 21/99.
    returns = [0.0, 0.1, -0.1, 0.0, 120 / 99 - 1]
    assert found["sharpe"] == pytest.approx(sum(returns) / 5 / plain.stdev(returns) * math.sqrt(365))
    assert found["sortino"] == pytest.approx(sum(returns) / 5 / math.sqrt(0.01 / 5) * math.sqrt(365))
    assert found["cagr"] == pytest.approx(1.2 ** (365.25 / 4) - 1)
    assert found["calmar"] == pytest.approx(found["cagr"] / 0.1)


def test_trades_that_overlap_are_one_time_in_the_market() -> None:
    ms, flat = np.arange(11) * DAY, np.full(11, 100.0)
    made = trades(
        (6 * DAY, 7 * DAY, 1, 0.1, False), (DAY, 4 * DAY, 1, 0.1, False), (2 * DAY, 3 * DAY, 1, 0.1, False),
        (3 * DAY, 5 * DAY, 1, 0.1, False),
    )  # fmt: skip
    assert statistics(ms, flat, flat * 0, flat * 0, made, {})["exposure"] == pytest.approx(0.5)


def test_nothing_happened() -> None:
    ms, flat = np.arange(5) * DAY, np.full(5, 100.0)
    found = statistics(ms, flat, NONE, NONE, trades(), {})
    for name in (
        "total_return",
        "sharpe",
        "sortino",
        "max_drawdown",
        "trades",
        "win_rate",
        "profit_factor",
        "exposure",
    ):
        assert found[name] == 0, name
    assert found["calmar"] is None
    assert statistics(ms, flat, NONE, NONE, trades((0, DAY, 1, 0.1, False)), {})["profit_factor"] == math.inf


@pytest.fixture(scope="module", params=["signals", "bot", "freqtrade"])
def result(request: pytest.FixtureRequest) -> Any:
    frame = walk_candles(24 * 60)
    if request.param == "bot":
        return bma.backtest.run(Cross, frame, symbol="ETH/USDT", funds={"USDT": "100000"})
    if request.param == "freqtrade":
        kind = type("Longs", (Signals,), {"can_short": False})
        return bma.backtest.run(kind, frame, symbol="ETH/USDT", rules="freqtrade")
    return bma.backtest.run(Signals, frame, symbol="ETH/USDT", config={"leverage": 2})


def test_by_plain_python_from_the_frames(result: Any) -> None:
    stats, equity = result.stats, result.equity["equity"]
    start, values = stats["start_equity"], equity.tolist()
    assert stats["final_equity"] == values[-1] == result.final_equity
    assert stats["total_return"] == pytest.approx(values[-1] / start - 1)
    peak, worst = 0.0, 0.0
    for value in values:
        peak = max(peak, value)
        worst = max(worst, 1 - value / peak)
    assert stats["max_drawdown"] == pytest.approx(worst)
    days: dict[date, float] = {}
    for moment, value in zip(equity.index, values, strict=True):
        days[moment.date()] = value
    assert len(days) == 60
    ends = [start, *days.values()]
    returns = [after / before - 1 for before, after in pairwise(ends)]
    assert stats["sharpe"] == pytest.approx(plain.mean(returns) / plain.stdev(returns) * 365**0.5)
    falls = math.sqrt(sum(min(value, 0) ** 2 for value in returns) / len(returns))
    assert stats["sortino"] == pytest.approx(plain.mean(returns) / falls * 365**0.5)
    years = (equity.index[-1] - equity.index[0]) / timedelta(days=365.25)
    assert stats["cagr"] == pytest.approx((values[-1] / start) ** (1 / years) - 1)


def test_trades_and_costs_by_plain_python(result: Any) -> None:
    stats = result.stats
    closed = [row for row in result.trades.to_dict("records") if not row["is_open"]]
    profits = [row["profit_abs"] for row in closed]
    assert stats["trades"] == len(closed) > 20
    assert stats["win_rate"] == pytest.approx(sum(profit > 0 for profit in profits) / len(profits))
    won, lost = sum(value for value in profits if value > 0), sum(value for value in profits if value < 0)
    assert stats["profit_factor"] == pytest.approx(-won / lost)
    hours: set[Any] = set()
    for row in result.trades.to_dict("records"):
        hours.update(pd.date_range(row["open_date"], row["close_date"], freq="h", inclusive="left"))
    assert stats["exposure"] == pytest.approx(len(hours) / (len(result.equity) - 1), abs=1e-9)
    close = result.feeds[0].columns.close[-1]
    prices = {"ETH": close, "USDT": 1.0}
    interest = sum(row["interest"] * prices[row["currency"]] for row in result.interest.to_dict("records"))
    assert stats["interest_paid"] == pytest.approx(interest)
    fees = sum(
        row["fee"] * (row["price"] if row["feeCurrency"] == "ETH" else 1) for row in result.fills.to_dict("records")
    )
    assert stats["fees_paid"] == pytest.approx(fees)
    assert stats["fills"] == len(result.fills)
    if result.about["rules"] == "venue":
        assert stats["interest_paid"] > 0
        assert stats["peak_debt"] > 0
        assert 0 < stats["peak_risk_rate"] < 1
    # Money comes from trades, and goes into interest; what is open counts at the last close.
    total = sum(row["profit_abs"] for row in result.trades.to_dict("records")) - stats["interest_paid"]
    assert stats["profit_abs"] == pytest.approx(total, rel=0.02, abs=5)


def test_every_frame_is_saved_twice_and_read_back(result: Any, tmp_path: Path) -> None:
    place = result.save(tmp_path / "saved")
    for name in ("trades", "orders", "fills", "loans", "interest", "liquidations"):
        frame = getattr(result, name)
        pd.testing.assert_frame_equal(pd.read_parquet(place / f"{name}.parquet"), frame, check_dtype=False)
        table = pd.read_csv(place / f"{name}.csv")
        assert (len(table), list(table.columns)) == (len(frame), list(frame.columns))
        for column in frame.select_dtypes("float").columns:
            np.testing.assert_allclose(table[column].astype(float), frame[column], rtol=1e-12)
    equity = pd.read_parquet(place / "equity.parquet").set_index("date")["equity"]
    assert equity.tolist() == result.equity["equity"].tolist()
    assert '"sharpe"' in (place / "stats.json").read_text()
