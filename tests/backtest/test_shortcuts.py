"""A replay takes short cuts: candles that matter to nobody are not played, frequent questions go by no text.

The reference plays every price of every candle and asks in the usual way. Random bots over random candles must find
the same answers at every call, and leave the same records with the same ids and times.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ccxt.base import errors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import bitget_margin_adapter as bma
from bitget_margin_adapter.backtest import bots
from bitget_margin_adapter.backtest.books import EngineBooks
from bitget_margin_adapter.backtest.counter import Counter
from bitget_margin_adapter.backtest.stage import ACCOUNT, Stage

START = 1_640_995_200_000
MINUTE = 60_000
SYMBOLS = ("ETH/USDT", "BTC/USDT")


def market(seed: int, count: int, minutes: int, late: int, wild: float, holes: bool) -> pd.DataFrame:
    """A made-up walk around 100 that may begin late and have holes; opens may be away from the closes before them."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, wild, count)))
    opens = np.concatenate(([100.0], close[:-1])) * (1 + rng.normal(0, wild / 4, count) * (rng.random(count) < 0.3))
    high = np.maximum(opens, close) * (1 + rng.random(count) * wild / 2)
    low = np.minimum(opens, close) * (1 - rng.random(count) * wild / 2)
    opens, high, low, close = (np.round(part, 2) for part in (opens, high, low, close))
    frame = pd.DataFrame(
        {
            "timestamp": START + minutes * MINUTE * (late + np.arange(count)),
            "open": opens,
            "high": np.maximum.reduce([high, opens, close]),
            "low": np.minimum.reduce([low, opens, close]),
            "close": close,
            "volume": np.round(rng.random(count) * 9, 3) if seed % 2 else rng.random(count),
        }
    )
    return frame[(rng.random(count) < 0.85) | (frame.index == 0)] if holes else frame


class Bot:
    """Does what `plan` says at each call, and writes down what it hears."""

    def __init__(self, plan: list[tuple[Any, ...]]) -> None:
        self.plan = plan
        self.calls = 0
        self.heard: list[Any] = []

    def on_candle(self, exchange: Any, symbol: str, candle: list[Any]) -> None:
        self.heard.append((exchange.milliseconds(), symbol, list(candle)))
        what, *words = self.plan[self.calls % len(self.plan)]
        self.calls += 1
        try:
            self.heard.append(said(getattr(self, what)(exchange, symbol, *words)))
        except errors.BaseError as problem:
            self.heard.append((type(problem).__name__, str(problem)))

    def rest(self, exchange: Any, symbol: str) -> None:
        pass

    def trade(self, exchange: Any, symbol: str, side: str, amount: float, loans: bool) -> Any:
        return exchange.create_order(
            symbol, "market", side, amount, None, {"autoBorrow": True, "autoRepay": True} if loans else {}
        )

    def named(self, exchange: Any, symbol: str, amount: float) -> Any:
        """An order that no short cut is made for."""
        name = f"order{self.calls}"
        return exchange.create_order(symbol, "market", "buy", amount, None, {"clientOrderId": name})

    def bid(self, exchange: Any, symbol: str, side: str, amount: float, away: float) -> Any:
        last = exchange.fetch_ticker(symbol)["last"]
        price = last * (1 - away if side == "buy" else 1 + away)
        return exchange.create_order(symbol, "limit", side, amount, price, {"autoBorrow": True})

    def cancel(self, exchange: Any, symbol: str) -> Any:
        return exchange.cancel_all_orders(symbol)

    def borrow(self, exchange: Any, symbol: str, code: str, amount: float) -> Any:
        return exchange.borrow_cross_margin(code, amount)

    def repay(self, exchange: Any, symbol: str, code: str, amount: float) -> Any:
        return exchange.repay_cross_margin(code, amount)

    def look(self, exchange: Any, symbol: str, timeframe: str, limit: int | None) -> Any:
        return (
            exchange.fetch_ohlcv(symbol, timeframe, limit=limit), exchange.fetch_balance(),
            exchange.fetch_open_orders(symbol), exchange.fetch_order_book(symbol), exchange.fetch_ticker(symbol),
        )  # fmt: skip

    def count(self, exchange: Any, symbol: str) -> Any:
        return exchange.fetch_balance()

    def scribble(self, exchange: Any, symbol: str, limit: int | None) -> Any:
        """Answers are the bot's to write into; the next ones know nothing of it."""
        before = exchange.fetch_ohlcv(symbol, "1m", limit=limit)
        first, balance = exchange.fetch_ohlcv(symbol, "1m", limit=limit), exchange.fetch_balance()
        for row in first[:-1]:
            row[4] = -1.0
            row.append("mine")
        first.clear()
        balance["USDT"]["free"] = balance["free"]["USDT"] = -1.0
        for row in balance["info"]:
            row.clear()
        exchange.fetch_open_orders(symbol).append("mine")
        again = exchange.fetch_ohlcv(symbol, "1m", limit=limit)
        again[0][1] = "mine"
        return (
            before, exchange.fetch_ohlcv(symbol, "1m", limit=limit), exchange.fetch_balance(),
            exchange.fetch_open_orders(symbol),
        )  # fmt: skip

    def since(self, exchange: Any, symbol: str, back: int, limit: int | None) -> Any:
        since = exchange.milliseconds() - back * MINUTE
        return exchange.fetch_ohlcv(symbol, "1h", since=since, limit=limit), exchange.fetch_trades(symbol, since)


