"""The venue answers v1 and v2 on one state: the same unified structures by either, and ccxt's own class by v2.

The transport is the exchanges' `fetch`, answered in process; the sockets have their own tests.
"""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import ccxt
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.model.refusals import Reason, Refusal
from bitget_margin_adapter.venue.public import public_answer
from bitget_margin_adapter.venue.service import Venue
from bitget_margin_adapter.wire.endpoints import BY_ROUTE
from bitget_margin_adapter.wire.reasons import CODE_OF
from bitget_margin_adapter.wire.render import render
from bitget_margin_adapter.wire.v2 import serve

START = 1_700_000_000_000
HOUR = 3_600_000
KEY = {"apiKey": "key", "secret": "secret", "password": "phrase", "enableRateLimit": False}
CROSS, ISOLATED = {"marginMode": "cross"}, {"marginMode": "isolated"}


class Place:
    """A venue with one account, and what its doors do with a request."""

    def __init__(self) -> None:
        self.venue = Venue(start=START)
        self.now = START
        self.venue.open_account(
            "alice",
            {"USDT": "10000", "isolated:BTCUSDT": {"USDT": "5000", "BTC": "0.1"}, "spot": {"USDT": "1000"}},
            START,
        )
        self.price("30000")

    def price(self, text: str) -> None:
        self.venue.set_price("BTCUSDT", text, self.now)

    def wait(self, span: int) -> None:
        self.now += span
        self.venue.advance(self.now)

    def fetch(self, url: str, method: str = "GET", headers: Any = None, body: str | None = None) -> Any:
        parts = urlsplit(url)
        params = json.loads(body) if body else dict(parse_qsl(parts.query))
        try:
            return self.answer(method, parts.path, params)
        except Refusal as refusal:
            return {"code": CODE_OF[refusal.reason], "msg": ", ".join(refusal.details), "data": None}

    def answer(self, method: str, path: str, params: Mapping[str, Any]) -> Any:
        row = BY_ROUTE.get((method, path))
        if row is not None:
            return render(row.answer, self.handle(row.name, params), self.now)
        body = serve(method, path, params, self.handle, self.now)
        if body is not None:
            return body
        pairs = self.handle("currencies", {})
        return public_answer(path.removeprefix("/api/"), params, self.venue.market, pairs, self.now)

    def handle(self, endpoint: str, params: Mapping[str, Any]) -> Any:
        return self.venue.handle("alice", endpoint, params, self.now)

    def join(self, exchange: Any) -> Any:
        """Stands at the transport and tells the time."""

        def fetch(url: str, method: str = "GET", headers: Any = None, body: str | None = None) -> Any:
            answer = self.fetch(url, method, headers, body)
            if answer["code"] != "00000":
                exchange.handle_errors(400, "", url, method, {}, json.dumps(answer), answer, headers, body)
            return answer

        exchange.fetch = fetch
        exchange.milliseconds = lambda: self.now
        return exchange


@pytest.fixture
def place() -> Place:
    return Place()


def ours(place: Place, dialect: str) -> Any:
    ids = (f"id{number}" for number in itertools.count())
    return place.join(bma.bitgetmargin({**KEY, "options": {"dialect": dialect, "idSource": lambda: next(ids)}}))


def theirs(place: Place) -> Any:
    return place.join(ccxt.bitget({**KEY, "options": {"uta": False, "fetchMarkets": {"types": ["spot"]}}}))


# --- one story, told in both dialects


def bare(value: Any) -> Any:
    """Without `info`, at every depth."""
    if isinstance(value, Mapping):
        return {name: bare(item) for name, item in value.items() if name != "info"}
    return [bare(item) for item in value] if isinstance(value, list) else value


