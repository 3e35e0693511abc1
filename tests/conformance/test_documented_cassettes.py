"""Every endpoint by its unified method, against the documentation's own request and answer, synchronous and asyncio.

vcrpy plays the cassettes and refuses whatever is not in them: other methods, paths, queries and JSON bodies. What is
expected of the answers stands here by hand, so that a wrong parser cannot agree with itself.
"""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import vcr

import bitget_margin_adapter as bma
from bitget_margin_adapter.wire.endpoints import ENDPOINTS, MARGIN_ENDPOINTS

from ..flows.conftest import PlainContext

CASSETTES = Path(__file__).parents[2] / "cassettes" / "documented"

# The moment of the documented windows' end: the clock of these tests.
NOW = 1_659_410_528_000
SINCE = 1_659_403_328_000
PAGE = {"pageSize": "20"}
UNTIL = {"until": NOW, **PAGE}
ISOLATED = {"marginMode": "isolated"}
ORDER = ("BTC/USDT", "limit", "buy", 0.1, 15100)
CLIENT = {"clientOrderId": "clientOid001"}


class Case(NamedTuple):
    endpoint: str
    call: Callable[[Any], Any]
    expected: dict[str, Any] | None
    """Some keys of the structure, or of its first row; None: an empty list."""
    now: int = NOW
    raw: bool = False


def call(name: str, *args: Any) -> Callable[[Any], Any]:
    return lambda exchange: getattr(exchange, name)(*args)


def raw(name: str) -> Callable[[Any], Any]:
    """The implicit method. The documented batches carry no clientOid, and every order of ours does."""
    row = ENDPOINTS[name]
    body = json.loads(interaction(name)["request"]["body"])
    return lambda exchange: exchange.fetch2(row.path.removeprefix("/api/"), ["private", "margin"], row.method, body)


def interaction(name: str) -> Any:
    from vcr.serializers import yamlserializer

    return yamlserializer.deserialize((CASSETTES / f"{name}.yaml").read_text())["interactions"][0]


