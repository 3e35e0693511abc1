"""The lists: newest first, by pages and windows, filtered, and as quick after a hundred thousand rows as after ten."""

import time
from typing import Any

import pytest

from .conftest import Desk

HOUR = 3_600_000


def filled() -> Desk:
    """Ten orders, loans and repayments, an hour apart, in two coins."""
    desk = Desk()
    for number in range(10):
        desk.now = number * HOUR
        coin = ("USDT", "BTC")[number % 2]
        desk.call("cross_borrow", coin=coin, borrowAmount="0.5")
        desk.call("cross_repay", coin=coin, repayAmount="0.1")
        desk.order("buy", "100", clientOid=f"id{number}")
    return desk


@pytest.mark.parametrize("name", ["loans", "repays", "interests", "financial_records"])
def test_pages_join_to_the_whole_list(name: str) -> None:
    desk = filled()
    whole = desk.records(name, pageSize="500")
    ids = [row[0] for row in whole]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == len(ids) > 9
    rows: list[Any] = []
    page = desk.call(f"cross_{name}", startTime="0", pageSize="3")
    while page.rows:
        assert (page.max_id, page.min_id) == (page.rows[0][0], page.rows[-1][0])
        rows += page.rows
        page = desk.call(f"cross_{name}", startTime="0", pageSize="3", pageId=page.min_id)
    assert rows == whole
    assert (page.max_id, page.min_id) == ("0", "0")


def test_orders_and_fills_page_by_their_own_names() -> None:
    desk = filled()
    for endpoint, name in (("order_history", "minId"), ("fills", "lastFillId")):
        whole = desk.call(f"cross_{endpoint}", symbol="BTCUSDT", startTime="0").rows
        first = desk.call(f"cross_{endpoint}", symbol="BTCUSDT", startTime="0", pageSize="4")
        rest = desk.call(f"cross_{endpoint}", symbol="BTCUSDT", startTime="0", **{name: first.min_id})
        assert first.rows + rest.rows == whole
        assert len(whole) == 10


@pytest.mark.parametrize("name", ["loans", "repays", "interests", "financial_records"])
def test_windows_include_both_ends(name: str) -> None:
    desk = filled()
    window = {"startTime": str(2 * HOUR), "endTime": str(4 * HOUR)}
    if name == "interests":
        del window["endTime"]
    rows = desk.call(f"cross_{name}", **window).rows
    whole = desk.records(name, pageSize="500")
    last = 4 * HOUR if "endTime" in window else desk.now
    assert rows == tuple(row for row in whole if 2 * HOUR <= row.ctime <= last)


def test_filters() -> None:
    desk = filled()
    for name in ("loans", "repays"):
        rows = desk.records(name, coin="BTC")
        assert {row.coin for row in rows} == {"BTC"}
        assert len(rows) == 5
        key = "loanId" if name == "loans" else "repayId"
        assert desk.records(name, **{key: rows[2][0]}) == [rows[2]]
        assert desk.records(name, coin="USDT", **{key: rows[2][0]}) == []
    assert {row.loan_coin for row in desk.records("interests", coin="BTC")} == {"BTC"}
    both = desk.records("financial_records", coin="USDT", marginType="borrow")
    assert {(row.coin, row.margin_type) for row in both} == {("USDT", "borrow")}
    assert len(both) == 5
    order = desk.history(clientOid="id3")[0]
    assert desk.history(orderId=order.order_id) == [order]
    assert [row.order_id for row in desk.call(
        "cross_fills", symbol="BTCUSDT", startTime="0", orderId=order.order_id).rows] == [order.order_id]  # fmt: skip
    assert desk.history(source="SYS") == []
    assert len(desk.history(source="API")) == 10


def test_financial_records_add_up_to_the_balance() -> None:
    desk = filled()
    for coin in ("USDT", "BTC"):
        rows = desk.records("financial_records", coin=coin)
        balance = 0
        for row in reversed(rows):
            balance += row.amount - row.fee
            assert row.balance == balance
        assert balance == desk.asset(coin).total


def test_camel_case_kinds_are_understood() -> None:
    assert len(filled().records("financial_records", marginType="transferIn")) == 2


def test_history_has_final_orders_open_orders_the_others() -> None:
    desk = Desk()
    for number in range(5):
        desk.order("buy", "0.01", "20000", clientOid=f"c{number}")
    desk.call("cross_cancel_order", symbol="BTCUSDT", clientOid="c2")
    assert [row.client_oid for row in desk.history()] == ["c2"]
    assert [row.client_oid for row in desk.open_orders()] == ["c4", "c3", "c1", "c0"]
    assert desk.history(clientOid="c1") == []
    found = desk.call("cross_open_orders", symbol="BTCUSDT", clientOid="c1").rows
    assert [row.client_oid for row in found] == ["c1"]


def test_an_order_without_client_id_has_one_of_32_hex() -> None:
    desk = Desk()
    made = desk.order("buy", "0.01", "20000")
    assert len(made.client_oid) == 32
    assert int(made.client_oid, 16) > 0
    assert len(made.order_id) == 19
    desk.call("cross_cancel_order", symbol="BTCUSDT", clientOid=made.client_oid)
    assert desk.history(clientOid=made.client_oid)[0].status == "cancelled"


def test_reads_do_not_grow_with_history() -> None:
    """Generous, because machines are busy: a scan of the past would be a hundred times slower, not three."""

    def cost(orders: int) -> float:
        desk = Desk()
        for number in range(orders):
            desk.now = number
            desk.order("buy", "6") if number % 2 else desk.order("sell", "0.0002")
        best = 1e9
        for _ in range(5):
            started = time.perf_counter()
            for _ in range(20):
                desk.call("cross_assets")
                desk.call("cross_open_orders", symbol="BTCUSDT")
                desk.call("cross_fills", symbol="BTCUSDT", startTime=str(orders - 3))
                desk.call("cross_financial_records", startTime=str(orders - 3), coin="BTC")
            best = min(best, time.perf_counter() - started)
        return best

    assert cost(6_000) < 5 * cost(60)