def story(place: Place, ex: Any) -> Iterator[Any]:
    yield ex.load_markets()
    yield ex.fetch_currencies()
    yield ex.fetch_time()
    for mode in (CROSS, ISOLATED):
        isolated = mode is ISOLATED
        symbol = "BTC/USDT" if isolated else None
        yield ex.fetch_balance(mode)
        yield ex.fetch_market_leverage_tiers("BTC/USDT", mode)
        yield ex.fetch_isolated_borrow_rate("BTC/USDT") if isolated else ex.fetch_cross_borrow_rate("BTC")
        yield ex.fetch_max_borrowable("USDT", symbol)
        yield ex.fetch_max_borrowable("BTC", symbol)
        yield ex.fetch_max_transferable("USDT", symbol)
        borrow = ("BTC/USDT", "USDT", 100) if isolated else ("USDT", 100)
        yield (ex.borrow_isolated_margin if isolated else ex.borrow_cross_margin)(*borrow)
        yield ex.fetch_risk_rate(symbol)
        bought = ex.create_order("BTC/USDT", "market", "buy", 0.01, 30000, mode)
        yield bought
        yield ex.fetch_order(bought["id"], "BTC/USDT", mode)
        resting = ex.create_order("BTC/USDT", "limit", "buy", 0.001, 20000, {**mode, "loanType": "autoLoanAndRepay"})
        yield resting
        yield ex.fetch_open_orders("BTC/USDT", None, None, mode)
        yield ex.cancel_order(resting["id"], "BTC/USDT", mode)
        batch = ex.create_orders(
            [
                {
                    "symbol": "BTC/USDT",
                    "type": "limit",
                    "side": "sell",
                    "amount": 0.001,
                    "price": 40000,
                    "params": mode,
                },
                {"symbol": "BTC/USDT", "type": "limit", "side": "sell", "amount": 900, "price": 40000, "params": mode},
            ]
        )
        yield batch
        yield ex.cancel_orders([batch[0]["id"], "123456789"], "BTC/USDT", mode)
        place.wait(2 * HOUR)
        yield ex.fetch_borrow_interest("USDT", symbol, START, None, mode)
        yield ex.fetch_borrow_history(None, symbol, START)
        repay = ("BTC/USDT", "USDT", 50) if isolated else ("USDT", 50)
        yield (ex.repay_isolated_margin if isolated else ex.repay_cross_margin)(*repay)
        yield ex.fetch_repay_history(None, symbol, START)
        yield ex.fetch_my_trades("BTC/USDT", START, None, mode)
        yield ex.fetch_canceled_and_closed_orders("BTC/USDT", START, None, mode)
        yield ex.fetch_ledger(None, START, None, {"symbol": symbol} if isolated else {})
        yield ex.fetch_my_liquidations(symbol, START)
        flash = ex.flash_repay(None if isolated else "USDT", [symbol] if isolated else None)
        yield flash
        yield ex.fetch_flash_repay_status([row["id"] for row in flash], mode)
        yield ex.fetch_balance(mode)
    yield ex.transfer("USDT", 10, "spot", "cross")
    yield ex.transfer("USDT", 10, "spot", "isolated", {"symbol": "BTC/USDT"})


def test_both_dialects_give_the_same_structures() -> None:
    told = {}
    for dialect in ("v1", "v2"):
        place = Place()
        told[dialect] = [bare(part) for part in story(place, ours(place, dialect))]
    assert len(told["v1"]) > 50
    for old, new in zip(told["v1"], told["v2"], strict=True):
        assert new == old


REFUSED: list[tuple[Callable[[Any], Any], type[Exception], str]] = [
    (lambda ex: ex.borrow_cross_margin("USDT", 10**9), ccxt.InsufficientFunds, "50035"),
    (lambda ex: ex.create_order("BTC/USDT", "limit", "buy", 5, 20000), ccxt.InsufficientFunds, "50020"),
    (lambda ex: ex.create_order("BTC/USDT", "limit", "buy", 0.0001, 20000), ccxt.InvalidOrder, "45110"),
    (lambda ex: ex.cancel_order("123456789", "BTC/USDT"), ccxt.OrderNotFound, "43001"),
]


