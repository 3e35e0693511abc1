"""The WebSocket door, spoken to by websocket-client: logins, acks, the five channels, limits, faults."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import websocket

from bitget_margin_adapter.emulator import Emulator
from bitget_margin_adapter.wire import signing
from bitget_margin_adapter.wire.channels import CHANNELS, LIMITS, parse_push

from .conftest import PRICE, Caller

BORROW = {"coin": "USDT", "borrowAmount": "1"}
ORDER = {
    "symbol": "BTCUSDT", "side": "buy", "orderType": "limit", "price": "20000", "baseQuantity": "0.01",
    "loanType": "normal", "timeInForce": "gtc",
}  # fmt: skip


_OPEN: "list[Stream]" = []


@pytest.fixture(autouse=True)
def _closed_in_the_end() -> Iterator[None]:
    yield
    while _OPEN:
        _OPEN.pop().socket.shutdown()  # type: ignore[no-untyped-call]


class Stream:
    def __init__(self, venue: Emulator, **options: Any) -> None:
        self.venue = venue
        self.socket = websocket.create_connection(venue.ws_url, timeout=30, **options)
        _OPEN.append(self)

    def send(self, message: Any) -> None:
        self.socket.send(message if isinstance(message, str) else json.dumps(message))

    def receive(self) -> Any:
        text = str(self.socket.recv())
        return json.loads(text) if text.startswith("{") else text

    def ask(self, message: Any) -> Any:
        self.send(message)
        return self.receive()

    def login(self, seconds: Any = None, **changes: Any) -> Any:
        who = self.venue.credentials
        now = time.time_ns() // 1_000_000_000 if seconds is None else seconds
        (arg,) = signing.login_args(who["apiKey"], who["password"], signing.HmacSigner(who["secret"]), now)
        return self.ask({"op": "login", "args": [{**{name: str(text) for name, text in arg.items()}, **changes}]})

    def subscribe(self, channel: str, symbol: str | None = None) -> Any:
        return self.ask({"op": "subscribe", "args": [CHANNELS[channel].argument(symbol)]})


@pytest.fixture
def stream(emulator: Emulator) -> Stream:
    return Stream(emulator)


def rows(push: Any) -> Any:
    return parse_push(push["arg"]["channel"], push["data"])


def test_pings_are_texts(stream: Stream) -> None:
    assert stream.ask("ping") == "pong"


def test_prices_need_no_login_and_begin_with_all_of_them(stream: Stream) -> None:
    argument = {"instType": "mabl", "channel": "indexPrice", "instId": "default", "mine": [1]}
    assert stream.ask({"op": "subscribe", "args": [argument]}) == {"event": "subscribe", "arg": argument}
    first = stream.receive()
    assert first["arg"] == argument
    assert [(row.symbol, str(row.price)) for row in rows(first)] == [("BTCUSDT", "30000")]
    stream.venue.control("market", {**PRICE, "price": "31000"})
    assert str(rows(stream.receive())[0].price) == "31000"
    assert stream.ask({"op": "unsubscribe", "args": [argument]}) == {"event": "unsubscribe", "arg": argument}
    stream.venue.control("market", PRICE)
    assert stream.ask("ping") == "pong"


def test_a_login_is_answered_with_whole_numbers(stream: Stream) -> None:
    assert stream.login() == {"event": "login", "code": 0, "msg": ""}


@pytest.mark.parametrize("changes", [{"timestamp": None}, {"api_key": True}])
def test_logins_as_independent_clients_write_them(stream: Stream, changes: dict[str, Any]) -> None:
    now = time.time_ns() // 1_000_000_000
    if "api_key" in changes:
        answer = stream.login(apiKey=None, api_key=stream.venue.credentials["apiKey"])
        assert answer["code"] in (0, 30011)
    else:
        assert stream.login(now, timestamp=now)["code"] == 0


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"apiKey": "bg_0123456789abcdef0123456789abcdef"}, 30011),
        ({"apiKey": "sbx_other"}, 30011),
        ({"passphrase": "bad"}, 30012),
        ({"timestamp": "soon"}, 30013),
        ({"timestamp": "1e400"}, 30013),
        ({"timestamp": "1"}, 30014),
        ({"sign": "bad"}, 30015),
        ({"sign": None}, 30015),
    ],
)
def test_a_refused_login_ends_the_connection(stream: Stream, changes: dict[str, Any], code: int) -> None:
    answer = stream.login(**changes)
    assert (answer["event"], answer["code"]) == ("error", code)
    assert stream.socket.recv() == ""


def test_private_channels_need_a_login(stream: Stream) -> None:
    assert stream.subscribe("cross_account")["code"] == 30004


def test_account_and_orders_as_they_change(stream: Stream) -> None:
    call = Caller(stream.venue)
    stream.login()
    assert stream.subscribe("cross_account")["event"] == "subscribe"
    assert [(row.coin, str(row.available)) for row in rows(stream.receive())] == [("USDT", "10000")]
    assert stream.subscribe("cross_orders", "BTCUSDT")["arg"]["instId"] == "BTCUSDT_SPBL"
    assert call("cross_borrow", BORROW)[0] == 200
    row = rows(stream.receive())[0]
    assert (str(row.available), str(row.borrow), row.coin) == ("10001", "1", "USDT")
    order_id = call("cross_place_order", ORDER)[1]["data"]["orderId"]
    pushes = [stream.receive(), stream.receive()]
    by_channel = {push["arg"]["channel"]: push for push in pushes}
    assert by_channel["cross_orders"]["data"][0]["orderId"] == order_id
    assert by_channel["cross_orders"]["data"][0]["status"] == "new"
    assert {row["coin"]: row["frozen"] for row in by_channel["cross_account"]["data"]}["USDT"] == "200"
    stream.venue.control("market", {**PRICE, "price": "19000"})
    seen = [stream.receive(), stream.receive()]
    assert {push["data"][0].get("status") for push in seen} == {"full-fill", None}


def test_isolated_channels(stream: Stream) -> None:
    stream.login()
    stream.subscribe("isolate_account")
    stream.subscribe("isolate_orders", "BTC/USDT")
    stream.venue.control("fund", {"account": "isolated:BTCUSDT", "coin": "USDT", "amount": "500"})
    push = stream.receive()
    assert (push["arg"]["channel"], rows(push)[0].symbol, str(rows(push)[0].available)) == (
        "isolate_account", "BTCUSDT", "500",
    )  # fmt: skip
    assert Caller(stream.venue)("isolated_place_order", ORDER)[0] == 200
    assert {stream.receive()["arg"]["channel"] for _ in range(2)} == {"isolate_account", "isolate_orders"}


def test_one_account_does_not_hear_of_another(stream: Stream) -> None:
    twin = stream.venue.control("fork", {"to": "twin"})
    stream.login()
    stream.subscribe("cross_account")
    stream.receive()
    assert Caller(stream.venue, twin)("cross_borrow", BORROW)[0] == 200
    assert stream.ask("ping") == "pong"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", 30002), ("[]", 30002), ('"x"', 30002), ({"op": "subscribe"}, 30002),
        ({"op": "subscribe", "args": ["x"]}, 30002),
        ({"op": "dance", "args": []}, 30003),
        ({"op": "subscribe", "args": [{"channel": "none", "instId": "default", "instType": "mabl"}]}, 30001),
        ({"op": "subscribe", "args": [{"channel": {}, "instId": []}]}, 30001),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_a_code_and_the_connection_stays(stream: Stream, message: Any, code: int) -> None:
    assert stream.ask(message)["code"] == code
    assert stream.ask("ping") == "pong"


def test_huge_frames_end_the_connection_cleanly(stream: Stream) -> None:
    with contextlib.suppress(OSError):  # it may be closed before all of it is sent
        stream.send("x" * (1 << 17))
        assert stream.socket.recv() == ""
    assert Caller(stream.venue)("cross_borrow", BORROW)[0] == 200


def test_the_documented_limits_are_kept() -> None:
    with Emulator(clock="virtual") as venue:
        venue.control("market", PRICE)
        stream = Stream(venue)
        for _ in range(LIMITS.messages_per_second):
            stream.send("ping")
        assert [stream.receive() for _ in range(LIMITS.messages_per_second)] == ["pong"] * LIMITS.messages_per_second
        assert stream.ask("ping")["code"] == 30006
        assert stream.socket.recv() == ""
        stream = Stream(venue)
        argument = CHANNELS["indexPrice"].argument()
        assert stream.ask({"op": "subscribe", "args": [argument] * 80})["code"] == 30007


def test_browsers_are_refused_and_connections_an_address_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bitget_margin_adapter.venue.ws.LIMITS", replace(LIMITS, connections_per_ip=2))
    with Emulator(clock="virtual") as venue:
        with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
            Stream(venue, origin="http://evil.example")
        streams = [Stream(venue) for _ in range(2)]
        with pytest.raises(websocket.WebSocketBadStatusException, match="429"):
            Stream(venue)
        streams[0].socket.close()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                Stream(venue)
                break
            except websocket.WebSocketBadStatusException:
                continue
        else:
            pytest.fail("a closed connection still counts")


def test_a_queue_that_overflows_cuts_its_reader_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bitget_margin_adapter.venue.ws.QUEUE", 8)
    with Emulator(clock="virtual", limits=False) as venue:
        venue.control("market", PRICE)
        stream = Stream(venue)
        stream.subscribe("indexPrice")
        stream.receive()
        other = Stream(venue)
        assert venue._loop is not None
        # In one turn of the loop nobody can read in between, as if nobody read.
        venue._loop.call_soon_threadsafe(lambda: [venue.control("market", PRICE) for _ in range(20)])
        with pytest.raises((OSError, websocket.WebSocketConnectionClosedException)):
            [stream.receive() for _ in range(100)]
        assert other.ask("ping") == "pong"


def settle(venue: Emulator) -> None:
    """Until the emulator's loop has done what was asked of it before."""
    loop, done = venue._loop, threading.Event()
    assert loop is not None
    loop.call_soon_threadsafe(done.set)
    assert done.wait(30)


