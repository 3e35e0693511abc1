"""The two dialects say the same: requests there and back, answers there and back, and the names that v2 is known by."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bitget_margin_adapter
from bitget_margin_adapter.model.rows import (
    Accepted,
    Asset,
    Batch,
    Ceiling,
    Fill,
    Loan,
    Order,
    Page,
    Receipt,
    Refused,
    Repayment,
    Transferred,
)
from bitget_margin_adapter.model.words import (
    LoanRecordType,
    LoanType,
    OrderStatus,
    OrderType,
    RepayRecordType,
    Side,
    Source,
    TimeInForce,
)
from bitget_margin_adapter.wire.endpoints import ENDPOINTS, Endpoint, Kind, Param
from bitget_margin_adapter.wire.parse import Malformed
from bitget_margin_adapter.wire.shapes import ANSWERS
from bitget_margin_adapter.wire.v2 import ENDPOINTS_V2, ROUTES_V2, answer_to_v2, from_v2, request_of_v2, to_v2
from bitget_margin_adapter.wire.v2.endpoints import OWN, TRANSLATIONS
from bitget_margin_adapter.wire.v2.requests import WINDOW
from bitget_margin_adapter.wire.v2.shapes import ANSWERS_V2

from .test_render import JSON, NAMES, NUMBERS, answers_of

NOW = 1_700_000_000_000
D = Decimal
Bare = Callable[[Any], Any]


def params(method: str, path: str, given: dict[str, Any]) -> dict[str, Any]:
    found = request_of_v2(method, path, given)
    assert found is not None
    return found[1]


# --- the table


def test_every_endpoint_has_one_route_in_v2_and_no_path_of_v1() -> None:
    assert set(ENDPOINTS_V2) == set(ENDPOINTS) | set(OWN)
    assert not set(ENDPOINTS) & set(OWN)
    assert (len(ROUTES_V2), len(ENDPOINTS), len(OWN)) == (50, 47, 3)
    assert {row.answer for row in ENDPOINTS_V2.values()} == set(ANSWERS_V2)
    assert all(row.path.startswith("/api/v2/") for row in ENDPOINTS_V2.values())
    assert not any("/cross/" in row.path for row in ENDPOINTS_V2.values())


@pytest.mark.parametrize(
    ("name", "method", "path"),
    [
        ("cross_interest_rate_and_limit", "GET", "/api/v2/margin/crossed/interest-rate-and-limit"),
        ("isolated_tier_data", "GET", "/api/v2/margin/isolated/tier-data"),
        ("currencies", "GET", "/api/v2/margin/currencies"),
        ("isolated_risk_rate", "GET", "/api/v2/margin/isolated/account/risk-rate"),
        ("cross_max_borrowable", "GET", "/api/v2/margin/crossed/account/max-borrowable-amount"),
        ("cross_flash_repay_status", "POST", "/api/v2/margin/crossed/account/query-flash-repay-status"),
        ("cross_place_order", "POST", "/api/v2/margin/crossed/place-order"),
        ("isolated_order_history", "GET", "/api/v2/margin/isolated/history-orders"),
        ("cross_loans", "GET", "/api/v2/margin/crossed/borrow-history"),
        ("isolated_financial_records", "GET", "/api/v2/margin/isolated/financial-records"),
        ("transfer", "POST", "/api/v2/spot/wallet/transfer"),
        ("time", "GET", "/api/v2/public/time"),
        ("interest_rate_record", "GET", "/api/v2/margin/interest-rate-record"),
        ("cross_liquidation_orders", "GET", "/api/v2/margin/crossed/liquidation-order"),
        ("isolated_liquidation_orders", "GET", "/api/v2/margin/isolated/liquidation-order"),
    ],
)
def test_routes(name: str, method: str, path: str) -> None:
    if name in ENDPOINTS:
        assert to_v2(name, {"startTime": "1"}, NOW)[:2] == (method, path)
    assert ROUTES_V2[method, path].name == name


def test_paths_of_v2_stand_in_the_table_only() -> None:
    root = Path(bitget_margin_adapter.__file__).parent
    for path in root.rglob("*.py"):
        if path.relative_to(root).as_posix() != "wire/v2/endpoints.py":
            code = re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            assert "/api/v2" not in code, path


def test_flows_speak_v1_and_know_no_dialect() -> None:
    """A refusal's endpoint is named by either table; nothing else in a flow depends on what is spoken."""
    root = Path(bitget_margin_adapter.__file__).parent
    spoken = {new for call in TRANSLATIONS.values() for new in call.names.values()} | {"orderIdList"}
    # ccxt's own word, and the venue's for the time in force, which callers may name in params as well.
    foreign = spoken - {"limit", "force"}
    assert {"baseSize", "quoteSize", "idLessThan", "enterPointSource", "symbolList", "orderIdList"} <= foreign
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        if place.startswith("flows/"):
            assert '"dialect"' not in text, place
            assert "wire.v2" not in text or place == "flows/refusal.py", place
        if place.startswith(("flows/", "exchange/", "paper/", "stream/", "engine/", "model/")):
            assert not [name for name in foreign if f'"{name}"' in text], place


