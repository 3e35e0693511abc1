"""What must not happen to keys, signed requests and lost answers, on both classes; the figures are SAFETY's rows."""

import copy
import itertools
import json
import pickle
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ccxt
import pytest

import bitget_margin_adapter as bma

from .conftest import CREDENTIALS, PAIR, Server
from .doors import DOORS, Door

CLASSES = [bma.bitgetmargin, bma.async_support.bitgetmargin, bma.pro.bitgetmargin]
SECRETS = list(CREDENTIALS.values())

# The folder of the tests; the package may be installed below a folder of that name.
OWN = str(Path(__file__).parents[1])


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, server: Server) -> Door:
    return Door(request.param, server.config())


@pytest.mark.parametrize("cls", CLASSES)
def test_keys_show_in_no_repr_and_no_pickle_and_stay_in_copies(cls: Any) -> None:
    exchange = cls(CREDENTIALS)
    exchange.privateKey = "-----BEGIN PRIVATE KEY-----"
    assert exchange.secret == CREDENTIALS["secret"]
    twin = copy.deepcopy(exchange)
    assert [getattr(twin, name) for name in CREDENTIALS] == SECRETS
    pickled = pickle.dumps(exchange)
    for secret in [*SECRETS, "BEGIN PRIVATE"]:
        assert secret not in repr(vars(exchange))
        assert secret.encode() not in pickled
    with pytest.raises(ccxt.AuthenticationError, match="pickle"):
        pickle.loads(pickled).check_required_credentials()  # noqa: S301


def test_a_used_object_pickles_without_its_keys(server: Server) -> None:
    exchange = bma.bitgetmargin(server.config())
    server.answers["cross_risk_rate"] = {"riskRate": "0"}
    exchange.fetch_risk_rate()
    pickled = pickle.dumps(exchange)
    assert not any(secret.encode() in pickled for secret in SECRETS)
    restored = pickle.loads(pickled)  # noqa: S301
    for name, value in CREDENTIALS.items():
        setattr(restored, name, value)
    assert restored.fetch_risk_rate()["riskRate"] == 0
    assert copy.deepcopy(exchange).fetch_risk_rate()["riskRate"] == 0


def test_keys_show_in_no_traceback_with_locals(door: Door, server: Server) -> None:
    server.answers["cross_assets"] = (400, {"code": "40009", "msg": "sign", "data": None})
    with pytest.raises(ccxt.AuthenticationError) as caught:
        door.call("fetch_balance")
    stack = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
    # The test's own frames hold the keys in clear.
    text = "".join(str(frame.locals) for frame in stack if not frame.filename.startswith(OWN))
    assert "ACCESS-SIGN" in text
    assert not any(secret in text for secret in SECRETS)


def test_copies_of_a_private_paper_account_share_it() -> None:
    exchange = bma.bitgetmargin({"options": {"paper": {"account": None}}})
    exchange.borrow_cross_margin("USDT", 5)
    assert copy.deepcopy(exchange).fetch_balance()["USDT"]["debt"] > 5
    restored = pickle.loads(pickle.dumps(exchange))  # noqa: S301
    assert restored.fetch_balance()["USDT"]["debt"] == 0


