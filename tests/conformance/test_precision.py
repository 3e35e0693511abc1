"""Bots set the precision of their thread's Decimals for their own sums; ours must not change with it."""

from decimal import getcontext, localcontext
from typing import Any

import pytest

import bitget_margin_adapter as bma

PAIR = "BTC/USDT"


@pytest.fixture
def exchange() -> Any:
    funds = {"USDT": "123456.12345678", "isolated:BTCUSDT": {"USDT": "100.12345678"}}
    made: Any = bma.bitgetmargin({"options": {"paper": {"account": None, "funds": funds, "clock": "virtual"}}})
    made.sandbox_control("market", {"symbol": PAIR, "price": "30123.45"})
    return made


def answers(exchange: Any) -> list[Any]:
    return [
        exchange.fetch_balance(),
        exchange.fetch_balance({"marginMode": "isolated"}),
        exchange.fetch_orders(PAIR),
        [exchange.fetch_order(row["id"], PAIR) for row in exchange.fetch_orders(PAIR)],
        exchange.fetch_my_trades(PAIR),
        exchange.fetch_ledger(),
        exchange.fetch_my_liquidations(PAIR),
        exchange.fetch_borrow_interest(),
        exchange.fetch_risk_rate(),
        exchange.fetch_max_borrowable("USDT"),
    ]


def test_structures_do_not_depend_on_the_precision_of_the_thread(exchange: Any) -> None:
    with localcontext(getcontext(), prec=5):
        exchange.borrow_cross_margin("USDT", "12345.12345678")
        exchange.create_order(PAIR, "market", "buy", "0.123456")
        exchange.create_order(PAIR, "limit", "sell", "0.122345", "31234.56")
        exchange.sandbox_control(
            "market",
            {"symbol": PAIR, "book": {"bids": [["31234.57", "0.112233"], ["30000.01", "5"]], "asks": [["31300", "1"]]}},
        )
        exchange.create_order(PAIR, "market", "sell", "0.000321")
        exchange.create_order(PAIR, "market", "buy", "0.01", None, {"marginMode": "isolated", "autoBorrow": True})
        exchange.sandbox_control("clock", {"advance_ms": 3 * 3_600_000})
        exchange.sandbox_control("market", {"symbol": PAIR, "price": "20123.45"})
        rough = answers(exchange)
    assert rough == answers(exchange)
    (balance, _, orders, *_, liquidations, interest, _, _) = rough
    assert balance["USDT"]["total"] == balance["USDT"]["free"] + balance["USDT"]["used"] > 100_000
    assert any(0 < row["filled"] for row in orders)
    assert interest
    assert liquidations
