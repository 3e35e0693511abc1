from collections.abc import Iterator
from typing import Any

import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.paper.door import forget_accounts

HOUR = 3_600_000
START = 1_620_000_000_000
# Opens of 100, 110, 90, 100; each candle goes up and down by 5.
CANDLES = [
    [START + hour * HOUR, opened, opened + 5, opened - 5, opened, 1000.0]
    for hour, opened in enumerate((100.0, 110.0, 90.0, 100.0))
]


@pytest.fixture(autouse=True)
def _own_accounts() -> Iterator[None]:
    forget_accounts()
    yield
    forget_accounts()


@pytest.fixture
def paper() -> Any:
    """A private account with 1,000 USDT at the first open of four hourly ETH/USDT candles, clock standing."""
    option = {"account": None, "funds": {"USDT": "1000"}, "candles": {"ETH/USDT": CANDLES}, "clock": "virtual"}
    return bma.bitgetmargin({"options": {"paper": option}})
