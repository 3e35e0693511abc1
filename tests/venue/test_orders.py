"""Orders from placing to their end: kinds, policies of time, loans, partial fills, batches."""

from decimal import Decimal

import pytest

from bitget_margin_adapter.model.refusals import Reason, Refusal

from .conftest import Desk, dec


def test_a_market_buy_gives_back_what_buys_nothing(desk: Desk) -> None:
    desk.price("30000.01")
    desk.order("buy", "100")
    row = desk.history()[0]
    assert (row.status, row.fill_quantity, row.quote_amount) == ("full_fill", dec("0.003333"), 100)
    assert row.fill_total == dec("99.99003333")
    assert desk.asset("USDT").available == dec("9900.00996667")


def test_a_resting_buy_freezes_and_fills_at_its_price_or_better(desk: Desk) -> None:
    desk.order("buy", "0.1", "29000", clientOid="deep")
    assert (desk.asset("USDT").frozen, desk.asset("USDT").available) == (2900, 7100)
    assert desk.open_orders()[0].status == "new"
    desk.price("28000")
    row = desk.call("cross_order_history", symbol="BTCUSDT", startTime="0", clientOid="deep").rows[0]
    assert (row.status, row.fill_price) == ("full_fill", 28000)
    assert (desk.asset("USDT").frozen, desk.asset("USDT").available) == (0, 7200)
    assert desk.asset("BTC").available == dec("1.0999")


def test_maker_and_taker_fees() -> None:
    desk = Desk({"fees": {"taker": "0.002", "maker": "0.0005"}})
    desk.order("sell", "0.1", "31000")
    desk.order("sell", "0.1", "29000")
    desk.price("31000")
    maker, taker = desk.fills()
    assert (taker.price, taker.fees) == (30000, dec("-6"))
    assert (maker.price, maker.fees) == (31000, dec("-1.55"))


def test_fees_from_the_quote_coin() -> None:
    desk = Desk({"fee_coin": "quote"})
    desk.order("buy", "3000")
    row = desk.fills()[0]
    assert (row.fee_coin, row.fees) == ("USDT", -3)
    assert (desk.asset("USDT").available, desk.asset("BTC").available) == (6997, dec("1.1"))
    with pytest.raises(Refusal):
        # The fee has to be there as well.
        desk.order("buy", "6997")


@pytest.mark.parametrize(
    ("force", "price", "status", "filled"),
    [
        ("post_only", "29000", "new", "0"),
        ("post_only", "30000", "cancelled", "0"),
        ("fok", "30000", "full_fill", "0.1"),
        ("fok", "29999.99", "cancelled", "0"),
        ("ioc", "30000", "full_fill", "0.1"),
        ("ioc", "29999.99", "cancelled", "0"),
        ("gtc", "30000", "full_fill", "0.1"),
        (None, "29999.99", "new", "0"),
    ],
)
def test_policies_of_time(desk: Desk, force: str | None, price: str, status: str, filled: str) -> None:
    desk.order("buy", "0.1", price, timeInForce=force)
    row = (desk.history() + desk.open_orders())[0]
    assert (row.status, row.fill_quantity) == (status, dec(filled))
    rests = dec(price) * dec("0.1") if status == "new" else 0
    assert desk.asset("USDT").frozen == rests


def test_time_in_force_means_nothing_to_a_market_order(desk: Desk) -> None:
    for force in ("post_only", "fok", "ioc", "gtc"):
        desk.order("buy", "100", timeInForce=force)
    assert {row.status for row in desk.history()} == {"full_fill"}


def test_a_book_is_eaten_level_by_level(desk: Desk) -> None:
    desk.venue.set_book("BTCUSDT", [["29990", "1"]], [["30000", "0.1"], ["30010", "0.1"], ["30050", "5"]], desk.now)
    desk.order("buy", "0.15", "30010", timeInForce="gtc")
    assert [(row.price, row.quantity) for row in desk.fills()] == [(30010, dec("0.05")), (30000, dec("0.1"))]
    desk.order("buy", "0.1", "30010", timeInForce="fok")
    assert desk.history()[0].status == "cancelled"
    desk.order("buy", "0.1", "30010", timeInForce="ioc")
    assert (desk.history()[0].status, desk.history()[0].fill_quantity) == ("cancelled", dec("0.05"))
    desk.order("buy", "0.1", "30010")
    assert desk.open_orders()[0].status == "new"
    desk.venue.set_book("BTCUSDT", [["29990", "1"]], [["30000", "0.04"]], desk.now)
    assert (desk.open_orders()[0].status, desk.open_orders()[0].fill_quantity) == ("partial_fill", dec("0.04"))
    # A maker trades at his own price.
    assert desk.fills()[0].price == 30010
    desk.venue.set_book("BTCUSDT", [["29990", "1"]], [["30009", "0.06"]], desk.now)
    assert desk.open_orders() == []
    assert desk.asset("USDT").frozen == 0