@pytest.mark.parametrize("dialect", ["v1", "v2"])
@pytest.mark.parametrize(("call", "kind", "code"), REFUSED, ids=[code for _, _, code in REFUSED])
def test_both_dialects_refuse_alike(
    place: Place, dialect: str, call: Callable[[Any], Any], kind: type[Exception], code: str
) -> None:
    with pytest.raises(kind, match=f"cross_.*{code}"):
        call(ours(place, dialect))


def test_placed_by_v1_seen_by_v2_and_by_ccxt(place: Place) -> None:
    old, new, other = ours(place, "v1"), ours(place, "v2"), theirs(place)
    order = old.create_order("BTC/USDT", "limit", "buy", 0.001, 20000)
    assert [row["id"] for row in new.fetch_open_orders("BTC/USDT")] == [order["id"]]
    assert [row["id"] for row in other.fetch_open_orders("BTC/USDT", None, None, CROSS)] == [order["id"]]
    other.cancel_order(order["id"], "BTC/USDT", CROSS)
    assert old.fetch_open_orders("BTC/USDT") == []
    assert new.fetch_order(order["id"], "BTC/USDT")["status"] == "canceled"


# --- ccxt's own class


@pytest.mark.parametrize("mode", [CROSS, ISOLATED], ids=["cross", "isolated"])
def test_ccxts_own_margin_calls_run_unchanged(place: Place, mode: dict[str, str]) -> None:
    ex = theirs(place)
    ex.load_markets()
    isolated = mode is ISOLATED
    assert ex.market("BTC/USDT")["marginModes"] == {"cross": True, "isolated": True}

    def owed() -> float:
        return float(ex.fetch_balance(mode)["USDT"]["debt"])

    if isolated:
        loan = ex.borrow_isolated_margin("BTC/USDT", "USDT", 100)
        assert loan["symbol"] == "BTC/USDT"
        assert ex.fetch_isolated_borrow_rate("BTC/USDT")["baseRate"] == 0.00007
    else:
        loan = ex.borrow_cross_margin("USDT", 100)
        assert ex.fetch_cross_borrow_rate("BTC")["rate"] == 0.00007
    assert (loan["amount"], loan["currency"]) == (100.0, "USDT")
    assert loan["id"]
    assert owed() == pytest.approx(100.0005, abs=1e-3)

    tiers = ex.fetch_market_leverage_tiers("BTC/USDT", mode if isolated else {**mode, "code": "USDT"})
    assert tiers[0]["maxLeverage"] == (10 if isolated else 3)

    bought = ex.create_order("BTC/USDT", "market", "buy", 0.01, 30000, {**mode, "clientOrderId": "b1"})
    assert bought["clientOrderId"] == "b1"
    (trade,) = ex.fetch_my_trades("BTC/USDT", START, None, mode)
    assert (trade["order"], trade["amount"], trade["price"], trade["side"]) == (bought["id"], 0.01, 30000.0, "buy")
    assert trade["fee"] == {"currency": "BTC", "cost": 0.00001}

    resting = ex.create_order("BTC/USDT", "limit", "buy", 0.001, 20000, mode)
    (row,) = ex.fetch_open_orders("BTC/USDT", None, None, mode)
    assert (row["id"], row["status"], row["amount"], row["price"]) == (resting["id"], "open", 0.001, 20000.0)
    assert ex.cancel_order(resting["id"], "BTC/USDT", mode)["id"] == resting["id"]

    line = {"symbol": "BTC/USDT", "type": "limit", "side": "sell", "amount": 0.001, "price": 40000, "params": mode}
    pair = ex.create_orders([line, {**line, "amount": 900}])
    # ccxt gives a refused line no symbol, and then drops the rows that are not of the symbol.
    assert len(pair) == 1
    assert [order["id"] for order in ex.cancel_orders([pair[0]["id"]], "BTC/USDT", mode)] == [pair[0]["id"]]
    assert [order["status"] for order in ex.fetch_closed_orders("BTC/USDT", START, None, mode)] == ["closed"]
    canceled = ex.fetch_canceled_orders("BTC/USDT", START, None, mode)
    assert {order["id"] for order in canceled} == {resting["id"], pair[0]["id"]}

    place.wait(HOUR)
    charged = ex.fetch_borrow_interest("USDT", "BTC/USDT" if isolated else None, START, None, mode)
    assert [row["interest"] > 0 for row in charged] == [True] * len(charged)
    assert len(charged) == 2
    repaid = ex.repay_isolated_margin("BTC/USDT", "USDT", 200) if isolated else ex.repay_cross_margin("USDT", 200)
    assert repaid["id"]
    assert owed() == 0
    assert ex.fetch_my_liquidations("BTC/USDT", START, None, mode) == []
    params = {"symbol": "BTC/USDT"} if isolated else {}
    assert ex.transfer("USDT", 10, "spot", "isolated" if isolated else "cross", params)["id"]


