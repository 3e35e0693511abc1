"""Answers into rows: real ones of 2023 value by value, odd ones, broken ones."""

import json
import pickle
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bitget_margin_adapter.model.rows import (
    Accepted,
    Asset,
    Batch,
    CoinRate,
    CoinTier,
    Fill,
    Interest,
    Liquidation,
    Order,
    Page,
    PairRate,
    PairTier,
    Receipt,
    VipRate,
)
from bitget_margin_adapter.model.words import (
    InterestType,
    LoanType,
    MarginType,
    OrderStatus,
    OrderType,
    Side,
    Source,
    TimeInForce,
)
from bitget_margin_adapter.wire.parse import Malformed, parse

CAPTURED = json.loads((Path(__file__).parent / "data" / "captured_v1.json").read_text())["responses"]


Bare = Callable[[Any], Any]


class Case(NamedTuple):
    name: str
    unified: str
    mode: str
    answer: str
    expected: Any


D = Decimal
BTC_RATE = CoinRate(
    "BTC", D(10), True, True, D("0.00007"), D("0.02555"), D(35), (VipRate("0", D("0.00007"), D("0.02555"), D(1)),)
)
USDT_RATE = CoinRate(
    "USDT", D(10), True, True, D("0.00012627"), D("0.04608855"), D(300000),
    (VipRate("0", D("0.000126279"), D("0.046091835"), D(1)),),
)  # fmt: skip

CASES = [
    Case(
        "isolated tiers", "fetch_market_leverage_tiers", "isolated", "isolated_tiers",
        (PairTier(1, "BTCUSDT", "BTC", "USDT", D(10), D(3), D(30000), D("0.05"), D("0.1111")),),
    ),
    Case(
        "cross tiers", "fetch_market_leverage_tiers", "cross", "cross_tiers",
        (CoinTier(1, "BTC", D(3), D(26), D("0.1")),),
    ),
    Case(
        "isolated assets, with transferable", "fetch_balance", "isolated margin", "assets",
        (
            Asset(
                "BTCUSDT", "BTC", D("0.00021654"), D("0.00021654"), D(0), D(0), D(0), D("0.00021654"),
                D("0.00021654"), 1697248128071,
            ),
        ),
    ),
    Case(
        "cross assets, with debt", "fetch_balance", "cross margin", "assets",
        (
            Asset(
                None, "BTC", D("0.00024996"), D("0.00024996"), D(0), D("0.0001"), D("0.00000001"), D("0.00014995"),
                D("0.00004994"), 1697251265504,
            ),
        ),
    ),
    Case(
        "a single cancel answers as a batch", "cancel_order", "isolated margin", "batch",
        Batch((Accepted("1098749943604719616", "0ec8d262b3d2436aa651095a745b9b8d"),), ()),
    ),
    Case(
        "an open order", "fetch_open_orders", "isolated and cross margin", "open_orders",
        Page(
            (
                Order(
                    "BTCUSDT", "1099108898629627904", "f9b55416029e4cc2bbbe2f40ac368c38", OrderType.LIMIT, Side.BUY,
                    LoanType.AUTO_LOAN, None, D(25000), D("0.0002"), D(5), None, D(0), D(0), OrderStatus.NEW,
                    Source.WEB, 1697773902588,
                ),
            ),
            "1099108898629627904", "1099108898629627904",
        ),
    ),
    Case(
        "a cancelled order", "fetch_canceled_and_closed_orders", "isolated and cross margin", "order_history",
        Page(
            (
                Order(
                    "BTCUSDT", "1098761451063619584", "8d8ac3454ed345fca914c9cd55682121", OrderType.LIMIT, Side.BUY,
                    LoanType.NORMAL, None, D(25000), D("0.0002"), None, None, D(0), D(0), OrderStatus.CANCELLED,
                    Source.API, 1697691064614,
                ),
            ),
            "1098761451063619584", "1098394690472521728",
        ),
    ),
    Case(
        "a fill, fee negative", "fetch_my_trades", "isolated and cross margin", "fills",
        Page(
            (
                Fill(
                    None, "1099353730627092481", "1099353730455318528", OrderType.MARKET, Side.SELL, D("29543.7"),
                    D("0.0001"), D("2.95437"), "USDT", D("-0.00295437"), 1697832275063,
                ),
            ),
            "1099353730627092481", "1099353591699161118",
        ),
    ),
    Case("cross borrow", "borrow_cross_margin", "cross", "borrowed", Receipt(None, "BTC", D("0.0001"), None, None)),
    Case(
        "isolated borrow", "borrow_isolated_margin", "isolated", "borrowed",
        Receipt("BTCUSDT", "BTC", D("0.001"), None, None),
    ),
    Case(
        "isolated repay", "repay_isolated_margin", "isolated", "repaid",
        Receipt("BTCUSDT", "BTC", D("0.00100001"), D(0), None),
    ),
    Case("cross repay", "repay_cross_margin", "cross", "repaid", Receipt(None, "BTC", D("0.00010001"), D(0), None)),
    Case(
        "isolated rates", "fetch_isolated_borrow_rate", "", "isolated_rates",
        (PairRate("BTCUSDT", D(10), BTC_RATE, USDT_RATE),),
    ),
    Case(
        "cross rates", "fetch_cross_borrow_rate", "", "cross_rates",
        (BTC_RATE._replace(leverage=D(3), max_borrowable_amount=D(26)),),
    ),
    Case(
        "isolated interest", "fetch_borrow_interest", "isolated", "interests",
        Page(
            (
                Interest(
                    "1100560904468705284", "BTCUSDT", "USDT", "USDT", D("0.000126279"), D("0.00000298"),
                    InterestType.SCHEDULED, 1698120000000,
                ),
            ),
            "1100560904468705284", "1096915487398965249",
        ),
    ),
    Case(
        "cross interest", "fetch_borrow_interest", "cross", "interests",
        Page(
            (
                Interest(
                    "1099126154352799744", None, "USDT", "USDT", D("0.000126279"), D("0.00002631"),
                    InterestType.SCHEDULED, 1697778000000,
                ),
            ),
            "1099126154352799744", "1096917004629716993",
        ),
    ),
]  # fmt: skip


