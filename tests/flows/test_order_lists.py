"""Lists of orders and fills as the venue's pages make them up; no venue, only its answers."""

from decimal import Decimal
from typing import Any

import pytest
from ccxt.base import errors

from bitget_margin_adapter.flows import order_lists
from bitget_margin_adapter.flows.effects import Now, Send, Together
from bitget_margin_adapter.flows.paging import LARGEST_PAGE
from bitget_margin_adapter.model.rows import Fill, Order, Page
from bitget_margin_adapter.model.words import OrderStatus, OrderType, Side

from .conftest import PlainContext
from .test_orders import EMPTY, FOUND

T = 1_700_000_000_000
PAIR = "BTC/USDT"


def run(flow: Any, answer: Any) -> Any:
    """The flow's result; `answer` tells the page for each request."""
    reply: Any = None
    try:
        while True:
            effect = flow.send(reply)
            if isinstance(effect, Now):
                reply = T
            elif isinstance(effect, Together):
                reply = [run(part, answer) for part in effect.flows]
            else:
                reply = answer(effect)
    except StopIteration as stop:
        return stop.value


def fill(id: str, order_id: str, quantity: str, fees: str, coin: str = "BTC", ctime: int = T) -> Fill:
    amount = Decimal(quantity)
    return Fill(
        "BTCUSDT",
        id,
        order_id,
        OrderType.LIMIT,
        Side.BUY,
        Decimal(100),
        amount,
        amount * 100,
        coin,
        Decimal(fees),
        ctime,
    )


def fetched(ctx: PlainContext, filled: str, fills: tuple[Fill, ...]) -> Any:
    row = FOUND._replace(fill_quantity=Decimal(filled), fill_total=Decimal(filled) * 100, ctime=T - 9)

    def answer(send: Send) -> Any:
        if "fills" in send.endpoint:
            assert send.params["startTime"] == str(T - 9)
            return Page(fills, "1", "1")
        return Page((row,), "1", "1")

    return run(order_lists.fetch_order(ctx, "42", PAIR), answer)


def test_an_order_gets_its_fees_from_its_own_fills(ctx: PlainContext) -> None:
    others = fill("3", "43", "0.3", "-7")
    order = fetched(
        ctx, "0.5", (fill("2", "42", "0.2", "-0.0002", ctime=T + 5), others, fill("1", "42", "0.3", "-0.0003"))
    )
    assert [row["id"] for row in order["trades"]] == ["1", "2"]
    assert order["fee"] == {"currency": "BTC", "cost": 0.0005}
    assert order["fees"] == [order["fee"]]
    assert order["lastTradeTimestamp"] == T + 5


def test_fees_in_two_coins_are_two(ctx: PlainContext) -> None:
    order = fetched(ctx, "0.5", (fill("2", "42", "0.2", "-0.0002"), fill("1", "42", "0.3", "-3", "BGB")))
    assert order["fee"] is None
    assert order["fees"] == [{"currency": "BGB", "cost": 3.0}, {"currency": "BTC", "cost": 0.0002}]


def test_while_fills_are_missing_nobody_says_what_the_fees_came_to(ctx: PlainContext) -> None:
    order = fetched(ctx, "0.5", (fill("1", "42", "0.3", "-0.0003"),))
    assert (order["filled"], len(order["trades"])) == (0.5, 1)
    assert (order["fee"], order["fees"]) == (None, [])


def open_orders(count: int) -> list[Order]:
    """Newest first, two of each moment."""
    return [FOUND._replace(order_id=str(number), ctime=T - 2 * count + number // 2) for number in range(count, 0, -1)]


@pytest.mark.parametrize("count", [0, 1, LARGEST_PAGE - 1, LARGEST_PAGE, LARGEST_PAGE + 1, 2 * LARGEST_PAGE + 7])
def test_open_orders_are_read_to_the_last_one(ctx: PlainContext, count: int) -> None:
    rows = open_orders(count)

    def answer(send: Send) -> Any:
        # A start would make a window of it, which the venue refuses when it is too long.
        assert "startTime" not in send.params
        end = int(send.params.get("endTime", T))
        found = [row for row in rows if (row.ctime or 0) <= end][:LARGEST_PAGE]
        return Page(tuple(found), "1", "1") if found else EMPTY

    found = run(order_lists.fetch_open_orders(ctx, PAIR), answer)
    assert [row["id"] for row in found] == [row.order_id for row in reversed(rows)]


def test_a_window_cuts_open_orders_at_both_ends(ctx: PlainContext) -> None:
    rows = tuple(FOUND._replace(order_id=str(number), ctime=T + number) for number in (3, 2, 1))
    found = run(
        order_lists.fetch_open_orders(ctx, PAIR, T + 2, None, {"until": T + 2}), lambda send: Page(rows, "3", "1")
    )
    assert [row["id"] for row in found] == ["2"]


def test_an_order_that_ends_between_two_calls_is_there_once(ctx: PlainContext) -> None:
    ended = FOUND._replace(status=OrderStatus.FULL_FILL)
    asked = []

    def answer(send: Send) -> Any:
        asked.append(send.endpoint)
        return Page((ended if "history" in send.endpoint else FOUND,), "42", "42")

    found = run(order_lists.fetch_orders(ctx, PAIR), answer)
    assert asked == ["cross_open_orders", "cross_order_history"]
    assert [(row["id"], row["status"]) for row in found] == [("42", "closed")]


def test_several_pairs_are_one_list_in_time(ctx: PlainContext) -> None:
    ctx.options["symbols"] = [PAIR, "ETH/USDT"]

    def answer(send: Send) -> Any:
        first = 0 if send.params["symbol"] == "BTCUSDT" else 1
        rows = [FOUND._replace(order_id=f"{n}", ctime=T - 100 + n) for n in range(first + 6, first, -2)]
        return Page(tuple(rows), "1", "1")

    closed = order_lists.fetch_canceled_and_closed_orders
    assert run(closed(ctx, None), lambda send: EMPTY) == []
    opened = order_lists.fetch_open_orders
    assert [row["id"] for row in run(opened(ctx), answer)] == ["2", "3", "4", "5", "6", "7"]
    assert [row["id"] for row in run(opened(ctx, None, None, 2), answer)] == ["6", "7"]
    assert [row["id"] for row in run(opened(ctx, None, T - 97, 2), answer)] == ["3", "4"]


def test_not_found_says_where_it_was_looked_for(ctx: PlainContext) -> None:
    with pytest.raises(errors.OrderNotFound, match=r"BTC/USDT \(cross\) have 42"):
        run(order_lists.fetch_order(ctx, "42", PAIR), lambda send: EMPTY)
