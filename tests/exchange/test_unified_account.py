"""An account of the unified kind (UTA) has another API: its owner is told so, by every class and by the streams."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import ccxt
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.venue.ws import StreamDoor

from .conftest import Server

CODE = "40085"
SAID = r"refused with code 40085: the account is a unified trading account \(UTA\).*switch back to a classic account"
REFUSAL = {"code": CODE, "msg": "You are in Unified Account mode", "requestTime": 1, "data": None}

CALLS: list[Callable[[Any], Any]] = [
    lambda ex: ex.fetch_balance(),
    lambda ex: ex.create_order("BTC/USDT", "limit", "buy", 0.01, 20000),
    lambda ex: ex.borrow_isolated_margin("BTC/USDT", "USDT", 10),
    lambda ex: ex.fetch_cross_borrow_rate("BTC"),
]

# v1's conditions of a mode are public: nobody is refused them.
PRIVATE = {"v1": CALLS[:3], "v2": CALLS}
CASES = [
    pytest.param(dialect, call, id=f"{dialect}-{place}")
    for dialect in PRIVATE
    for place, call in enumerate(PRIVATE[dialect])
]


@pytest.fixture
def refusing(server: Server) -> Server:
    """Pairs are public; everything else refuses the account."""

    class Answers(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            return super().get(name, (400, REFUSAL))

    server.answers = Answers(server.answers)
    return server


def config(server: Server, dialect: str) -> dict[str, Any]:
    return server.config(options={"dialect": dialect, "offlineMarkets": True})


@pytest.mark.parametrize(("dialect", "call"), CASES)
def test_sync(refusing: Server, dialect: str, call: Callable[[Any], Any]) -> None:
    with pytest.raises(ccxt.PermissionDenied, match=SAID):
        call(bma.bitgetmargin(config(refusing, dialect)))
    assert len(refusing.seen) == 1, "a refusal is final: nothing is sent again"


@pytest.mark.parametrize(("dialect", "call"), CASES)
def test_asyncio(refusing: Server, dialect: str, call: Callable[[Any], Any]) -> None:
    async def main() -> None:
        exchange = bma.async_support.bitgetmargin(config(refusing, dialect))
        try:
            with pytest.raises(ccxt.PermissionDenied, match=SAID):
                await call(exchange)
        finally:
            await exchange.close()

    asyncio.run(main())
    assert len(refusing.seen) == 1


@pytest.fixture
def venue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An emulator whose streams take the account for a unified one."""
    logins = []

    def check(self: StreamDoor, argument: Any, now: int) -> str:
        logins.append(now)
        return CODE

    monkeypatch.setattr(StreamDoor, "_check_login", check)
    with bma.Emulator(limits=False) as emulator:
        emulator.logins = logins  # type: ignore[attr-defined]
        emulator.control("market", {"symbol": "BTC/USDT", "price": "30000"})
        yield emulator


@pytest.mark.parametrize("dialect", ["v1", "v2"])
def test_pro_raises_at_the_login(venue: Any, dialect: str) -> None:
    async def main() -> None:
        given = venue.config()
        exchange = bma.pro.bitgetmargin({**given, "options": {**given["options"], "dialect": dialect}})
        try:
            with pytest.raises(ccxt.PermissionDenied, match=SAID):
                await asyncio.wait_for(exchange.watch_orders("BTC/USDT"), 20)
        finally:
            await exchange.close()

    asyncio.run(main())
    assert len(venue.logins) == 1


@pytest.mark.parametrize("dialect", ["v1", "v2"])
def test_a_margin_stream_ends_with_it(venue: Any, dialect: str) -> None:
    given = venue.config()
    exchange = bma.bitgetmargin({**given, "options": {**given["options"], "dialect": dialect}})
    with bma.MarginStream(exchange, ["cross_account"]) as stream, pytest.raises(ccxt.PermissionDenied, match=SAID):
        list(stream)
    assert len(venue.logins) == 1