def test_ccxt_sees_its_liquidation(place: Place) -> None:
    ex = theirs(place)
    ex.borrow_isolated_margin("BTC/USDT", "USDT", 20000)
    ex.create_order("BTC/USDT", "market", "buy", 0.8, 30000, ISOLATED)
    place.price("22000")
    place.wait(1000)
    (row,) = ex.fetch_my_liquidations("BTC/USDT", START, None, ISOLATED)
    assert row["symbol"] == "BTC/USDT"
    assert row["quoteValue"] > 0


# --- what v2 has and v1 has not


def test_both_ceilings_of_a_pair_in_one_answer(place: Place) -> None:
    data = place.fetch("http://x/api/v2/margin/isolated/account/max-borrowable-amount?symbol=BTCUSDT")["data"]
    one = place.handle("isolated_max_borrowable", {"symbol": "BTCUSDT", "coin": "USDT"})
    assert (data["baseCoin"], data["quoteCoin"]) == ("BTC", "USDT")
    assert float(data["quoteCoinMaxBorrowAmount"]) == float(one.amount) > 0
    path = "/api/v2/margin/isolated/account/max-transfer-out-amount"
    for params, reason in (({}, Reason.MISSING_PARAMETER), ({"symbol": "NOUSDT"}, Reason.UNKNOWN_PAIR)):
        with pytest.raises(Refusal) as caught:
            place.answer("GET", path, params)
        assert caught.value.reason is reason


def test_risk_rates_of_all_pairs(place: Place) -> None:
    path = "/api/v2/margin/isolated/account/risk-rate"
    ours(place, "v2").borrow_isolated_margin("BTC/USDT", "USDT", 100)
    (row,) = place.answer("GET", path, {"symbol": "BTCUSDT"})["data"]
    assert float(row["riskRateRatio"]) > 0
    assert row in place.answer("GET", path, {})["data"]


def test_open_orders_want_a_start(place: Place) -> None:
    with pytest.raises(Refusal) as caught:
        place.answer("GET", "/api/v2/margin/crossed/open-orders", {"symbol": "BTCUSDT"})
    assert caught.value.details == ("startTime",)


def test_open_orders_go_back_by_id(place: Place) -> None:
    ex = ours(place, "v2")
    ids = [ex.create_order("BTC/USDT", "limit", "buy", 0.001, 20000 + n)["id"] for n in range(3)]
    path, asked = "/api/v2/margin/crossed/open-orders", {"symbol": "BTCUSDT", "startTime": "1"}
    rows = place.answer("GET", path, {**asked, "idLessThan": ids[2]})["data"]
    assert [row["orderId"] for row in rows["orderList"]] == [ids[1], ids[0]]
    assert (rows["maxId"], rows["minId"]) == (ids[1], ids[0])
    assert place.answer("GET", path, {**asked, "idLessThan": ids[0]})["data"]["minId"] == "0"


