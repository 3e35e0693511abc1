"""The emulator's side of v2: one call of it, answered by whoever answers v1.

`handle(endpoint, params)` is v1's: names and parameters of `wire.endpoints` in, a value of the model out, or a Refusal.
Most calls are renamed and no more; what needs a second look at the venue stands here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ...model.refusals import Reason, Refusal
from ...model.rows import Page
from .answers import answer_to_v2
from .endpoints import TRANSLATIONS
from .requests import request_of_v2

__all__ = ["Handle", "serve"]

Handle = Callable[[str, Mapping[str, Any]], Any]

_RECORDS = {"borrow": ("loans", "loanId", "loan_id"), "repay": ("repays", "repayId", "repay_id")}
"""The list that knows the id of what was just done, the id's name in v2, and in the row."""

_JUST_NOW = 3_600_000


def serve(method: str, path: str, params: Mapping[str, Any], handle: Handle, now: int) -> dict[str, Any] | None:
    """The whole body of a success; None for a route that v2 has not. Raises Refusal, with v2's names of parameters."""
    found = request_of_v2(method, path, params)
    if found is None:
        return None
    endpoint, asked = found
    call = TRANSLATIONS[endpoint]
    row = call.endpoint
    short = row.name.removeprefix(f"{row.mode}_")
    if call.since_required and not asked.get("startTime"):
        raise Refusal(Reason.MISSING_PARAMETER, "startTime")
    try:
        value = _UNLIKE.get(short, _alike)(endpoint, asked, handle)
    except Refusal as refusal:
        raise Refusal(refusal.reason, *(call.names.get(detail, detail) for detail in refusal.details)) from None
    body = answer_to_v2(endpoint, value, now)
    if short in _RECORDS:
        records, name, field = _RECORDS[short]
        where = {"symbol": asked["symbol"]} if row.mode and "symbol" in asked else {}
        listed = {"coin": value.coin, "startTime": str(max(0, now - _JUST_NOW)), "pageSize": "1", **where}
        newest = handle(f"{row.mode}_{records}", listed).rows
        body["data"][name] = getattr(newest[0], field) if newest else None
    return body


def _alike(endpoint: str, asked: Mapping[str, Any], handle: Handle) -> Any:
    return handle(endpoint, asked)


def _ceilings(endpoint: str, asked: Mapping[str, Any], handle: Handle) -> Any:
    """Those of both coins of a pair; of the cross account's one coin as ever."""
    if "coin" not in TRANSLATIONS[endpoint].dropped:
        return handle(endpoint, asked)
    symbol = asked.get("symbol")
    pair = next((pair for pair in handle("currencies", {}) if pair.symbol == symbol), None)
    if pair is None:
        raise Refusal(Reason.UNKNOWN_PAIR if symbol else Reason.MISSING_PARAMETER, symbol or "symbol")
    return tuple(handle(endpoint, {**asked, "coin": coin}) for coin in (pair.base_coin, pair.quote_coin))


def _risks(endpoint: str, asked: Mapping[str, Any], handle: Handle) -> Any:
    """Without a symbol, of every pair that holds something."""
    if TRANSLATIONS[endpoint].endpoint.param("symbol") is None or asked.get("symbol"):
        return handle(endpoint, asked)
    pairs = dict.fromkeys(asset.symbol for asset in handle("isolated_assets", {}))
    return tuple(risk for pair in pairs for risk in handle(endpoint, {**asked, "symbol": pair}))


def _open_orders(endpoint: str, asked: Mapping[str, Any], handle: Handle) -> Page[Any]:
    """v1's open orders have no pages: those of one answer are cut here."""
    page: Page[Any] = handle(endpoint, asked)
    last = str(asked.get("idLessThan") or "")
    if not last.isdigit():
        return page
    rows = tuple(row for row in page.rows if int(row.order_id) < int(last))
    return Page(rows, rows[0].order_id, rows[-1].order_id) if rows else Page((), "0", "0")


def _interests(endpoint: str, asked: Mapping[str, Any], handle: Handle) -> Page[Any]:
    """v1's interest has no end: what is newer is read over, page by page."""
    end = str(asked.get("endTime") or "")
    page: Page[Any] = handle(endpoint, asked)
    if not end.isdigit() or not page.rows:
        return page
    last = int(end)
    while page.rows and page.rows[-1].ctime > last:
        page = handle(endpoint, {**asked, "pageId": page.min_id})
    newer = [row for row in page.rows if row.ctime > last]
    if newer:
        # From the last row that is too new on, a full page again.
        page = handle(endpoint, {**asked, "pageId": newer[-1].interest_id})
    return page


_UNLIKE: Mapping[str, Callable[[str, Mapping[str, Any], Handle], Any]] = {
    "max_borrowable": _ceilings,
    "max_transfer_out": _ceilings,
    "risk_rate": _risks,
    "open_orders": _open_orders,
    "interests": _interests,
}
"""What is more than another name, by the endpoint's name without its mode."""
