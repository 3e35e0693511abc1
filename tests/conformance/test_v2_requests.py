"""For the same unified call ccxt's own bitget class and ours build the same request of API v2.

Both are stopped at the transport, with the same clock and markets. Where they differ, the case says how and why.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import ccxt
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.model.rows import (
    Accepted,
    Batch,
    Ceiling,
    FlashRepayment,
    Page,
    Receipt,
    Risk,
    Transferred,
)
from bitget_margin_adapter.wire.endpoints import ENDPOINTS
from bitget_margin_adapter.wire.v2 import ROUTES_V2, answer_to_v2
from bitget_margin_adapter.wire.v2.endpoints import OWN
from bitget_margin_adapter.wire.v2.requests import WINDOW

from ..flows.conftest import PlainContext

NOW = 1_700_000_000_000
SINCE = NOW - 3_600_000
CONFIG = {"apiKey": "key", "secret": "secret", "password": "phrase", "enableRateLimit": False}
CROSS, ISOLATED = {"marginMode": "cross"}, {"marginMode": "isolated"}
D = Decimal

ACCEPTED = Accepted("1", "c1")
VALUES: dict[str, Any] = {
    "accepted": ACCEPTED,
    "batch": Batch((ACCEPTED, Accepted("2", "c2")), ()),
    "cancelled": Batch((ACCEPTED,), ()),
    "borrowed": Receipt("BTCUSDT", "USDT", D(1), None, None),
    "repaid": Receipt("BTCUSDT", "USDT", D(1), D(0), None),
    "risk": Risk(None, D(0)),
    "risks": (Risk("BTCUSDT", D(0)),),
    "max_borrowable": Ceiling(None, "BTC", D(1)),
    "max_transfer_out": Ceiling(None, "BTC", D(1)),
    "pair_max_borrowable": (Ceiling("BTCUSDT", "BTC", D(1)), Ceiling("BTCUSDT", "USDT", D(1))),
    "pair_max_transfer_out": (Ceiling("BTCUSDT", "BTC", D(1)), Ceiling("BTCUSDT", "USDT", D(1))),
    "flash_repayment": FlashRepayment("1", None, "BTC", None),
    "transferred": Transferred("1", None),
    "time": NOW,
}
"""A value for each answer; where there is none, an empty list or page."""
PAGES = {"open_orders", "order_history", "fills", "loans", "repays", "interests", "liquidations", "financial_records"}


class Request(NamedTuple):
    method: str
    host: str
    path: str
    params: dict[str, Any]


class Tap:
    """In place of `fetch`: keeps what would be sent and answers as v2 does."""

    def __init__(self) -> None:
        self.seen: list[Request] = []

    def __call__(self, url: str, method: str = "GET", headers: Any = None, body: str | None = None) -> Any:
        parts = urlsplit(url)
        params = json.loads(body) if body else dict(parse_qsl(parts.query, strict_parsing=True) if parts.query else ())
        self.seen.append(Request(method, parts.netloc, parts.path, params))
        row = ROUTES_V2[method, parts.path]
        value = VALUES.get(row.answer, Page((), "0", "0") if row.answer in PAGES else ())
        return answer_to_v2(row.name, value, NOW)


def tapped(exchange: Any) -> Tap:
    context = PlainContext().load()
    exchange.set_markets(list((context.markets or {}).values()))
    exchange.milliseconds = lambda: NOW
    exchange.fetch = tap = Tap()
    return tap


def ours(**options: Any) -> Any:
    return bma.bitgetmargin({**CONFIG, "options": options})


def theirs() -> Any:
    return ccxt.bitget({**CONFIG, "options": {"uta": False, "createMarketBuyOrderRequiresPrice": True}})


class Case(NamedTuple):
    call: str
    args: tuple[Any, ...]
    differs: dict[str, tuple[Any, Any]] = {}
    """Parameter: (ccxt's, ours), None where it is not sent. Each is explained beside it."""


# The documentation has lower case, ccxt writes capitals; the venue takes both.
GTC = {"force": ("GTC", "gtc")}
IOC, FOK = {"force": ("IOC", "ioc")}, {"force": ("FOK", "fok")}
# ccxt leaves the page to the venue, which answers 100 rows. We want every open order.
LIMIT = {"limit": (None, "500")}
# Both go back 90 days when nothing is said; we a minute less, which the venue's clock may be ahead.
A_MINUTE = {"startTime": (str(NOW - 90 * 86_400_000), str(NOW - WINDOW))}

# Without a limit ccxt leaves the page to the venue. Of what has ended we filter by status, and of interest by its own
# list: large pages need fewer calls. Of everything else a hundred rows, as the venue itself would, but said.
HUNDRED = {"limit": (None, "100")}
# Ours are sorted oldest first, and filtered here: `since` and `limit` of open orders cut what all of them are.
ALL_OPEN = {"limit": ("20", "500"), "startTime": (str(SINCE), str(NOW - WINDOW))}
# With `since` ccxt asks for `limit` rows, which are the newest of the window. We promise the oldest from `since` on,
# and so read the window to its end, in the largest pages there are.
LIMIT_AS_ASKED = {"limit": ("20", "500")}


COST_IS_AMOUNT = {"createMarketBuyOrderRequiresPrice": False}


def everything(mode: dict[str, str]) -> list[Case]:
    pair = {**mode, "clientOrderId": "c1"}
    isolated = mode is ISOLATED
    batch = [
        {"symbol": "BTC/USDT", "type": "limit", "side": side, "amount": 0.1, "price": 20000,
         "params": {**mode, "clientOrderId": f"c{number}"}}
        for number, side in enumerate(("buy", "sell"), 1)
    ]  # fmt: skip
    lines = [
        {"symbol": "BTCUSDT", "side": side, "orderType": "limit", "price": "20000", "baseSize": "0.1",
         "loanType": "normal", "force": "GTC", "clientOid": f"c{number}"}
        for number, side in enumerate(("buy", "sell"), 1)
    ]  # fmt: skip
    # ccxt repeats the symbol in every line of a batch; the documentation has it once, above them.
    plain = [{**{k: v for k, v in line.items() if k != "symbol"}, "force": "gtc"} for line in lines]
    return [
        Case("create_order", ("BTC/USDT", "limit", "buy", 0.1, 20000, pair), GTC),
        Case("create_order", ("BTC/USDT", "market", "sell", 0.1, None, pair), GTC),
        Case("create_order", ("BTC/USDT", "market", "buy", 0.1, 20000, pair), GTC),
        Case("create_order", ("BTC/USDT", "limit", "sell", 0.1, 20000, pair), GTC),
        Case("create_order", ("BTC/USDT", "limit", "buy", 0.1, 20000, {**pair, "postOnly": True})),
        Case("create_order", ("BTC/USDT", "limit", "buy", 0.1, 20000, {**pair, "timeInForce": "PO"})),
        Case("create_order", ("BTC/USDT", "limit", "buy", 0.1, 20000, {**pair, "timeInForce": "GTC"}), GTC),
        Case("create_order", ("BTC/USDT", "limit", "buy", 0.1, 20000, {**pair, "timeInForce": "IOC"}), IOC),
        Case("create_order", ("BTC/USDT", "limit", "buy", 0.1, 20000, {**pair, "timeInForce": "FOK"}), FOK),
        *(
            Case("create_order", ("BTC/USDT", "limit", "buy", 0.1, 20000, {**pair, "loanType": word}), GTC)
            for word in ("normal", "autoLoan", "autoRepay", "autoLoanAndRepay")
        ),
        Case("create_order", ("BTC/USDT", "limit", "buy", 0.1, 20000, {**pair, "stpMode": "cancel_taker"}), GTC),
        Case("create_order", ("BTC/USDT", "market", "buy", 2000, None, {**pair, **COST_IS_AMOUNT}), GTC),
        # Steps of the pair: both cut, neither rounds up.
        Case("create_order", ("BTC/USDT", "limit", "buy", 0.12345678, 20000.123, pair), GTC),
        Case("create_market_buy_order_with_cost", ("BTC/USDT", 2000, pair), GTC),
        Case("create_orders", (batch,), {"orderList": (lines, plain)}),
        Case("cancel_order", ("1", "BTC/USDT", mode)),
        Case("cancel_order", (None, "BTC/USDT", pair)),
        Case("cancel_orders", (["1", "2"], "BTC/USDT", mode)),
        Case("fetch_open_orders", ("BTC/USDT", None, None, mode), LIMIT | A_MINUTE),
        Case("fetch_open_orders", ("BTC/USDT", SINCE, 20, mode), ALL_OPEN),
        Case("fetch_canceled_and_closed_orders", ("BTC/USDT", SINCE, 20, mode), LIMIT_AS_ASKED),
        Case("fetch_my_trades", ("BTC/USDT", SINCE, 20, mode), LIMIT_AS_ASKED),
        Case("fetch_my_trades", ("BTC/USDT", None, 20, mode), A_MINUTE),
        Case("fetch_my_trades", ("BTC/USDT", None, None, mode), A_MINUTE | HUNDRED),
        Case("fetch_my_liquidations", ("BTC/USDT" if isolated else None, None, None, mode), A_MINUTE | HUNDRED),
        Case("fetch_closed_orders", ("BTC/USDT", SINCE, 20, mode), LIMIT_AS_ASKED),
        Case("fetch_canceled_orders", ("BTC/USDT", SINCE, 20, mode), LIMIT_AS_ASKED),
        Case("fetch_closed_orders", ("BTC/USDT", None, None, mode), A_MINUTE | LIMIT),
        Case("fetch_my_trades", ("BTC/USDT", SINCE, 20, {**mode, "until": NOW}), LIMIT_AS_ASKED),
        Case("fetch_balance", (mode,)),
        Case("fetch_borrow_interest", ("USDT", "BTC/USDT" if isolated else None, SINCE, 20, mode), LIMIT_AS_ASKED),
        Case("fetch_my_liquidations", ("BTC/USDT" if isolated else None, SINCE, 20, mode), LIMIT_AS_ASKED),
    ]


CASES = [
    *everything(CROSS),
    *everything(ISOLATED),
    Case("borrow_cross_margin", ("USDT", 1)),
    Case("borrow_isolated_margin", ("BTC/USDT", "USDT", 1)),
    Case("repay_cross_margin", ("USDT", 1)),
    Case("repay_isolated_margin", ("BTC/USDT", "USDT", 1)),
    Case("fetch_cross_borrow_rate", ("USDT",)),
    Case("fetch_isolated_borrow_rate", ("BTC/USDT",)),
    Case("fetch_market_leverage_tiers", ("BTC/USDT", ISOLATED)),
    Case("fetch_market_leverage_tiers", ("BTC/USDT", {"marginMode": "cross", "code": "USDT"})),
    # ccxt sends the amount as a bare number; the documentation has text, and a float may print an exponent.
    Case("transfer", ("USDT", 1.5, "spot", "cross"), {"amount": (1.5, "1.5")}),
    Case("transfer", ("USDT", 1.5, "spot", "isolated", {"symbol": "BTC/USDT"}), {"amount": (1.5, "1.5")}),
    Case("transfer", ("USDT", 1.5, "cross", "spot"), {"amount": (1.5, "1.5")}),
    Case("transfer", ("USDT", 1.5, "isolated", "spot", {"symbol": "BTC/USDT"}), {"amount": (1.5, "1.5")}),
    Case("transfer", ("USDT", 1.5, "cross", "isolated", {"symbol": "BTC/USDT"}), {"amount": (1.5, "1.5")}),
    Case("fetch_time", ()),
    # ccxt passes its own spelling of the pair on, which the venue does not know.
    Case("fetch_balance", ({**ISOLATED, "symbol": "BTC/USDT"},), {"symbol": ("BTC/USDT", "BTCUSDT")}),
]


def sent(exchange: Any, case: Case) -> Request:
    tap = tapped(exchange)
    try:
        getattr(exchange, case.call)(*case.args)
    except ccxt.NotSupported as problem:
        # Our borrow rates say so when the list is empty; the request was sent before.
        assert "borrow_rate" in case.call, problem  # noqa: PT017
    (request,) = tap.seen
    return request


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.call}-{case.args[-1] if case.args else ''}"[:60])
def test_the_same_request(case: Case) -> None:
    theirs_sent, ours_sent = sent(theirs(), case), sent(ours(), case)
    assert ours_sent[:3] == theirs_sent[:3]
    names = theirs_sent.params.keys() | ours_sent.params.keys()
    pairs = {name: (theirs_sent.params.get(name), ours_sent.params.get(name)) for name in names}
    assert {name: both for name, both in pairs.items() if both[0] != both[1]} == case.differs