def test_the_conditions_of_a_mode_are_signed_in_v2() -> None:
    assert {name for name, row in ENDPOINTS_V2.items() if not row.private} == {"currencies", "time"}


# --- requests


@pytest.mark.parametrize(
    ("name", "v1", "v2"),
    [
        (
            "cross_place_order",
            {"symbol": "BTCUSDT", "side": "buy", "orderType": "limit", "price": "1", "loanType": "autoLoan",
             "timeInForce": "gtc", "baseQuantity": "2", "clientOid": "a"},
            {"symbol": "BTCUSDT", "side": "buy", "orderType": "limit", "price": "1", "loanType": "autoLoan",
             "force": "gtc", "baseSize": "2", "clientOid": "a"},
        ),
        (
            "isolated_batch_place_order",
            {"symbol": "BTCUSDT", "orderList": [{"side": "buy", "quoteAmount": "5", "timeInForce": "ioc"}]},
            {"symbol": "BTCUSDT", "orderList": [{"side": "buy", "quoteSize": "5", "force": "ioc"}]},
        ),
        (
            "cross_batch_cancel_order",
            {"symbol": "BTCUSDT", "orderIds": ["1", "2"], "clientOids": ["a"]},
            {"symbol": "BTCUSDT", "orderIdList": [{"orderId": "1"}, {"orderId": "2"}, {"clientOid": "a"}]},
        ),
        (
            "cross_order_history",
            {"symbol": "BTCUSDT", "startTime": "1", "pageSize": "20", "minId": "7", "source": "API"},
            {"symbol": "BTCUSDT", "startTime": "1", "limit": "20", "idLessThan": "7", "enterPointSource": "API"},
        ),
        (
            "isolated_fills",
            {"symbol": "BTCUSDT", "startTime": "1", "lastFillId": "7"},
            {"symbol": "BTCUSDT", "startTime": "1", "idLessThan": "7"},
        ),
        (
            "isolated_risk_rate",
            {"symbol": "BTCUSDT", "pageNum": "1", "pageSize": "5"},
            {"symbol": "BTCUSDT", "pageNum": "1", "pageSize": "5"},
        ),
        ("isolated_flash_repay", {"symbols": ["BTCUSDT"]}, {"symbolList": ["BTCUSDT"]}),
        (
            "transfer",
            {"fromType": "spot", "toType": "margin_isolated", "amount": "1", "coin": "BTC", "symbol": "BTCUSDT"},
            {"fromType": "spot", "toType": "isolated_margin", "amount": "1", "coin": "BTC", "symbol": "BTCUSDT"},
        ),
    ],
)  # fmt: skip
def test_parameters_both_ways(name: str, v1: dict[str, Any], v2: dict[str, Any]) -> None:
    method, path, spoken = to_v2(name, v1, NOW)
    assert spoken == v2
    assert request_of_v2(method, path, v2) == (name, v1)


TEXTS = st.text(min_size=1, max_size=8)