def test_interest_ends_where_it_is_told_and_pages_stay_full(place: Place) -> None:
    ours(place, "v1").borrow_cross_margin("USDT", 100)
    place.wait(6 * HOUR)
    path = "/api/v2/margin/crossed/interest-history"

    def times(**asked: Any) -> list[int]:
        body = place.answer("GET", path, {"startTime": str(START), **asked})
        return [int(row["cTime"]) for row in body["data"]["resultList"]]

    every = times()
    assert len(every) == 7
    for limit in (1, 2, 3, 500):
        for cut, moment in enumerate(every):
            assert times(endTime=str(moment), limit=str(limit)) == every[cut : cut + limit]
    assert times(endTime="5") == []


def test_refusals_name_the_parameters_of_v2(place: Place) -> None:
    body = {"symbol": "BTCUSDT", "side": "buy", "orderType": "limit", "loanType": "normal", "force": "never"}
    with pytest.raises(Refusal) as caught:
        place.answer("POST", "/api/v2/margin/crossed/place-order", body)
    assert caught.value.details == ("force",)


def test_implicit_calls_of_either_version_on_paper() -> None:
    ex = bma.bitgetmargin({"options": {"paper": {"account": None, "clock": "virtual", "funds": {"USDT": "1000"}}}})
    ex.sandbox_control("market", {"symbol": "BTCUSDT", "price": "30000"})
    assert ex.privateMarginPostMarginV1CrossAccountBorrow({"coin": "USDT", "borrowAmount": "5"})["data"] == {
        "coin": "USDT",
        "borrowAmount": "5",
        "clientOid": None,
    }
    borrowed = ex.privateMarginPostV2MarginCrossedAccountBorrow({"coin": "USDT", "borrowAmount": "5"})["data"]
    assert borrowed["borrowAmount"] == "5"
    assert borrowed["loanId"]
    assert len(ex.fetch_borrow_history("USDT")) == 2
    rate = ex.fetch2("v2/margin/interest-rate-record", ["private", "margin"], "GET", {"coin": "USDT"})["data"]
    assert float(rate["dailyInterestRate"]) == ex.fetch_cross_borrow_rate("USDT")["rate"]
    with pytest.raises(ccxt.BadRequest, match=r"cross_liquidation_orders.*type"):
        ex.fetch2("v2/margin/crossed/liquidation-order", ["private", "margin"], "GET", {"type": "x"})
    with pytest.raises(ccxt.ArgumentsRequired, match=r"cross_open_orders.*startTime"):
        ex.privateMarginGetV2MarginCrossedOpenOrders({"symbol": "BTCUSDT"})
    with pytest.raises(ccxt.NotSupported, match="nothing else is signed"):
        ex.privateSpotPostV2SpotTradePlaceOrder({"symbol": "BTCUSDT"})


# --- and what v2 alone has


def test_the_rate_of_a_coin_stands_since_the_hour_began(place: Place) -> None:
    place.wait(90 * 60_000)
    data = place.answer("GET", "/api/v2/margin/interest-rate-record", {"coin": "BTC"})["data"]
    (rate,) = place.handle("cross_interest_rate_and_limit", {"coin": "BTC"})
    since = int(data["updatedTime"])
    assert (data["coin"], float(data["dailyInterestRate"])) == ("BTC", float(rate.daily_interest_rate))
    assert float(data["annualInterestRate"]) == float(rate.yearly_interest_rate) > 0
    assert since % HOUR == 0
    assert place.now - HOUR < since <= place.now
    for params, reason in (({}, Reason.MISSING_PARAMETER), ({"coin": "NONE"}, Reason.UNKNOWN_COIN)):
        with pytest.raises(Refusal) as caught:
            place.answer("GET", "/api/v2/margin/interest-rate-record", params)
        assert caught.value.reason is reason


