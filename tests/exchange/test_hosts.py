"""The synchronous and the asyncio class over real HTTP on the loopback: same requests, same structures, same errors."""

import asyncio
import inspect
import logging
from typing import Any

import ccxt
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.exchange import aio, sync
from bitget_margin_adapter.exchange.description import camel_case
from bitget_margin_adapter.flows.catalogue import METHODS

from .conftest import CREDENTIALS, Server
from .doors import DOORS, Door

ASSET = {
    "coin": "USDT", "totalAmount": "15.5", "available": "10.5", "frozen": "5", "borrow": "1", "interest": "0.5",
    "net": "14", "ctime": "1673342905288",
}  # fmt: skip


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, server: Server) -> Door:
    return Door(request.param, server.config())


def test_balance_is_signed_and_complete(door: Door, server: Server) -> None:
    server.answers["cross_assets"] = [ASSET]
    balance = door.call("fetch_balance")
    assert balance["USDT"] == {"free": 10.5, "used": 5.0, "total": 15.5, "debt": 1.5}
    assert server.names() == ["currencies", "cross_assets"]
    assert server.seen[1].signed
    assert not server.seen[0].signed


def test_borrow_by_either_class(door: Door, server: Server) -> None:
    server.answers["isolated_borrow"] = {"clientOid": None, "symbol": "BTCUSDT", "coin": "BTC", "borrowAmount": "0.1"}
    loan = door.call("borrow_margin", "BTC", 0.1, "BTC/USDT")
    assert (loan["amount"], loan["currency"], loan["symbol"]) == (0.1, "BTC", "BTC/USDT")
    assert server.seen[-1].body == {"coin": "BTC", "borrowAmount": "0.1", "symbol": "BTCUSDT"}
    assert server.seen[-1].signed


def test_lists_are_signed_with_their_query(door: Door, server: Server) -> None:
    server.answers["cross_loans"] = {"resultList": [], "maxId": "0", "minId": "0"}
    assert door.call("fetch_borrow_history", "USDT", since=1_700_000_000_000, limit=5) == []
    assert server.seen[-1].signed
    assert "coin=USDT" in server.seen[-1].query


def test_implicit_methods_reach_the_table_and_are_signed_by_us(door: Door, server: Server) -> None:
    server.answers["cross_max_borrowable"] = {"maxBorrowableAmount": "1", "coin": "USDT"}
    body = door.call("privateMarginPostMarginV1CrossAccountMaxBorrowableAmount", {"coin": "USDT"})
    assert body["data"] == {"maxBorrowableAmount": "1", "coin": "USDT"}
    assert server.seen[-1].signed


def test_no_signed_call_outside_the_table_can_be_built(door: Door, server: Server) -> None:
    for name in ("privateSpotPostV2SpotTradePlaceOrder", "privateMarginPostV2MarginCrossedAccountBorrow"):
        with pytest.raises(ccxt.NotSupported, match="nothing else is signed"):
            door.call(name, {"coin": "USDT"})
    assert server.seen == []


REFUSED = {"code": "50035", "msg": "exceeds", "requestTime": 1, "data": None}


@pytest.mark.parametrize(
    ("answer", "kind", "texts"),
    [
        ((400, REFUSED), ccxt.InsufficientFunds, ("cross_borrow", "50035", "'exceeds'")),
        (REFUSED, ccxt.InsufficientFunds, ("cross_borrow", "50035")),
        ((400, {**REFUSED, "code": "50060"}), ccxt.DuplicateOrderId, ("50060",)),
        ((400, {**REFUSED, "code": "50021"}), ccxt.AccountNotEnabled, ("50021",)),
        ((400, {**REFUSED, "code": "99999"}), ccxt.ExchangeError, ("99999", "not in the documentation")),
        ((429, ""), ccxt.RateLimitExceeded, ("cross_borrow",)),
        ((429, {"code": "429", "msg": "slow"}), ccxt.RateLimitExceeded, ("429",)),
    ],
)
def test_refusals_say_what_happened_and_where(
    door: Door, server: Server, answer: Any, kind: type[Exception], texts: tuple[str, ...]
) -> None:
    server.answers["cross_borrow"] = answer
    with pytest.raises(kind) as caught:
        door.call("borrow_cross_margin", "USDT", 1)
    for text in texts:
        assert text in str(caught.value)
    assert server.names().count("cross_borrow") == 1


NO_CODES: tuple[Any, ...] = (None, "", True, [], {"a": 1}, 0.5)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((500, "<html>"), ccxt.ExchangeNotAvailable),
        ((502, ""), ccxt.ExchangeNotAvailable),
        ("", ccxt.BadResponse),
        ("{", ccxt.BadResponse),
        ("[]", ccxt.BadResponse),
        ({"code": "00000", "data": {"riskRate": "much"}}, ccxt.BadResponse),
        ({"code": "00000", "data": None}, ccxt.BadResponse),
        ((400, {"code": "00000", "data": {"riskRate": "0"}}), ccxt.BadResponse),
        ((500, {"code": "00000", "data": {"riskRate": "0"}}), ccxt.BadResponse),
        *(({"code": code, "data": {"riskRate": "0"}}, ccxt.BadResponse) for code in NO_CODES),
    ],
)
def test_broken_answers_are_operations_that_failed(
    door: Door, server: Server, answer: Any, kind: type[Exception]
) -> None:
    server.answers["cross_risk_rate"] = answer
    with pytest.raises(kind, match="bitgetmargin"):
        door.call("fetch_risk_rate")