def value_of(param: Param) -> st.SearchStrategy[Any]:
    if param.kind is Kind.ORDERS:
        return st.lists(st.fixed_dictionaries({}, optional=given_by(param.fields)), max_size=3)
    if param.kind is Kind.LIST:
        return st.lists(TEXTS, min_size=1, max_size=3)
    return st.sampled_from(param.choices) if param.choices else TEXTS


def given_by(row: tuple[Param, ...]) -> dict[str, st.SearchStrategy[Any]]:
    return {param.name: value_of(param) for param in row}


def requests_of(row: Endpoint, without: frozenset[str]) -> st.SearchStrategy[dict[str, Any]]:
    known = {name: value for name, value in given_by(row.params).items() if name not in without}
    # v2 always names the start of its lists.
    needed = {name: known.pop(name).filter(lambda text: text != "0") for name in ("startTime",) if name in known}
    return st.fixed_dictionaries(needed, optional=known)


@pytest.mark.parametrize("name", ENDPOINTS)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_a_request_comes_back_from_v2_as_it_was(name: str, data: st.DataObject) -> None:
    row = ENDPOINTS[name]
    asked = data.draw(requests_of(row, TRANSLATIONS[name].dropped))
    method, path, spoken = to_v2(name, asked, NOW)
    assert set(spoken) <= {param.name for param in ENDPOINTS_V2[name].params}
    if row.name.endswith("_batch_cancel_order") and not {"orderIds", "clientOids"} & set(asked):
        assert spoken.pop("orderIdList") == []
    assert request_of_v2(method, path, json.loads(json.dumps(spoken))) == (name, asked)


@pytest.mark.parametrize("name", ENDPOINTS)
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_a_request_of_v2_comes_back_from_v1_as_it_was(name: str, data: st.DataObject) -> None:
    row = ENDPOINTS_V2[name]
    asked = data.draw(requests_of(row, frozenset({"orderIdList"})))
    found = request_of_v2(row.method, row.path, asked)
    assert found is not None
    spoken = to_v2(name, found[1], NOW)[2]
    spoken.pop("orderIdList", None)
    assert spoken == asked


def test_what_v2_does_not_ask_for_is_left_out() -> None:
    assert {name: set(call.dropped) for name, call in TRANSLATIONS.items() if call.dropped} == {
        "cross_risk_rate": {"coin"},
        "isolated_max_borrowable": {"coin"},
        "isolated_max_transfer_out": {"coin"},
    }
    assert to_v2("isolated_max_borrowable", {"coin": "BTC", "symbol": "BTCUSDT"}, NOW)[2] == {"symbol": "BTCUSDT"}


def test_open_orders_start_ninety_days_ago_unless_told() -> None:
    assert 0 < 90 * 86_400_000 - WINDOW <= 60_000
    for asked in ({"symbol": "BTCUSDT"}, {"startTime": "0"}):
        assert to_v2("cross_open_orders", asked, NOW)[2]["startTime"] == str(NOW - WINDOW)
    until = {"startTime": "0", "endTime": str(NOW - 5)}
    assert to_v2("cross_open_orders", until, NOW)[2]["startTime"] == str(NOW - 5 - WINDOW)
    assert to_v2("cross_open_orders", {"startTime": "5"}, NOW)[2] == {"startTime": "5"}
    assert "startTime" not in to_v2("cross_fills", {"symbol": "BTCUSDT"}, NOW)[2]


def test_what_no_table_knows_passes() -> None:
    assert to_v2("cross_place_order", {"stpMode": "cancel_taker"}, NOW)[2] == {"stpMode": "cancel_taker"}
    assert params("GET", "/api/v2/margin/crossed/account/assets", {"x": 1}) == {"x": 1}
    assert request_of_v2("GET", "/api/v2/margin/crossed/nothing", {}) is None
    assert all(request_of_v2(row.method, row.path, {}) is None for row in OWN.values())


def test_ccxt_writes_the_time_in_force_in_capitals() -> None:
    assert params("POST", "/api/v2/margin/crossed/place-order", {"force": "GTC"}) == {"timeInForce": "gtc"}
    entries = {"orderList": [{"force": "FOK", "symbol": "BTCUSDT"}]}
    assert params("POST", "/api/v2/margin/isolated/batch-place-order", entries) == {
        "orderList": [{"timeInForce": "fok", "symbol": "BTCUSDT"}]
    }