def test_a_market_order_takes_what_the_book_holds(desk: Desk) -> None:
    desk.venue.set_book("BTCUSDT", [["29990", "0.2"]], [], desk.now)
    desk.order("sell", "0.5")
    assert (desk.history()[0].status, desk.history()[0].fill_quantity) == ("cancelled", dec("0.2"))
    with pytest.raises(Refusal) as caught:
        desk.order("buy", "100")
    assert caught.value.reason is Reason.NO_PRICE
    assert desk.asset("BTC").frozen == 0


def test_auto_loan_borrows_the_shortfall_when_placed(desk: Desk) -> None:
    desk.order("buy", "0.5", "29000", loanType="autoLoan")
    asset = desk.asset("USDT")
    assert (asset.borrow, asset.frozen, asset.available) == (4500, 14500, 0)
    assert asset.interest == dec("0.02367732")
    loan = desk.records("loans")[0]
    assert (loan.type, loan.amount) == ("autoLoan", 4500)
    order = desk.open_orders()[0]
    desk.call("cross_cancel_order", symbol="BTCUSDT", orderId=order.order_id)
    # A cancelled order does not give its loan back.
    assert (desk.asset("USDT").borrow, desk.asset("USDT").available) == (4500, 14500)


def test_auto_repay_pays_from_what_the_fill_brings(desk: Desk) -> None:
    desk.call("cross_borrow", coin="USDT", borrowAmount="1000")
    desk.order("sell", "0.01", loanType="autoRepay")
    asset = desk.asset("USDT")
    first = dec("0.00526163")
    assert asset.borrow == 1000 - (dec("299.7") - first)
    repayment = desk.records("repays")[0]
    assert (repayment.type, repayment.total_amount, repayment.interest) == ("autoRepay", dec("299.7"), first)


def test_auto_loan_and_repay_turn_a_short_around() -> None:
    desk = Desk(funds={"USDT": "10000"})
    desk.order("sell", "0.2", loanType="autoLoanAndRepay")
    assert desk.asset("BTC").borrow == dec("0.2")
    desk.order("buy", "7000", loanType="autoLoanAndRepay")
    asset = desk.asset("BTC")
    assert (asset.borrow, asset.interest) == (0, 0)
    # 0.233333 less a fee of 0.00023333, less the debt and its first interest.
    assert asset.available == dec("0.03309908")


def test_batches_succeed_in_part(desk: Desk) -> None:
    line = {"side": "buy", "orderType": "limit", "loanType": "normal", "price": "29000", "baseQuantity": "0.1"}
    batch = desk.call(
        "cross_batch_place_order", symbol="BTCUSDT",
        orderList=[{**line, "clientOid": "x"}, {**line, "clientOid": "x"}, {**line, "side": "up"}, line],
    )  # fmt: skip
    assert batch.accepted[0].client_oid == "x"
    assert [row.client_oid for row in batch.refused] == ["x", None]
    assert "duplicate client oid" in batch.refused[0].error_msg
    assert len(desk.open_orders()) == 2
    made = batch.accepted[1]
    assert len(made.client_oid) == 32
    oids = ["x", made.client_oid, "y"]
    gone = desk.call("cross_batch_cancel_order", symbol="BTCUSDT", orderIds=["1"], clientOids=oids)
    assert [row.client_oid for row in gone.accepted] == ["x", made.client_oid]
    assert [(row.order_id, row.client_oid) for row in gone.refused] == [("1", None), (None, "y")]
    assert desk.open_orders() == []


def test_the_spot_suffix_of_one_channel_is_understood(desk: Desk) -> None:
    desk.order("buy", "0.1", "29000", symbol="btcusdt_SPBL")
    assert desk.open_orders()[0].symbol == "BTCUSDT"


def test_an_order_for_a_coin_never_held_is_refused_without_a_trace(desk: Desk) -> None:
    before = desk.venue.state(0)
    with pytest.raises(Refusal):
        desk.order("sell", "1", symbol="ETHUSDT")
    assert desk.venue.state(0) == before


def test_numbers_may_come_as_numbers(desk: Desk) -> None:
    desk.call(
        "cross_place_order", symbol="BTCUSDT", side="buy", orderType="limit", loanType="normal",
        price=29000, baseQuantity=Decimal("0.1"),
    )  # fmt: skip
    assert desk.open_orders()[0].base_quantity == dec("0.1")