def said(answer: Any) -> Any:
    """An answer without what is made up anew each time: ids that the client chose."""
    if isinstance(answer, dict):
        return {name: said(value) for name, value in answer.items() if name not in ("clientOrderId", "clientOid")}
    return [said(part) for part in answer] if isinstance(answer, list | tuple) else answer


amounts = st.sampled_from([0.05, 0.5, 2.0, 7.5, 19.0, 33.3])
sides = st.sampled_from(["buy", "sell"])
steps = st.one_of(
    st.tuples(st.just("rest")),
    st.tuples(st.just("trade"), sides, amounts, st.booleans()),
    st.tuples(st.just("trade"), sides, amounts, st.just(True)),
    st.tuples(st.just("bid"), sides, amounts, st.sampled_from([0.001, 0.01, 0.03, 0.2])),
    st.tuples(st.just("named"), amounts),
    st.tuples(st.just("cancel")),
    st.tuples(st.just("borrow"), st.sampled_from(["ETH", "BTC", "USDT"]), amounts),
    st.tuples(st.just("repay"), st.sampled_from(["ETH", "BTC", "USDT"]), amounts),
    st.tuples(
        st.just("look"), st.sampled_from(["1m", "5m", "30m", "1h", "4h", "1d"]), st.sampled_from([None, 1, 3, 40])
    ),
    st.tuples(st.just("count")),
    st.tuples(st.just("scribble"), st.sampled_from([None, 1, 2, 40])),
    st.tuples(st.just("since"), st.integers(1, 400), st.sampled_from([None, 2, 50])),
)
markets = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 1000),
        "count": st.integers(25, 90),
        "minutes": st.sampled_from([1, 15, 60]),
        "late": st.sampled_from([0, 0, 3, 30]),
        "wild": st.sampled_from([0.002, 0.02, 0.08]),
        "holes": st.booleans(),
    }
)


@contextmanager
def everything_played() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stage, "clear", lambda self, limit: self.moment)
        patch.setattr(bots, "Counter", lambda exchange, stage: None)
        yield


