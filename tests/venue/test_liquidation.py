"""Risk, warning and liquidation: how far it goes, what it costs, who pays when there is not enough."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitget_margin_adapter.engine import risk
from bitget_margin_adapter.engine.liquidation import needed
from bitget_margin_adapter.engine.risk import Line, Sums
from bitget_margin_adapter.model.decimals import cut

from .conftest import Desk, dec

HOUR = 3_600_000


def levered(mode: str = "isolated", quote: str = "9000", profile: dict[str, Any] | None = None) -> Desk:
    desk = Desk(profile, {"USDT": "1000", "isolated:BTCUSDT": {"USDT": "1000"}})
    desk.order("buy", quote, mode=mode, loanType="autoLoan")
    return desk


def rate(desk: Desk, mode: str = "isolated") -> Decimal:
    where = {"symbol": "BTCUSDT"} if mode == "isolated" else {}
    answer = desk.call(f"{mode}_risk_rate", **where)
    found: Decimal = (answer[0] if mode == "isolated" else answer).rate
    return found


def test_the_rate_is_maintenance_over_net(desk: Desk) -> None:
    assert desk.call("cross_risk_rate").rate == 0
    desk.call("cross_borrow", coin="USDT", borrowAmount="20000")
    owed = 20000 + desk.asset("USDT").interest
    assert desk.call("cross_risk_rate").rate == cut(owed * dec("0.1") / (60000 - owed), 8)


def test_net_of_nothing_is_hopeless_but_finite() -> None:
    total = risk.sums([Line("BTC", dec("0"), dec("1"), dec("30000"), dec("0.1"))])
    assert risk.rate(total) == risk.HOPELESS
    assert risk.reaches(total, dec("1"))


def test_isolated_pairs_use_one_tier_the_larger_debts() -> None:
    # Figures made up for this test: the base side reaches the second tier, the quote side does not.
    tiers = [
        {"leverage": 10, "maintain_margin_rate": "0.05", "caps": ["0.01", "20000"]},
        {"leverage": 10, "maintain_margin_rate": "0.2", "caps": ["1", "30000"]},
    ]
    desk = Desk(
        {"pairs": {"BTCUSDT": {"tiers": tiers}}, "rates": {"USDT": "0"}}, {"isolated:BTCUSDT": {"USDT": "1000"}}
    )
    desk.call("isolated_borrow", symbol="BTCUSDT", coin="USDT", borrowAmount="100")
    assert rate(desk) == dec("0.005")
    desk.call("isolated_borrow", symbol="BTCUSDT", coin="BTC", borrowAmount="0.02")
    assert dec("0.14") < rate(desk) < dec("0.1401")


def test_a_warning_is_given_once_and_taken_back() -> None:
    desk = levered()
    desk.venue.listen()

    def warnings() -> int:
        return sum(getattr(event, "kind", "") == "warning" for event in desk.venue.drain_events())

    desk.price("28200")
    assert dec("0.8") < rate(desk) < 1
    assert warnings() == 1
    desk.price("28190")
    assert warnings() == 0
    desk.price("29000")
    desk.price("28200")
    assert warnings() == 1
    assert desk.records("liquidations", "isolated", symbol="BTCUSDT") == []


@pytest.mark.parametrize("mode", ["cross", "isolated"])
def test_liquidation_ends_at_the_recovery_ratio(mode: str) -> None:
    desk = levered(mode, "9000" if mode == "isolated" else "2900")
    where = {"symbol": "BTCUSDT"} if mode == "isolated" else {}
    desk.order("sell", "0.01", "31000", mode=mode)
    price = 30000
    while not (rows := desk.records("liquidations", mode, **where)):
        price -= 100
        desk.price(str(price))
    assert rows[0].risk >= 1
    assert dec("0.3") < rate(desk, mode) <= dec("0.5")
    assert desk.call(f"{mode}_open_orders", symbol="BTCUSDT").rows == ()
    assert {row.type for row in desk.records("repays", mode, **where)} == {"liqRepay"}
    trades = desk.call(f"{mode}_order_history", symbol="BTCUSDT", startTime="0", source="SYS").rows
    assert {row.side for row in trades} == {"liquidation-sell"}
    fee = desk.records("financial_records", mode, marginType="liquidation_fee", **where)
    value = sum(row.amount * (price if row.coin == "BTC" else 1) for row in fee)
    assert value == pytest.approx(-rows[0].fee, abs=dec("0.00000001"))
    repaid = sum(row.total_amount for row in desk.records("repays", mode, **where))
    assert rows[0].fee == pytest.approx(repaid * dec("0.02"), abs=dec("0.001"))
    assert desk.venue.imbalance() == {}


def test_totals_have_no_more_decimals_than_money_has() -> None:
    desk = levered()
    desk.price("27900.123456789")
    row = desk.records("liquidations", "isolated", symbol="BTCUSDT")[0]
    # 0.2997 BTC are worth 8361.6669999996633
    assert (row.total_assets, row.total_debt.as_tuple().exponent) == (dec("8361.66699999"), -8)


def test_a_gap_through_everything_is_the_venues_loss() -> None:
    desk = levered()
    desk.price("20000")
    assets = [desk.asset(coin, "isolated") for coin in ("BTC", "USDT")]
    assert [(row.total, row.borrow, row.interest) for row in assets] == [(0, 0, 0)] * 2
    kinds = {row.margin_type: row for row in desk.records("financial_records", "isolated", symbol="BTCUSDT")}
    assert kinds["compensate"].amount > 1900
    assert "liquidation_fee" not in kinds
    assert desk.records("liquidations", "isolated", symbol="BTCUSDT")[0].risk == risk.HOPELESS
    assert desk.venue.imbalance() == {}


def test_crumbs_that_cannot_be_sold_are_taken() -> None:
    desk = Desk({"pairs": {"BTCUSDT": {"quantity_scale": 3}}}, {"isolated:BTCUSDT": {"USDT": "1000", "BTC": "0.0004"}})
    desk.order("buy", "9000", mode="isolated", loanType="autoLoan")
    desk.price("20000")
    kinds = {row.margin_type: row for row in desk.records("financial_records", "isolated", symbol="BTCUSDT")}
    assert -dec("0.001") < kinds["confiscated"].amount < 0
    assert desk.asset("BTC", "isolated").total == 0


def test_interest_alone_leads_to_liquidation_at_the_right_hour() -> None:
    """Nothing happens but time: the hour is found without looking at every one."""
    outcomes = []
    for step in (1, 7, 100_000):
        desk = levered(profile={"rates": {"USDT": "0.001"}})
        while desk.now < 100_000 * HOUR:
            desk.now += step * HOUR
            desk.venue.advance(desk.now)
            if desk.venue._state.accounts["a"].wallets["isolated:BTCUSDT"].liquidations.rows:
                break
        row = desk.venue._state.accounts["a"].wallets["isolated:BTCUSDT"].liquidations.rows[0]
        outcomes.append(row[1:])
    assert outcomes[0] == outcomes[1] == outcomes[2]
    at = outcomes[0][0]
    assert at % HOUR == 0
    debt, net = outcomes[0][4], outcomes[0][3] - outcomes[0][4]
    hourly = dec("0.33375")
    assert (debt - hourly) * dec("0.05") < net + hourly
    assert debt * dec("0.05") >= net


def test_debts_in_several_coins_and_collateral_in_several() -> None:
    desk = Desk(funds={"USDT": "1000", "ETH": "1", "BTC": "0.02"})
    desk.call("cross_borrow", coin="ETH", borrowAmount="1.5")
    desk.call("cross_borrow", coin="BTC", borrowAmount="0.1")
    desk.order("sell", "0.11")
    desk.order("sell", "2.4", symbol="ETHUSDT")
    desk.venue.set_prices({"BTCUSDT": "42000", "ETHUSDT": "3200"}, 1)
    rows = desk.records("liquidations")
    assert rows
    assert desk.call("cross_risk_rate").rate <= dec("0.5")
    assert desk.venue.imbalance() == {}


AMOUNT = st.decimals("0.0001", "100000", places=4)


@given(AMOUNT, AMOUNT, st.sampled_from(["0.05", "0.1", "0.2"]), st.sampled_from(["0", "0.02", "0.05"]))
def test_needed_brings_the_rate_to_the_recovery_ratio(debt: Decimal, net: Decimal, maintain: str, cost: str) -> None:
    line = Line("USDT", debt + net, debt, dec("1"), dec(maintain))
    total = Sums(debt + net, debt, debt * dec(maintain))
    if not risk.reaches(total, dec("1")):
        return
    paid = Fraction(needed(total, line, dec("0.5"), dec(cost)))
    after = (Fraction(debt) - paid) * Fraction(maintain), Fraction(net) - paid * Fraction(cost)
    assert paid <= debt
    assert paid == debt or after[0] <= after[1] / 2


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.sampled_from(["2000", "5000", "9000"]), st.sampled_from(["0", "0.02", "0.1"]))
def test_after_a_fall_the_account_is_safe_or_owes_nothing(fall: int, quote: str, fee: str) -> None:
    desk = levered(quote=quote, profile={"liquidation_fee": fee})
    desk.price(str(30000 * (100 - fall) // 100))
    owes = desk.asset("USDT", "isolated").borrow
    assert rate(desk) < 1
    assert not desk.records("liquidations", "isolated", symbol="BTCUSDT") or not owes or rate(desk) <= dec("0.5")
    assert desk.venue.imbalance() == {}


@pytest.mark.parametrize("fall", [5750, 6100, 6500])
def test_rounded_fees_cannot_hold_the_rate_above_recovery(fall: int) -> None:
    """Found by the long proof: each small step paid a fee that was rounded up by more than the step had gained."""
    for crumb in range(40):
        funds = {"BTC": f"8.6506{crumb:02}9", "ETH": "17.48202601"}
        desk = Desk({"rates": {"USDT": "0", "ETH": "0"}}, funds)
        desk.price("50000")
        desk.call("cross_borrow", coin="ETH", borrowAmount="24.12178025")
        desk.order("buy", "93632.13676455", loanType="autoLoan")
        desk.venue.set_prices({"ETHUSDT": "2096.3541", "BTCUSDT": f"{fall}.{crumb:02}"}, 0)
        assert desk.records("liquidations")
        assert desk.call("cross_risk_rate").rate <= dec("0.5"), crumb