@pytest.mark.parametrize("mode", [CROSS, ISOLATED], ids=["cross", "isolated"])
def test_an_order_of_ours_is_never_without_an_id_of_its_own(mode: dict[str, str]) -> None:
    """ccxt sends none: an order whose answer is lost could then not be looked up."""
    case = Case("create_order", ("BTC/USDT", "limit", "buy", 0.1, 20000, mode))
    theirs_sent, ours_sent = sent(theirs(), case), sent(ours(idSource=lambda: "made"), case)
    assert ours_sent.params == {**theirs_sent.params, "force": "gtc", "clientOid": "made"}


@pytest.mark.parametrize("mode", [CROSS, ISOLATED], ids=["cross", "isolated"])
def test_the_fees_are_in_the_list_of_pairs_that_is_loaded_already(mode: dict[str, str]) -> None:
    """ccxt asks for one pair's rate by another API, and for all of them by the list of pairs."""
    other = theirs()
    tap = tapped(other)
    with pytest.raises(KeyError):  # the tap answers for margin alone
        other.fetch_trading_fee("BTC/USDT", mode)
    assert [request.path for request in tap.seen] == ["/api/v2/common/trade-rate"]
    assert sent(theirs(), Case("fetch_trading_fees", (mode,))).path == "/api/v2/margin/currencies"
    exchange = ours()
    tap = tapped(exchange)
    one, every = exchange.fetch_trading_fee("BTC/USDT", mode), exchange.fetch_trading_fees(mode)
    assert (one["maker"], one["taker"]) == (0.001, 0.001)
    assert every["BTC/USDT"] == one
    assert set(every) == {"BTC/USDT", "ETH/USDT"}
    assert tap.seen == []


