"""The collector of cycles is as it was after a run, however the run ended."""

import gc
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.backtest.errors import BacktestError

Settings = tuple[bool, tuple[int, int, int], int]

FRAME = pd.DataFrame(
    {
        "timestamp": [1_640_995_200_000 + 60_000 * minute for minute in range(5)],
        "open": 100.0, "high": 101.0, "low": 99.0, "close": 100.0, "volume": 1.0,
    }
)  # fmt: skip


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    enabled, thresholds = gc.isenabled(), gc.get_threshold()
    gc.enable()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*thresholds)
    (gc.enable if enabled else gc.disable)()


def settings() -> Settings:
    return gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()


def during_a_run() -> Settings:
    seen: list[Settings] = []

    def bot(exchange: Any, symbol: str, candle: list[Any]) -> None:
        seen.append(settings())

    bma.backtest.run(bot, FRAME, symbol="BTC/USDT", progress=False)
    assert len(set(seen)) == 1
    return seen[0]


def test_it_looks_seldom_during_a_run_and_as_before_afterwards() -> None:
    before = settings()
    enabled, (youngest, *_), frozen = during_a_run()
    assert enabled
    assert youngest > before[1][0]
    assert frozen > 0
    assert settings() == before


def test_a_bot_that_fails_leaves_it_as_it_was() -> None:
    before = settings()

    def bot(exchange: Any, symbol: str, candle: list[Any]) -> None:
        raise RuntimeError("no")

    with pytest.raises(BacktestError):
        bma.backtest.run(bot, FRAME, symbol="BTC/USDT", progress=False)
    assert settings() == before


def test_what_was_set_on_purpose_is_left_alone() -> None:
    gc.set_threshold(1_000_000)
    before = settings()
    assert during_a_run() == before
    gc.disable()
    before = settings()
    assert during_a_run() == before


def test_what_somebody_froze_stays_frozen() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        # Some of it may die meanwhile, and nothing joins it.
        assert 0 < during_a_run()[2] <= frozen
        assert 0 < gc.get_freeze_count() <= frozen
    finally:
        gc.unfreeze()
