"""The venue's side of the books: what it earned, lent, is owed and lost is what the records say."""

from decimal import Decimal

import pytest

from .conftest import Desk, dec


def house(desk: Desk, name: str, coin: str) -> Decimal:
    ledger = desk.venue.inside.ledger
    found: Decimal = ledger.amounts[getattr(ledger.house(coin), name)]
    return found


def test_fees_and_interest_are_income() -> None:
    desk = Desk()
    desk.call("cross_borrow", coin="USDT", borrowAmount="1000")
    desk.order("buy", "3000")
    desk.order("sell", "0.5")
    fees = {coin: -sum(row.fees for row in desk.fills() if row.fee_coin == coin) for coin in ("BTC", "USDT")}
    assert {coin: house(desk, "fees", coin) for coin in fees} == fees == {"BTC": dec("0.0001"), "USDT": 15}
    desk.now = 5 * 3_600_000
    desk.call("cross_repay", coin="USDT", repayAmount="500")
    repaid = desk.records("repays")[0]
    assert house(desk, "income", "USDT") == repaid.interest == dec("0.03156978")
    assert house(desk, "claims", "USDT") == -desk.asset("USDT").borrow
    assert house(desk, "pool", "USDT") == -desk.asset("USDT").borrow
    assert house(desk, "outside", "USDT") == -10_000
    assert house(desk, "market", "USDT") == 3000 - 15000


@pytest.mark.parametrize("amount", ["1000", "1000.003", "1000.00526162"])
def test_a_repayment_just_under_the_debt_leaves_the_rest(desk: Desk, amount: str) -> None:
    """Between principal and debt, the interest is paid in full and the rest goes to the principal."""
    desk.call("cross_borrow", coin="USDT", borrowAmount="1000")
    answer = desk.call("cross_repay", coin="USDT", repayAmount=amount)
    assert (answer.amount, answer.remain_debt) == (dec(amount), dec("1000.00526163") - dec(amount))
    assert desk.asset("USDT").interest == 0


def test_the_insurance_fund_pays_shortfalls_and_takes_fees_and_crumbs() -> None:
    desk = Desk(funds={"isolated:BTCUSDT": {"USDT": "1000"}})
    desk.order("buy", "9000", mode="isolated", loanType="autoLoan")
    desk.price("28000")
    fees = desk.records("financial_records", "isolated", marginType="liquidation_fee", symbol="BTCUSDT")
    fee = sum(row.amount for row in fees if row.coin == "BTC")
    assert house(desk, "insurance", "BTC") == -fee > 0
    desk.price("15000")
    rows = desk.records("financial_records", "isolated", symbol="BTCUSDT", marginType="compensate")
    taken = -sum(row.amount for row in fees if row.coin == "USDT")
    assert house(desk, "insurance", "USDT") == taken - sum(row.amount for row in rows) < 0
    assert house(desk, "claims", "USDT") == 0
    assert desk.venue.imbalance() == {}
