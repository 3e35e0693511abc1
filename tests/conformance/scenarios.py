"""What a bot does in a day, as named rows: the same calls for every door. `at` lines move prices and the clock."""

from dataclasses import dataclass
from typing import Any

__all__ = ["SCENARIOS", "START", "IdsOf", "Scenario", "Step"]

START = 1_577_836_800_000
"""Where a virtual clock without candles begins."""

HOUR = 3_600_000
BTC, ETH = "BTC/USDT", "ETH/USDT"
CROSS, ISOLATED = {"marginMode": "cross"}, {"marginMode": "isolated"}


@dataclass(frozen=True)
class IdsOf:
    """As an argument: the ids in what an earlier step answered."""

    step: int

    def read(self, results: list[Any]) -> list[str]:
        return [str(row["id"]) for row in results[self.step] if row["id"] is not None]


@dataclass(frozen=True)
class Step:
    """A unified call, or a word of the control API when `control` is set."""

    method: str
    args: tuple[Any, ...] = ()
    control: bool = False


@dataclass(frozen=True)
class Scenario:
    name: str
    steps: tuple[Step, ...]
    funds: Any = None
    candles: Any = None


def call(method: str, *args: Any) -> Step:
    return Step(method, args)


def price(symbol: str, value: str) -> Step:
    return Step("market", ({"symbol": symbol, "price": value},), control=True)


def hours(number: float) -> Step:
    return Step("clock", ({"advance_ms": int(number * HOUR)},), control=True)


def order(symbol: str, kind: str, side: str, amount: float, at: float | None = None, **params: Any) -> Step:
    return call("create_order", symbol, kind, side, amount, at, params)


CROSS_ROUND_TRIP = (
    price(BTC, "30000"),
    call("fetch_balance"),
    call("fetch_max_borrowable", "USDT"),
    call("borrow_cross_margin", "USDT", 1000),
    order(BTC, "limit", "buy", 0.1, 29000, clientOrderId="first"),
    call("fetch_open_orders", BTC),
    hours(0.5),
    price(BTC, "28990.5"),
    call("fetch_order", None, BTC, {"clientOrderId": "first"}),
    hours(2),
    call("fetch_risk_rate"),
    call("fetch_borrow_interest", "USDT", None, START),
    price(BTC, "31000"),
    order(BTC, "market", "sell", 0.09),
    call("repay_cross_margin", "USDT", 1001),
    call("fetch_repay_history", "USDT", None, START),
    call("fetch_my_trades", BTC, START),
    call("fetch_ledger", None, START),
    call("transfer", "USDT", 50, "cross", "spot"),
    call("fetch_balance"),
)

ISOLATED_SHORT = (
    price(BTC, "30000"),
    call("fetch_balance", {**ISOLATED, "symbol": BTC}),
    call("borrow_isolated_margin", BTC, "BTC", 0.2),
    order(BTC, "market", "sell", 0.2, None, **ISOLATED),
    hours(3.25),
    call("fetch_risk_rate", BTC),
    price(BTC, "27000"),
    order(BTC, "market", "buy", 0.2005, 27000, **ISOLATED, loanType="autoRepay"),
    call("fetch_borrow_history", "BTC", BTC, START, None, ISOLATED),
    call("fetch_repay_history", "BTC", BTC, START, None, ISOLATED),
    call("fetch_my_trades", BTC, START, None, ISOLATED),
    call("fetch_balance", ISOLATED),
)

AUTO_LOAN = (
    price(BTC, "30000"),
    order(BTC, "limit", "buy", 0.5, 29500, loanType="autoLoan", clientOrderId="big"),
    call("fetch_borrow_history", "USDT", None, START),
    call("fetch_balance"),
    call("cancel_order", None, BTC, {"clientOrderId": "big"}),
    call("fetch_canceled_orders", BTC, START),
    order(BTC, "market", "buy", 0.5, 30000, loanType="autoLoanAndRepay"),
    price(BTC, "33000"),
    order(BTC, "market", "sell", 0.49, None, loanType="autoRepay"),
    call("fetch_borrow_interest", "USDT", None, START),
    call("fetch_closed_orders", BTC, START),
    call("fetch_balance"),
)

BATCH = (
    price(ETH, "2000"),
    call(
        "create_orders",
        [
            {"symbol": ETH, "type": "limit", "side": "buy", "amount": 1, "price": 1900, "params": {}},
            {"symbol": ETH, "type": "limit", "side": "buy", "amount": 50, "price": 1900, "params": {}},
            {"symbol": ETH, "type": "limit", "side": "buy", "amount": 0.5, "price": 1800, "params": {}},
            {"symbol": ETH, "type": "limit", "side": "sell", "amount": 3, "price": 2100, "params": {}},
        ],
    ),
    call("fetch_open_orders", ETH),
    call("cancel_orders", ["1", "2"], ETH),
    call("cancel_all_orders", ETH),
    call("fetch_canceled_and_closed_orders", ETH, START),
    call("fetch_balance"),
)

LIQUIDATION = (
    price(BTC, "30000"),
    call("borrow_isolated_margin", BTC, "BTC", 0.5),
    order(BTC, "market", "sell", 0.5, None, **ISOLATED),
    price(BTC, "36000"),
    call("fetch_risk_rate", BTC),
    price(BTC, "39500"),
    hours(1),
    call("fetch_risk_rate", BTC),
    call("fetch_my_liquidations", BTC, START, None, ISOLATED),
    call("fetch_my_trades", BTC, START, None, ISOLATED),
    call("fetch_ledger", None, START, None, {"symbol": BTC, **ISOLATED}),
    call("fetch_balance", ISOLATED),
)