def test_a_stale_timestamp_is_measured_and_signed_anew(door: Door, server: Server) -> None:
    expired = (400, {"code": "40008", "msg": "expired", "data": None})
    answers = iter([expired, {"clientOid": None, "coin": "USDT", "borrowAmount": "1"}])
    server.answers["cross_borrow"] = lambda seen: next(answers)
    server.answers["time"] = "1700000000000"
    server.answers["time"] = {"code": "00000", "data": "1700000000000"}
    assert door.call("borrow_cross_margin", "USDT", 1)["amount"] == 1.0
    assert server.names() == ["currencies", "cross_borrow", "time", "time", "time", "cross_borrow"]
    stamp = int(server.seen[-1].headers["ACCESS-TIMESTAMP"])
    assert abs(stamp - 1_700_000_000_000) < 60_000


def test_a_clock_that_cannot_be_set_right_raises(door: Door, server: Server) -> None:
    server.answers["cross_borrow"] = (400, {"code": "40008", "msg": "expired", "data": None})
    server.answers["time"] = {"code": "00000", "data": "1700000000000"}
    with pytest.raises(ccxt.InvalidNonce):
        door.call("borrow_cross_margin", "USDT", 1)
    assert server.names().count("cross_borrow") == 2


def test_reads_go_to_the_second_host_and_writes_do_not(door: Door, server: Server) -> None:
    server.answers["cross_risk_rate"] = {"riskRate": "0.5"}
    dead = "http://127.0.0.1:9"
    door.config = server.config(urls={"api": {"margin": dead, "spot": dead}, "backup": server.url})
    assert door.call("fetch_risk_rate")["riskRate"] == 0.5
    with pytest.raises(ccxt.RequestTimeout, match="unknown"):
        door.call("flash_repay", "USDT")
    assert "cross_flash_repay" not in server.names()


@pytest.mark.parametrize("missing", sorted(CREDENTIALS))
def test_missing_keys_raise_before_anything_is_sent(door: Door, server: Server, missing: str) -> None:
    door.config = server.config(**{missing: ""})
    with pytest.raises(ccxt.AuthenticationError, match=missing):
        door.call("fetch_balance")
    assert server.seen == []


@pytest.mark.parametrize("value", ["a&b", "a=b", "a b", "a%20", "a#b", "a+b", "a?b", "a\nb"])
def test_values_that_cannot_be_signed_in_a_query(door: Door, server: Server, value: str) -> None:
    with pytest.raises(ccxt.BadRequest, match="orderId"):
        door.call("fetch_open_orders", "BTC/USDT", params={"orderId": value})
    assert server.names() == ["currencies"]


def test_plain_http_is_for_this_machine_only(door: Door, server: Server) -> None:
    door.config = server.config(urls={"api": {"margin": "http://venue.example", "spot": server.url}})
    with pytest.raises(ccxt.NotSupported, match="https"):
        door.call("fetch_balance")


def test_nothing_secret_is_logged_or_shown(door: Door, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    leak = (
        400,
        {"code": "40009", "msg": f"bad sign for {CREDENTIALS['secret']} {CREDENTIALS['apiKey']}", "data": None},
    )
    server.answers["cross_assets"] = leak
    with caplog.at_level(logging.DEBUG), pytest.raises(ccxt.AuthenticationError) as caught:
        door.call("fetch_balance")
    # The venue's own words reach ccxt's log of raw answers; what we write ourselves is scrubbed.
    for secret in CREDENTIALS.values():
        assert secret not in str(caught.value)
    requests = [record.getMessage() for record in caplog.records if "Request:" in record.getMessage()]
    assert requests
    assert not any(secret in text for text in requests for secret in CREDENTIALS.values())


def test_both_classes_have_every_method_and_document_it() -> None:
    for name in METHODS:
        for cls in (sync.bitgetmargin, aio.bitgetmargin):
            assert getattr(cls, name).__wrapped__ is METHODS[name], (cls, name)
            assert callable(getattr(cls(), camel_case(name)))


def test_inherited_calls_without_a_meaning_say_so() -> None:
    exchange = bma.bitgetmargin()
    for name in (
        "withdraw",
        "set_leverage",
        "fetch_positions",
        "edit_order",
        "create_stop_order",
        "fetch_funding_rate",
    ):
        with pytest.raises(ccxt.NotSupported, match=name):
            getattr(exchange, name)("a", "b", "c")
        assert exchange.has[camel_case(name)] is False


def test_register_makes_ccxt_know_the_classes() -> None:
    import ccxt.async_support
    import ccxt.pro

    bma.register()
    bma.register()
    for module, cls in ((ccxt, sync.bitgetmargin), (ccxt.async_support, aio.bitgetmargin)):
        assert module.bitgetmargin is cls
        assert module.exchanges.count("bitgetmargin") == 1
    assert issubclass(ccxt.pro.bitgetmargin, aio.bitgetmargin)
    assert ccxt.pro.exchanges.count("bitgetmargin") == 1
    exchange = ccxt.bitgetmargin()
    assert exchange.id == "bitgetmargin"


@pytest.mark.parametrize("options", [{}, {"paper": {"account": None}}], ids=["live", "paper"])
def test_params_are_a_dictionary_in_every_call(options: dict[str, Any]) -> None:
    exchange: Any = bma.bitgetmargin({"options": options})
    for name, flow in METHODS.items():
        args = [None] * (len(inspect.signature(flow).parameters) - 2)
        call = getattr(exchange, name)
        said = f"bitgetmargin {name}: params is a dictionary, not"
        with pytest.raises(ccxt.BadRequest, match=said):
            call(*args, None)
        with pytest.raises(ccxt.BadRequest, match=said):
            call(*args, params=["cross"])


def test_params_are_a_dictionary_with_asyncio_too() -> None:
    exchange = bma.async_support.bitgetmargin()
    with pytest.raises(ccxt.BadRequest, match="params is a dictionary"):
        asyncio.run(exchange.fetch_balance(None))