@pytest.mark.parametrize("mode", [CROSS, ISOLATED], ids=["cross", "isolated"])
def test_open_orders_of_no_pair_are_asked_for_pair_by_pair(mode: dict[str, str]) -> None:
    """ccxt leaves the symbol out, which the documentation requires."""
    assert "symbol" not in sent(theirs(), Case("fetch_open_orders", (None, None, None, mode))).params
    exchange = ours(symbols=["BTC/USDT", "ETH/USDT"])
    tap = tapped(exchange)
    exchange.fetch_open_orders(None, None, None, mode)
    assert [request.params["symbol"] for request in tap.seen] == ["BTCUSDT", "ETHUSDT"]


MARGIN_CALLS = {
    "create_order", "create_market_buy_order_with_cost", "create_orders", "cancel_order", "cancel_orders",
    "fetch_open_orders", "fetch_closed_orders", "fetch_canceled_orders", "fetch_canceled_and_closed_orders",
    "fetch_my_trades", "fetch_balance", "fetch_borrow_interest", "fetch_my_liquidations",
}  # fmt: skip
"""What ccxt can do in both modes by `params['marginMode']`."""


@pytest.mark.parametrize("mode", [CROSS, ISOLATED], ids=["cross", "isolated"])
def test_every_margin_call_of_ccxts_is_compared_in_both_modes(mode: dict[str, str]) -> None:
    cases = everything(mode)
    assert {case.call for case in cases} == MARGIN_CALLS
    for case in cases:
        *_, last = case.args
        params = last[0]["params"] if isinstance(last, list) else last
        assert params["marginMode"] == mode["marginMode"], case
    name = mode["marginMode"]
    by_name = {case.call for case in CASES}
    assert {f"borrow_{name}_margin", f"repay_{name}_margin", f"fetch_{name}_borrow_rate"} <= by_name
    assert any(case.call == "transfer" and name in case.args for case in CASES)
    tiers = [case.args[-1] for case in CASES if case.call == "fetch_market_leverage_tiers"]
    assert name in {params["marginMode"] for params in tiers}


