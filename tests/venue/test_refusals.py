"""Every refusal that is the engine's to give can be met, for the reason that the venue's table names."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bitget_margin_adapter.model.refusals import Reason, Refusal
from bitget_margin_adapter.venue.profile import Profile
from bitget_margin_adapter.venue.service import NotServed, Venue

HOUR = 3_600_000
DAY = 24 * HOUR
NOW = 400 * DAY

# Given by the doors, before the venue is asked.
OF_THE_DOORS = {
    Reason.NO_KEY, Reason.NO_SIGNATURE, Reason.NO_PASSPHRASE, Reason.BAD_TIMESTAMP, Reason.UNKNOWN_KEY, Reason.EXPIRED,
    Reason.BAD_SIGNATURE, Reason.WRONG_PASSPHRASE, Reason.NO_PERMISSION, Reason.WRONG_IP, Reason.TOO_MANY_REQUESTS,
    Reason.NO_SUCH_PATH, Reason.BAD_CONTENT_TYPE,
}  # fmt: skip

PROFILE = {
    "pairs": {
        "SOLUSDT": {"phase": "not_open"},
        "XRPUSDT": {"phase": "not_enabled"},
        "BNBUSDT": {"phase": "maintenance"},
        "LTCUSDT": {"phase": "offline"},
        "ADAUSDT": {"phase": "upcoming"},
        "DOGEUSDT": {"phase": "delisted"},
        "AAAUSDT": {"cross_leverage": "0"},
        "BBBUSDT": {"isolated_leverage": "0"},
        "CCCUSDT": {"isolated_leverage": "0", "cross_leverage": "0"},
        "DDDUSDT": {},
    },
    "coins": {
        "AAA": {"cross": False},
        "DDD": {"isolated": False, "borrowable": False},
        "BNB": {"tiers": []},
        "ETH": {"pool": "1"},
    },
    "liquidation_ms": 60_000,
    "flash_repay_ms": 60_000,
    "strict_history": True,
}
LIMIT = {"symbol": "BTCUSDT", "side": "buy", "orderType": "limit", "loanType": "normal", "timeInForce": "gtc",
         "price": "29000", "baseQuantity": "0.01"}  # fmt: skip
MARKET = {"symbol": "BTCUSDT", "side": "buy", "orderType": "market", "loanType": "normal", "quoteAmount": "100"}


def make() -> Venue:
    venue = Venue(Profile.from_mapping(PROFILE), start=NOW)
    prices = {symbol: "10" for symbol in venue.profile.pairs if symbol != "DDDUSDT"}
    venue.set_prices({**prices, "BTCUSDT": "30000", "ETHUSDT": "2000"}, NOW)
    funds = {"USDT": "10000", "BTC": "1", "spot": {"USDT": "100"}, "isolated:BTCUSDT": {"USDT": "1000"}}
    venue.open_account("a", funds, NOW)
    return venue


def borrowed(venue: Venue) -> None:
    venue.handle("a", "cross_borrow", {"coin": "USDT", "borrowAmount": "1000"}, NOW)


def spent(venue: Venue) -> None:
    borrowed(venue)
    venue.handle("a", "cross_place_order", {**MARKET, "quoteAmount": "11000"}, NOW)


def liquidated(venue: Venue) -> None:
    lever = {**MARKET, "loanType": "autoLoan", "quoteAmount": "8000"}
    venue.handle("a", "isolated_place_order", lever, NOW)
    venue.set_price("BTCUSDT", "26000", NOW)


def repaying(venue: Venue) -> None:
    borrowed(venue)
    venue.handle("a", "cross_flash_repay", {}, NOW)


def frozen(venue: Venue) -> None:
    venue.freeze("a", "cross", True, NOW)
    venue.freeze("a", "isolated:BTCUSDT", True, NOW)


def resting(venue: Venue) -> None:
    venue.handle("a", "cross_place_order", {**LIMIT, "clientOid": "known"}, NOW)


def cancelled(venue: Venue) -> None:
    resting(venue)
    venue.handle("a", "cross_cancel_order", {"symbol": "BTCUSDT", "clientOid": "known"}, NOW)


def crowded(venue: Venue) -> None:
    for _ in range(500):
        venue.handle("a", "cross_place_order", {**LIMIT, "price": "5000", "baseQuantity": "0.001"}, NOW)


def nothing(venue: Venue) -> None:
    pass


@dataclass(frozen=True)
class Case:
    reason: Reason
    endpoint: str
    params: dict[str, Any]
    before: Callable[[Venue], None] = nothing
    account: str = "a"
    details: tuple[str, ...] = field(default=())


def order(reason: Reason, before: Callable[[Venue], None] = nothing, mode: str = "cross", **params: Any) -> Case:
    return Case(reason, f"{mode}_place_order", {**LIMIT, **params}, before)


CASES = [
    Case(Reason.MISSING_PARAMETER, "cross_borrow", {"coin": "USDT"}, details=("borrowAmount",)),
    Case(Reason.MISSING_PARAMETER, "cross_loans", {}, details=("startTime",)),
    Case(Reason.MISSING_PARAMETER, "cross_borrow", {"coin": "", "borrowAmount": "1"}, details=("coin",)),
    order(Reason.MISSING_PARAMETER, price=None),
    order(Reason.MISSING_PARAMETER, baseQuantity=None),
    Case(Reason.MISSING_PARAMETER, "cross_place_order", {**MARKET, "quoteAmount": None}, details=("quoteAmount",)),
    Case(Reason.BAD_PARAMETER, "cross_borrow", {"coin": "USDT", "borrowAmount": "1e3"}, details=("borrowAmount",)),
    Case(Reason.BAD_PARAMETER, "cross_borrow", {"coin": "USDT", "borrowAmount": "NaN"}),
    Case(Reason.BAD_PARAMETER, "cross_borrow", {"coin": "US/DT", "borrowAmount": "1"}),
    Case(Reason.BAD_PARAMETER, "cross_loans", {"startTime": "yesterday"}),
    order(Reason.BAD_PARAMETER, side="liquidation-sell"),
    order(Reason.BAD_PARAMETER, price="29000.001"),
    order(Reason.BAD_PARAMETER, baseQuantity="0.0000001"),
    order(Reason.BAD_PARAMETER, clientOid="a\tb"),
    Case(Reason.ODD_PARAMETER, "cross_loans", {"startTime": str(NOW), "pageSize": "501"}, details=("pageSize",)),
    Case(
        Reason.ODD_PARAMETER, "transfer",
        {"fromType": "spot", "toType": "spot", "amount": "1", "coin": "USDT"},
    ),
    Case(Reason.ONE_OF_PARAMETERS, "cross_batch_cancel_order", {"symbol": "BTCUSDT", "orderIds": []}),
    Case(Reason.ORDER_ID_OR_CLIENT_OID, "cross_cancel_order", {"symbol": "BTCUSDT"}),
    Case(
        Reason.TOO_MANY_ORDERS_IN_BATCH, "cross_batch_place_order",
        {"symbol": "BTCUSDT", "orderList": [LIMIT] * 51},
    ),
    Case(
        Reason.TOO_MANY_CANCELS_IN_BATCH, "isolated_batch_cancel_order",
        {"symbol": "BTCUSDT", "orderIds": [str(number) for number in range(51)]},
    ),
    order(Reason.CLIENT_OID_TOO_LONG, clientOid="x" * 51),
    Case(Reason.WINDOW_TOO_LONG, "cross_loans", {"startTime": str(NOW - 89 * DAY), "endTime": str(NOW + 2 * DAY)}),
    Case(Reason.WINDOW_REVERSED, "cross_loans", {"startTime": str(NOW), "endTime": str(NOW - 1)}),
    Case(Reason.WINDOW_TOO_OLD, "cross_loans", {"startTime": str(NOW - 91 * DAY), "endTime": str(NOW - 80 * DAY)}),
    Case(Reason.COIN_NOT_CROSS, "cross_borrow", {"coin": "AAA", "borrowAmount": "1"}),
    Case(Reason.SYMBOL_NOT_ISOLATED, "isolated_tier_data", {"symbol": "BBBUSDT"}),
    Case(Reason.COIN_NOT_ISOLATED, "isolated_borrow", {"symbol": "DDDUSDT", "coin": "DDD", "borrowAmount": "1"}),
    order(Reason.SYMBOL_NOT_CROSS, symbol="AAAUSDT"),
    order(Reason.SYMBOL_NOT_MARGIN, symbol="CCCUSDT"),
    order(Reason.UNKNOWN_PAIR, symbol="NOPEUSDT"),
    Case(Reason.UNKNOWN_COIN, "cross_interest_rate_and_limit", {"coin": "NOPE"}),
    Case(Reason.COIN_NOT_IN_PAIR, "isolated_borrow", {"symbol": "BTCUSDT", "coin": "ETH", "borrowAmount": "1"}),
    order(Reason.PAIR_NOT_OPEN, symbol="SOLUSDT"),
    order(Reason.PAIR_NOT_ENABLED, symbol="XRPUSDT"),
    order(Reason.PAIR_IN_MAINTENANCE, symbol="BNBUSDT"),
    order(Reason.PAIR_OFFLINE, symbol="LTCUSDT"),
    order(Reason.PAIR_UPCOMING, symbol="ADAUSDT"),
    order(Reason.PAIR_DELISTED, symbol="DOGEUSDT"),
    Case(Reason.NO_MARGIN_ACCOUNT, "cross_assets", {}, account="nobody"),
    Case(Reason.BORROW_TOO_SMALL, "cross_borrow", {"coin": "USDT", "borrowAmount": "0.00000001"}),
    Case(Reason.BORROW_TOO_SMALL, "cross_borrow", {"coin": "USDT", "borrowAmount": "-1"}),
    Case(Reason.BORROW_OVER_MAXIMUM, "cross_borrow", {"coin": "USDT", "borrowAmount": "80000.00000001"}),
    order(Reason.BORROW_OVER_MAXIMUM, loanType="autoLoan", baseQuantity="9"),
    Case(Reason.NO_LOAN_CONFIGURATION, "cross_borrow", {"coin": "BNB", "borrowAmount": "1"}),
    Case(Reason.NOT_BORROWABLE, "cross_borrow", {"coin": "DDD", "borrowAmount": "1"}),
    Case(Reason.SYSTEM_LOAN_LIMIT, "cross_borrow", {"coin": "ETH", "borrowAmount": "1.1"}),
    Case(Reason.TOO_MANY_DECIMALS, "cross_borrow", {"coin": "USDT", "borrowAmount": "1.000000001"}),
    Case(Reason.TOO_MANY_DECIMALS, "cross_repay", {"coin": "USDT", "repayAmount": "1.000000001"}, borrowed),
    Case(Reason.REPAY_NOT_POSITIVE, "cross_repay", {"coin": "USDT", "repayAmount": "0"}, borrowed),
    Case(Reason.REPAY_OVER_AVAILABLE, "cross_repay", {"coin": "USDT", "repayAmount": "500"}, spent),
    Case(Reason.REPAY_UNDER_INTEREST, "cross_repay", {"coin": "USDT", "repayAmount": "0.00000001"}, borrowed),
    order(Reason.INSUFFICIENT_BALANCE, baseQuantity="1"),
    Case(
        Reason.INSUFFICIENT_BALANCE, "transfer",
        {"fromType": "spot", "toType": "margin_cross", "amount": "100.00000001", "coin": "USDT"},
    ),
    order(Reason.PRICE_NOT_POSITIVE, price="0"),
    order(Reason.PRICE_NOT_POSITIVE, price="-5"),
    order(Reason.PRICE_TOO_LOW, price="299.99"),
    order(Reason.PRICE_TOO_HIGH, side="sell", price="3000000.01"),
    order(Reason.SIZE_TOO_SMALL, baseQuantity="0"),
    order(Reason.SIZE_TOO_LARGE, baseQuantity="10000.1"),
    order(Reason.VALUE_TOO_SMALL, baseQuantity="0.000172"),
    Case(Reason.VALUE_TOO_SMALL, "cross_place_order", {**MARKET, "quoteAmount": "4.99999999"}),
    order(Reason.TOO_MANY_OPEN_ORDERS, crowded),
    order(Reason.DUPLICATE_CLIENT_OID, resting, clientOid="known"),
    order(Reason.DUPLICATE_CLIENT_OID, cancelled, clientOid="known"),
    Case(Reason.ORDER_FINAL, "cross_cancel_order", {"symbol": "BTCUSDT", "clientOid": "known"}, cancelled),
    Case(Reason.UNKNOWN_ORDER, "cross_cancel_order", {"symbol": "BTCUSDT", "orderId": "1"}),
    Case(Reason.UNKNOWN_ORDER, "isolated_cancel_order", {"symbol": "BTCUSDT", "clientOid": "known"}, resting),
    order(Reason.NO_PRICE, symbol="DDDUSDT"),
    order(Reason.LIQUIDATING, liquidated, "isolated"),
    order(Reason.REPAYING, repaying),
    order(Reason.CROSS_FROZEN, frozen),
    order(Reason.ISOLATED_FROZEN, frozen, "isolated"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{case.reason.name}-{number}" for number, case in enumerate(CASES)])
def test_refused_for_this_reason_and_nothing_changed(case: Case) -> None:
    venue = make()
    case.before(venue)
    before = venue.state(NOW)
    with pytest.raises(Refusal) as caught:
        venue.handle(case.account, case.endpoint, case.params, NOW)
    assert caught.value.reason is case.reason
    if case.details:
        assert caught.value.details == case.details
    assert venue.state(NOW) == before


def test_every_reason_of_the_engine_is_met() -> None:
    assert {case.reason for case in CASES} == set(Reason) - OF_THE_DOORS


def test_an_endpoint_that_is_not_there() -> None:
    with pytest.raises(NotServed):
        make().handle("a", "cross_positions", {}, NOW)


def test_states_end() -> None:
    venue = make()
    repaying(venue)
    liquidated(venue)
    later = NOW + 60_000
    venue.handle("a", "cross_place_order", {**LIMIT, "price": "25000"}, later)
    venue.freeze("a", "cross", True, later)
    venue.freeze("a", "cross", False, later)
    venue.handle("a", "cross_place_order", {**LIMIT, "price": "25000"}, later)


def test_a_client_oid_can_be_used_again_after_six_hours() -> None:
    venue = make()
    cancelled(venue)
    order_again = {**LIMIT, "clientOid": "known"}
    with pytest.raises(Refusal):
        venue.handle("a", "cross_place_order", order_again, NOW + 6 * HOUR - 1)
    venue.handle("a", "cross_place_order", order_again, NOW + 6 * HOUR)
    with pytest.raises(Refusal):
        # It is open now, however old it grows.
        venue.handle("a", "cross_place_order", order_again, NOW + 24 * HOUR)