@pytest.mark.parametrize("entries", ["1", 7, [1], {"orderId": "1"}])
def test_an_odd_list_of_ids_is_left_to_the_reader_of_v1(entries: Any) -> None:
    found = params("POST", "/api/v2/margin/crossed/batch-cancel-order", {"orderIdList": entries})
    assert found == {"orderIds": entries}


@given(given=JSON, name=st.sampled_from(sorted(ENDPOINTS)))
def test_any_json_can_be_asked(given: Any, name: str) -> None:
    row = ENDPOINTS_V2[name]
    body = dict.fromkeys((param.name for param in row.params), given)
    assert request_of_v2(row.method, row.path, body) is not None


# --- answers

# v2 has no word for an order that is not in the book yet, and does not say what can be moved out.
NOT_SAID: dict[type, Callable[[Any], Any]] = {
    Order: lambda row: row._replace(status=OrderStatus.NEW) if row.status is OrderStatus.INIT else row,
    Asset: lambda row: row._replace(transferable=None),
}


def said(value: Any) -> Any:
    if isinstance(value, Page):
        return Page(tuple(map(said, value.rows)), value.max_id, value.min_id)
    if type(value) is tuple:
        return tuple(map(said, value))
    return NOT_SAID.get(type(value), lambda row: row)(value)


SAME = [name for name in ENDPOINTS if ENDPOINTS_V2[name].answer in ANSWERS]


@pytest.mark.parametrize("name", SAME)
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_an_answer_comes_back_from_v2_as_it_was(name: str, bare: Bare, data: st.DataObject) -> None:
    value = data.draw(answers_of(ANSWERS[ENDPOINTS[name].answer]))
    whole = json.loads(json.dumps(answer_to_v2(name, value, NOW)))
    assert bare(from_v2(name, whole)) == said(value)


@given(st.text(min_size=1), st.none() | st.text(min_size=1))
def test_a_cancellation_comes_alone(order_id: str, client_oid: str | None) -> None:
    for name in ("cross_cancel_order", "isolated_cancel_order"):
        body = answer_to_v2(name, Batch((Accepted(order_id, client_oid),), ()), NOW)
        assert body["data"] == {"orderId": order_id, "clientOid": client_oid}
        found = from_v2(name, body)
        assert found == Batch((Accepted(order_id, client_oid, body["data"]),), ())


@given(NAMES, NUMBERS, NUMBERS)
def test_both_coins_of_a_pair_come_at_once(symbol: str, base: Decimal, quote: Decimal) -> None:
    both = (Ceiling(symbol, "BTC", base), Ceiling(symbol, "USDT", quote))
    for name in ("isolated_max_borrowable", "isolated_max_transfer_out"):
        body = answer_to_v2(name, both, NOW)
        for ceiling in both:
            found = from_v2(name, body, {"coin": ceiling.coin, "symbol": symbol})
            assert found == ceiling._replace(info=body["data"])
        with pytest.raises(Malformed, match="not of ETH"):
            from_v2(name, body, {"coin": "ETH"})


def test_names_of_the_ceilings() -> None:
    both = (Ceiling("BTCUSDT", "BTC", D(1)), Ceiling("BTCUSDT", "USDT", D(2)))
    assert answer_to_v2("isolated_max_borrowable", both, NOW)["data"] == {
        "symbol": "BTCUSDT", "baseCoin": "BTC", "baseCoinMaxBorrowAmount": "1",
        "quoteCoin": "USDT", "quoteCoinMaxBorrowAmount": "2",
    }  # fmt: skip
    assert "baseCoinMaxTransferOutAmount" in answer_to_v2("isolated_max_transfer_out", both, NOW)["data"]