def run(
    plan: list[tuple[Any, ...]], frames: dict[str, pd.DataFrame], **config: Any
) -> tuple[list[Any], dict[str, Any], Any]:
    stages: list[Stage] = []
    with pytest.MonkeyPatch.context() as patch:
        kept = EngineBooks.__init__

        def keep(self: Any, stage: Stage, *rest: Any) -> None:
            stages.append(stage)
            kept(self, stage, *rest)

        patch.setattr(EngineBooks, "__init__", keep)
        bot = Bot(plan)
        result = bma.backtest.run(bot, frames, funds={"USDT": "1000", "ETH": "1"}, config=config, progress=False)
    state = stages[0].venue.inside
    records: dict[str, Any] = {"now": state.now, "hour": state.hour, "picture": said(stages[0].venue.state(state.now))}
    for place, wallet in state.accounts[ACCOUNT].wallets.items():
        for name in ("finance", "loans", "repays", "liquidations"):
            records[f"{place} {name}"] = getattr(wallet, name).rows
        records[f"{place} fills"] = {symbol: log.rows for symbol, log in wallet.fills.items()}
        records[f"{place} orders"] = {
            symbol: [(*row[:3], row[3] and row[3][1:]) for row in log.rows] for symbol, log in wallet.orders.items()
        }
        records[f"{place} interest"] = {
            coin: (holding.accrual.segments, holding.accrual.firsts) for coin, holding in wallet.holdings.items()
        }
    return bot.heard, records, result


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.lists(steps, min_size=1, max_size=25), st.lists(markets, min_size=1, max_size=2))
def test_short_cuts_change_nothing(plan: list[tuple[Any, ...]], shapes: list[dict[str, Any]]) -> None:
    frames = {symbol: market(**shape) for symbol, shape in zip(SYMBOLS, shapes, strict=False)}
    heard, records, result = run(plan, frames)
    with everything_played():
        slow_heard, slow_records, slow_result = run(plan, frames)
    for ours, theirs in zip(heard, slow_heard, strict=True):
        assert ours == theirs
    assert records == slow_records
    np.testing.assert_allclose(result.equity["equity"], slow_result.equity["equity"], rtol=1e-12)
    assert result.interest.equals(slow_result.interest)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    st.lists(steps.filter(lambda step: step[0] != "scribble"), min_size=1, max_size=25),
    st.lists(markets, min_size=1, max_size=2),
)
def test_shared_candles_say_the_same(plan: list[tuple[Any, ...]], shapes: list[dict[str, Any]]) -> None:
    frames = {symbol: market(**shape) for symbol, shape in zip(SYMBOLS, shapes, strict=False)}
    heard, records, _ = run(plan, frames, ohlcv="shared")
    assert (heard, records) == run(plan, frames)[:2]


REST: tuple[Any, ...] = ("rest",)


@pytest.mark.parametrize(
    ("plan", "wild"),
    [
        ([("bid", "buy", 0.5, 0.01), *[REST] * 10], 0.02),
        ([("bid", "buy", 0.5, 0.01), *[("count",)] * 10], 0.02),
        ([("trade", "buy", 19.0, True), *[REST] * 79], 0.08),
    ],
    ids=["resting orders", "resting orders, balances", "liquidation"],
)
def test_what_happens_between_calls_is_not_skipped(plan: list[tuple[Any, ...]], wild: float) -> None:
    frames = {"ETH/USDT": market(3, 80, 60, 0, wild, False)}
    heard, records, result = run(plan, frames)
    with everything_played():
        slow_heard, slow_records, _ = run(plan, frames)
    assert len(result.fills) >= 4
    assert heard == slow_heard
    assert records == slow_records


def test_an_order_in_the_usual_way_is_at_the_price_of_the_moment() -> None:
    plan: list[tuple[Any, ...]] = [("rest",)] * 9 + [("named", 0.5)]
    frames = {"ETH/USDT": market(1, 80, 1, 0, 0.02, False)}
    _, _, result = run(plan, frames)
    opens = frames["ETH/USDT"].set_index("timestamp")["open"]
    assert result.fills["price"].tolist() == [opens[time] for time in result.fills["timestamp"]]
    assert result.fills["amount"].tolist() == [0.5] * 7