def test_what_ccxt_has_no_call_for_is_asked_in_v2_as_well() -> None:
    """The rest of the endpoints: their requests stand here by hand."""
    calls: list[tuple[Callable[[Any], Any], str, str, dict[str, Any]]] = [
        (lambda ex: ex.fetch_risk_rate(), "GET", "crossed/account/risk-rate", {}),
        (lambda ex: ex.fetch_risk_rate("BTC/USDT"), "GET", "isolated/account/risk-rate", {"symbol": "BTCUSDT"}),
        (lambda ex: ex.fetch_max_borrowable("BTC"), "GET", "crossed/account/max-borrowable-amount", {"coin": "BTC"}),
        (
            lambda ex: ex.fetch_max_borrowable("BTC", "BTC/USDT"),
            "GET", "isolated/account/max-borrowable-amount", {"symbol": "BTCUSDT"},
        ),
        (
            lambda ex: ex.fetch_max_transferable("USDT", "BTC/USDT"),
            "GET", "isolated/account/max-transfer-out-amount", {"symbol": "BTCUSDT"},
        ),
        (lambda ex: ex.flash_repay("BTC"), "POST", "crossed/account/flash-repay", {"coin": "BTC"}),
        (
            lambda ex: ex.flash_repay(None, ["BTC/USDT"]),
            "POST", "isolated/account/flash-repay", {"symbolList": ["BTCUSDT"]},
        ),
        (
            lambda ex: ex.fetch_flash_repay_status(["1"]),
            "POST", "crossed/account/query-flash-repay-status", {"idList": ["1"]},
        ),
        (
            lambda ex: ex.fetch_borrow_history("BTC", None, SINCE),
            "GET", "crossed/borrow-history", {"coin": "BTC", "startTime": str(SINCE), "limit": "500"},
        ),
        (
            lambda ex: ex.fetch_repay_history("BTC", "BTC/USDT", SINCE),
            "GET", "isolated/repay-history",
            {"coin": "BTC", "symbol": "BTCUSDT", "startTime": str(SINCE), "limit": "500"},
        ),
        (
            lambda ex: ex.fetch_ledger("BTC", SINCE),
            "GET", "crossed/financial-records", {"coin": "BTC", "startTime": str(SINCE), "limit": "500"},
        ),
    ]  # fmt: skip
    for call, method, path, params in calls:
        exchange = ours()
        tap = tapped(exchange)
        call(exchange)
        assert tap.seen == [Request(method, "api.bitget.com", f"/api/v2/margin/{path}", params)]


