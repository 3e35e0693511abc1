"""The kernel by itself: compiled or not it does the same to the last bit, and the engine agrees with it on anything."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import bitget_margin_adapter as bma
from bitget_margin_adapter.backtest.errors import StrategyError
from bitget_margin_adapter.backtest.feeds import profile_of, read_feeds
from bitget_margin_adapter.backtest.signals import kernel, simulation
from bitget_margin_adapter.backtest.signals.compiled import compiled, has_numba
from bitget_margin_adapter.backtest.signals.plan import plan_of
from bitget_margin_adapter.backtest.signals.simulation import Room, Simulated, play, terms_of

from .conftest import walk_candles


class Given:
    """A strategy whose flags are those of the frame it is made with, one candle before they act."""

    timeframe = ""
    can_short = True
    stoploss = -0.99
    minimal_roi: dict[str, float] = {}

    def __init__(self, flags: Any, **attributes: Any) -> None:
        self.flags = flags
        for name, value in attributes.items():
            setattr(self, name, value)

    def populate_indicators(self, dataframe: Any, metadata: Any) -> Any:
        return dataframe

    def populate_entry_trend(self, dataframe: Any, metadata: Any) -> Any:
        dataframe["enter_long"], dataframe["enter_short"] = self.flags & 1, self.flags >> 2 & 1
        return dataframe

    def populate_exit_trend(self, dataframe: Any, metadata: Any) -> Any:
        dataframe["exit_long"], dataframe["exit_short"] = self.flags >> 1 & 1, self.flags >> 3 & 1
        return dataframe


NUMBA = pytest.mark.skipif(not has_numba(), reason="numba is not installed")

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    "plain": ({}, {}, 60),
    "quote fees": ({"stoploss": -0.02}, {"fees": "quote"}, 60),
    "returns": ({"minimal_roi": {"0": 0.02, "300": 0.01, "600": -1}, "stoploss": -0.03}, {"leverage": 2.0}, 60),
    "trailing": ({"trailing_stop": True, "trailing_stop_positive": 0.01, "trailing_stop_positive_offset": 0.02,
                  "trailing_only_offset_is_reached": True, "stoploss": -0.05}, {"stake_amount": 500.0}, 60),
    "minutes": ({}, {"leverage": 2.8}, 1),
    "days": ({"stoploss": -0.2}, {"leverage": 2.5}, 1440),
}  # fmt: skip


def both(attributes: dict[str, Any], config: dict[str, Any], minutes: int, mode: str) -> list[Simulated]:
    frame = walk_candles(3000, seed=11, minutes=minutes)
    feed = read_feeds(frame, "ETH/USDT")[0]
    flags = any_flags(5, len(feed), 0.1)
    plan = plan_of(Given(flags, **attributes), config)
    terms = terms_of(plan, feed, profile_of([feed], config), mode, {"USDT": 10_000.0}, config)
    return [play(feed, flags, 1, terms, fast=fast, again=fast) for fast in (False, True)]


@NUMBA
@pytest.mark.parametrize("mode", ["cross", "isolated"])
@pytest.mark.parametrize("case", CASES)
def test_compiled_or_not_it_does_the_same_to_the_last_bit(case: str, mode: str) -> None:
    slow, fast = both(*CASES[case], mode)
    assert len(slow.fills) > 40
    assert slow.equity.tobytes() == fast.equity.tobytes()
    for ours, theirs in ((slow.fills, fast.fills), (slow.loans, fast.loans), (slow.notes, fast.notes)):
        assert ours.tolist() == theirs.tolist()
    assert slow.liquidations == fast.liquidations


@NUMBA
def test_it_is_compiled_once_for_all() -> None:
    """Where candles come from, shapes, funds and modes change; types do not, or each would be compiled by itself."""
    test_compiled_or_not_it_does_the_same_to_the_last_bit("plain", "cross")
    test_compiled_or_not_it_does_the_same_to_the_last_bit("days", "isolated")
    rows = walk_candles(200).to_numpy().tolist()
    for candles in (walk_candles(200), rows):
        feed = read_feeds(candles, "ETH/USDT")[0]
        plan = plan_of(Given(any_flags(1, 200, 0.2)), {})
        terms = terms_of(plan, feed, profile_of([feed], {}), "cross", {"USDT": 10_000.0}, {})
        play(feed, any_flags(1, 200, 0.2), 1, terms, fast=True)
    assert len(compiled(kernel.simulate).signatures) == 1


def wild_candles(seed: int, count: int, wild: float, minutes: int = 60) -> pd.DataFrame:
    """Some open away from the last close, some are missing."""
    rng = np.random.default_rng(seed)
    close = np.round(2000 * np.exp(np.cumsum(rng.normal(0, wild, count))), 2)
    opens = np.concatenate(([2000.0], close[:-1]))
    opens = np.round(np.where(rng.random(count) < 0.2, opens * (1 + rng.normal(0, wild, count)), opens), 2)
    high = np.round(np.maximum(opens, close) * (1 + rng.random(count) * wild), 2)
    low = np.round(np.minimum(opens, close) * (1 - rng.random(count) * wild), 2)
    times = 1_640_995_200_000 + minutes * 60_000 * np.cumsum(np.where(rng.random(count) < 0.03, 3, 1))
    frame = {"timestamp": times, "open": opens, "high": high, "low": low, "close": close, "volume": 1.0}
    return pd.DataFrame(frame)


def any_flags(seed: int, count: int, share: float) -> Any:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(count) < share, rng.integers(0, 16, count), 0).astype(np.uint8)


@st.composite
def markets(draw: st.DrawFn) -> tuple[pd.DataFrame, Any]:
    """Some dozen candles, wild enough for margin calls, and any flags."""
    seed, count = draw(st.integers(0, 2**32 - 1)), draw(st.integers(40, 150))
    wild, minutes = draw(st.sampled_from([0.002, 0.01, 0.04, 0.08])), draw(st.sampled_from([1, 15, 60, 240]))
    return wild_candles(seed, count, wild, minutes), any_flags(seed, count, draw(st.sampled_from([0.05, 0.2, 0.6])))


ATTRIBUTES = st.fixed_dictionaries(
    {
        "stoploss": st.sampled_from([-0.01, -0.05, -0.99]),
        "minimal_roi": st.sampled_from([{}, {"0": 0.02}, {"0": 0.05, "60": 0.01, "240": -1}]),
        "trailing_stop": st.booleans(),
        "exit_profit_only": st.booleans(),
        "ignore_roi_if_entry_signal": st.booleans(),
    }
)
CONFIGS = st.fixed_dictionaries(
    {"leverage": st.sampled_from([1.0, 2.0, 2.9])},
    optional={"fees": st.just("quote"), "stake_amount": st.sampled_from([100.0, 3000.0]), "vip": st.integers(0, 5)},
)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(markets(), ATTRIBUTES, CONFIGS, st.sampled_from(["cross", "isolated"]))
@example((wild_candles(11, 150, 0.08), any_flags(11, 150, 0.2)), {}, {"leverage": 2.9}, "cross")
@example((wild_candles(4, 150, 0.08, 15), any_flags(4, 150, 0.6)), {}, {"leverage": 2.9}, "isolated")
def test_kernel_and_engine_agree_on_anything(
    market: tuple[pd.DataFrame, Any], attributes: dict[str, Any], config: dict[str, Any], mode: Any
) -> None:
    agree(market, attributes, config, mode)


def agree(market: tuple[pd.DataFrame, Any], attributes: dict[str, Any], config: dict[str, Any], mode: Any) -> int:
    """Fills, loans, interest, liquidations and the equity of every candle; how many fills there were."""
    frame, flags = market
    fast, slow = (
        bma.backtest.run(Given(flags, **attributes), frame, symbol="ETH/USDT", margin_mode=mode, progress=False,
                         config={**config, "exact": exact})
        for exact in (False, True)
    )  # fmt: skip
    columns = ["timestamp", "side", "price", "amount", "feeCurrency", "reason"]
    pd.testing.assert_frame_equal(fast.fills[columns], slow.fills[columns])
    assert np.abs(fast.equity["equity"].to_numpy() / slow.equity["equity"].to_numpy() - 1).max() <= 1e-9
    for name, figures in (("loans", ["timestamp", "type", "currency"]), ("interest", ["timestamp", "currency"])):
        pd.testing.assert_frame_equal(getattr(fast, name)[figures], getattr(slow, name)[figures])
    assert fast.interest["interest"].sum() == pytest.approx(slow.interest["interest"].sum(), abs=1e-7)
    assert fast.liquidations["timestamp"].tolist() == slow.liquidations["timestamp"].tolist()
    return len(fast.fills)


@pytest.mark.parametrize("quick", [False, pytest.param(True, marks=NUMBA)])
def test_room_grows_as_it_must_and_serves_the_next_pass(quick: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "_ROOM", 64)
    feed = read_feeds(wild_candles(7, 900, 0.04), "ETH/USDT")[0]
    config = {"leverage": 2.9}
    shared = Room(len(feed), quick)
    # The most first, so that the others find more of it left behind than they write themselves.
    for share in (0.5, 0.2, 0.05):
        flags = any_flags(8, len(feed), share)
        plan, profile = plan_of(Given(flags), config), profile_of([feed], config)
        terms = terms_of(plan, feed, profile, "cross", {"USDT": 10_000.0}, config)
        again, fresh = play(feed, flags, 1, terms, shared), play(feed, flags, 1, terms, fast=False)
        # The last liquidation of the first pass comes when the fills have outgrown the room.
        assert (fresh.fills["ms"] < fresh.liquidations[-1][0]).sum() > (64 if share == 0.5 else 0)
        assert again.equity.tobytes() == fresh.equity.tobytes()
        assert again.liquidations == fresh.liquidations
        for ours, theirs in ((again.fills, fresh.fills), (again.loans, fresh.loans), (again.notes, fresh.notes)):
            assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("quick", [False, pytest.param(True, marks=NUMBA)])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.3])
def test_without_room_for_it_the_equity_is_followed(quick: bool, share: float) -> None:
    feed = read_feeds(wild_candles(11, 900, 0.02), "ETH/USDT")[0]
    config = {"leverage": 1.5}
    flags = any_flags(8, len(feed), share)
    plan, profile = plan_of(Given(flags), config), profile_of([feed], config)
    terms = terms_of(plan, feed, profile, "cross", {"USDT": 10_000.0}, config)
    kept, followed = (play(feed, flags, 1, terms, Room(bars, quick)) for bars in (len(feed), 0))
    equity = kept.equity
    assert (len(kept.fills) > 9) is bool(share)
    if share == 0.05:
        assert (equity / np.maximum.accumulate(equity)).argmin() < equity.argmax()  # not the last fall is the deepest
    assert followed.worth == equity[-1]
    assert followed.fall == (equity / np.maximum.accumulate(equity) - 1).min()
    assert followed.fills.tolist() == kept.fills.tolist()


@pytest.mark.parametrize("threads", [1, 4])
def test_columns_are_what_each_strategy_finds_alone(threads: int) -> None:
    frame = wild_candles(3, 900, 0.04)
    strategies = [
        Given(any_flags(8, 900, share), stoploss=stop) for share in (0.02, 0.1, 0.5) for stop in (-0.01, -0.99)
    ]
    config = {"leverage": 2.9}
    table = bma.backtest.run_columns(strategies, frame, symbol="ETH/USDT", config=config, threads=threads)
    assert table["fills"].sum() > 100
    assert table["interest_paid"].max() > 0
    assert table["liquidations"].max() > 0
    for strategy, row in zip(strategies, table.to_dict("records"), strict=True):
        alone = bma.backtest.run(strategy, frame, symbol="ETH/USDT", config=config, progress=False).stats
        for name, figure in row.items():
            # Interest is added up in another order.
            assert figure == pytest.approx(alone[name], rel=1e-12 if name == "interest_paid" else 0, abs=0), name


def test_columns_name_the_strategy_that_only_run_can_play() -> None:
    class Talking(Given):
        def custom_exit(self, *args: Any, **kwargs: Any) -> None: ...

    frame = walk_candles(100)
    flags = np.zeros(100, dtype=np.uint8)
    with pytest.raises(StrategyError, match=r"Talking \(number 1\).*custom_exit.*use run or sweep"):
        bma.backtest.run_columns([Given(flags), Talking(flags)], frame, symbol="ETH/USDT")
