"""The pytest plugin: what a user's own tests get."""

from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

from bitget_margin_adapter import pytest_plugin
from bitget_margin_adapter.emulator import Emulator
from bitget_margin_adapter.pytest_plugin import bitget_margin_emulator, bitget_margin_exchange

__all__ = ["bitget_margin_emulator", "bitget_margin_exchange"]


def test_a_loan_on_a_fresh_venue(bitget_margin_emulator: Emulator, bitget_margin_exchange: Any) -> None:
    bitget_margin_emulator.control("market", {"symbol": "BTC/USDT", "price": "100"})
    assert bitget_margin_exchange.borrow_cross_margin("USDT", 5)["amount"] == 5


@pytest.mark.parametrize("bitget_margin_emulator", [{"funds": {"BTC": "3"}}], indirect=True)
def test_a_venue_of_ones_own_wishes(bitget_margin_exchange: Any) -> None:
    assert bitget_margin_exchange.fetch_balance()["BTC"]["free"] == 3


def test_pytest_is_told_of_it() -> None:
    config = ConfigParser()
    config.read(Path(__file__).parents[2] / "setup.cfg")
    assert config["options.entry_points"]["pytest11"].split() == ["bitget_margin", "=", pytest_plugin.__name__]