@pytest.mark.parametrize(("name", "path"), [("cross", "crossed"), ("isolated", "isolated")])
def test_the_orders_of_a_liquidation(place: Place, name: str, path: str) -> None:
    ex = ours(place, "v2")
    path = f"/api/v2/margin/{path}/liquidation-order"
    assert place.answer("GET", path, {})["data"] == {"resultList": [], "idLessThan": "0"}
    where = {"marginMode": name}
    money, size, low = (20000, 0.8, "22000") if name == "isolated" else (16000, 0.8, "17000")
    own = ex.create_order("BTC/USDT", "limit", "buy", 0.001, 31000, where)
    ex.borrow_margin("USDT", money, "BTC/USDT" if name == "isolated" else None, where)
    ex.create_order("BTC/USDT", "market", "buy", size, 30000, where)
    place.price(low)
    place.wait(1000)
    page = place.answer("GET", path, {})["data"]
    history = ex.fetch_orders("BTC/USDT", START, None, where)
    forced = [order for order in history if order["info"]["side"].startswith("liquidation")]
    assert forced
    assert [row["orderId"] for row in page["resultList"]] == [order["id"] for order in reversed(forced)]
    assert own["id"] not in {row["orderId"] for row in page["resultList"]}
    row, order = page["resultList"][0], forced[-1]
    assert set(row) == {
        "symbol", "orderType", "side", "priceAvg", "price", "fillSize", "size", "amount", "orderId",
        "fromCoin", "toCoin", "fromSize", "toSize", "cTime", "uTime",
    }  # fmt: skip
    assert (row["symbol"], row["orderType"], row["side"]) == ("BTCUSDT", "market", "liquidation-sell")
    assert (float(row["fillSize"]), float(row["amount"])) == (order["filled"], order["cost"])
    assert page["idLessThan"] == page["resultList"][-1]["orderId"]
    assert place.answer("GET", path, {"idLessThan": page["idLessThan"]})["data"]["resultList"] == []
    assert place.answer("GET", path, {"symbol": "ETHUSDT"})["data"]["resultList"] == []
    assert place.answer("GET", path, {"type": "swap"})["data"]["resultList"] == []
    assert place.answer("GET", path, {"endTime": str(START - 1)})["data"]["resultList"] == []
    for params, detail in (({"type": "x"}, "type"), ({"limit": "x"}, "limit"), ({"limit": "501"}, "limit")):
        with pytest.raises(Refusal) as caught:
            place.answer("GET", path, {"symbol": "BTCUSDT", **params})
        assert caught.value.details == (detail,)


def test_lists_are_paged_to_their_end_by_the_last_id(place: Place) -> None:
    """As a client of v2 does it: 1,200 ended orders and their fills, 300 open ones, a hundred at a time."""
    ex = ours(place, "v2")
    line = {"symbol": "BTC/USDT", "type": "market", "side": "sell", "amount": 0.0003}
    place.venue.fund("alice", "cross", "BTC", "1", place.now)
    ended = [row["id"] for _ in range(24) for row in ex.create_orders([line] * 50)]
    low = {"symbol": "BTC/USDT", "type": "limit", "side": "buy", "amount": 0.0003, "price": 20000}
    resting = [row["id"] for _ in range(6) for row in ex.create_orders([low] * 50)]
    assert len(set(ended)) == 1200
    assert len(set(resting)) == 300
    for path, key, field, wanted in (
        ("history-orders", "orderList", "orderId", ended),
        ("fills", "fills", "orderId", ended),
        ("open-orders", "orderList", "orderId", resting),
    ):
        found: list[str] = []
        asked = {"symbol": "BTCUSDT", "startTime": str(START)}
        for _ in range(len(wanted) // 100 + 1):
            page = place.answer("GET", f"/api/v2/margin/crossed/{path}", asked)["data"]
            if not page[key]:
                break
            assert len(page[key]) == 100
            found += (row[field] for row in page[key])
            asked["idLessThan"] = page["minId"]
        assert found == wanted[::-1], path
