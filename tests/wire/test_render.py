"""Rows into answers: the names and forms that clients read, and the way back for every shape."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bitget_margin_adapter.model.rows import (
    Accepted,
    Asset,
    Batch,
    Ceiling,
    Fill,
    FlashRepayment,
    Liquidation,
    Order,
    Page,
    PairRate,
    Receipt,
    Refused,
    Risk,
)
from bitget_margin_adapter.model.words import LoanType, OrderStatus, OrderType, Side, Source, TimeInForce
from bitget_margin_adapter.wire import fields
from bitget_margin_adapter.wire.fields import Absent, Field, Part, Rows, Shape
from bitget_margin_adapter.wire.parse import Malformed, parse
from bitget_margin_adapter.wire.render import render, render_row
from bitget_margin_adapter.wire.shapes import ANSWERS, Answer, Listed, One, Paged, Plain, Split

NOW = 1698352496622
D = Decimal
Bare = Callable[[Any], Any]

ORDER = Order(
    "BTCUSDT", "1099108898629627904", None, OrderType.LIMIT, Side.BUY, LoanType.AUTO_LOAN, TimeInForce.POST_ONLY,
    D("25000.00"), D("2E-4"), None, None, D("0E-8"), D(0), OrderStatus.PARTIAL_FILL, Source.API, 1697773902588,
)  # fmt: skip


def test_the_envelope() -> None:
    assert render("time", NOW, NOW + 1) == {
        "code": "00000",
        "msg": "success",
        "requestTime": NOW + 1,
        "data": str(NOW),
    }


def test_an_order_row() -> None:
    assert render_row(ORDER) == {
        "symbol": "BTCUSDT",
        "orderId": "1099108898629627904",
        "clientOid": None,
        "orderType": "limit",
        "side": "buy",
        "loanType": "autoLoan",
        "timeInForce": "post_only",
        "price": "25000",
        "baseQuantity": "0.0002",
        "quoteAmount": "0",
        "fillPrice": "0",
        "fillQuantity": "0",
        "fillTotalAmount": "0",
        "status": "partial_fill",
        "source": "API",
        "ctime": "1697773902588",
        "cTime": "1697773902588",
    }


def test_a_page_of_fills_stands_under_both_keys() -> None:
    fill = Fill("BTCUSDT", "7", "8", OrderType.MARKET, Side.SELL, D(2), D(1), D(2), "USDT", D("-0.002"), NOW)
    data = render("fills", Page((fill,), "7", "7"), NOW)["data"]
    assert data["fills"] == data["resultList"] == [render_row(fill)]
    assert (data["maxId"], data["minId"]) == ("7", "7")


def test_a_liquidation_has_its_fee_under_both_spellings() -> None:
    raw = render_row(Liquidation("1", None, None, None, D("1.01"), D(3), D(2), D("0.02"), NOW))
    assert raw["liqFee"] == raw["LiqFee"] == "0.02"
    assert raw["liqStartTime"] is None
    assert "symbol" not in raw


def test_rows_of_the_cross_account_have_no_symbol() -> None:
    asset = Asset(None, "BTC", D(1), D(1), D(0), D(0), D(0), D(1), None, NOW)
    assert render("assets", (asset, asset._replace(symbol="BTCUSDT", transferable=D(1))), NOW)["data"] == [
        {"coin": "BTC", "totalAmount": "1", "available": "1", "frozen": "0", "borrow": "0", "interest": "0",
         "net": "1", "ctime": str(NOW), "cTime": str(NOW)},
        {"symbol": "BTCUSDT", "coin": "BTC", "totalAmount": "1", "available": "1", "frozen": "0", "borrow": "0",
         "interest": "0", "net": "1", "transferable": "1", "ctime": str(NOW), "cTime": str(NOW)},
    ]  # fmt: skip


def test_a_batch() -> None:
    batch = Batch((Accepted("1", "a"),), (Refused(None, "b", "clientOid duplicate"),))
    assert render("batch", batch, NOW)["data"] == {
        "resultList": [{"orderId": "1", "clientOid": "a"}],
        "failure": [{"clientOid": "b", "errorMsg": "clientOid duplicate"}],
    }


def test_flash_repayments_of_both_modes() -> None:
    assert render_row(FlashRepayment("1", None, "BTC", None)) == {"id": "1", "coin": "BTC"}
    assert render_row(FlashRepayment("1", "BTCUSDT", None, "success")) == {
        "id": "1",
        "symbol": "BTCUSDT",
        "code": "success",
    }


def test_a_receipt_is_a_repays_where_it_knows_the_debt_left() -> None:
    borrowed = Receipt(None, "BTC", D(1), None, None)
    assert render_row(borrowed) == {"coin": "BTC", "borrowAmount": "1", "clientOid": None}
    assert render_row(borrowed._replace(remain_debt=D(0))) == {
        "coin": "BTC",
        "repayAmount": "1",
        "remainDebtAmount": "0",
        "clientOid": None,
    }


def test_a_ceiling_must_be_told_of_what() -> None:
    ceiling = Ceiling(None, "BTC", D(1))
    assert render_row(ceiling, "max_borrowable") == {"coin": "BTC", "maxBorrowableAmount": "1"}
    assert render_row(ceiling, "max_transfer_out") == {"coin": "BTC", "maxTransferOutAmount": "1"}
    with pytest.raises(ValueError, match="Ceiling"):
        render_row(ceiling)


# --- properties of every shape


# Of every length and power, trailing zeros and exponents included.
NUMBERS = st.builds(
    lambda digits, power: Decimal(digits).scaleb(power), st.integers(-(10**20), 10**20), st.integers(-18, 6)
) | st.sampled_from([D("0E-8"), D("1E+3"), D("-1E-20"), D("-0"), D("123456789012345678901234567890.123456789")])
NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=12)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    fields.TEXT: st.text(min_size=1),
    fields.MESSAGE: st.text(),
    fields.COIN: NAMES,
    fields.SYMBOL: NAMES,
    fields.FIGURE: NUMBERS,
    fields.NUMBER: NUMBERS,
    fields.AMOUNT: NUMBERS.filter(bool),
    fields.COUNT: st.integers(0, 20),
    fields.TIME: st.integers(0, 253402300799999),
    fields.FLAG: st.booleans(),
}


def values_of(field: Field) -> st.SearchStrategy[Any]:
    match field.codec:
        case Part(shape):
            return rows_of(shape)
        case Rows(shape):
            return st.lists(rows_of(shape), max_size=2).map(tuple)
        case codec:
            found = st.sampled_from(list(codec.words)) if codec.words else VALUES[codec]
            return found if field.absent is Absent.NEVER else st.none() | found


def rows_of(shape: Shape) -> st.SearchStrategy[Any]:
    rows = st.tuples(*map(values_of, shape.fields.values())).map(lambda values: shape.row(*values))
    # The wire has one leverage for the pair and both of its coins.
    return rows.map(one_leverage) if shape.row is PairRate else rows


def one_leverage(row: Any) -> Any:
    return row._replace(base=row.base._replace(leverage=row.leverage), quote=row.quote._replace(leverage=row.leverage))


def answers_of(answer: Answer) -> st.SearchStrategy[Any]:
    match answer:
        case One(shape):
            return rows_of(shape)
        case Listed(shape):
            return st.lists(rows_of(shape), max_size=3).map(tuple)
        case Paged(shape, _):
            ids = st.integers(0, 2**63).map(str)
            return st.builds(Page, st.lists(rows_of(shape), max_size=3).map(tuple), ids, ids)
        case Split((_, accepted), (_, refused)):
            lists = [st.lists(rows_of(shape), max_size=3).map(tuple) for shape in (accepted, refused)]
            return st.builds(Batch, *lists)
        case Plain(codec, _):
            return VALUES[codec]


WHOLE = {name: answers_of(answer) for name, answer in ANSWERS.items()}


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


@pytest.mark.parametrize("answer", ANSWERS)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_what_is_written_is_read_back(answer: str, bare: Bare, data: st.DataObject) -> None:
    value = data.draw(WHOLE[answer])
    whole = json.loads(json.dumps(render(answer, value, NOW)))
    assert bare(parse(answer, whole)) == value


@given(NUMBERS)
def test_no_number_has_an_exponent(number: Decimal) -> None:
    text = render_row(Risk(None, number))["riskRate"]
    assert re.fullmatch(r"-?\d+(\.\d*[1-9])?", text)
    assert Decimal(text) == number


@pytest.mark.parametrize("answer", ANSWERS)
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_only_texts_flags_and_null_are_written(answer: str, data: st.DataObject) -> None:
    body = render(answer, data.draw(WHOLE[answer]), NOW)
    assert {type(leaf) for leaf in leaves(body["data"])} <= {str, bool, type(None)}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["0E-8", "1e999", "NaN"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


@pytest.mark.parametrize("answer", ANSWERS)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_damaged_answer_is_a_value_or_malformed(answer: str, data: st.DataObject) -> None:
    whole = copy.deepcopy(render(answer, data.draw(WHOLE[answer]), NOW))
    *path, last = data.draw(st.sampled_from([path for path in places(whole) if path]))
    holder: Any = whole
    for key in path:
        holder = holder[key]
    if data.draw(st.booleans()) or isinstance(holder, list):
        holder[last] = data.draw(JSON)
    else:
        del holder[last]
    try:
        value = parse(answer, whole)
    except Malformed as fault:
        assert fault.path.startswith("data")  # noqa: PT017  # both outcomes are right
    else:
        assert json.dumps(render(answer, value, NOW))


@pytest.mark.parametrize("answer", ANSWERS)
@given(whole=JSON)
@settings(max_examples=15, deadline=None)
def test_any_json_is_a_value_or_malformed(answer: str, whole: Any) -> None:
    for body in (whole, {"data": whole}):
        try:
            parse(answer, body)
        except Malformed:
            continue
