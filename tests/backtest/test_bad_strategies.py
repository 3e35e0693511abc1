"""Bad strategies of all three kinds: the error names the candle, the call and the cure, and keeps what was done."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.backtest.errors import BacktestError, StrategyError

from .conftest import Signals, walk_candles

CANDLES = walk_candles(120)
BAD = 9
"""The candle at which the bots below go wrong; at the third they buy."""


class Wrong(NamedTuple):
    """A line of a bot, and what the error says of it."""

    call: str
    error: str
    cure: str


WRONG = [
    Wrong("1 / 0", "ZeroDivisionError", "first candles"),
    Wrong("[1, 2][50]", "IndexError", "check the length"),
    Wrong("exchange.creat_order(symbol)", "AttributeError", "exchange.has"),
    Wrong('exchange.create_order(symbol, "market", "buy", 0.00001)', "InvalidOrder", "['limits']"),
    Wrong('exchange.create_order(symbol, "market", "buy", 1e9)', "InvalidOrder", "['limits']"),
    Wrong('exchange.create_order(symbol, "market", "sell", 50)', "InsufficientFunds", "autoBorrow"),
    Wrong('exchange.create_order(symbol, "limit", "buy", 1, -5)', "InvalidOrder", "['limits']"),
    Wrong('exchange.create_order("DOGE/USDT", "market", "buy", 100)', "BadSymbol", "have candles"),
    Wrong("exchange.set_leverage(3, symbol)", "NotSupported", "margin trading has"),
    # Looking ahead.
    Wrong('exchange.fetch_ohlcv("BTC/USDT", "1h")', "BadSymbol", "have candles"),
    Wrong('exchange.sandbox_control("clock", {"advance_ms": 3600000})', "NotSupported", "from the candles"),
    Wrong('exchange.sandbox_control("market", {"symbol": symbol, "price": "9"})', "NotSupported", "from the candles"),
    Wrong('exchange.sandbox_control("fund", {"account": "cross", "coin": "USDT"})', "NotSupported", "run's funds"),
]
BOT = """
count = 0


def bot(exchange, symbol, candle):
    global count
    count += 1
    if count == 3:
        exchange.create_order(symbol, "market", "buy", 1)
    if count == {bad}:
        {call}
"""
SCRIPT = """
import time
import ccxt

exchange, symbol = ccxt.bitget(), "ETH/USDT"
count = 0
while True:
    time.sleep(3600)
    count += 1
    if count == 3:
        exchange.create_order(symbol, "market", "buy", 1)
    if count == {bad}:
        {call}
