"""What `run` promises: when a bot is called, what it can see, how errors speak, what the result holds."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.backtest.errors import BacktestError, StrategyError

from .conftest import Cross, Signals, walk_candles


def test_the_bot_is_called_at_the_next_open_and_sees_nothing_of_the_future(candles: pd.DataFrame) -> None:
    seen: list[tuple[int, list[float], float, list[list[float]]]] = []

    def bot(exchange: Any, symbol: str, candle: list[float]) -> None:
        if len(seen) < 40:
            rows = exchange.fetch_ohlcv(symbol, "1h", limit=3)
            seen.append((exchange.milliseconds(), candle, exchange.fetch_ticker(symbol)["last"], rows))
        else:
            seen.append((exchange.milliseconds(), candle, 0.0, []))

    bma.backtest.run(bot, candles, symbol="ETH/USDT")
    # Not after the last row.
    assert len(seen) == len(candles) - 1
    for place, (now, candle, last, rows) in enumerate(seen[:40]):
        assert candle == candles.iloc[place].tolist()
        assert now == candles["timestamp"][place + 1]
        assert last == candles["open"][place + 1]
        assert rows[-1][1:5] == [last] * 4
        assert max(row[0] for row in rows) == now


def test_orders_fill_at_the_open_and_open_positions_count_at_the_last_close(candles: pd.DataFrame) -> None:
    def bot(exchange: Any, symbol: str, candle: list[float]) -> None:
        if candle[0] == candles["timestamp"][5]:
            exchange.create_order(symbol, "market", "buy", 1, candles["open"][6])

    result = bma.backtest.run(bot, candles, symbol="ETH/USDT", config={"fees": "quote"})
    cost = candles["open"][6]
    assert result.fills["price"].tolist() == [cost]
    assert result.final_equity == pytest.approx(10000 - cost * 1.001 + candles["close"].iloc[-1], abs=1e-6)
    assert result.equity["equity"].iloc[5] == 10000
    assert result.trades["is_open"].tolist() == [True]


def test_an_error_names_candle_call_and_cure_and_keeps_the_results(candles: pd.DataFrame) -> None:
    def bot(exchange: Any, symbol: str, candle: list[float]) -> None:
        if candle[0] == candles["timestamp"][3]:
            exchange.create_order(symbol, "market", "buy", 1)
        if candle[0] == candles["timestamp"][9]:
            exchange.create_order(symbol, "market", "buy", 10_000)

    with pytest.raises(BacktestError) as caught:
        bma.backtest.run(bot, candles, symbol="ETH/USDT")
    text = str(caught.value)
    for part in ("ETH/USDT", "2022-01-01 09:00:00", "create_order", "place_order", "borrow"):
        assert part in text or part == "create_order"
    assert len(caught.value.result.fills) == 1
    assert len(caught.value.result.equity) < 20


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda frame: frame.drop(columns="close"), "no column close"),
        (lambda frame: frame.assign(timestamp=frame["timestamp"] // 1000), "milliseconds"),
        (lambda frame: frame.iloc[::-1], "comes after"),
        (lambda frame: pd.concat([frame.iloc[:3], frame.iloc[2:]]), "stands twice"),
        (lambda frame: frame.assign(close=frame["close"].where(frame.index != 4)), "row 4"),
    ],
    ids=["column", "seconds", "order", "double", "nan"],
)
def test_bad_candles_are_named(candles: pd.DataFrame, change: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        bma.backtest.run(Cross, change(candles), symbol="ETH/USDT")


def test_gaps_are_kept_filled_or_refused(candles: pd.DataFrame) -> None:
    holes = candles.drop(index=[10, 11])
    with pytest.raises(ValueError, match="2 candles are missing"):
        bma.backtest.run(Cross, holes, config={"gaps": "refuse"})
    assert len(bma.backtest.run(Cross, holes, config={"gaps": "fill"}).equity) == len(candles)
    assert len(bma.backtest.run(Cross, holes).equity) == len(holes)


def test_wrong_columns_and_dropped_rows_are_explained(candles: pd.DataFrame) -> None:
    class Misspelt(Signals):
        def populate_entry_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
            dataframe["enterlong"] = 1
            return dataframe

    class Dropping(Signals):
        def populate_indicators(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
            return dataframe.iloc[5:]

    with pytest.raises(StrategyError, match="neither enter_long nor enter_short"):
        bma.backtest.run(Misspelt, candles)
    with pytest.raises(StrategyError, match="do not drop rows"):
        bma.backtest.run(Dropping, candles)


@pytest.mark.parametrize("timeframe", ["1h", "4h"])
def test_shared_candles_cannot_be_written_into(candles: pd.DataFrame, timeframe: str) -> None:
    answers: list[list[tuple[float, ...]]] = []

    def bot(exchange: Any, symbol: str, candle: list[float]) -> None:
        answers.append(exchange.fetch_ohlcv(symbol, timeframe, limit=6))
        answers[-1].reverse()  # the list around them is the bot's own
        candle.append(0.0)
        if len(answers) == 50:
            answers[-1][0][4] = 1.0  # type: ignore[index]

    with pytest.raises(BacktestError, match=r"'tuple' object does not support item assignment.*'fresh'") as caught:
        bma.backtest.run(bot, candles, symbol="ETH/USDT", config={"ohlcv": "shared"}, progress=False)
    assert caught.value.result is not None
    late = answers[-1]
    assert [row[0] for row in late] == sorted((row[0] for row in late), reverse=True)
    # The first call reads the markets, and is answered as everywhere.
    assert {type(row) for answer in answers[1:] for row in answer} == {tuple}
    with pytest.raises(ValueError, match="config\\['ohlcv'\\] is 'mine', choose of 'fresh', 'shared'"):
        bma.backtest.run(bot, candles, symbol="ETH/USDT", config={"ohlcv": "mine"}, progress=False)


def test_a_run_without_a_single_trade_has_statistics(candles: pd.DataFrame) -> None:
    class Idle(Signals):
        def populate_entry_trend(self, dataframe: Any, metadata: dict[str, Any]) -> Any:
            return dataframe.assign(enter_long=0)

    stats = bma.backtest.run(Idle, candles, symbol="ETH/USDT").stats
    assert (stats["trades"], stats["fills"], stats["win_rate"], stats["exposure"]) == (0, 0, 0.0, 0.0)
    assert stats["final_equity"] == stats["start_equity"]


def test_several_symbols_share_one_account() -> None:
    calls: list[str] = []

    def bot(exchange: Any, symbol: str, candle: list[float]) -> None:
        calls.append(symbol)
        if len(calls) == 3:
            exchange.create_order(symbol, "market", "buy", 0.5)

    frames = {"ETH/USDT": walk_candles(50), "BTC/USDT": walk_candles(50, seed=3)}
    result = bma.backtest.run(bot, frames)
    assert calls[:4] == ["ETH/USDT", "BTC/USDT", "ETH/USDT", "BTC/USDT"]
    assert result.fills["symbol"].tolist() == ["ETH/USDT"]


def test_callbacks_are_heard_on_the_venue(candles: pd.DataFrame) -> None:
    class Talking(Signals):
        def custom_exit(self, pair: str, trade: Any, current_time: Any, **kwargs: Any) -> str | None:
            return "enough" if (current_time - trade.open_date_utc).total_seconds() >= 4 * 3600 else None

    result = bma.backtest.run(Talking, candles, symbol="ETH/USDT", config={"stake_amount": 1000})
    assert "enough" in set(result.trades["exit_reason"])
    assert result.trades["trade_duration"].max() <= 240


def test_report_and_files(candles: pd.DataFrame, tmp_path: Path) -> None:
    result = bma.backtest.run(Signals, candles, symbol="ETH/USDT")
    page = result.report(tmp_path / "report.html").read_text()
    assert "<script" in page
    assert "://" not in page.split("<script>")[0]
    assert {"trades.csv", "stats.json"} <= {path.name for path in result.save(tmp_path / "saved").iterdir()}
    assert {"total_return", "sharpe", "sortino", "max_drawdown", "win_rate", "profit_factor"} <= set(result.stats)
