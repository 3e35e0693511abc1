"""The tables are complete, and nobody writes a second one."""

import re
from pathlib import Path
from typing import get_args

import pytest

import bitget_margin_adapter
from bitget_margin_adapter.flows.catalogue import METHODS, PRIVATE
from bitget_margin_adapter.flows.refusal import EXACT
from bitget_margin_adapter.model.refusals import Reason
from bitget_margin_adapter.wire import codes
from bitget_margin_adapter.wire.endpoints import BY_ROUTE, ENDPOINTS, MARGIN_ENDPOINTS, Endpoint
from bitget_margin_adapter.wire.reasons import CODE_OF, REASON_OF
from bitget_margin_adapter.wire.shapes import ANSWERS

ROOT = Path(bitget_margin_adapter.__file__).parent

NAMES = (
    "interest_rate_and_limit tier_data assets borrow repay risk_rate max_borrowable max_transfer_out flash_repay "
    "flash_repay_status place_order batch_place_order cancel_order batch_cancel_order open_orders order_history fills "
    "loans repays interests liquidations financial_records"
).split()
"""The public names of endpoints, as the emulator's faults and the cassettes use them."""


def test_endpoints_are_the_45_of_the_documentation_by_their_public_names() -> None:
    wanted = {"currencies", *(f"{mode}_{name}" for mode in ("cross", "isolated") for name in NAMES)}
    assert {row.name for row in MARGIN_ENDPOINTS} == wanted
    assert len(MARGIN_ENDPOINTS) == 45
    assert set(ENDPOINTS) - wanted == {"time", "transfer"}
    assert len(BY_ROUTE) == len(ENDPOINTS)


def test_every_endpoint_has_a_shape_and_every_shape_an_endpoint() -> None:
    assert {row.answer for row in ENDPOINTS.values()} == set(ANSWERS)


def flows_text() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "flows").glob("*.py"))


@pytest.mark.parametrize("row", MARGIN_ENDPOINTS, ids=lambda row: row.name)
def test_every_endpoint_is_reached_by_a_flow(row: Endpoint) -> None:
    """By its whole name, or by the name after its mode."""
    short = row.name.partition("_")[2] if row.mode else row.name
    assert re.search(rf'["}}_]{short}["(]|"{row.name}"', flows_text()), f"no flow sends {row.name}"


def test_paths_stand_in_the_table_only() -> None:
    for path in ROOT.rglob("*.py"):
        if path.relative_to(ROOT).as_posix() == "wire/endpoints.py":
            continue
        code = re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert "/api/margin" not in code and "/api/spot" not in code, path  # noqa: PT018


def test_every_reason_has_one_code_and_every_code_a_row() -> None:
    assert set(CODE_OF) == set(Reason)
    assert len(REASON_OF) == len(CODE_OF)
    for code in CODE_OF.values():
        assert codes.describe(code).exception != "ExchangeError", code


def test_every_code_becomes_its_exception() -> None:
    rows = {**codes.REST, **codes.UNLISTED}
    assert {code for code, row in rows.items() if row.exception} == set(EXACT)
    assert len(codes.REST) == 701
    assert len(codes.WEBSOCKET) == 12


def test_the_catalogue_has_what_the_design_names() -> None:
    design = (
        "fetch_markets fetch_currencies fetch_time fetch_status fetch_balance create_order create_orders "
        "create_market_buy_order_with_cost cancel_order cancel_orders cancel_all_orders fetch_order fetch_open_orders "
        "fetch_closed_orders fetch_canceled_orders fetch_canceled_and_closed_orders fetch_orders fetch_my_trades "
        "fetch_order_trades borrow_cross_margin borrow_isolated_margin repay_cross_margin repay_isolated_margin "
        "borrow_margin repay_margin fetch_cross_borrow_rate fetch_cross_borrow_rates fetch_isolated_borrow_rate "
        "fetch_isolated_borrow_rates fetch_borrow_interest fetch_my_liquidations fetch_market_leverage_tiers "
        "fetch_leverage_tiers fetch_ledger transfer fetch_trading_fee fetch_trading_fees fetch_risk_rate "
        "fetch_max_borrowable fetch_max_transferable fetch_borrow_history fetch_repay_history flash_repay "
        "fetch_flash_repay_status"
    ).split()
    assert set(METHODS) == set(design)
    assert PRIVATE < set(METHODS)


def test_retry_words() -> None:
    assert {row.retry for row in codes.REST.values()} <= set(get_args(codes.Retry))
