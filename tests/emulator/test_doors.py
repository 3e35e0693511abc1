"""The HTTP door: real sockets, hostile input, faults on the wire, the control API, a clean end."""

import http.client
import json
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.emulator import Emulator
from bitget_margin_adapter.wire.endpoints import ENDPOINTS

from .conftest import PRICE, Caller

BORROW = {"coin": "USDT", "borrowAmount": "1"}
HOUR = 3_600_000


def debt(venue: Emulator) -> str:
    return str(venue.control("state")["accounts"]["default"]["cross"]["USDT"]["borrow"])


def test_it_is_ready_at_once_answers_signed_calls_and_is_gone_afterwards() -> None:
    before = threading.active_count()
    with bma.Emulator(funds={"USDT": "5"}) as venue:
        status, body = Caller(venue)("cross_assets", {"coin": "USDT"})
        assert (status, body["data"][0]["available"]) == (200, "5")
        port = int(venue.url.rpartition(":")[2])
        assert venue.ws_url == f"ws://127.0.0.1:{port}/spot/v1/stream"
    assert threading.active_count() == before
    with pytest.raises(ConnectionError), socket.create_connection(("127.0.0.1", port), timeout=1):
        pass
    venue.stop()
    with pytest.raises(RuntimeError, match="does not run"):
        venue.control("state")


def test_it_needs_no_uvloop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    with Emulator(clock="virtual") as venue:
        assert Caller(venue)("cross_assets")[0] == 200


def test_a_port_that_is_taken_is_an_error_of_the_start(emulator: Emulator) -> None:
    with pytest.raises(OSError, match="address"):
        Emulator(port=int(emulator.url.rpartition(":")[2])).start()


def test_a_store_is_let_go_and_found_again(tmp_path: Path) -> None:
    store = str(tmp_path / "venue.sqlite")
    for expected in ("0", "1", "2"):
        with Emulator(store=store, clock="virtual") as venue:
            assert venue.control("state")["accounts"]["default"]["cross"]["USDT"]["borrow"] == expected
            assert Caller(venue)("cross_borrow", BORROW)[0] == 200
            assert (tmp_path / "venue.sqlite").stat().st_mode & 0o777 == 0o600


def test_binding_wider_warns() -> None:
    with pytest.warns(UserWarning, match="others can reach it"), Emulator(host="0.0.0.0") as venue:  # noqa: S104
        assert "0.0.0.0" in venue.url  # noqa: S104


def test_limits_answer_429() -> None:
    with Emulator() as venue:
        call = Caller(venue)
        answers = [call("transfer") for _ in range(ENDPOINTS["transfer"].rate + 1)]
    assert [status for status, _ in answers] == [400] * ENDPOINTS["transfer"].rate + [429]
    assert answers[-1][1]["code"] == "429"


# hostile input


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}])
def test_other_peoples_pages_are_refused(call: Caller, headers: dict[str, str]) -> None:
    assert call("cross_borrow", BORROW, **headers)[0] == 403
    assert (
        call.send("GET", "/_sandbox/state", headers={"X-Sandbox-Token": call.venue.control_token, **headers})[0] == 403
    )
    assert debt(call.venue) == "0"


RAW = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
    "long line": b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "long header": b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 9000 + b"\r\n\r\n",
    "many headers": b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    + b"".join(b"X-%d: %s\r\n" % (number, b"a" * 400) for number in range(60)) + b"\r\n",
    "bad length": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ten\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "bad chunk": b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"zz\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("data", RAW.values(), ids=RAW)