def prices(stream: Stream, count: int) -> list[str]:
    return [str(rows(stream.receive())[0].price) for _ in range(count)]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "drop"}, ["2", "3"]),
        ({"kind": "duplicate"}, ["1", "1", "2", "3"]),
        ({"kind": "reorder", "delay_ms": 600_000}, ["2", "1", "3"]),
        ({"kind": "delay", "delay_ms": 600_000}, ["2", "3"]),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else None,
)
def test_pushes_go_astray_on_order(stream: Stream, fault: dict[str, Any], expected: list[str]) -> None:
    stream.subscribe("indexPrice")
    stream.receive()
    stream.venue.control("faults", {**fault, "endpoint": "indexPrice", "count": 1})
    for price in ("1", "2", "3"):
        stream.venue.control("market", {**PRICE, "price": price})
        # Prices of one moment are one push: let each be told before the next.
        stream.venue.host.poll()
        settle(stream.venue)
    assert prices(stream, len(expected)) == expected


@pytest.mark.parametrize("kind", ["delay", "reorder"])
def test_what_is_kept_back_comes_in_the_end(stream: Stream, kind: str) -> None:
    stream.subscribe("indexPrice")
    stream.receive()
    stream.venue.control("faults", {"kind": kind, "endpoint": "indexPrice", "count": 1, "delay_ms": 30})
    stream.venue.control("market", {**PRICE, "price": "1"})
    assert prices(stream, 1) == ["1"]


def test_a_black_hole_stays_open_and_says_nothing(stream: Stream) -> None:
    stream.subscribe("indexPrice")
    stream.receive()
    stream.venue.control("faults", {"kind": "blackhole", "endpoint": "indexPrice", "count": 1})
    stream.venue.control("market", PRICE)
    stream.socket.settimeout(0.2)
    stream.send("ping")
    with pytest.raises(websocket.WebSocketTimeoutException):
        stream.socket.recv()


def test_a_cut_is_a_cut(stream: Stream) -> None:
    stream.subscribe("indexPrice")
    stream.receive()
    stream.venue.control("faults", {"kind": "cut", "count": 1})
    stream.venue.control("market", PRICE)
    with pytest.raises((OSError, websocket.WebSocketConnectionClosedException)):
        stream.socket.recv()