def test_an_order_row() -> None:
    order = Order(
        "BTCUSDT", "1", "a", OrderType.LIMIT, Side.BUY, LoanType.AUTO_LOAN_AND_REPAY, TimeInForce.GTC, D(25000),
        D("0.0002"), D(5), None, D(0), D(0), OrderStatus.NEW, Source.API, NOW,
    )  # fmt: skip
    body = answer_to_v2("cross_open_orders", Page((order,), "1", "1"), NOW)
    assert body["data"] == {
        "orderList": [
            {
                "symbol": "BTCUSDT", "orderType": "limit", "enterPointSource": "API", "orderId": "1", "clientOid": "a",
                "loanType": "autoLoanAndRepay", "price": "25000", "side": "buy", "status": "live",
                "baseSize": "0.0002", "quoteSize": "5", "priceAvg": "0", "size": "0", "amount": "0", "force": "gtc",
                "cTime": str(NOW), "uTime": str(NOW),
            }
        ],
        "maxId": "1",
        "minId": "1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("live", OrderStatus.NEW),
        ("partially_filled", OrderStatus.PARTIAL_FILL),
        ("partially_fill", OrderStatus.PARTIAL_FILL),
        ("partial_fill", OrderStatus.PARTIAL_FILL),
        ("filled", OrderStatus.FULL_FILL),
        ("full_fill", OrderStatus.FULL_FILL),
        ("cancelled", OrderStatus.CANCELLED),
        ("reject", OrderStatus.CANCELLED),
    ],
)
def test_words_for_the_status(word: str, status: OrderStatus) -> None:
    order = Order(
        "BTCUSDT", "1", None, OrderType.LIMIT, Side.BUY, LoanType.NORMAL, None, D(1), D(1), None, None, D(0), D(0),
        OrderStatus.NEW, None, None,
    )  # fmt: skip
    body = answer_to_v2("cross_open_orders", Page((order,), "1", "1"), NOW)
    body["data"]["orderList"][0]["status"] = word
    assert from_v2("cross_open_orders", body).rows[0].status is status


def test_a_fill_row_has_its_fee_inside() -> None:
    fill = Fill("BTCUSDT", "7", "8", OrderType.MARKET, Side.SELL, D(2), D(1), D(2), "USDT", D("-0.002"), NOW)
    body = answer_to_v2("cross_fills", Page((fill,), "7", "7"), NOW)
    assert body["data"]["fills"] == [
        {
            "symbol": "BTCUSDT", "orderId": "8", "tradeId": "7", "orderType": "market", "side": "sell",
            "priceAvg": "2", "size": "1", "amount": "2",
            "feeDetail": {"feeCoin": "USDT", "totalFee": "-0.002", "deduction": "no", "totalDeductionFee": "0"},
            "cTime": str(NOW), "uTime": str(NOW),
        }
    ]  # fmt: skip
    (row,) = from_v2("cross_fills", body).rows
    assert row.info == body["data"]["fills"][0]
    assert (row.fee_coin, row.fees) == ("USDT", D("-0.002"))


@pytest.mark.parametrize(
    ("side", "of_fills", "of_orders"),
    [
        (Side.LIQUIDATION_SELL, "liquidation_sell", "liquidation-sell"),
        (Side.REPAY_BUY, "system_repay_buy", "systemRepay-buy"),
        (Side.BUY, "buy", "buy"),
    ],
)
def test_compound_sides_are_spelled_differently_by_fills_and_orders(side: Side, of_fills: str, of_orders: str) -> None:
    fill = Fill("BTCUSDT", "7", "8", OrderType.MARKET, side, D(2), D(1), D(2), "USDT", D("-0.002"), NOW)
    body = answer_to_v2("cross_fills", Page((fill,), "7", "7"), NOW)
    assert body["data"]["fills"][0]["side"] == of_fills
    order = Order(
        "BTCUSDT", "1", None, OrderType.MARKET, side, LoanType.NORMAL, None, None, D(1), None, D(2), D(1), D(2),
        OrderStatus.FULL_FILL, Source.SYS, NOW,
    )  # fmt: skip
    history = answer_to_v2("cross_order_history", Page((order,), "1", "1"), NOW)
    assert history["data"]["orderList"][0]["side"] == of_orders
    for spelled in (of_fills, of_orders):
        body["data"]["fills"][0]["side"] = history["data"]["orderList"][0]["side"] = spelled
        assert from_v2("cross_fills", body).rows[0].side is side
        assert from_v2("cross_order_history", history).rows[0].side is side


