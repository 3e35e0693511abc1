"""Bad input for every unified method: a ccxt exception that names the call, before anything private is sent.

`WRONG` has a row for each method of the catalogue, so that a new method cannot be forgotten.
"""

from datetime import datetime
from typing import Any, NamedTuple

import pytest
from ccxt.base import errors

from bitget_margin_adapter.flows.catalogue import METHODS
from bitget_margin_adapter.flows.effects import NewId, Now, Together

from .conftest import PlainContext

PAIR, ISOLATED, CROSS = "BTC/USDT", {"marginMode": "isolated"}, {"marginMode": "cross"}
NUMBERS: tuple[Any, ...] = (0, -1, float("nan"), float("inf"), "x", None, True, [], "1e500", "-0", "1e-200", 10**40)
SYMBOLS = ("XXX/USDT", "", None, 5, ["BTC/USDT"], "BTCUSDT_UMCBL", "BTC/USDT:USDT", "BTC/USDT&x=1")
CODES = ("XXX", "", None, 5, ["BTC"], "USDT&x=1")


class Wrong(NamedTuple):
    args: tuple[Any, ...]
    params: dict[str, Any] = {}


def symbols(*before: Any, after: tuple[Any, ...] = (), optional: bool = False) -> list[Wrong]:
    return [Wrong((*before, value, *after)) for value in SYMBOLS if not (optional and value in (None, ""))]


def codes(*before: Any, after: tuple[Any, ...] = (), optional: bool = False) -> list[Wrong]:
    return [Wrong((*before, value, *after)) for value in CODES if not (optional and value in (None, ""))]


def amounts(*before: Any, after: tuple[Any, ...] = (), small: str = "0.000000001") -> list[Wrong]:
    return [Wrong((*before, value, *after)) for value in (*NUMBERS, small)]


MODE = {"marginMode": "both"}
LISTS: list[dict[str, Any]] = [
    {"limit": 0}, {"limit": -5}, {"limit": "x"}, {"limit": 0.5}, {"since": "x"}, {"since": -1}, {"since": "1e9999999"},
    {"since": datetime(2024, 1, 1)}, {"since": True}, {"since": [5]},
]  # fmt: skip
NO_LISTS = (5, "BTC", {"1": 2}, b"1")
NO_IDS = (1.5, True, {"id": "1"}, b"1", object(), "1&2", "1 2", "1\n", "\ud800")


def modes(*args: Any) -> list[Wrong]:
    return [Wrong(args, MODE), Wrong(args, {"marginMode": 7}), Wrong(args, {"marginMode": ""})]


def windows(*before: Any) -> list[Wrong]:
    """`before` stands before `since`."""
    rows = [Wrong((*before, part.get("since"), part.get("limit"))) for part in LISTS]
    return [*rows, Wrong((*before, 10), {"until": 5}), Wrong((*before, 10), {"until": "x"})]


def orders_of(name: str) -> list[Wrong]:
    if name == "create_market_buy_order_with_cost":
        return [*symbols(after=(1,)), *amounts(PAIR, small="0.000000001"), *modes(PAIR, 1)]
    return [
        *symbols(after=("limit", "buy", 1, 1)),
        *amounts(PAIR, "limit", "buy", after=(1,), small="0.0000001"),
        *amounts(PAIR, "limit", "buy", 1, small="0.001"),
        *amounts(PAIR, "market", "sell", small="0.0000001"),
        Wrong((PAIR, "stop", "buy", 1, 1)),
        Wrong((PAIR, None, "buy", 1, 1)),
        Wrong((PAIR, "limit", "long", 1, 1)),
        Wrong((PAIR, "limit", ["buy"], 1, 1)),
        *modes(PAIR, "limit", "buy", 1, 1),
        *(
            Wrong((PAIR, "limit", "buy", 1, 1), params)
            for params in (
                {"loanType": "auto"}, {"loanType": "normal", "autoBorrow": True}, {"loanType": ["x"]},
                {"timeInForce": "day"}, {"postOnly": True, "timeInForce": "IOC"}, {"clientOrderId": "x" * 51},
                {"clientOrderId": "1&2"}, {"clientOid": "1 2"}, {"clientOrderId": {"id": 1}}, {"clientOrderId": True},
                {"triggerPrice": 1}, {"stopLoss": {"triggerPrice": 1}}, {"reduceOnly": True},
            )
        ),
        Wrong((PAIR, "market", "buy", 1, 1), {"postOnly": True}),
        Wrong((PAIR, "market", "buy", 1, 1), {"cost": -1}),
    ]  # fmt: skip


def batch(row: dict[str, Any]) -> Wrong:
    good = {"symbol": PAIR, "type": "limit", "side": "buy", "amount": 1, "price": 1}
    return Wrong(([good, {**good, **row}],))


