from decimal import Decimal
from typing import Any

import pytest
from ccxt.base import errors

from bitget_margin_adapter.flows import loans
from bitget_margin_adapter.flows.effects import LoadMarkets, Now, Send, Sleep
from bitget_margin_adapter.model.rows import Loan, Page, Receipt, Repayment
from bitget_margin_adapter.model.words import LoanRecordType, RepayRecordType

from .conftest import PlainContext

BORROWED = Receipt(None, "USDT", Decimal(100), None, None)


def finish(flow: Any, reply: Any) -> Any:
    with pytest.raises(StopIteration) as stop:
        flow.send(reply)
    return stop.value.value


def test_borrow_cross_step_by_step(ctx: PlainContext) -> None:
    flow = loans.borrow_cross_margin(ctx, "USDT", 100)
    assert next(flow) == Now()
    assert flow.send(5) == Send("cross_borrow", {"coin": "USDT", "borrowAmount": "100"})
    assert flow.send(BORROWED) == Now()
    result = finish(flow, 1_700_000_000_000)
    assert result == {
        "id": None,
        "currency": "USDT",
        "amount": 100.0,
        "symbol": None,
        "timestamp": 1_700_000_000_000,
        "datetime": "2023-11-14T22:13:20.000Z",
        "info": {"clientOid": None, "coin": "USDT", "borrowAmount": "100"},
    }


def test_markets_are_loaded_first_when_they_are_not_there() -> None:
    ctx = PlainContext()
    flow = loans.borrow_cross_margin(ctx, "USDT", 100)
    assert next(flow) == LoadMarkets()
    ctx.load()
    assert flow.send(None) == Now()


@pytest.mark.parametrize(
    ("call", "endpoint", "request_"),
    [
        (
            lambda ctx: loans.borrow_isolated_margin(ctx, "btcusdt", "BTC", "0.1234567891"),
            "isolated_borrow",
            {"coin": "BTC", "borrowAmount": "0.12345678", "symbol": "BTCUSDT"},
        ),
        (
            lambda ctx: loans.borrow_margin(ctx, "USDT", 1e-7),
            "cross_borrow",
            {"coin": "USDT", "borrowAmount": "0.0000001"},
        ),
        (
            lambda ctx: loans.borrow_margin(ctx, "USDT", 1, "BTCUSDT_SPBL"),
            "isolated_borrow",
            {"coin": "USDT", "borrowAmount": "1", "symbol": "BTCUSDT"},
        ),
        (
            lambda ctx: loans.repay_margin(ctx, "USDT", 1, "BTC/USDT"),
            "isolated_repay",
            {"coin": "USDT", "repayAmount": "1", "symbol": "BTCUSDT"},
        ),
        (
            lambda ctx: loans.repay_cross_margin(ctx, "USDT", "2.5"),
            "cross_repay",
            {"coin": "USDT", "repayAmount": "2.5"},
        ),
    ],
    ids=["isolated", "old name, small float", "old name with a symbol", "old repay", "cross repay"],
)
def test_what_is_sent(ctx: PlainContext, call: Any, endpoint: str, request_: dict[str, str]) -> None:
    flow = call(ctx)
    assert next(flow) == Now()
    assert flow.send(0) == Send(endpoint, request_)


def test_repay_says_what_is_still_owed(ctx: PlainContext) -> None:
    flow = loans.repay_cross_margin(ctx, "USDT", 1)
    next(flow)
    flow.send(0)
    flow.send(Receipt(None, "USDT", Decimal(1), Decimal("0.08363461"), None))
    assert finish(flow, 1)["remainDebt"] == 0.08363461


LOST = errors.RequestTimeout("no answer")
REFUSED = errors.InsufficientFunds("no")


@pytest.mark.parametrize("amount", [0, -1, float("nan"), float("inf"), "x", None, "0.000000001"])
def test_amounts_that_are_none(ctx: PlainContext, amount: Any) -> None:
    with pytest.raises(errors.BadRequest, match="bitgetmargin borrow_cross_margin: amount"):
        next(loans.borrow_cross_margin(ctx, "USDT", amount))


