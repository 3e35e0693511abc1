"""The emulator's side of v2: one call of it, answered by whoever answers v1.

`handle(endpoint, params)` is v1's: names and parameters of `wire.endpoints` in, a value of the model out, or a Refusal.
Most calls are renamed and no more; what needs a second look at the venue stands here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ...model.decimals import whole
from ...model.refusals import Reason, Refusal
from ...model.rows import Order, Page
from ...model.words import Mode, Side, Source
from ..endpoints import Endpoint
from .answers import answer_to_v2
from .endpoints import ROUTES_V2, TRANSLATIONS
from .requests import WINDOW, request_of_v2
from .shapes import RateRecord

__all__ = ["Handle", "serve"]

Handle = Callable[[str, Mapping[str, Any]], Any]

_RECORDS = {"borrow": ("loans", "loanId", "loan_id"), "repay": ("repays", "repayId", "repay_id")}
"""The list that knows the id of what was just done, the id's name in v2, and in the row."""

_HOUR = 3_600_000
_PAGE = 100
_FORCED = (Side.LIQUIDATION_BUY, Side.LIQUIDATION_SELL)


def serve(method: str, path: str, params: Mapping[str, Any], handle: Handle, now: int) -> dict[str, Any] | None:
    """The whole body of a success; None for a route that v2 has not. Raises Refusal, with v2's names of parameters."""
    row = ROUTES_V2.get((method, path))
    if row is None:
        return None
    short = row.name.removeprefix(f"{row.mode}_")
    found = request_of_v2(method, path, params)
    if found is None:
        with _names_of_v2({"pageSize": "limit", "minId": "idLessThan"}):
            return answer_to_v2(row.name, _ALONE[short](row, params, handle, now), now)
    endpoint, asked = found
    call = TRANSLATIONS[endpoint]
    if call.since_required and not asked.get("startTime"):
        raise Refusal(Reason.MISSING_PARAMETER, "startTime")
    with _names_of_v2(call.names):
        value = _UNLIKE.get(short, _alike)(endpoint, asked, handle)
    body = answer_to_v2(endpoint, value, now)
    if short in _RECORDS:
        records, name, field = _RECORDS[short]
        where = {"symbol": asked["symbol"]} if row.mode and "symbol" in asked else {}
        listed = {"coin": value.coin, "startTime": str(max(0, now - _HOUR)), "pageSize": "1", **where}
        newest = handle(f"{row.mode}_{records}", listed).rows
        body["data"][name] = getattr(newest[0], field) if newest else None
    return body


@contextmanager
def _names_of_v2(names: Mapping[str, str]) -> Iterator[None]:
    """Refusals speak of parameters: of those that the client knows."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal(refusal.reason, *(names.get(detail, detail) for detail in refusal.details)) from None


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


def _rate_record(row: Endpoint, asked: Mapping[str, Any], handle: Handle, now: int) -> RateRecord:
    """Rates count by the hour."""
    (rate,) = handle("cross_interest_rate_and_limit", {"coin": asked.get("coin")})
    return RateRecord(rate.coin, rate.daily_interest_rate, rate.yearly_interest_rate, now - now % _HOUR)


def _liquidation_orders(row: Endpoint, asked: Mapping[str, Any], handle: Handle, now: int) -> Page[Order]:
    """The venue's own orders of a liquidation, out of the history of one pair or of all; newest first."""
    kind = asked.get("type") or "place_order"
    if kind not in ("swap", "place_order"):
        raise Refusal(Reason.BAD_PARAMETER, "type")
    limit, end = _whole(asked, "limit", _PAGE), _whole(asked, "endTime", now)
    start = asked.get("startTime") or str(max(0, end - WINDOW))
    window = {"startTime": start, "endTime": str(end), "pageSize": str(limit), "source": str(Source.SYS)}
    found: list[Order] = []
    # Nobody's coins are swapped here: a liquidation places orders.
    for pair in _pairs(row, asked, handle) if kind == "place_order" else ():
        page = handle(f"{row.mode}_order_history", {**window, "symbol": pair, "minId": asked.get("idLessThan")})
        while page.rows:
            found += (order for order in page.rows if order.side in _FORCED)
            page = handle(f"{row.mode}_order_history", {**window, "symbol": pair, "minId": page.min_id})
    rows = tuple(sorted(found, key=lambda order: int(order.order_id), reverse=True)[:limit])
    return Page(rows, rows[0].order_id, rows[-1].order_id) if rows else Page((), "0", "0")


def _whole(asked: Mapping[str, Any], name: str, otherwise: int) -> int:
    number = whole(str(asked.get(name) or otherwise))
    if number is None:
        raise Refusal(Reason.BAD_PARAMETER, name)
    return number


def _pairs(row: Endpoint, asked: Mapping[str, Any], handle: Handle) -> Iterable[str]:
    if asked.get("symbol"):
        return (str(asked["symbol"]),)
    if row.mode is Mode.ISOLATED:
        return dict.fromkeys(asset.symbol for asset in handle("isolated_assets", {}))
    return (pair.symbol for pair in handle("currencies", {}))


_UNLIKE: Mapping[str, Callable[[str, Mapping[str, Any], Handle], Any]] = {
    "max_borrowable": _ceilings,
    "max_transfer_out": _ceilings,
    "risk_rate": _risks,
}
"""What is more than another name, by the endpoint's name without its mode."""

_ALONE: Mapping[str, Callable[[Endpoint, Mapping[str, Any], Handle, int], Any]] = {
    "interest_rate_record": _rate_record,
    "liquidation_orders": _liquidation_orders,
}
"""And what v1 has not at all, likewise."""
