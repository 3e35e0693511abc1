"""Loans and interest: limits, pool, rates that change, what is paid first, what may leave."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitget_margin_adapter.engine.interest import hourly
from bitget_margin_adapter.model.refusals import Reason, Refusal
from bitget_margin_adapter.venue.profile import Profile

from .conftest import Desk, dec

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("principal", "rate", "charge"),
    [
        ("5", "0.000126279", "0.00002631"),
        ("0.001", "0.00007", "0.00000001"),
        ("0.99990096", "0.1", "0.00416626"),
        ("1", "2", "0.08333334"),
        ("24", "0.5", "0.5"),
        ("0", "0.1", "0"),
    ],
)
def test_an_hour_is_rounded_up(principal: str, rate: str, charge: str) -> None:
    assert hourly(Decimal(principal), Decimal(rate)) == Decimal(charge)


@given(st.decimals("0.00000001", "100000000", places=8), st.decimals("0", "1", places=9))
def test_an_hour_never_costs_less_and_never_a_unit_more(principal: Decimal, rate: Decimal) -> None:
    exactly = principal * rate
    assert 0 <= hourly(principal, rate) * 24 - exactly < Decimal("0.00000001") * 24


def test_isolated_ceiling_of_the_documented_sample() -> None:
    desk = Desk({"rates": {"USDT": "0"}}, {"isolated:BTCUSDT": {"USDT": "1000000"}})
    desk.call("isolated_borrow", symbol="BTCUSDT", coin="USDT", borrowAmount="0.00001658")
    assert desk.call("isolated_max_borrowable", symbol="BTCUSDT", coin="USDT").amount == dec("199999.99998342")


def test_leverage_bounds_what_can_be_borrowed() -> None:
    desk = Desk(funds={"USDT": "3000", "isolated:BTCUSDT": {"USDT": "3000"}})
    assert desk.call("cross_max_borrowable", coin="USDT").amount == 6000
    assert desk.call("cross_max_borrowable", coin="BTC").amount == dec("0.2")
    assert desk.call("isolated_max_borrowable", symbol="BTCUSDT", coin="BTC").amount == dec("0.9")
    desk.call("cross_borrow", coin="BTC", borrowAmount="0.1")
    assert desk.call("cross_max_borrowable", coin="USDT").amount == dec("2999.973")


def test_tiers_change_leverage_and_maintenance() -> None:
    # Figures made up for this test.
    tiers = [
        {"leverage": "3", "maintain_margin_rate": "0.1", "caps": "1000"},
        {"leverage": "2", "maintain_margin_rate": "0.2", "caps": "5000"},
    ]
    desk = Desk({"coins": {"USDT": {"tiers": tiers}}, "rates": {"USDT": "0"}}, {"USDT": "2000"})
    assert desk.call("cross_max_borrowable", coin="USDT").amount == 2000
    desk.call("cross_borrow", coin="USDT", borrowAmount="1000")
    assert desk.call("cross_risk_rate").rate == dec("0.05")
    desk.call("cross_borrow", coin="USDT", borrowAmount="0.00000002")
    assert desk.call("cross_risk_rate").rate == dec("0.1")
    assert desk.call("cross_max_borrowable", coin="USDT").amount == dec("999.99999998")


def test_the_pool_is_everybodys() -> None:
    desk = Desk({"coins": {"USDT": {"pool": "1000"}}})
    desk.venue.open_account("b", {"USDT": "10000"}, 0)
    desk.venue.handle("b", "cross_borrow", {"coin": "USDT", "borrowAmount": "900"}, 0)
    with pytest.raises(Refusal) as caught:
        desk.call("cross_borrow", coin="USDT", borrowAmount="100.00000001")
    assert caught.value.reason is Reason.SYSTEM_LOAN_LIMIT
    assert desk.call("cross_max_borrowable", coin="USDT").amount == 100
    desk.venue.handle("b", "cross_repay", {"coin": "USDT", "repayAmount": "500"}, 0)
    desk.call("cross_borrow", coin="USDT", borrowAmount="100.00000001")


def test_interest_is_paid_first(desk: Desk) -> None:
    desk.call("cross_borrow", coin="USDT", borrowAmount="1000")
    answer = desk.call("cross_repay", coin="USDT", repayAmount="100")
    row = desk.records("repays")[0]
    assert (row.interest, row.amount) == (dec("0.00526163"), dec("99.99473837"))
    assert answer.remain_debt == desk.asset("USDT").borrow == dec("900.00526163")


def test_repaying_too_much_pays_what_is_owed(desk: Desk) -> None:
    desk.call("cross_borrow", coin="USDT", borrowAmount="1000")
    answer = desk.call("cross_repay", coin="USDT", repayAmount="5000")
    assert (answer.amount, answer.remain_debt) == (dec("1000.00526163"), 0)
    assert desk.call("cross_repay", coin="USDT", repayAmount="5000").amount == 0
    assert len(desk.records("repays")) == 1


def test_a_loan_on_the_hour_pays_first_only(desk: Desk) -> None:
    desk.now = HOUR
    desk.call("cross_borrow", coin="USDT", borrowAmount="1000")
    assert [row.type for row in desk.records("interests")] == ["first"]
    desk.now = 2 * HOUR
    assert [(row.type, row.ctime) for row in desk.records("interests")] == [("scheduled", 2 * HOUR), ("first", HOUR)]


def test_vip_levels_pay_less(desk: Desk) -> None:
    cheap = Desk(vip=4)
    for each in (desk, cheap):
        each.call("cross_borrow", coin="BTC", borrowAmount="1")
    assert desk.asset("BTC").interest == dec("0.00000292")
    assert cheap.asset("BTC").interest == dec("0.00000219")
    assert cheap.records("interests")[0].interest_rate == dec("0.0000525")


def test_a_new_rate_counts_from_the_next_hour(desk: Desk) -> None:
    desk.call("cross_borrow", coin="BTC", borrowAmount="1")
    desk.now = HOUR // 2
    desk.venue.set_rate("BTC", "0.0024", desk.now)
    desk.venue.set_vip("a", 4, desk.now)
    desk.call("cross_borrow", coin="BTC", borrowAmount="0.1")
    desk.now = 2 * HOUR
    rates = [(row.type, row.interest_rate, row.amount) for row in desk.records("interests")]
    assert rates == [
        ("scheduled", dec("0.0018"), dec("0.0000825")),
        ("scheduled", dec("0.0018"), dec("0.0000825")),
        ("first", dec("0.00007"), dec("0.0000003")),
        ("first", dec("0.00007"), dec("0.00000292")),
    ]
    assert desk.call("cross_interest_rate_and_limit", coin="BTC")[0].daily_interest_rate == dec("0.0024")


def test_rates_by_level_are_listed(desk: Desk) -> None:
    rate = desk.call("cross_interest_rate_and_limit", coin="USDT")[0]
    assert (rate.daily_interest_rate, rate.yearly_interest_rate) == (dec("0.000126279"), dec("0.046091835"))
    assert [vip.level for vip in rate.vips] == ["0", "1", "2", "3", "4"]
    assert rate.vips[4].daily_interest_rate == dec("0.00009470925")
    pair = desk.call("isolated_interest_rate_and_limit", symbol="BTCUSDT")[0]
    assert (pair.base.max_borrowable_amount, pair.quote.max_borrowable_amount) == (35, 200_000)


def test_assets_stay_at_twice_the_debt(desk: Desk) -> None:
    desk.call("cross_borrow", coin="USDT", borrowAmount="30000")
    interest = desk.asset("USDT").interest
    most = desk.call("cross_max_transfer_out", coin="USDT").amount
    assert most == 40000 - 2 * interest - 30000
    move = {"fromType": "margin_cross", "toType": "spot", "coin": "USDT"}
    with pytest.raises(Refusal):
        desk.call("transfer", **move, amount=str(most + dec("0.00000001")))
    desk.call("transfer", **move, amount=str(most))
    assert desk.call("cross_max_transfer_out", coin="USDT").amount == 0
    assert desk.call("cross_max_transfer_out", coin="BTC").amount == 0


def test_transfers_go_between_all_places(desk: Desk) -> None:
    for source, target in (("margin_cross", "margin_isolated"), ("margin_isolated", "spot"), ("spot", "margin_cross")):
        desk.call("transfer", fromType=source, toType=target, coin="BTC", amount="0.5", symbol="BTCUSDT", clientOid="t")
    kinds = [(row.margin_type, row.amount, row.balance) for row in desk.records("financial_records", coin="BTC")]
    assert kinds[:2] == [("transfer_in", dec("0.5"), 1), ("transfer_out", dec("-0.5"), dec("0.5"))]
    assert len(desk.records("financial_records", "isolated", symbol="BTCUSDT")) == 2


def test_profiles_refuse_what_they_cannot_mean() -> None:
    parts: list[dict[str, Any]] = [
        {"liquidation_fee": "0.6"},
        {"warning_ratio": "-1"},
        {"nonsense": 1},
        {"pairs": {"BTCUSDT": {"price_scale": 2.5}}},
        {"pairs": {"BTCUSDT": {"color": "red"}}},
        {"coins": {"BTC": {"daily_rate": "NaN"}}},
        {"coins": {"BTC": {"tiers": [{"leverage": 3, "maintain_margin_rate": "0.1", "caps": ["1", "2"]}]}}},
        {"rates": {"NOPE": "0.1"}},
        {"fees": "0.9"},
        {"vip_discounts": []},
    ]
    for bad in parts:
        with pytest.raises(ValueError, match=r"."):
            Profile.from_mapping(bad)
    assert Profile.from_mapping(Profile.from_mapping({"fees": "0.002"}).as_mapping()) == Profile.from_mapping(
        {"fees": "0.002"}
    )
