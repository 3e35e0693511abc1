"""The examples in the docstrings of engine and venue are true."""

import doctest
import importlib

import pytest

MODULES = [
    *(f"engine.{name}" for name in ("ids", "interest", "journal", "ledger")),
    *(f"venue.{name}" for name in ("profile", "replay", "service")),
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"bitget_margin_adapter.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