def test_a_transfer_comes_back_with_the_id_under_which_it_was_asked_for() -> None:
    body = answer_to_v2("transfer", Transferred("1", "mine"), NOW)
    assert body["data"] == {"transferId": "1", "clientOid": "mine"}
    assert from_v2("transfer", body)[:2] == ("1", "mine")


def test_a_fee_that_is_not_there_is_named() -> None:
    fill = Fill("BTCUSDT", "7", "8", OrderType.MARKET, Side.SELL, D(2), D(1), D(2), "USDT", D("-0.002"), NOW)
    body = answer_to_v2("cross_fills", Page((fill,), "7", "7"), NOW)
    del body["data"]["fills"][0]["feeDetail"]
    with pytest.raises(Malformed, match="feeCoin"):
        from_v2("cross_fills", body)


def test_words_of_the_records() -> None:
    loan = Loan("1", None, "BTC", D(1), LoanRecordType.AUTO, NOW)
    row = answer_to_v2("cross_loans", Page((loan,), "1", "1"), NOW)["data"]["resultList"][0]
    assert (row["borrowType"], row["borrowAmount"]) == ("auto_loan", "1")
    repayment = Repayment("1", None, "BTC", D(3), D(1), D(2), RepayRecordType.LIQUIDATION, NOW)
    row = answer_to_v2("cross_repays", Page((repayment,), "1", "1"), NOW)["data"]["resultList"][0]
    assert (row["repayAmount"], row["repayInterest"], row["repayPrincipal"]) == ("3", "1", "2")
    assert row["repayType"] == "liq_repay"


def test_a_batch_and_a_receipt() -> None:
    batch = Batch((Accepted("1", "a"),), (Refused(None, "b", "no"),))
    assert answer_to_v2("cross_batch_place_order", batch, NOW)["data"] == {
        "successList": [{"orderId": "1", "clientOid": "a"}],
        "failureList": [{"clientOid": "b", "errorMsg": "no"}],
    }
    assert answer_to_v2("cross_borrow", Receipt(None, "BTC", D(1), None, None), NOW)["data"] == {
        "coin": "BTC",
        "borrowAmount": "1",
    }


@pytest.mark.parametrize("name", ENDPOINTS)
@given(whole=JSON)
@settings(max_examples=5, deadline=None)
def test_any_json_is_a_value_or_malformed(name: str, whole: Any) -> None:
    for body in (whole, {"data": whole}):
        try:
            from_v2(name, body, {"coin": "BTC"})
        except Malformed:
            continue


def test_the_time_has_a_key() -> None:
    assert answer_to_v2("time", NOW, NOW)["data"] == {"serverTime": str(NOW)}
    assert from_v2("time", {"data": {"serverTime": str(NOW)}}) == from_v2("time", {"data": str(NOW)}) == NOW


def test_a_pair_without_one_of_the_accounts_costs_no_other_pair() -> None:
    row = {
        "symbol": "BTCUSDT", "baseCoin": "BTC", "quoteCoin": "USDT", "maxCrossedLeverage": "3",
        "maxIsolatedLeverage": "10", "warningRiskRatio": "0.8", "liquidationRiskRatio": "1", "minTradeAmount": "0.0001",
        "maxTradeAmount": "10000", "takerFeeRate": "0.001", "makerFeeRate": "0.001", "pricePrecision": "2",
        "quantityPrecision": "6", "minTradeUSDT": "5", "isBorrowable": True, "userMinBorrow": "0.00000001",
        "status": "1", "isCrossBorrowable": False,
    }  # fmt: skip
    odd = [{**row, "maxCrossedLeverage": value} for value in ("0", "", None)]
    first, *others = from_v2("currencies", {"data": [row, *odd]})
    assert (first.max_cross_leverage, first.is_borrowable) == (3, True)
    assert [pair.max_cross_leverage for pair in others] == [0, 0, 0]
    with pytest.raises(Malformed, match="maxCrossedLeverage"):
        from_v2("currencies", {"data": [{**row, "maxCrossedLeverage": "much"}]})