def loans_of(*where: Any, both: dict[str, Any]) -> list[Wrong]:
    return [
        *codes(*where, after=(1,)), *amounts(*where, "USDT"), *modes(*where, "USDT", 1),
        Wrong((*where, "USDT", 1), both),
    ]  # fmt: skip


def old_loans() -> list[Wrong]:
    return [
        *codes(after=(1,)), *amounts("USDT"), *modes("USDT", 1), *symbols("USDT", 1, optional=True),
        Wrong(("USDT", 1, PAIR), CROSS), Wrong(("ETH", 1, PAIR)), Wrong(("USDT", 1, None), ISOLATED),
    ]  # fmt: skip


def order_lists_of() -> list[Wrong]:
    return [*symbols(optional=True), *windows(PAIR), *modes(PAIR), Wrong((None,))]


def records_of() -> list[Wrong]:
    return [
        *codes(optional=True), *symbols(None, optional=True), *windows(None, None), *modes(None, None),
        Wrong((None, PAIR), CROSS), Wrong((None, None), ISOLATED),
    ]  # fmt: skip


def ceilings() -> list[Wrong]:
    return [
        *codes(), *symbols("USDT", optional=True), *modes("USDT"), Wrong(("USDT", PAIR), CROSS),
        Wrong(("USDT",), ISOLATED),
    ]  # fmt: skip


NOTHING_TO_GET_WRONG = {"fetch_markets", "fetch_currencies", "fetch_time", "fetch_status", "fetch_trading_fees"}

