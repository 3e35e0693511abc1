"""ccxt's own class, unchanged: every v1 endpoint of margin by its implicit method, signed by ccxt, answered by us."""

from typing import Any

import ccxt
import pytest

from bitget_margin_adapter.emulator import Emulator
from bitget_margin_adapter.wire.endpoints import Endpoint

from .calls import CALLS, FUNDS, Call


def implicit(row: Endpoint) -> str:
    """ccxt's name for the path: privateMarginPostMarginV1CrossAccountBorrow."""
    words = [row.method.capitalize(), *row.path.removeprefix("/api/").split("/")]
    access = "private" if row.private else "public"
    return f"{access}Margin{''.join(word[0].upper() + word[1:] for word in words)}"


@pytest.fixture(scope="module")
def venue() -> Any:
    with Emulator(clock="virtual", limits=False, funds=FUNDS) as made:
        made.control("market", {"symbol": "BTCUSDT", "price": "30000"})
        yield made


@pytest.fixture(scope="module")
def exchange(venue: Emulator) -> Any:
    config = venue.config()
    config["options"] = {}
    config["urls"]["api"].pop("ws")
    return ccxt.bitget(config)


@pytest.mark.parametrize("made", CALLS, ids=lambda made: made.row.name)
def test_all_45(exchange: Any, made: Call) -> None:
    call = getattr(exchange, implicit(made.row))
    if made.code == "00000":
        assert call(made.params)["code"] == made.code
    else:
        with pytest.raises(ccxt.BaseError, match=f'"{made.code}"'):
            call(made.params)


def test_there_are_45_of_them() -> None:
    assert len(CALLS) == 45