def test_a_lost_borrow_is_found_in_the_list(ctx: PlainContext) -> None:
    flow = loans.borrow_cross_margin(ctx, "USDT", 100)
    next(flow)
    flow.send(50_000)
    assert flow.throw(LOST) == Sleep(200)
    assert flow.send(None) == Send("cross_loans", {"startTime": "0"})
    loan = Loan("7", None, "USDT", Decimal(100), LoanRecordType.MANUAL, 50_100)
    result = finish(flow, Page((loan,), "7", "7"))
    assert (result["id"], result["amount"], result["timestamp"]) == ("7", 100.0, 50_100)


def borrow(ctx: PlainContext, now: int, answer: Any) -> Any:
    """One borrow of 100 USDT; `answer` is a receipt, a refusal, or the rows that the list shows after a lost one."""
    flow = loans.borrow_cross_margin(ctx, "USDT", 100)
    next(flow)
    flow.send(now)
    if isinstance(answer, Receipt):
        flow.send(answer)
        return finish(flow, now)
    if isinstance(answer, Exception):
        return flow.throw(answer)
    effect = flow.throw(LOST)
    try:
        while True:
            effect = flow.send(None if isinstance(effect, Sleep) else Page(answer, "7", "1"))
    except StopIteration as stop:
        return stop.value


def loan(id: int, ctime: int, type: LoanRecordType = LoanRecordType.MANUAL) -> Loan:
    return Loan(str(id), None, "USDT", Decimal(100), type, ctime)


T = 1_700_000_000_000


def test_an_equal_loan_of_a_moment_ago_is_not_taken_for_the_lost_one(ctx: PlainContext) -> None:
    borrow(ctx, T, BORROWED)
    with pytest.raises(errors.RequestTimeout, match="outcome is unknown"):
        borrow(ctx, T + 500, (loan(1, T),))


def test_one_more_equal_loan_than_was_acknowledged_is_the_lost_one(ctx: PlainContext) -> None:
    borrow(ctx, T, BORROWED)
    with pytest.raises(errors.InsufficientFunds):
        borrow(ctx, T + 100, REFUSED)
    assert borrow(ctx, T + 500, (loan(2, T + 500), loan(1, T)))["id"] == "2"


def test_loans_that_orders_took_are_not_the_lost_one(ctx: PlainContext) -> None:
    with pytest.raises(errors.RequestTimeout):
        borrow(ctx, T, (loan(1, T, LoanRecordType.AUTO),))


def test_an_equal_loan_of_another_coin_is_not_the_lost_one(ctx: PlainContext) -> None:
    with pytest.raises(errors.RequestTimeout):
        borrow(ctx, T, (loan(1, T)._replace(coin="BTC"),))


def test_after_an_unknown_one_an_equal_one_stays_unknown(ctx: PlainContext) -> None:
    with pytest.raises(errors.RequestTimeout):
        borrow(ctx, T, ())
    with pytest.raises(errors.RequestTimeout):
        borrow(ctx, T + 10, (loan(1, T + 5),))
    assert borrow(ctx, T + 300_000, (loan(2, T + 300_000),))["id"] == "2"


@pytest.mark.parametrize("age", [55_000, 65_000])
def test_nothing_is_concluded_at_the_edge_of_the_looking_back(ctx: PlainContext, age: int) -> None:
    borrow(ctx, T, BORROWED)
    with pytest.raises(errors.RequestTimeout):
        borrow(ctx, T + age, (loan(2, T + age),))


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0.123456789", "0.12345679"), (0.1 + 0.2, "0.3"), (0.7999999999999999, "0.8"), ("1", "1")],
)
def test_a_repayment_leaves_no_dust(ctx: PlainContext, amount: Any, text: str) -> None:
    flow = loans.repay_cross_margin(ctx, "USDT", amount)
    next(flow)
    assert flow.send(0).params["repayAmount"] == text


@pytest.mark.parametrize("rows", [0, 2], ids=["nothing", "two that look alike"])
def test_a_lost_borrow_without_one_match_is_unknown(ctx: PlainContext, rows: int) -> None:
    loan = Loan("7", None, "USDT", Decimal(100), LoanRecordType.MANUAL, 50_100)
    flow = loans.borrow_cross_margin(ctx, "USDT", 100)
    next(flow)
    flow.send(50_000)
    first = flow.throw(LOST)

    def drive(effect: Any) -> None:
        while True:
            assert not (isinstance(effect, Send) and effect.endpoint == "cross_borrow"), "sent twice"
            effect = flow.send(None if isinstance(effect, Sleep) else Page((loan,) * rows, "7", "7"))

    with pytest.raises(errors.RequestTimeout, match="outcome is unknown"):
        drive(first)