def test_markets_come_from_one_public_call() -> None:
    exchange = ours()
    exchange.fetch = tap = Tap()
    assert exchange.fetch_markets() == []
    assert tap.seen == [Request("GET", "api.bitget.com", "/api/v2/margin/currencies", {})]


# --- which dialect is spoken where


@pytest.mark.parametrize(
    ("base", "option", "path"),
    [
        ("https://api.{hostname}", "auto", "/api/v2/margin/crossed/account/risk-rate"),
        ("https://capi.bitget.com", "auto", "/api/v2/margin/crossed/account/risk-rate"),
        ("https://api.{hostname}", "v1", "/api/margin/v1/cross/account/riskRate"),
        ("http://127.0.0.1:1", "auto", "/api/margin/v1/cross/account/riskRate"),
        ("https://venue.example", "auto", "/api/margin/v1/cross/account/riskRate"),
        ("https://API.Bitget.com/", "auto", "/api/v2/margin/crossed/account/risk-rate"),
        # Names that only look like Bitget's.
        ("https://api.bitget.com.example", "auto", "/api/margin/v1/cross/account/riskRate"),
        ("https://api.notbitget.com", "auto", "/api/margin/v1/cross/account/riskRate"),
        ("https://venue.example/api.bitget.com", "auto", "/api.bitget.com/api/margin/v1/cross/account/riskRate"),
        ("https://venue.example", "v2", "/api/v2/margin/crossed/account/risk-rate"),
        ("http://127.0.0.1:1", "v2", "/api/v2/margin/crossed/account/risk-rate"),
    ],
)
def test_the_dialect_goes_by_the_address_unless_forced(base: str, option: str, path: str) -> None:
    exchange = ours(dialect=option)
    exchange.urls["api"] = {"margin": base, "spot": base}
    paths: list[str] = []

    def fetch(url: str, *rest: Any) -> Any:
        paths.append(urlsplit(url).path)
        return {"code": "00000", "data": {"riskRate": "0", "riskRateRatio": "0"}}

    exchange.fetch = fetch
    assert exchange.fetch_risk_rate()["riskRate"] == 0.0
    assert paths == [path]