def captured(unified: str, mode: str) -> Any:
    (found,) = (case["response"] for case in CAPTURED if (case["unified"], case["mode"]) == (unified, mode))
    return found


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_real_answer(case: Case, bare: Bare) -> None:
    assert bare(parse(case.answer, captured(case.unified, case.mode))) == case.expected


def test_every_real_answer_is_a_case() -> None:
    assert {(case.unified, case.mode) for case in CASES} == {(case["unified"], case["mode"]) for case in CAPTURED}


def body(data: Any) -> dict[str, Any]:
    return {"code": "00000", "msg": "success", "requestTime": 1698352496622, "data": data}


def order(**changed: Any) -> Order:
    raw = {**captured("fetch_open_orders", "isolated and cross margin")["data"]["orderList"][0], **changed}
    (row,) = parse("open_orders", body({"orderList": [raw], "maxId": "1", "minId": "1"})).rows
    assert row.info is raw
    return row  # type: ignore[no-any-return]


def test_info_is_the_raw_row_with_its_unknown_fields() -> None:
    assert order(stpMode="none").info == {**(order().info or {}), "stpMode": "none"}


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("29543.70000000", Decimal("29543.7")),
        ("0E-8", Decimal(0)),
        ("1e3", Decimal(1000)),
        (" 5 ", Decimal(5)),
        (5, Decimal(5)),
        (0.1, Decimal("0.1")),
        (9007199254740993, Decimal(9007199254740993)),
    ],
)
def test_numbers_in_every_dress(wire: Any, expected: Decimal) -> None:
    assert order(fillQuantity=wire).fill_quantity == expected


@pytest.mark.parametrize("wire", ["0", "0.00000000", "0E-8", 0, "", None])
@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("fillPrice", "fill_price"),
        ("price", "price"),
        ("baseQuantity", "base_quantity"),
        ("quoteAmount", "quote_amount"),
    ],
)
def test_where_zero_says_that_there_is_none(name: str, field: str, wire: Any) -> None:
    assert getattr(order(**{name: wire}), field) is None


def test_an_id_is_text_whatever_it_was() -> None:
    text = json.dumps(body({"orderId": 9223372036854775807, "clientOid": None}))
    assert parse("accepted", json.loads(text))[:2] == ("9223372036854775807", None)


@pytest.mark.parametrize(
    ("name", "field", "wire", "expected"),
    [
        ("status", "status", "full_fill", OrderStatus.FULL_FILL),
        ("status", "status", "full-fill", OrderStatus.FULL_FILL),
        ("status", "status", "FULL_FILL", OrderStatus.FULL_FILL),
        ("source", "source", "web", Source.WEB),
        ("source", "source", "some new door", None),
        ("timeInForce", "time_in_force", "normal", TimeInForce.GTC),
        ("timeInForce", "time_in_force", "GTC", TimeInForce.GTC),
        ("loanType", "loan_type", "auto_loan_and_repay", LoanType.AUTO_LOAN_AND_REPAY),
        ("side", "side", "liquidation-sell", Side.LIQUIDATION_SELL),
        ("side", "side", "systemRepay-buy", Side.REPAY_BUY),
        ("symbol", "symbol", "btcusdt", "BTCUSDT"),
        ("symbol", "symbol", "BTCUSDT_SPBL", "BTCUSDT"),
        ("clientOid", "client_oid", 7, "7"),
        ("ctime", "ctime", 1697773902588, 1697773902588),
        ("ctime", "ctime", "", None),
        ("clientOid", "client_oid", "", None),
    ],
)
def test_words_in_every_spelling(name: str, field: str, wire: Any, expected: Any) -> None:
    assert getattr(order(**{name: wire}), field) == expected


