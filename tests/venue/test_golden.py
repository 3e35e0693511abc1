"""The golden vectors: figures that the documentation and captured answers agree on, to the last digit."""

from decimal import Decimal
from typing import Any

from bitget_margin_adapter.venue.profile import Profile
from bitget_margin_adapter.venue.service import Venue

HOUR = 3_600_000
MINUTE = 60_000


def venue_with(funds: dict[str, Any], **profile: Any) -> Venue:
    venue = Venue(Profile.from_mapping(profile))
    venue.open_account("a", funds, 0)
    venue.set_prices({"BTCUSDT": "29543.7", "ETHUSDT": "2000"}, 0)
    return venue


def asset(venue: Venue, coin: str, now: int) -> Any:
    return venue.handle("a", "cross_assets", {"coin": coin}, now)[0]


def borrow(venue: Venue, coin: str, amount: str, now: int) -> Any:
    return venue.handle("a", "cross_borrow", {"coin": coin, "borrowAmount": amount}, now)


def repay(venue: Venue, coin: str, amount: str, now: int) -> Any:
    return venue.handle("a", "cross_repay", {"coin": coin, "repayAmount": amount}, now)


def test_three_started_hours_cost_three_hours() -> None:
    venue = venue_with({"BTC": "1", "USDT": "100"})
    borrow(venue, "USDT", "10000", 10 * MINUTE)
    assert asset(venue, "USDT", 2 * HOUR + 30 * MINUTE).interest == Decimal("0.15784875")
    rows = venue.handle("a", "cross_interests", {"startTime": "0"}, 2 * HOUR + 30 * MINUTE).rows
    assert [(row.type, row.ctime, row.amount) for row in rows] == [
        ("scheduled", 2 * HOUR, Decimal("0.05261625")),
        ("scheduled", HOUR, Decimal("0.05261625")),
        ("first", 10 * MINUTE, Decimal("0.05261625")),
    ]


def test_borrow_and_repay_in_the_same_hour_leave_nothing() -> None:
    venue = venue_with({"USDT": "1000", "BTC": "0.1"})
    borrow(venue, "BTC", "0.001", 0)
    answer = repay(venue, "BTC", "0.00100001", 1000)
    assert (answer.amount, answer.remain_debt) == (Decimal("0.00100001"), 0)


def test_net_and_transferable() -> None:
    venue = venue_with({"BTC": "0.00014996"})
    borrow(venue, "BTC", "0.0001", 0)
    row = asset(venue, "BTC", 0)
    assert (row.total, row.borrow, row.interest) == (Decimal("0.00024996"), Decimal("0.0001"), Decimal("0.00000001"))
    assert (row.net, row.transferable) == (Decimal("0.00014995"), Decimal("0.00004994"))


def test_documented_cross_loan() -> None:
    venue = venue_with({"USDT": "1000"}, rates={"USDT": "2"})
    borrow(venue, "USDT", "0.00027809", 0)
    row = asset(venue, "USDT", 0)
    assert row.borrow + row.interest == Decimal("0.00030127")
    borrow(venue, "USDT", "1", 0)
    first = venue.handle("a", "cross_interests", {"startTime": "0"}, 0).rows[0]
    assert first.amount == Decimal("0.08333334")
    assert repay(venue, "USDT", "1", 0).remain_debt == Decimal("0.08363461")


def test_borrowable_is_the_ceiling_less_what_is_owed() -> None:
    venue = venue_with({"USDT": "1000000"}, rates={"USDT": "2"})
    borrow(venue, "USDT", "0.00027809", 0)
    borrow(venue, "USDT", "1", 0)
    repay(venue, "USDT", "1", 0)
    assert venue.handle("a", "cross_max_borrowable", {"coin": "USDT"}, 0).amount == Decimal("142999.91636539")


def test_fees_are_taken_from_what_comes_in() -> None:
    venue = venue_with({"USDT": "1000", "BTC": "1"}, pairs={"BTCUSDT": {"min_value": "1"}})
    order = {"symbol": "BTCUSDT", "orderType": "market", "loanType": "normal"}
    venue.handle("a", "cross_place_order", {**order, "side": "sell", "baseQuantity": "0.0001"}, 0)
    venue.set_price("BTCUSDT", "25000", 1)
    buy = {**order, "side": "buy", "quoteAmount": "5", "clientOid": "b1"}
    venue.handle("a", "cross_place_order", buy, 1)
    bought, sold = venue.handle("a", "cross_fills", {"symbol": "BTCUSDT", "startTime": "0"}, 1).rows
    assert (sold.fee_coin, sold.fees, sold.total) == ("USDT", Decimal("-0.00295437"), Decimal("2.95437"))
    assert (bought.quantity, bought.fee_coin, bought.fees) == (Decimal("0.0002"), "BTC", Decimal("-0.0000002"))
