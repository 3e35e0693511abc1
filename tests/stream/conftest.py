"""An emulator, an exchange object that trades on it, and a clock that makes half a minute short."""

from collections.abc import Iterator
from typing import Any

import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.paper.door import forget_accounts
from bitget_margin_adapter.stream import clock

from .foreign import Foreign


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """The streams' clock runs a hundred times as fast: pings, deadlines, back-off and audits."""
    monkeypatch.setattr(clock, "_SPEED", 100)


@pytest.fixture
def emulator() -> Iterator[bma.Emulator]:
    with bma.Emulator(limits=False, funds={"USDT": "100000"}) as running:
        running.control("market", {"symbol": "BTCUSDT", "price": "30000"})
        running.control("market", {"symbol": "ETHUSDT", "price": "2000"})
        yield running


@pytest.fixture
def exchange(emulator: bma.Emulator) -> Iterator[Any]:
    made = bma.bitgetmargin(emulator.config())
    made.load_markets()
    yield made
    made.session.close()


@pytest.fixture
def foreign() -> Iterator[Foreign]:
    with Foreign() as server:
        yield server


@pytest.fixture(autouse=True)
def _own_accounts() -> Iterator[None]:
    forget_accounts()
    yield
    forget_accounts()