WRONG: dict[str, list[Wrong]] = {
    "fetch_trading_fee": symbols(),
    "fetch_cross_borrow_rate": [*codes(), *modes("USDT"), Wrong(("USDT",), ISOLATED)],
    "fetch_isolated_borrow_rate": [*symbols(), *modes(PAIR), Wrong((PAIR,), CROSS)],
    "fetch_cross_borrow_rates": [Wrong((), {"codes": ["USDT", "XXX"]}), Wrong((), {"codes": 5}),
                                 Wrong((), {"codes": "USDT"}), *modes(), Wrong((), ISOLATED)],
    "fetch_isolated_borrow_rates": [Wrong((), {"symbols": [PAIR, "XXX/USDT"]}), Wrong((), {"symbols": 5}),
                                    Wrong((), {"symbols": PAIR}), *modes(), Wrong((), CROSS)],
    "fetch_market_leverage_tiers": [*symbols(), *modes(PAIR), Wrong((PAIR,), {"code": "ETH"})],
    "fetch_leverage_tiers": [
        Wrong(([PAIR, "XXX/USDT"],)), Wrong(([5],)), *modes([PAIR]), *(Wrong((value,)) for value in NO_LISTS),
    ],
    "fetch_balance": [
        *modes(), Wrong((), {"code": "XXX"}), Wrong((), {**ISOLATED, "symbol": "XXX/USDT"}),
        Wrong((), {**CROSS, "symbol": PAIR}),
    ],
    "transfer": [
        *codes(after=(1, "spot", "cross")), *amounts("USDT", after=("spot", "cross")),
        Wrong(("USDT", 1, "nowhere", "cross")), Wrong(("USDT", 1, "spot", None)),
        Wrong(("USDT", 1, "spot", "isolated")), Wrong(("USDT", 1, "spot", "XXX/USDT")),
        Wrong(("USDT", 1, PAIR, "ETH/USDT")),
    ],
    "fetch_risk_rate": [*symbols(optional=True), *modes(), Wrong((PAIR,), CROSS), Wrong((None,), ISOLATED)],
    "fetch_max_borrowable": ceilings(),
    "fetch_max_transferable": ceilings(),
    "borrow_cross_margin": loans_of(both=ISOLATED),
    "repay_cross_margin": loans_of(both=ISOLATED),
    "borrow_isolated_margin": [*loans_of(PAIR, both=CROSS), *symbols(after=("USDT", 1)), Wrong((PAIR, "ETH", 1))],
    "repay_isolated_margin": [*loans_of(PAIR, both=CROSS), *symbols(after=("USDT", 1)), Wrong((PAIR, "ETH", 1))],
    "borrow_margin": old_loans(),
    "repay_margin": old_loans(),
    "flash_repay": [
        *codes(optional=True), Wrong((None, ["XXX/USDT"])), Wrong(("USDT", [PAIR])), Wrong((None, [PAIR]), CROSS),
        Wrong((None, [PAIR] * 101)), *modes(), *(Wrong((None, value), ISOLATED) for value in NO_LISTS),
    ],
    "fetch_flash_repay_status": [
        Wrong(([],)), Wrong((None,)), Wrong(("",)), Wrong((["1"] * 101,)), *modes(["1"]),
        *(Wrong(([value],)) for value in NO_IDS), Wrong((5,)), Wrong(({"id": "1"},)),
    ],
    "create_order": orders_of("create_order"),
    "create_market_buy_order_with_cost": orders_of("create_market_buy_order_with_cost"),
    "create_orders": [
        *(batch({"amount": value}) for value in NUMBERS), *(batch({"symbol": value}) for value in SYMBOLS),
        *(Wrong((value,)) for value in NO_LISTS), Wrong(([5],)), batch({"params": "x"}), batch({"params": [1]}),
        batch({"params": MODE}), batch({"price": None}), batch({"type": None}), batch({"side": "x"}),
        Wrong(([{}],)), Wrong(([{"symbol": PAIR, "type": "limit", "side": "buy", "amount": 1, "price": 1}] * 2,),
                              {"clientOrderId": "twice"}),
    ],
    "cancel_order": [
        *symbols("1"), Wrong((None, PAIR)), Wrong(("", PAIR)), *modes("1", PAIR),
        Wrong((None, PAIR), {"clientOrderId": "x" * 51}), *(Wrong((value, PAIR)) for value in NO_IDS),
    ],
    "cancel_orders": [
        *symbols(["1"]), Wrong(([], PAIR)), Wrong((None, PAIR)), *modes(["1"], PAIR),
        Wrong((["1"], PAIR), {"clientOrderIds": ["2"]}), *(Wrong((value, PAIR)) for value in NO_LISTS),
        *(Wrong(([value], PAIR)) for value in NO_IDS), Wrong((None, PAIR), {"clientOrderIds": "ab"}),
    ],
    "cancel_all_orders": [*symbols(optional=True), Wrong((None,)), *modes(PAIR)],
    "fetch_order": [
        *symbols("1", optional=True), Wrong((None, PAIR)), Wrong(("", PAIR)), Wrong(("1", None)), *modes("1", PAIR),
        Wrong(("1", PAIR), {"since": "x"}), Wrong((None, PAIR), {"clientOrderId": "x" * 51}),
        *(Wrong((value, PAIR)) for value in NO_IDS),
    ],
    "fetch_order_trades": [
        *symbols("1", optional=True), Wrong((None, PAIR)), *windows("1", PAIR), *modes("1", PAIR), Wrong(("1", None)),
        *(Wrong((value, PAIR)) for value in NO_IDS),
    ],
    **dict.fromkeys(
        (
            "fetch_open_orders", "fetch_closed_orders", "fetch_canceled_orders", "fetch_canceled_and_closed_orders",
            "fetch_orders", "fetch_my_trades",
        ),
        order_lists_of(),
    ),
    "fetch_borrow_interest": records_of(),
    "fetch_borrow_history": records_of(),
    "fetch_repay_history": records_of(),
    "fetch_my_liquidations": [
        *symbols(optional=True), *windows(None), *modes(None), Wrong((PAIR,), CROSS), Wrong((None,), ISOLATED),
    ],
    "fetch_ledger": [
        *codes(optional=True), *windows(None), *modes(None), Wrong((None,), {"symbol": "XXX/USDT"}),
        Wrong((None,), {"symbol": PAIR, **CROSS}), Wrong((None,), ISOLATED),
    ],
}  # fmt: skip
CASES = [(name, wrong) for name, rows in WRONG.items() for wrong in rows]


def test_no_method_is_forgotten() -> None:
    assert set(WRONG) | NOTHING_TO_GET_WRONG == set(METHODS)
    assert all(WRONG.values())


# Methods that are another one in disguise are named by it.
ALIASES = {"create_market_buy_order_with_cost": "create_order", "fetch_order_trades": "fetch_my_trades"}


def begin(flow: Any) -> None:
    """To the first effect that leaves the machine; ids and times are given."""
    effect = next(flow)
    while isinstance(effect, NewId | Now):
        effect = flow.send("id" if isinstance(effect, NewId) else 100)
    if isinstance(effect, Together):
        begin(effect.flows[0])


@pytest.mark.parametrize("name", sorted(WRONG))
def test_bad_input_is_refused_before_anything_is_sent(ctx: PlainContext, name: str) -> None:
    for wrong in WRONG[name]:
        ctx.options.clear()
        with pytest.raises(errors.ExchangeError) as caught:  # noqa: PT012  # says what was taken
            begin(METHODS[name](ctx, *wrong.args, params=wrong.params))
            pytest.fail(f"{name}{wrong.args} {wrong.params} was taken")
        text = str(caught.value)
        assert "object at 0x" not in text
        assert text.startswith((f"bitgetmargin {name}: ", f"bitgetmargin {ALIASES.get(name)}: ")), text
        assert len(text) < 600
