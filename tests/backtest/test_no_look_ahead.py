"""Whatever is asked, the future has no part in the answer: change it, and nothing that was heard before changes."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import bitget_margin_adapter as bma

from .test_shortcuts import MINUTE, START, market

# Of different lengths, with different beginnings, one with holes.
SHAPES: dict[str, Any] = {
    "ETH/USDT": {"minutes": 1, "late": 0, "holes": False, "seed": 3, "count": 400},
    "BTC/USDT": {"minutes": 5, "late": 12, "holes": True, "seed": 5, "count": 70},
    "SOL/USDT": {"minutes": 60, "late": 2, "holes": False, "seed": 8, "count": 5},
}
TIMEFRAMES = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d", "1w", "1M")
CUT = START + 250 * MINUTE


def asked(exchange: Any, symbol: str, timeframe: str) -> list[Any]:
    """Every public question, and some that reach into the future on purpose."""
    now = exchange.milliseconds()
    answers: list[Any] = []

    def ask(name: str, *args: Any, **named: Any) -> None:
        try:
            answers.append((name, getattr(exchange, name)(*args, **named)))
        except Exception as problem:
            answers.append((name, type(problem).__name__, str(problem)))

    late = now + 10**9
    for limit in (None, 5, 1000):
        ask("fetch_ohlcv", symbol, timeframe, limit=limit)
        ask("fetch_ohlcv", symbol, timeframe, now - 90 * MINUTE, limit)
        ask("fetch_ohlcv", symbol, timeframe, START, limit, {"until": late})
        ask("fetch_ohlcv", symbol, timeframe, None, limit, {"until": late})
        ask("fetch_ohlcv", symbol, timeframe, now + MINUTE, limit)
        ask("fetch_ohlcv", symbol, timeframe, START, limit, {"until": now - 30 * MINUTE})
        ask("fetch_trades", symbol, None, limit)
        ask("fetch_trades", symbol, now - 60 * MINUTE, limit, {"until": late})
        ask("fetch_order_book", symbol, limit)
    ask("fetch_ticker", symbol)
    ask("fetch_tickers")
    ask("fetch_balance")
    return answers


def heard(frames: dict[str, pd.DataFrame]) -> list[tuple[int, Any]]:
    found: list[tuple[int, Any]] = []

    class Curious:
        calls = 0

        def on_candle(self, exchange: Any, symbol: str, candle: list[Any]) -> None:
            now = exchange.milliseconds()
            if now > CUT:
                return
            self.calls += 1
            found.append((now, (symbol, candle)))
            if self.calls % 9 == 0:
                for number, name in enumerate(frames):
                    found.append((now, asked(exchange, name, TIMEFRAMES[(self.calls // 9 + number) % len(TIMEFRAMES)])))

    bma.backtest.run(Curious, frames, progress=False)
    return found


def rows_of(answers: Any) -> Any:
    return (row for part in answers if part[0] == "fetch_ohlcv" and isinstance(part[1], list) for row in part[1])


def test_the_future_has_no_part_in_any_answer() -> None:
    frames = {symbol: market(wild=0.01, **shape) for symbol, shape in SHAPES.items()}
    before = heard(frames)
    other = {}
    for symbol, frame in frames.items():
        later = (frame["timestamp"] > CUT).to_numpy()
        changed = frame.copy()
        for name in ("open", "high", "low", "close", "volume"):
            changed[name] = np.where(later, np.round(frame[name] * 3, 2), frame[name])
        assert later.any()
        other[symbol] = changed
    after = heard(other)
    assert len(before) == len(after) > 300
    for ours, theirs in zip(before, after, strict=True):
        assert ours == theirs
    candles = 0
    for now, answers in before:
        if isinstance(answers, list):
            for row in rows_of(answers):
                candles += 1
                assert row[0] <= now
            trades = [
                trade
                for part in answers
                if part[0] == "fetch_trades" and isinstance(part[1], list)
                for trade in part[1]
            ]
            assert all(trade["timestamp"] <= now for trade in trades)
    assert candles > 5_000


@pytest.mark.parametrize("timeframe", ["1m", "5m", "1h", "4h", "1d"])
def test_a_candle_that_is_forming_has_only_what_was_seen_of_it(timeframe: str) -> None:
    frame = market(seed=4, count=300, minutes=1, late=0, wild=0.01, holes=False)
    length = {"1m": 1, "5m": 5, "1h": 60, "4h": 240, "1d": 1440}[timeframe] * MINUTE

    def bot(exchange: Any, symbol: str, candle: list[Any]) -> None:
        now = exchange.milliseconds()
        last = exchange.fetch_ohlcv(symbol, timeframe, limit=2)[-1]
        begun = now - now % length
        seen = frame[(frame["timestamp"] >= begun) & (frame["timestamp"] < now)]
        opens = float(frame.loc[frame["timestamp"] == now, "open"].iloc[0])
        assert last[0] == begun
        assert last[1] == (seen["open"].iloc[0] if len(seen) else opens)
        assert last[2:5] == [max([opens, *seen["high"]]), min([opens, *seen["low"]]), opens]
        assert last[5] == pytest.approx(seen["volume"].sum())

    bma.backtest.run(bot, frame, symbol="ETH/USDT", progress=False)