def test_either_name_of_a_time_is_read_and_null_is_no_name() -> None:
    assert order(ctime=None, cTime="1697773902589").ctime == 1697773902589
    assert order(ctime=None).ctime is None


RECORD = {"marginId": "1", "coin": "btc", "amount": "1", "fee": "0", "balance": "1", "ctime": "1"}


@pytest.mark.parametrize("wire", ["transferIn", "transfer_in", "TRANSFER_IN"])
def test_both_spellings_of_a_margin_type_and_a_coin_in_lower_case(wire: str) -> None:
    page = parse(
        "financial_records", body({"resultList": [{**RECORD, "marginType": wire}], "maxId": "1", "minId": "1"})
    )
    assert (page.rows[0].margin_type, page.rows[0].coin) == (MarginType.TRANSFER_IN, "BTC")


LIQUIDATION = {
    "liqId": "123", "liqStartTime": "1653453245342", "liqEndTime": "16312423423432", "liqRisk": "1.01",
    "totalAssets": "1242.34", "totalDebt": "1100", "LiqFee": "1.2", "cTime": "1653453245342",
}  # fmt: skip


@pytest.mark.parametrize(
    "whole",
    [
        {**body([LIQUIDATION]), "maxId": "123", "minId": "123"},
        body({"resultList": [LIQUIDATION], "maxId": "123", "minId": "123"}),
    ],
    ids=["documented: a list with the ids beside it", "real: as every other list"],
)
def test_both_containers_of_liquidations(whole: dict[str, Any], bare: Bare) -> None:
    expected = Liquidation(
        "123", None, 1653453245342, 16312423423432, D("1.01"), D("1242.34"), D(1100), D("1.2"), 1653453245342
    )
    assert bare(parse("liquidations", whole)) == Page((expected,), "123", "123")


@pytest.mark.parametrize("key", ["fills", "resultList"])
@pytest.mark.parametrize("ids", [{}, {"maxId": None, "minId": ""}, {"maxId": "0", "minId": 0}])
@pytest.mark.parametrize("found", [[], None])
def test_an_empty_page(key: str, ids: dict[str, Any], found: list[Any] | None) -> None:
    assert parse("fills", body({key: found, **ids})) == Page((), "0", "0")


def test_the_good_half_of_a_batch_survives_a_refusal_without_a_reason() -> None:
    whole = body({"resultList": [{"orderId": "1"}], "failure": [{"clientOid": "a"}, {"errorMsg": "no"}]})
    took, left = parse("batch", whole)
    assert [row[:2] for row in took] == [("1", None)]
    assert [row[:3] for row in left] == [(None, "a", ""), (None, None, "no")]


@pytest.mark.parametrize("data", ["1697773902588", 1697773902588, {"serverTime": "1697773902588"}])
def test_the_time(data: Any) -> None:
    assert parse("time", body(data)) == 1697773902588