def test_the_reference_is_another_way() -> None:
    """The comparison above compares something: short cuts are taken, and not in the reference."""
    played_: list[int] = []
    served: list[str] = []
    plan: list[tuple[Any, ...]] = [("trade", "sell", 0.5, True), ("count",)] + [("look", "1m", 3)] * 18
    frames = {"ETH/USDT": market(1, 80, 1, 0, 0.002, False)}
    with pytest.MonkeyPatch.context() as patch:
        play = Stage.play

        def playing(self: Stage, now: int) -> None:
            played_.append(now)
            play(self, now)

        def serving(name: str) -> Any:
            ask = getattr(Counter, name)

            def asking(self: Counter, *asked: Any) -> Any:
                answer = ask(self, *asked)
                if answer is not None:
                    served.append(name)
                return answer

            return asking

        patch.setattr(Stage, "play", playing)
        for name in ("fetch_ohlcv", "fetch_balance", "fetch_open_orders", "create_order"):
            patch.setattr(Counter, name, serving(name))
        run(plan, frames)
        # 79 calls: three orders (the first loads the markets), four balances, three answers at each of the other 71.
        assert (len(played_), len(served)) == (0, 3 + 4 + 3 * 71)
        with everything_played():
            run(plan, frames)
        assert (len(played_), len(served)) == (80, 3 + 4 + 3 * 71)


WRONG: dict[str, Any] = {
    "a price that is no number": lambda e, s: e.create_order(s, "market", "buy", 1, float("nan")),
    "a price without end": lambda e, s: e.create_order(s, "market", "buy", 1, 1e300),
    "a symbol that is a list": lambda e, s: e.create_order([s], "market", "buy", 1),
    "a side that is a list": lambda e, s: e.create_order(s, "market", ["buy"], 1),
    "params that are a list": lambda e, s: e.create_order(s, "market", "buy", 1, None, []),
    "no params for an order": lambda e, s: e.create_order(s, "market", "buy", 1, None, None),
    "open orders of a list": lambda e, s: e.fetch_open_orders([s]),
    "no params for open orders": lambda e, s: e.fetch_open_orders(s, None, None, None),
    "no params for a balance": lambda e, s: e.fetch_balance(None),
    "no params for candles": lambda e, s: e.fetch_ohlcv(s, "1m", None, 3, None),
    "a limit with a point": lambda e, s: e.fetch_ohlcv(s, "1m", limit=3.0),
    "a limit that is a truth": lambda e, s: e.fetch_ohlcv(s, "1m", limit=True),
    "an amount that is a truth": lambda e, s: e.create_order(s, "market", "buy", True),
    "a timeframe that there is not": lambda e, s: e.fetch_ohlcv(s, "7m"),
    "a symbol that there is not": lambda e, s: e.fetch_ohlcv("NO/USDT", "1m"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_questions_have_the_usual_answers(name: str) -> None:
    def answers() -> list[Any]:
        heard: list[Any] = []

        def bot(exchange: Any, symbol: str, candle: list[Any]) -> None:
            exchange.fetch_ohlcv(symbol, "1m", limit=3), exchange.fetch_ohlcv(symbol, "1m", limit=1)
            exchange.fetch_open_orders(symbol)
            try:
                heard.append(said(WRONG[name](exchange, symbol)))
            except Exception as problem:
                heard.append((type(problem), str(problem)))

        frame = market(1, 25, 1, 0, 0.002, False)
        bma.backtest.run(bot, {"ETH/USDT": frame}, funds={"USDT": "100000"}, progress=False)
        return heard

    ours = answers()
    with everything_played():
        assert ours == answers()


def test_a_hole_after_the_first_candle_does_not_make_candles_longer() -> None:
    frame = market(1, 25, 1, 0, 0.002, False).drop(index=[1, 2])
    seen: list[Any] = []

    def bot(exchange: Any, symbol: str, candle: list[Any]) -> None:
        seen.append(len(exchange.fetch_ohlcv(symbol, "1m", since=START)))

    bma.backtest.run(bot, {"ETH/USDT": frame}, funds={"USDT": "1"}, progress=False)
    assert seen == list(range(2, 24))


@pytest.mark.parametrize("limit", [None, 1, 2, 40])
def test_answers_are_the_bots_to_write_into(limit: int | None) -> None:
    plan: list[tuple[Any, ...]] = [("look", "1m", limit), ("scribble", limit)]
    frames = {"ETH/USDT": market(1, 80, 1, 0, 0.002, False)}
    heard, _, _ = run(plan, frames)
    with everything_played():
        assert heard == run(plan, frames)[0]
