"""Fixtures for the tests of whoever uses this package; pytest finds them by itself.

`bitget_margin_emulator`: a running emulator with a virtual clock and without limits, fresh for every test.
`bitget_margin_exchange`: a synchronous exchange that speaks to it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .emulator import Emulator

__all__ = ["bitget_margin_emulator", "bitget_margin_exchange"]


@pytest.fixture
def bitget_margin_emulator(request: pytest.FixtureRequest) -> "Iterator[Emulator]":
    """Parametrize it indirectly with the arguments of `Emulator` to have another one."""
    from .emulator import Emulator

    settings: dict[str, Any] = {"clock": "virtual", "limits": False, **getattr(request, "param", {})}
    with Emulator(**settings) as emulator:
        yield emulator


@pytest.fixture
def bitget_margin_exchange(bitget_margin_emulator: "Emulator") -> Any:
    """`control` of the emulator steers its venue."""
    from .exchange.sync import bitgetmargin

    return bitgetmargin(bitget_margin_emulator.config())