@pytest.mark.parametrize(
    ("answer", "whole", "path"),
    [
        ("risk", None, ""),
        ("risk", [], ""),
        ("risk", {}, "data"),
        ("risk", body(None), "data"),
        ("assets", body(None), "data"),
        ("assets", body({}), "data"),
        ("assets", body([None]), "data[0]"),
        ("risk", body({}), "data.riskRate"),
        ("risk", body({"riskRate": True}), "data.riskRate"),
        ("risk", body({"riskRate": "NaN"}), "data.riskRate"),
        ("risk", body({"riskRate": "Infinity"}), "data.riskRate"),
        ("risk", body({"riskRate": "1E+999999999"}), "data.riskRate"),
        ("risk", body({"riskRate": "1E-999999999"}), "data.riskRate"),
        ("risk", body({"riskRate": float("nan")}), "data.riskRate"),
        ("risk", body({"riskRate": 10**5000}), "data.riskRate"),
        ("risk", body({"riskRate": "much"}), "data.riskRate"),
        ("risk", body({"riskRate": []}), "data.riskRate"),
        ("accepted", body({"orderId": ""}), "data.orderId"),
        ("accepted", body({"orderId": 1.5e18}), "data.orderId"),
        ("accepted", body({"orderId": True}), "data.orderId"),
        ("accepted", body({"orderId": "1", "clientOid": {}}), "data.clientOid"),
        ("batch", body({}), "data.resultList"),
        ("batch", body({"failure": {}}), "data.failure"),
        ("batch", body({"resultList": [{"orderId": "1"}, {}]}), "data.resultList[1].orderId"),
        ("flash_states", body([{"id": "1", "status": "PERHAPS"}]), "data[0].status"),
        ("flash_states", body([{"id": "1", "status": 5}]), "data[0].status"),
        ("fills", body({}), "data.fills"),
        ("fills", body("none"), "data"),
        ("fills", body({"fills": [], "maxId": "1", "minId": {}}), "data.minId"),
        (
            "financial_records",
            body({"resultList": [{**RECORD, "marginType": "lent"}]}),
            "data.resultList[0].marginType",
        ),
        ("loans", body({"resultList": [{"loanId": "1", "coin": "BTC", "amount": "1"}]}), "data.resultList[0].type"),
        (
            "cross_rates",
            body([{**captured("fetch_cross_borrow_rate", "")["data"][0], "vips": [{}]}]),
            "data[0].vips[0].level",
        ),
        (
            "isolated_rates",
            body([{**captured("fetch_isolated_borrow_rate", "")["data"][0], "quoteBorrowAble": "often"}]),
            "data[0].quoteBorrowAble",
        ),
        ("time", body("soon"), "data"),
        ("time", body("253402300800000"), "data"),
    ],
)
def test_what_cannot_be_understood_says_where(answer: str, whole: Any, path: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(answer, whole)
    assert (caught.value.answer, caught.value.path) == (answer, path)
    assert answer in str(caught.value)


def test_rows_without_the_page_ids_are_no_page() -> None:
    raw = captured("fetch_my_trades", "isolated and cross margin")["data"]["fills"]
    with pytest.raises(Malformed, match=r": data\.maxId is missing"):
        parse("fills", body({"fills": raw}))
    with pytest.raises(Malformed, match=r": maxId is missing"):
        parse("fills", body(raw))


@pytest.mark.parametrize(
    ("name", "wire"),
    [("price", "NaN"), ("price", "1E+999999999"), ("price", True), ("source", 5), ("ctime", "soon"), ("ctime", -1)],
)
def test_a_field_that_may_be_absent_may_still_not_be_nonsense(name: str, wire: Any) -> None:
    with pytest.raises(Malformed, match=rf"data\.orderList\[0\]\.{name} is not"):
        order(**{name: wire})


TIER = {"coin": "BTC", "leverage": "3", "maxBorrowableAmount": "26", "maintainMarginRate": "0.1"}


@pytest.mark.parametrize("wire", ["4", "4.00000000", 4, 4.0])
def test_a_whole_number_may_be_padded(wire: Any) -> None:
    assert parse("cross_tiers", body([{**TIER, "tier": wire}]))[0].tier == 4


def test_a_whole_number_may_not_be_broken() -> None:
    with pytest.raises(Malformed, match=r"data\[0\]\.tier is not a whole number but str '4\.5'"):
        parse("cross_tiers", body([{**TIER, "tier": "4.5"}]))


@pytest.mark.parametrize(
    ("wire", "expected"), [(True, True), ("true", True), ("FALSE", False), (0, False), ("1", True)]
)
def test_flags_in_every_dress(wire: Any, expected: bool) -> None:
    raw = {**captured("fetch_cross_borrow_rate", "")["data"][0], "borrowAble": wire}
    assert parse("cross_rates", body([raw]))[0].borrowable is expected


def test_the_message_shows_what_stands_there_but_not_all_of_it() -> None:
    with pytest.raises(Malformed) as caught:
        parse("risk", body({"riskRate": "x" * 1000}))
    assert str(caught.value) == (
        "the venue's answer 'risk' cannot be understood: data.riskRate is not a finite number but str '" + "x" * 39
    )


def test_the_error_survives_a_pickle() -> None:
    fault = Malformed("risk", "data.riskRate", "is missing")
    assert str(pickle.loads(pickle.dumps(fault))) == str(fault)  # noqa: S301  # its own


def test_a_key_that_is_null_does_not_hide_the_other() -> None:
    raw = captured("fetch_my_trades", "isolated and cross margin")["data"]["fills"]
    assert len(parse("fills", body({"fills": None, "resultList": raw, "maxId": "1", "minId": 1})).rows) == 1