FLASH_REPAY = (
    price(BTC, "30000"),
    price(ETH, "2000"),
    call("borrow_cross_margin", "ETH", 1),
    order(ETH, "market", "sell", 1),
    hours(5),
    call("flash_repay", "ETH"),
    hours(0.1),
    call("fetch_repay_history", "ETH", None, START),
    call("fetch_my_trades", ETH, START),
    call("fetch_balance"),
)

CONDITIONS = (
    price(BTC, "30000"),
    call("fetch_time"),
    call("fetch_trading_fee", BTC),
    call("fetch_cross_borrow_rate", "BTC"),
    call("fetch_isolated_borrow_rate", BTC),
    call("fetch_market_leverage_tiers", BTC, CROSS),
    call("fetch_market_leverage_tiers", BTC, ISOLATED),
    call("fetch_max_transferable", "USDT"),
    call("fetch_max_borrowable", "USDT", BTC),
    call("fetch_max_borrowable", "BTC", BTC),
    call("fetch_max_transferable", "USDT", BTC),
    call("fetch_max_transferable", "BTC", BTC),
)

ISOLATED_ROUND_TRIP = (
    price(BTC, "30000"),
    call("borrow_isolated_margin", BTC, "USDT", 3000),
    call(
        "create_orders",
        [
            {"symbol": BTC, "type": "limit", "side": "buy", "amount": amount, "price": 29000, "params": ISOLATED}
            for amount in (0.01, 90, 0.02, 0.03)
        ],
    ),
    order(BTC, "limit", "buy", 0.01, 28000, **ISOLATED, clientOrderId="alone"),
    call("fetch_open_orders", BTC, None, None, ISOLATED),
    call("cancel_order", None, BTC, {**ISOLATED, "clientOrderId": "alone"}),
    call("cancel_orders", IdsOf(2), BTC, ISOLATED),
    order(BTC, "market", "buy", 0.1, 30000, **ISOLATED),
    call("fetch_canceled_and_closed_orders", BTC, START, None, ISOLATED),
    hours(4),
    call("fetch_borrow_interest", None, BTC, START, None, ISOLATED),
    call("repay_isolated_margin", BTC, "USDT", 1000),
    call("flash_repay", None, [BTC]),
    hours(0.1),
    call("fetch_flash_repay_status", IdsOf(12), ISOLATED),
    call("fetch_balance", {**ISOLATED, "symbol": BTC}),
)

CROSS_LIQUIDATION = (
    price(BTC, "30000"),
    call("borrow_cross_margin", "USDT", 16_000),
    order(BTC, "market", "buy", 0.8, 30000),
    price(BTC, "17000"),
    hours(0.1),
    call("fetch_my_liquidations", None, START),
    call("fetch_orders", BTC, START),
    call("fetch_my_trades", BTC, START),
    call("fetch_repay_history", "USDT", None, START),
    call("flash_repay"),
    hours(0.1),
    call("fetch_flash_repay_status", IdsOf(9), CROSS),
    call("fetch_balance"),
)

PAGING = (
    price(BTC, "30000"),
    *(
        call(
            "create_orders",
            [
                {"symbol": BTC, "type": "market", "side": "sell", "amount": 0.0002, "params": {}}
                for _ in range(50)
            ],
        )
        for _ in range(24)
    ),
    call("fetch_orders", BTC, START, 1200),
    call("fetch_my_trades", BTC, START, 1200),
)  # fmt: skip

REFUSALS = (
    order(BTC, "market", "sell", 0.1),
    price(BTC, "30000"),
    order(BTC, "limit", "buy", 10, 30000),
    order(BTC, "limit", "buy", 0.0001, 20000),
    order(BTC, "limit", "buy", 0.01, 20000, clientOrderId="twice"),
    order(BTC, "limit", "buy", 0.01, 20000, clientOrderId="twice"),
    order(BTC, "limit", "buy", 0.01, 29999, timeInForce="FOK"),
    order(BTC, "limit", "buy", 0.01, 30001, timeInForce="PO"),
    call("borrow_cross_margin", "USDT", 1_000_000),
    call("repay_cross_margin", "USDT", 5),
    call("cancel_order", "1234567890123456789", BTC),
    call("fetch_order", "1234567890123456789", BTC),
    call("transfer", "USDT", 1_000_000, "cross", "spot"),
    call("borrow_isolated_margin", BTC, "ETH", 1),
    call("fetch_my_trades", BTC, START - 200 * 24 * HOUR),
    call("fetch_balance"),
)

SCENARIOS = (
    Scenario("cross_round_trip", CROSS_ROUND_TRIP),
    Scenario("isolated_short", ISOLATED_SHORT, {"isolated:BTCUSDT": {"USDT": "4000"}}),
    Scenario("auto_loan", AUTO_LOAN),
    Scenario("batch_with_failures", BATCH, {"USDT": "5000", "ETH": "2"}),
    Scenario("liquidation", LIQUIDATION, {"isolated:BTCUSDT": {"USDT": "5000"}}),
    Scenario("flash_repay", FLASH_REPAY, {"USDT": "4000", "BTC": "0.05"}),
    Scenario("conditions", CONDITIONS, {"USDT": "1000", "isolated:BTCUSDT": {"USDT": "500", "BTC": "0.1"}}),
    Scenario("isolated_round_trip", ISOLATED_ROUND_TRIP, {"isolated:BTCUSDT": {"USDT": "4000"}}),
    Scenario("cross_liquidation", CROSS_LIQUIDATION),
    Scenario("paging", PAGING, {"BTC": "1"}),
    Scenario("refusals", REFUSALS),
)