@contextmanager
def raw_server(answer: Callable[[bytes], bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """Says the bytes it is told to and hangs up."""
    seen: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                request = connection.recv(65536)
                seen.append(request)
                connection.sendall(answer(request))

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", seen
    finally:
        listener.close()


def head(status: str, *lines: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "Connection: close", "", ""]).encode()


CUT = {
    "length": head("200 OK", "Content-Type: application/json", "Content-Length: 500") + b'{"code":"000',
    "chunk": head("200 OK", "Transfer-Encoding: chunked") + b'ff\r\n{"code"',
    "packed": head("200 OK", "Content-Encoding: gzip", "Content-Length: 4") + b"junk",
    "nothing": b"",
}


@pytest.mark.parametrize("kind", CUT)
def test_an_answer_that_breaks_off_leaves_a_write_unknown_and_unrepeated(door: Door, server: Server, kind: str) -> None:
    with raw_server(lambda request: CUT[kind]) as (url, seen):
        door.config = server.config(urls={"api": {"margin": url, "spot": url}}, options={"offlineMarkets": True})
        with pytest.raises(ccxt.RequestTimeout, match="outcome is unknown"):
            door.call("transfer", "USDT", 1, "spot", "cross")
    assert len(seen) == 1


def test_no_signed_request_follows_a_redirect(door: Door, server: Server) -> None:
    with raw_server(
        lambda request: head("307 Temporary Redirect", f"Location: {server.url}/elsewhere", "Content-Length: 0")
    ) as (url, seen):
        door.config = server.config(urls={"api": {"margin": url, "spot": url}}, options={"offlineMarkets": True})
        with pytest.raises(ccxt.RequestTimeout):
            door.call("transfer", "USDT", 1, "spot", "cross")
        with pytest.raises(ccxt.NetworkError):
            door.call("fetch_balance")
    assert len(seen) == 2
    assert server.seen == []


def test_the_clock_is_measured_before_the_first_signature_if_asked(door: Door, server: Server) -> None:
    server.answers |= {"cross_risk_rate": {"riskRate": "0"}, "time": {"code": "00000", "data": "1700000000000"}}
    door.config = server.config(options={"adjustForTimeDifference": True})
    door.calls(("fetch_risk_rate", (), {}), ("fetch_risk_rate", (), {}))
    assert server.names() == ["time", "time", "time", "cross_risk_rate", "cross_risk_rate"]
    assert abs(int(server.seen[-1].headers["ACCESS-TIMESTAMP"]) - 1_700_000_000_000) < 60_000
    door = Door(door.kind, server.config())
    assert door.call("load_time_difference") == door.exchange.options["timeDifference"] > 60_000


def test_locale_is_sent_when_it_is_set(door: Door, server: Server) -> None:
    server.answers["cross_risk_rate"] = {"riskRate": "0"}
    door.config = server.config(options={"locale": "en-US"})
    door.call("fetch_risk_rate")
    assert server.seen[-1].headers["locale"] == "en-US"


def test_ids_come_from_the_source_that_was_given(door: Door, server: Server) -> None:
    server.answers["cross_place_order"] = lambda seen: {"orderId": "1", "clientOid": seen.body["clientOid"]}
    order = ("BTC/USDT", "limit", "buy", 1, 1)
    for source in (lambda: "fixed", itertools.repeat("fixed")):
        door = Door(door.kind, server.config(options={"idSource": source}))
        assert door.call("create_order", *order)["clientOrderId"] == "fixed"


def test_markets_without_a_network(door: Door, server: Server, tmp_path: Path) -> None:
    files = {"rows.json": [PAIR], "answer.json": {"code": "00000", "data": [PAIR]}, "profile.json": {}}
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content))
    for option in (True, *(str(tmp_path / name) for name in files)):
        door = Door(door.kind, {"options": {"offlineMarkets": option}})
        markets = door.call("load_markets")
        assert markets["BTC/USDT"]["marginModes"] == {"cross": True, "isolated": True}
    for wrong in (str(tmp_path / "none.json"), 5):
        door = Door(door.kind, {"options": {"offlineMarkets": wrong}})
        with pytest.raises(ccxt.BadRequest, match="offlineMarkets"):
            door.call("load_markets")
    assert server.seen == []


def test_what_other_frameworks_add_is_borne(door: Door, server: Server) -> None:
    server.answers["cross_open_orders"] = {"orderList": [], "maxId": "0", "minId": "0"}
    door.config = server.config(options={"symbols": ["BTC/USDT"]})
    assert door.call("fetch_open_orders", params={"type": "margin", "tradeType": "MARGIN_TRADE"}) == []
    assert "tradeType" not in server.seen[-1].query
    assert door.exchange.exchangeId == "bitgetmargin"


def test_one_failure_of_many_stops_the_others(door: Door, server: Server) -> None:
    server.answers["currencies"] = [{**PAIR, "symbol": f"C{n}USDT", "baseCoin": f"C{n}"} for n in range(30)]
    server.answers["cross_interest_rate_and_limit"] = (400, {"code": "40014", "msg": "no", "data": None})
    with pytest.raises(ccxt.PermissionDenied):
        door.call("fetch_cross_borrow_rates")
    assert server.names().count("cross_interest_rate_and_limit") <= 12