def test_bad_http_gets_an_answer_or_a_close_and_never_a_traceback(
    call: Caller, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    received = call.raw(data)
    assert received.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")), received
    assert b'"code":"40' in received
    assert b"Traceback" not in received
    assert b"aiohttp" not in received.partition(b"\r\n\r\n")[2]
    assert call("cross_borrow", BORROW)[0] == 200


def test_large_bodies_are_refused_before_they_are_read(call: Caller) -> None:
    path = ENDPOINTS["cross_borrow"].path
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {1 << 30}\r\nConnection: close\r\n\r\n"
    assert call.raw(head.encode() + b"{" * 100).startswith(b"HTTP/1.1 413")
    chunk = b"%x\r\n%s\r\n" % (1 << 16, b" " * (1 << 16))
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert not call.raw(head.encode() + chunk * 18 + b"0\r\n\r\n").startswith(b"HTTP/1.1 2")
    assert debt(call.venue) == "0"


def test_a_compressed_body_is_not_unpacked(call: Caller) -> None:
    status, body = call("cross_borrow", BORROW, **{"Content-Encoding": "gzip"})
    # The bytes are what was signed; nothing is unpacked, so an honest mistake does no harm and a bomb neither.
    assert (status, body["code"]) == (200, "00000")


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\nHost: loc", b""),
        (b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{", b"HTTP/1.1 408"),
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_whoever_dawdles_is_cut(sent: bytes, answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bitget_margin_adapter.venue.http.HEADER_SECONDS", 0.05)
    with Emulator(clock="virtual") as venue:
        call = Caller(venue)
        assert call.raw(sent).startswith(answer)
        assert call("cross_borrow", BORROW)[1]["code"] in ("50029", "00000", "50035")


def test_a_form_is_no_json(call: Caller) -> None:
    answer = call("cross_borrow", BORROW, **{"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer[0], answer[1]["code"]) == (400, "40007")
    assert debt(call.venue) == "0"


# faults


def lost(call: Caller, *args: Any) -> bool:
    try:
        call(*args)
    except (http.client.HTTPException, OSError, json.JSONDecodeError, AssertionError):
        return True
    return False


@pytest.mark.parametrize(
    ("kind", "done"),
    [("reset_before_read", "0"), ("reset_after_commit", "1"), ("truncate", "1"), ("bad_json", "1")],
)
def test_answers_get_lost_before_or_after_the_loan(call: Caller, kind: str, done: str) -> None:
    call.venue.control("faults", {"kind": kind, "endpoint": "cross_borrow", "count": 1})
    assert not lost(call, "cross_assets")
    assert lost(call, "cross_borrow", BORROW)
    assert debt(call.venue) == done
    assert not lost(call, "cross_borrow", BORROW)


@pytest.mark.parametrize(("kind", "status", "code"), [("http_429", 429, "429"), ("http_500", 500, "40015")])
def test_refusals_on_order_do_nothing(call: Caller, kind: str, status: int, code: str) -> None:
    call.venue.control("faults", {"kind": kind, "count": 1})
    answer = call("cross_borrow", BORROW)
    assert (answer[0], answer[1]["code"]) == (status, code)
    assert debt(call.venue) == "0"


def test_a_request_that_arrives_twice_is_done_twice(call: Caller) -> None:
    call.venue.control("faults", {"kind": "duplicate", "endpoint": "cross_borrow", "count": 1})
    assert call("cross_borrow", BORROW)[0] == 200
    assert debt(call.venue) == "2"


def test_with_strict_replay_it_is_done_once() -> None:
    with Emulator(clock="virtual", limits=False, strict_replay=True) as venue:
        venue.control("market", PRICE)
        call = Caller(venue)
        venue.control("faults", {"kind": "duplicate", "endpoint": "cross_borrow", "count": 1})
        assert call("cross_borrow", BORROW)[0] == 200
        assert debt(venue) == "1"


@pytest.mark.parametrize("skew", [60_000, -60_000])
def test_a_skewed_clock_finds_every_timestamp_old(call: Caller, skew: int) -> None:
    call.venue.control("faults", {"kind": "clock_skew", "delay_ms": skew, "endpoint": "cross_assets", "count": 1})
    assert call("cross_assets")[1]["code"] == "40008"
    assert call("cross_assets")[1]["code"] == "00000"


def test_late_requests_and_late_answers_are_answered(call: Caller) -> None:
    call.venue.control("faults", {"kind": "latency", "delay_ms": 5, "count": 1})
    call.venue.control("faults", {"kind": "reorder", "delay_ms": 5, "count": 1})
    assert call("cross_borrow", BORROW)[0] == 200


# the control API


def control(call: Caller, method: str, word: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
    text = "" if body is None else json.dumps(body)
    headers = {"X-Sandbox-Token": call.venue.control_token if token is None else token}
    status, answer = call.send(method, f"/_sandbox/{word}", text, headers)
    return status, answer


def test_seventy_two_hours_pass_over_http(call: Caller) -> None:
    assert call("cross_borrow", {"coin": "USDT", "borrowAmount": "100"})[0] == 200
    start = control(call, "GET", "state")[1]["now"]
    assert control(call, "POST", "clock", {"advance_ms": 72 * HOUR}) == (200, {"now": start + 72 * HOUR})
    rows = call("cross_interests", {"startTime": str(start)})[1]["data"]["resultList"]
    assert [row["type"] for row in rows] == ["scheduled"] * 72 + ["first"]


def test_every_word_over_http(call: Caller) -> None:
    assert control(call, "POST", "market", {"symbol": "ETHUSDT", "price": "2000"})[1]["price"] == "2000"
    assert (
        control(call, "POST", "market", {"symbol": "ETHUSDT", "book": {"bids": [["1999", "1"]], "asks": []}})[0] == 200
    )
    assert control(call, "POST", "fund", {"account": "isolated:BTCUSDT", "coin": "BTC", "amount": "1"})[0] == 200
    mark = control(call, "POST", "snapshot")[1]["snapshot"]
    assert call("cross_borrow", BORROW)[0] == 200
    assert control(call, "POST", "reset", {"snapshot": mark})[0] == 200
    assert debt(call.venue) == "0"
    forked = control(call, "POST", "fork", {"account": "default", "to": "twin"})[1]
    assert forked["to"] == "twin"
    twin = Caller(call.venue, {name: forked[name] for name in ("apiKey", "secret", "password")})
    assert twin("cross_borrow", BORROW)[0] == 200
    assert debt(call.venue) == "0"
    state = control(call, "GET", "state")[1]
    assert set(state) == {"now", "prices", "accounts", "orders", "loans", "faults"}
    assert control(call, "POST", "faults", {"kind": "latency", "delay_ms": 1})[1]["faults"][0]["kind"] == "latency"
    assert "reset_after_commit" in control(call, "GET", "faults")[1]["kinds"]["requests"]
    assert control(call, "DELETE", "faults")[1]["faults"] == []
    assert control(call, "POST", "reset")[0] == 200


def test_more_accounts_and_keys(call: Caller) -> None:
    made = control(call, "POST", "keys", {"account": "bob", "funds": {"BTC": "2"}, "permissions": ["read"]})[1]
    bob = Caller(call.venue, made)
    assert bob("cross_assets", {"coin": "BTC"})[1]["data"][0]["available"] == "2"
    assert bob("cross_borrow", BORROW)[1]["code"] == "40014"
    assert control(call, "GET", "keys")[1]["accounts"] == ["default", "bob"]


@pytest.mark.parametrize(
    ("method", "word", "body", "status"),
    [
        ("GET", "clock", None, 404), ("POST", "state", {}, 404), ("POST", "none", {}, 404),
        ("DELETE", "state", None, 404),
        ("POST", "clock", {}, 400), ("POST", "clock", {"advance_ms": -1}, 400), ("POST", "clock", [], 400),
        ("POST", "clock", {"advance_ms": "x"}, 400), ("POST", "clock", {"advance_ms": 1e300}, 400),
        ("POST", "market", {"symbol": "NONE", "price": 1}, 400),
        ("POST", "market", {"symbol": "BTCUSDT", "price": "x"}, 400),
        ("POST", "market", {"symbol": "BTCUSDT", "candle": [1]}, 400),
        ("POST", "market", {"symbol": "BTCUSDT", "book": 1}, 400),
        ("POST", "market", {"symbol": "BTCUSDT", "price": -1}, 400),
        ("POST", "fund", {"account": "nowhere", "coin": "BTC", "amount": 1}, 400),
        ("POST", "fund", {"account": "cross", "coin": "BTC", "amount": {}}, 400),
        ("POST", "reset", {"snapshot": "none"}, 400), ("POST", "fork", {}, 400), ("POST", "fork", {"to": "a=b"}, 400),
        ("POST", "faults", {"kind": "x"}, 400), ("POST", "faults", None, 400),
        ("POST", "keys", {"account": 1, "x": 2}, 400),
    ],
)  # fmt: skip
def test_words_that_make_no_sense_say_what_does(
    call: Caller, method: str, word: str, body: Any, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    before = control(call, "GET", "state")
    answer = control(call, method, word, body)
    assert answer[0] == status, answer
    assert answer[1]["error"]
    assert control(call, "GET", "state") == before
    assert not caplog.records


@pytest.mark.parametrize("token", ["", "wrong", "ünicode"])
def test_the_control_api_has_a_token_of_its_own(call: Caller, token: str) -> None:
    assert control(call, "GET", "state", token=token.encode().decode("latin-1"))[0] == 401


def test_the_description_is_served(call: Caller) -> None:
    status, body = call.send("GET", "/openapi.json")
    assert (status, body["openapi"]) == (200, "3.1.0")
    named = [operation["operationId"] for path in body["paths"].values() for operation in path.values()]
    assert len(named) == len(set(named))
    assert set(named) >= {*ENDPOINTS, *(f"{name}_v2" for name in ENDPOINTS)}