"""


@pytest.mark.parametrize("text", [BOT, SCRIPT], ids=["bot", "script"])
@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.call[:40])
def test_bots_and_scripts(wrong: Wrong, text: str, tmp_path: Path) -> None:
    path = tmp_path / "trader.py"
    path.write_text(text.format(bad=BAD, call=wrong.call))
    with pytest.raises(BacktestError) as caught:
        bma.backtest.run(path, CANDLES, symbol="ETH/USDT")
    said = str(caught.value)
    candle = CANDLES.iloc[BAD - 1]
    line = path.read_text().splitlines().index(f"        {wrong.call}") + 1
    for part in (
        "ETH/USDT", "candle 2022-01-01 08:00:00", str(candle["close"]), "called at 2022-01-01 09:00:00",
        f"trader.py, line {line} ({wrong.call})", wrong.error, wrong.cure,
    ):  # fmt: skip
        assert part in said
    result = caught.value.result
    assert result.fills["amount"].tolist() == [1.0]
    assert len(result.equity) == BAD + 1
    assert result.stats["open_trades"] == 1
    assert result.final_equity != 10_000


@pytest.mark.parametrize("text", [BOT, SCRIPT], ids=["bot", "script"])
@pytest.mark.parametrize(
    "call",
    [
        'seen += exchange.fetch_ohlcv(symbol, "1h", since=exchange.milliseconds() + 3600000)',
        'seen += [row for row in exchange.fetch_ohlcv(symbol, "1h", limit=1000) if row[0] > exchange.milliseconds()]',
        'seen += exchange.fetch_trades(symbol, since=exchange.milliseconds() + 1)',
        'seen += [row[2] for row in exchange.fetch_ohlcv(symbol, "1h", limit=1) if row[2] != row[3]]',
        "candle = exchange.fetch_ticker(symbol); seen += [1] * (candle['last'] != candle['close'])",
    ],
)  # fmt: skip
def test_what_has_not_happened_yet_is_not_there(call: str, text: str, tmp_path: Path) -> None:
    """The candle that has just opened is its open, and nothing else."""
    path = tmp_path / "trader.py"
    text = text.replace("count = 0\n", "count = 0\nseen = []\n").format(bad=BAD, call=call)
    path.write_text(text.replace("global count", "global count, seen") + "\n        assert not seen, seen\n")
    assert len(bma.backtest.run(path, CANDLES, symbol="ETH/USDT").fills) == 1


def test_a_failure_before_the_first_order_has_a_result_too(tmp_path: Path) -> None:
    path = tmp_path / "trader.py"
    path.write_text("import nowhere_to_be_found\nwhile True: pass\n")
    with pytest.raises(BacktestError, match="line 1") as caught:
        bma.backtest.run(path, CANDLES, symbol="ETH/USDT")
    result = caught.value.result
    assert (len(result.trades), result.final_equity, result.stats["trades"]) == (0, 10_000, 0)
    assert result.report(tmp_path / "report.html").exists()


def changed(**methods: Any) -> type:
    return type("Changed", (Signals,), methods)


def entry(make: Callable[[Any], Any]) -> type:
    def populate_entry_trend(self: Any, dataframe: Any, metadata: Any) -> Any:
        dataframe["enter_long"] = make(dataframe)
        return dataframe

    return changed(populate_entry_trend=populate_entry_trend, can_short=False)


def rising(column: Any) -> Any:
    return (column > column.shift(1)).astype(int)


@pytest.mark.parametrize(
    "make",
    [
        lambda frame: (frame["close"].shift(-1) > frame["close"]).astype(int),
        lambda frame: (frame["close"].shift(-5) > frame["close"] * 1.01).astype(int),
        lambda frame: (frame["close"] < frame["close"].mean()).astype(int),
        lambda frame: (frame["close"].rolling(9, center=True).mean() > frame["close"]).astype(int),
        lambda frame: rising(frame["close"].where(frame.index % 4 == 0).bfill()),
        lambda frame: (frame["close"] == frame["close"].iloc[::-1].cummax().iloc[::-1]).astype(int),
    ],
    ids=["next", "fifth", "mean", "centred", "filled back", "turned round"],
)
def test_signals_from_the_future(make: Callable[[Any], Any]) -> None:
    with pytest.raises(StrategyError) as caught:
        bma.backtest.run(entry(make), CANDLES, symbol="ETH/USDT")
    said = str(caught.value)
    assert re.search(r"looks ahead: enter_long of ETH/USDT at the candle of 2022-01-0\d \d\d:00:00", said)
    assert "shift(-1)" in said
    allowed = bma.backtest.run(entry(make), CANDLES, symbol="ETH/USDT", config={"lookahead": "allow"})
    assert len(allowed.trades)


def test_the_indicator_that_knows_too_much_is_named() -> None:
    def populate_indicators(self: Any, dataframe: Any, metadata: Any) -> Any:
        dataframe["fast"] = dataframe["close"].rolling(10).mean()
        dataframe["slow"] = dataframe["close"].rolling(30).mean().shift(-3)
        return dataframe

    with pytest.raises(StrategyError, match="columns that differ: slow"):
        bma.backtest.run(changed(populate_indicators=populate_indicators), CANDLES, symbol="ETH/USDT")


def test_exits_are_looked_at_as_well() -> None:
    def populate_exit_trend(self: Any, dataframe: Any, metadata: Any) -> Any:
        dataframe["exit_long"] = (dataframe["close"].shift(-1) < dataframe["close"]).astype(int)
        return dataframe

    with pytest.raises(StrategyError, match="exit_long"):
        bma.backtest.run(changed(populate_exit_trend=populate_exit_trend), CANDLES, symbol="ETH/USDT")


def test_another_timeframe_is_no_foresight() -> None:
    """The four hours that have not ended are unknown in both frames."""
    from bitget_margin_adapter.backtest.signals.freqtrade_names import informative

    @informative("4h")
    def populate_4h(self: Any, dataframe: Any, metadata: Any) -> Any:
        dataframe["mean"] = dataframe["close"].rolling(3).mean()
        return dataframe

    def populate_entry_trend(self: Any, dataframe: Any, metadata: Any) -> Any:
        dataframe.loc[dataframe["close"] > dataframe["mean_4h"], "enter_long"] = 1
        return dataframe

    made = bma.backtest.run(
        changed(populate_4h=populate_4h, populate_entry_trend=populate_entry_trend), CANDLES, symbol="ETH/USDT"
    )
    assert len(made.trades)


@pytest.mark.parametrize(
    ("bot", "config", "words"),
    [
        (entry(lambda frame: "1"), {}, "enter_long holds '1'"),
        (entry(lambda frame: 2), {}, "enter_long holds 2"),
        (entry(lambda frame: [1] * 5), {}, r"test_bad_strategies.py, line \d+ .*does not match length"),
        (changed(stoploss=0.1), {}, "below zero"),
        (changed(minimal_roi={"soon": 1}), {}, "minimal_roi maps minutes"),
        (changed(timeframe="1z"), {}, "is no timeframe"),
        (changed(timeframe="4h"), {}, "give candles of that length"),
        (Signals, {"leverage": 50}, r"ETH/USDT at the candle of 2022-01-02 \d\d.*between 1 and 3"),
        (Signals, {"stake_amount": 0.5}, "the least order is worth 5 USDT; set it higher"),
        (Signals, {"stake_amount": 50_000}, "0.99 of 10000 USDT may be used"),
        (Signals, {"stake_amount": 5e12}, "the largest order; set it lower"),
        (Signals, {"lookahead": "maybe"}, "choose of"),
    ],
)
def test_strategies_that_cannot_be_run(bot: Any, config: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        bma.backtest.run(bot, CANDLES, symbol="ETH/USDT", config=config)


def test_a_callback_that_fails_keeps_the_trades() -> None:
    def custom_exit(self: Any, pair: str, trade: Any, current_time: Any, **more: Any) -> Any:
        if current_time >= pd.Timestamp("2022-01-03 09:00", tz="UTC"):
            raise LookupError("no such price")
        return None

    for rules in ("venue", "freqtrade"):
        kind = changed(custom_exit=custom_exit, can_short=rules == "venue")
        with pytest.raises(BacktestError) as caught:
            bma.backtest.run(kind, CANDLES, symbol="ETH/USDT", rules=rules)
        said = str(caught.value)
        for part in (
            "Changed.custom_exit for ETH/USDT", "candle 2022-01-03 ", "called at 2022-01-03 ", "LookupError",
            'raise LookupError("no such price")', "mend the strategy",
        ):  # fmt: skip
            assert part in said, rules
        result = caught.value.result
        assert len(result.trades)
        assert result.equity.index[-1] < pd.Timestamp("2022-01-04", tz="UTC")
        assert result.stats["open_trades"] == 1


def test_a_callback_with_too_few_arguments() -> None:
    def custom_exit(self: Any, pair: str) -> None:
        return None

    with pytest.raises(BacktestError, match=r"keyword arguments, and \*\*kwargs"):
        bma.backtest.run(changed(custom_exit=custom_exit), CANDLES, symbol="ETH/USDT")
