"""Answers into rows: real ones of 2023 value by value, odd ones, broken ones."""

import json
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
    Order,
    Page,
    PairRate,
    PairTier,
    Receipt,
    VipRate,
)
from bitget_margin_adapter.model.words import InterestType, LoanType, OrderStatus, OrderType, Side, Source
from bitget_margin_adapter.wire.parse import parse

CAPTURED = json.loads((Path(__file__).parent / "data" / "captured_v1.json").read_text())["responses"]


class Case(NamedTuple):
    name: str
    unified: str
    mode: str
    answer: str
    expected: Any


def bare(value: Any) -> Any:
    """Without `info`, at every depth."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        names: tuple[str, ...] = value._fields
        return value._make(None if name == "info" else bare(item) for name, item in zip(names, value, strict=True))  # type: ignore[attr-defined]
    return tuple(bare(item) for item in value) if isinstance(value, tuple) else value


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
def test_a_real_answer(case: Case) -> None:
    assert bare(parse(case.answer, captured(case.unified, case.mode))) == case.expected


def test_every_real_answer_is_a_case() -> None:
    assert {(case.unified, case.mode) for case in CASES} == {(case["unified"], case["mode"]) for case in CAPTURED}


def test_info_is_the_raw_row_with_its_unknown_fields() -> None:
    body = captured("fetch_my_trades", "isolated and cross margin")
    raw = body["data"]["fills"][0]
    raw["tradeScope"] = "taker"
    assert parse("fills", body).rows[0].info is raw
