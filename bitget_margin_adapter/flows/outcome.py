"""What became of a write whose answer was lost.

A write ends in one of three ways: done, refused, unknown. Unknown is never sent again and never declared dead: the
venue is asked, for orders by client id, for loans by its own list, and only what it shows counts.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ccxt.base import errors

from ..model.rows import Order
from ..model.words import Mode
from .arguments import error
from .context import Context
from .effects import Flow, Now, Send, Sleep

__all__ = ["find_order", "is_unknown", "lost_order", "lost_receipt", "unknown"]

# The venue was reached and did nothing: these are refusals, though ccxt files them under failed operations.
_REFUSED = (errors.RateLimitExceeded, errors.DDoSProtection, errors.InvalidNonce, errors.OnMaintenance)

# Pauses before each look, ms: an order that was just taken may show late.
_LOOKS = (200, 800, 2500)

_HOUR = 3_600_000
_SKEW = 1_000
"""How far the venue's clock may stand from ours, ms."""


def is_unknown(problem: BaseException) -> bool:
    return isinstance(problem, errors.OperationFailed) and not isinstance(problem, _REFUSED)


def unknown(ctx: Context, call: str, problem: BaseException, advice: str) -> BaseException:
    """The exception to raise for a write that nothing tells about; a refusal comes back as it is."""
    if not is_unknown(problem):
        return problem
    text = f"the answer was lost and the outcome is unknown, {advice} ({problem})"
    return error(errors.RequestTimeout, ctx, call, text)


def find_order(mode: Mode, market_id: str, ids: dict[str, str], since: int) -> Flow[Order | None]:
    """The order of that orderId or clientOid: among the open ones first, since it can only move on to history."""
    page = yield Send(f"{mode}_open_orders", {"symbol": market_id, **ids})
    found = _matching(page.rows, ids)
    if found is None:
        page = yield Send(f"{mode}_order_history", {"symbol": market_id, "startTime": str(since), **ids})
        found = _matching(page.rows, ids)
    return found


def lost_order(mode: Mode, market_id: str, client_oid: str) -> Flow[Order | None]:
    """What the venue knows of an order whose acknowledgement was lost; None: it shows none, which proves nothing."""

    def look() -> Flow[Order | None]:
        now = yield Now()
        return (yield from find_order(mode, market_id, {"clientOid": client_oid}, now - _HOUR))

    return (yield from _looking(look))


def lost_receipt(
    mode: Mode, endpoint: str, where: dict[str, str], coin: str, amount: Decimal, asked_at: int
) -> Flow[Any | None]:
    """The loan or repayment that a lost answer spoke of, if the venue's list shows exactly one such since then."""

    def look() -> Flow[Any | None]:
        page = yield Send(f"{mode}_{endpoint}", {**where, "startTime": str(asked_at - _SKEW)})
        found = [row for row in page.rows if row.coin.upper() == coin and _total(row) == amount]
        return found[0] if len(found) == 1 else None

    return (yield from _looking(look))


def _total(row: Any) -> Decimal:
    total: Decimal = getattr(row, "total_amount", row.amount)
    return total


def _looking(look: Callable[[], Flow[Any | None]]) -> Flow[Any | None]:
    for pause in _LOOKS:
        yield Sleep(pause)
        try:
            found = yield from look()
        except errors.OperationFailed:
            continue
        if found is not None:
            return found
    return None


def _matching(rows: tuple[Order, ...], ids: dict[str, str]) -> Order | None:
    # A venue that ignored the id would answer with somebody else's order.
    order_id, client_oid = ids.get("orderId"), ids.get("clientOid")
    for row in rows:
        if (order_id is not None and row.order_id == order_id) or (
            client_oid is not None and row.client_oid == client_oid
        ):
            return row
    return None