def test_a_read_that_finds_no_connection_goes_to_the_second_host_in_the_same_dialect() -> None:
    exchange = ours()
    urls: list[str] = []

    def fetch(url: str, *rest: Any) -> Any:
        urls.append(url)
        if len(urls) == 1:
            raise ccxt.NetworkError(f"{exchange.id} GET {url}")
        return {"code": "00000", "data": {"riskRateRatio": "0"}}

    exchange.fetch = fetch
    exchange.fetch_risk_rate()
    path = "/api/v2/margin/crossed/account/risk-rate"
    assert urls == [f"https://api.bitget.com{path}", f"https://capi.bitget.com{path}"]


def test_the_sandbox_is_the_paper_account_and_sends_nothing_and_back_again_it_is_v2() -> None:
    """ccxt's own switch only adds a header that the venue's demo trading reads, which has no margin."""
    exchange = ours(dialect="v2", paper=None)
    tap = tapped(exchange)
    exchange.set_sandbox_mode(True)
    exchange.options["paper"] = {"account": None, "clock": "virtual"}
    exchange.sandbox_control("market", {"symbol": "BTCUSDT", "price": "30000"})
    assert exchange.fetch_balance()["USDT"]["free"] == 10000.0
    assert exchange.create_order("BTC/USDT", "market", "buy", 0.01, 30000)["id"]
    assert exchange.fetch_ticker("BTC/USDT")["last"] == 30000.0
    assert tap.seen == []
    exchange.set_sandbox_mode(False)
    assert exchange.fetch_balance()["free"] == {}
    assert [request.path for request in tap.seen] == ["/api/v2/margin/crossed/account/assets"]


def test_an_unknown_dialect_is_named() -> None:
    with pytest.raises(ccxt.BadRequest, match="'v3'"):
        ours(dialect="v3").fetch_risk_rate()


@pytest.mark.parametrize("call", ["fetch_cross_borrow_rate", "fetch_isolated_borrow_rate"])
def test_what_v2_signs_needs_a_key_there_and_none_in_v1(call: str) -> None:
    argument = "USDT" if "cross" in call else "BTC/USDT"
    keyless = bma.bitgetmargin({"enableRateLimit": False})
    tap = tapped(keyless)
    with pytest.raises(ccxt.AuthenticationError, match="apiKey"):
        getattr(keyless, call)(argument)
    assert tap.seen == []
    keyless.options["dialect"] = "v1"
    paths: list[str] = []

    def fetch(url: str, *rest: Any) -> Any:
        paths.append(urlsplit(url).path)
        return {"code": "00000", "data": []}

    keyless.fetch = fetch
    with pytest.raises(ccxt.NotSupported, match="venue"):
        getattr(keyless, call)(argument)
    assert len(paths) == 1


def test_a_unified_account_is_told_where_to_go() -> None:
    exchange = ours(dialect="v2")
    url = "https://api.bitget.com" + ROUTES_V2["GET", "/api/v2/margin/crossed/account/assets"].path
    body = {"code": "40085", "msg": "You are in Unified Account mode", "data": None}
    with pytest.raises(ccxt.PermissionDenied, match=r"cross_assets.*40085.*unified trading account") as caught:
        exchange.handle_errors(400, "", url, "GET", {}, json.dumps(body), body, {}, "")
    assert "switch back to a classic account" in str(caught.value)


def test_implicit_methods_of_both_versions_end_in_v2() -> None:
    exchange = ours(dialect="v2")
    tap = tapped(exchange)
    old = exchange.privateMarginGetMarginV1CrossAccountRiskRate()
    new = exchange.privateMarginGetV2MarginCrossedAccountRiskRate()
    assert (old["data"], new["data"]) == ({"riskRate": "0"}, {"riskRateRatio": "0"})
    assert {request.path for request in tap.seen} == {"/api/v2/margin/crossed/account/risk-rate"}
    with pytest.raises(ccxt.NotSupported, match="nothing else is signed"):
        exchange.privateSpotPostV2SpotTradePlaceOrder({"symbol": "BTCUSDT"})


def test_no_endpoint_is_left_without_a_v2_request() -> None:
    assert {row.name for row in ROUTES_V2.values()} == set(ENDPOINTS) | set(OWN)