OPEN = {"startTime": str(SINCE), "endTime": str(NOW), **PAGE}
CASES = [
    Case("currencies", call("fetch_markets"), {"symbol": "ETH/USDT", "taker": 0.001, "active": True}),
    Case("cross_interest_rate_and_limit", call("fetch_cross_borrow_rate", "USDT"), {"currency": "USDT", "rate": 2.0}),
    Case(
        "isolated_interest_rate_and_limit",
        call("fetch_isolated_borrow_rate", "BTC/USDT"),
        {"symbol": "BTC/USDT", "baseRate": 0.000049, "quoteRate": 0.000049},
    ),
    Case(
        "cross_tier_data",
        call("fetch_market_leverage_tiers", "BTC/USDT", {"marginMode": "cross"}),
        {"tier": 1.0, "maxNotional": 143000.0, "maintenanceMarginRate": 0.1, "maxLeverage": 3.0, "currency": "USDT"},
    ),
    Case(
        "isolated_tier_data",
        call("fetch_market_leverage_tiers", "BTC/USDT"),
        {"tier": 1.0, "maxNotional": 20000.0, "maintenanceMarginRate": 0.05, "maxLeverage": 10.0},
    ),
    Case(
        "cross_assets",
        call("fetch_balance", {"code": "USDT"}),
        {"USDT": {"free": 90745.92605537, "used": 5500.0, "total": 96245.92605537, "debt": 0.00030127}},
    ),
    Case(
        "isolated_assets",
        call("fetch_balance", {"symbol": "BTC/USDT", **ISOLATED}),
        {"BTC": {"free": 0.8008982, "used": 0.0, "total": 0.8008982, "debt": 0.0}},
    ),
    Case("cross_borrow", call("borrow_cross_margin", "USDT", 1), {"currency": "USDT", "amount": 1.0}),
    Case(
        "isolated_borrow",
        call("borrow_isolated_margin", "BTC/USDT", "USDT", 1),
        {"currency": "USDT", "amount": 1.0, "symbol": "BTC/USDT"},
    ),
    Case("cross_repay", call("repay_cross_margin", "USDT", 1), {"amount": 1.0, "remainDebt": 0.08363461}),
    Case(
        "isolated_repay",
        call("repay_isolated_margin", "BTC/USDT", "USDT", 1),
        {"amount": 1.0, "remainDebt": 0.00001658, "symbol": "BTC/USDT"},
    ),
    Case("cross_risk_rate", call("fetch_risk_rate", None, {"coin": "BTC"}), {"riskRate": 0.0}),
    Case("isolated_risk_rate", call("fetch_risk_rate", "BTC/USDT"), {"riskRate": 0.0, "symbol": "BTC/USDT"}),
    Case("cross_max_borrowable", call("fetch_max_borrowable", "USDT"), {"amount": 142999.91636538}),
    Case("isolated_max_borrowable", call("fetch_max_borrowable", "USDT", "BTC/USDT"), {"amount": 199999.99998342}),
    Case("cross_max_transfer_out", call("fetch_max_transferable", "USDT"), {"amount": 90745.92605537}),
    Case("isolated_max_transfer_out", call("fetch_max_transferable", "USDT", "BTC/USDT"), {"amount": 85665.92083922}),
    Case("cross_flash_repay", call("flash_repay", "BTC"), {"id": "23423423423432", "currency": "BTC"}),
    Case(
        "isolated_flash_repay",
        call("flash_repay", None, ["BTC/USDT", "ETH/USDT"]),
        {"id": "3423423", "symbol": "BTC/USDT", "status": "success"},
    ),
    *(
        Case(
            f"{mode}_flash_repay_status",
            call("fetch_flash_repay_status", ["13423423", "36278902"], {"marginMode": mode}),
            {"id": "13423423", "status": "FINISH"},
        )
        for mode in ("cross", "isolated")
    ),
    *(
        case
        for mode in ("cross", "isolated")
        for case in (
            Case(
                f"{mode}_place_order",
                call("create_order", *ORDER, {**CLIENT, "marginMode": mode}),
                {"id": "1001", "clientOrderId": "clientOid001", "price": 15100.0, "amount": 0.1, "marginMode": mode},
            ),
            Case(
                f"{mode}_batch_place_order",
                raw(f"{mode}_batch_place_order"),
                {"resultList": [{"orderId": "96724974842718610", "clientOid": "qqq#1044sdf1343"}]},
                raw=True,
            ),
            Case(
                f"{mode}_cancel_order",
                call("cancel_order", "3242384623846284238", "BTC/USDT", {"marginMode": mode}),
                {"id": "96724974842718610", "status": "canceled"},
            ),
            Case(
                f"{mode}_batch_cancel_order",
                call("cancel_orders", ["3242384623846284238"], "BTC/USDT", {"marginMode": mode}),
                # The documented answer is about another order than the request.
                {"id": "3242384623846284238", "status": "rejected"},
            ),
            Case(
                f"{mode}_open_orders",
                call("fetch_open_orders", "BTC/USDT", None, None, {**OPEN, "marginMode": mode}),
                {"id": "2222222", "amount": 1.0, "price": 17000.0, "filled": 1.0, "average": 17000.0, "cost": 17000.0},
            ),
            Case(
                f"{mode}_order_history",
                call("fetch_canceled_and_closed_orders",
                    "BTC/USDT", SINCE, None, {**UNTIL, "marginMode": mode}
                ),
                None,  # the documented order is still open
            ),
            Case(
                f"{mode}_fills",
                call("fetch_my_trades", "BTC/USDT", SINCE, None, {**UNTIL, "marginMode": mode}),
                {"id": "102211", "order": "100021", "price": 38293.12, "amount": 1.0, "cost": 38293.12},
            ),
            Case(
                f"{mode}_loans",
                call("fetch_borrow_history",
                    None, None if mode == "cross" else "BTC/USDT", 1679350657000 if mode == "cross" else SINCE, None,
                    PAGE if mode == "cross" else UNTIL,
                ),
                {"id": "34234234234324", "amount": 22.22, "currency": "BTC", "type": "autoLoan"},
                now=1679350657000 + 1000 if mode == "cross" else NOW,
            ),
            Case(
                f"{mode}_repays",
                call("fetch_repay_history",
                    None, None if mode == "cross" else "BTC/USDT", SINCE, None, UNTIL
                ),
                {"id": "32423423423", "amount": 22.22, "principal": 22.0, "interest": 0.22, "type": "autoRepay"},
            ),
            Case(
                f"{mode}_interests",
                call("fetch_borrow_interest",
                    None, None if mode == "cross" else "BTC/USDT", SINCE, None, PAGE
                ),
                {"interest": 22.22, "currency": "BTC", "interestRate": 0.00001, "timestamp": 16588502211},
            ),
            Case(
                f"{mode}_liquidations",
                call("fetch_my_liquidations",
                    None if mode == "cross" else "BTC/USDT", SINCE, None, UNTIL
                ),
                {"id": "123", "quoteValue": 1101.2, "timestamp": 1653453245342},
            ),
            Case(
                f"{mode}_financial_records",
                call("fetch_ledger",
                    None, SINCE, None, UNTIL if mode == "cross" else {**UNTIL, "symbol": "BTC/USDT"}
                ),
                {"id": "12868683", "type": "transfer", "direction": "in", "amount": 1400.0, "after": 1242.34},
            ),
        )
    ),
]  # fmt: skip


def prepared(exchange: Any, case: Case) -> Any:
    ctx = PlainContext().load()
    exchange.set_markets(list((ctx.markets or {}).values()))
    exchange.milliseconds = lambda: case.now

    return exchange


MATCH = ["method", "scheme", "host", "path", "query", "body"]
CONFIG = {"apiKey": "key", "secret": "secret", "password": "phrase", "options": {"dialect": "v1"}}


def replay(case: Case) -> Any:
    return vcr.use_cassette(
        str(CASSETTES / f"{case.endpoint}.yaml"),
        record_mode="none",
        match_on=["method", "scheme", "host", "path", "query", "body"],
    )


def check(case: Case, result: Any, cassette: Any) -> None:
    assert cassette.all_played
    if case.raw:
        result = result["data"]
    if case.expected is None:
        assert result == []
        return
    row = result[0] if isinstance(result, list) else result
    assert {key: row[key] for key in case.expected} == case.expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.endpoint)
def test_sync(case: Case) -> None:
    exchange = prepared(bma.bitgetmargin(CONFIG), case)
    with replay(case) as cassette:
        result = case.call(exchange)
    check(case, result, cassette)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.endpoint)
def test_async(case: Case) -> None:
    async def main() -> None:
        exchange = prepared(bma.async_support.bitgetmargin(CONFIG), case)
        try:
            with replay(case) as cassette:
                result = await case.call(exchange)
        finally:
            await exchange.close()
        check(case, result, cassette)

    asyncio.run(main())


def test_every_endpoint_is_replayed() -> None:
    assert {case.endpoint for case in CASES} == {row.name for row in MARGIN_ENDPOINTS}
    assert len(CASES) == 45
