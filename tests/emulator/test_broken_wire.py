"""Cut at any of five points, an order or a loan is there once or never, and the bot is told which; the long form is
benchmarks/prove_faults.py.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import ccxt
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.emulator import ACCOUNT, Emulator
from bitget_margin_adapter.exchange import sync
from bitget_margin_adapter.wire.endpoints import ENDPOINTS

from .proxy import POINTS, BreakingWire

SYMBOL = "BTC/USDT"
PLACE, BATCH, BORROW = "cross_place_order", "isolated_batch_place_order", "cross_borrow"
LOST = ("before send", "after headers")
"""Where the venue gets nothing that it could do."""


@pytest.fixture(autouse=True)
def _looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{sync.__name__}.time.sleep", lambda seconds: None)


def through(venue: Emulator, wire: BreakingWire) -> Any:
    config = venue.config()
    config["urls"]["api"] = dict.fromkeys(config["urls"]["api"], wire.url)
    exchange = bma.bitgetmargin(config)
    exchange.load_markets()
    return exchange


def told(call: Callable[[], Any]) -> str:
    try:
        call()
    except ccxt.RequestTimeout as problem:
        return "unknown" if "outcome is unknown" in str(problem) else str(problem)
    return "done"


def line(mode: str, own: str) -> dict[str, Any]:
    params = {"marginMode": mode, "clientOrderId": own}
    return {"symbol": SYMBOL, "type": "limit", "side": "sell", "amount": 0.001, "price": 40_000, "params": params}


def shown(venue: Emulator, mode: str) -> Counter[str]:
    rows = venue.host.call(ACCOUNT, f"{mode}_open_orders", {"symbol": "BTCUSDT"}).rows
    return Counter(row.client_oid for row in rows)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("endpoint", [PLACE, BATCH, BORROW])
def test_once_or_never(emulator: Emulator, endpoint: str, point: str) -> None:
    emulator.control("fund", {"account": "cross", "coin": "BTC", "amount": "1"})
    emulator.control("fund", {"account": "isolated:BTCUSDT", "coin": "BTC", "amount": "1"})
    with BreakingWire(emulator.url, ENDPOINTS[endpoint].path, point, probability=1) as wire:
        exchange = through(emulator, wire)
        if endpoint == PLACE:
            order = line("cross", "own-1")
            said = told(lambda: exchange.create_order(*order.values()))
        elif endpoint == BATCH:
            said = told(lambda: exchange.create_orders([line("isolated", f"own-{number}") for number in (1, 2)]))
        else:
            said = told(lambda: exchange.borrow_cross_margin("USDT", 7))
        assert (wire.requests, wire.cuts) == (1, 1)
    debt = emulator.control("state")["accounts"][ACCOUNT]["cross"]["USDT"]["borrow"]
    found = {
        PLACE: shown(emulator, "cross") == {"own-1": 1},
        BATCH: shown(emulator, "isolated") == {"own-1": 1, "own-2": 1},
        BORROW: debt == "7",
    }
    if point in LOST:
        assert said == "unknown"
        assert not any(found.values())
        assert (shown(emulator, "cross"), shown(emulator, "isolated"), debt) == ({}, {}, "0")
    else:
        # Only a venue that shows it late, having just got all of it, may leave the bot in doubt.
        assert said == "done" or point == "after body"
        assert found[endpoint] or said == "unknown"


def test_a_wire_that_holds_carries_everything(emulator: Emulator) -> None:
    with BreakingWire(emulator.url, ENDPOINTS[BORROW].path, POINTS[0], probability=0) as wire:
        exchange = through(emulator, wire)
        assert [told(lambda: exchange.borrow_cross_margin("USDT", 1)) for _ in range(3)] == ["done"] * 3
        assert (wire.requests, wire.cuts) == (3, 0)
    with pytest.raises(ValueError, match="at one of before send"):
        BreakingWire(emulator.url, "/", "nowhere", 1)