def test_a_lost_repay_is_found_by_its_total(ctx: PlainContext) -> None:
    row = Repayment("9", None, "USDT", Decimal(1), Decimal("0.2"), Decimal("0.8"), RepayRecordType.MANUAL, 50_100)
    flow = loans.repay_cross_margin(ctx, "USDT", 1)
    next(flow)
    flow.send(50_000)
    flow.throw(LOST)
    flow.send(None)
    result = finish(flow, Page((row,), "9", "9"))
    assert (result["id"], result["principal"], result["interest"]) == ("9", 0.8, 0.2)


@pytest.mark.parametrize("problem", [REFUSED, errors.RateLimitExceeded("429"), errors.InvalidNonce("clock")])
def test_a_refusal_is_final(ctx: PlainContext, problem: Exception) -> None:
    flow = loans.borrow_cross_margin(ctx, "USDT", 100)
    next(flow)
    flow.send(0)
    with pytest.raises(type(problem)):
        flow.throw(problem)


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda c: loans.borrow_cross_margin(c, "XYZ", 1), errors.BadRequest, "no coin 'XYZ'"),
        (lambda c: loans.borrow_cross_margin(c, "", 1), errors.ArgumentsRequired, "currency code"),
        (lambda c: loans.borrow_isolated_margin(c, "XYZ/USDT", "USDT", 1), errors.BadSymbol, "no margin pair"),
        (lambda c: loans.borrow_isolated_margin(c, "BTC/USDT:USDT", "USDT", 1), errors.BadSymbol, "contract"),
        (lambda c: loans.borrow_isolated_margin(c, "BTC/USDT", "ETH", 1), errors.BadRequest, "no coin of BTC/USDT"),
        (
            lambda c: loans.borrow_cross_margin(c, "USDT", 1, {"marginMode": "isolated"}),
            errors.BadRequest,
            "leave one out",
        ),
        (
            lambda c: loans.borrow_margin(c, "USDT", 1, "BTC/USDT", {"marginMode": "cross"}),
            errors.BadRequest,
            "leave one",
        ),
        (lambda c: loans.borrow_margin(c, "USDT", 1, None, {"marginMode": "both"}), errors.BadRequest, "'cross' or"),
        (
            lambda c: loans.borrow_margin(c, "USDT", 1, None, {"marginMode": "isolated"}),
            errors.ArgumentsRequired,
            "symbol",
        ),
        (lambda c: loans.flash_repay(c, "USDT", ["BTC/USDT"]), errors.BadRequest, "symbols, no currency"),
        (lambda c: loans.fetch_flash_repay_status(c, []), errors.ArgumentsRequired, "ids"),
        (lambda c: loans.fetch_flash_repay_status(c, ["1"] * 101), errors.BadRequest, "at most 100"),
    ],
)
def test_wrong_input_is_refused_before_anything_is_sent(
    ctx: PlainContext, call: Any, kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind, match=text):
        next(call(ctx))


def test_of_two_equal_ones_at_once_neither_takes_the_others_record(ctx: PlainContext) -> None:
    first, second = (loans.borrow_cross_margin(ctx, "USDT", 100) for _ in range(2))
    for flow in (first, second):
        next(flow)
        flow.send(T)
    second.send(BORROWED)
    finish(second, T)

    def look() -> None:
        effect: Any = first.throw(LOST)
        while True:
            effect = first.send(None if isinstance(effect, Sleep) else Page((loan(1, T),), "1", "1"))

    with pytest.raises(errors.RequestTimeout):
        look()


@pytest.mark.parametrize("wrong", [{"coin": "BTC"}, {"borrowAmount": "5"}, {"symbol": "ETHUSDT"}])
def test_params_do_not_overrule_the_arguments(ctx: PlainContext, wrong: dict[str, str]) -> None:
    flow = loans.borrow_isolated_margin(ctx, "BTC/USDT", "USDT", 100, wrong)
    next(flow)
    assert flow.send(T).params == {"coin": "USDT", "borrowAmount": "100", "symbol": "BTCUSDT"}
