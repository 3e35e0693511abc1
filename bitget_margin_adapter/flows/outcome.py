"""What became of a write whose answer was lost.

A write ends in one of three ways: done, refused, unknown. Unknown is never sent again and never declared dead: the
venue is asked, for orders by client id, for loans by its own list, and only what it shows counts.
"""

from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

from ccxt.base import errors

from ..model.rows import Loan, Order, Repayment
from ..model.words import LoanRecordType, Mode, OrderStatus, RepayRecordType
from ..wire.endpoints import ENDPOINTS
from .arguments import error
from .context import Context
from .effects import Flow, Now, Send, Sleep
from .paging import LARGEST_PAGE, WINDOW, Window, listing, pieces
from .sent import LOOK_BACK, Sent, own_of

__all__ = ["find_order", "is_unknown", "lost_cancellation", "lost_order", "lost_orders", "lost_receipt", "unknown"]

# The venue was reached and did nothing: these are refusals, though ccxt files them under failed operations.
_REFUSED = (errors.RateLimitExceeded, errors.DDoSProtection, errors.InvalidNonce, errors.OnMaintenance)

# Pauses before each look, ms: an order that was just taken may show late.
_LOOKS = (200, 800, 2500)

_HOUR = 3_600_000


def is_unknown(problem: BaseException) -> bool:
    return isinstance(problem, errors.OperationFailed) and not isinstance(problem, _REFUSED)


def unknown(ctx: Context, call: str, problem: BaseException, advice: str) -> BaseException:
    """The exception to raise for a write that nothing tells about; a refusal comes back as it is."""
    if not is_unknown(problem):
        return problem
    text = f"the answer was lost and the outcome is unknown, {advice} ({problem})"
    return error(errors.RequestTimeout, ctx, call, text)


def find_order(mode: Mode, market_id: str, ids: dict[str, str], since: int, now: int) -> Flow[Order | None]:
    """The order of that orderId or clientOid: among the open ones first, since it can only move on to history."""
    page = yield Send(f"{mode}_open_orders", {"symbol": market_id, **ids})
    found = _matching(page.rows, ids)
    history = ENDPOINTS[f"{mode}_order_history"]
    for start, end in pieces(since, max(since, now), forward=False):
        if found is not None:
            break
        request = {"symbol": market_id, "startTime": str(start), **ids}
        if end < now:
            request["endTime"] = str(end)
        page = yield Send(history.name, request)
        found = _matching(page.rows, ids)
    return found


def lost_order(mode: Mode, market_id: str, client_oid: str) -> Flow[Order | None]:
    """What the venue knows of an order whose acknowledgement was lost; None: it shows none, which proves nothing."""

    def look() -> Flow[Order | None]:
        now = yield Now()
        return (yield from find_order(mode, market_id, {"clientOid": client_oid}, max(0, now - _HOUR), now))

    return (yield from _looking(look))


def lost_cancellation(mode: Mode, market_id: str, ids: dict[str, str]) -> Flow[Order | None]:
    """The cancelled order of a cancellation whose answer was lost; None: it is open, filled or not to be found."""

    def look() -> Flow[Order | None]:
        now = yield Now()
        found = yield from find_order(mode, market_id, ids, max(0, now - WINDOW), now)
        return found if found is not None and found.status is OrderStatus.CANCELLED else None

    return (yield from _looking(look))


def lost_orders(mode: Mode, market_id: str, client_oids: Collection[str]) -> Flow[dict[str, Order]]:
    """The same for a batch: those that the venue shows, by client id."""
    found: dict[str, Order] = {}

    def look() -> Flow[Any | None]:
        now = yield Now()
        page = yield Send(f"{mode}_open_orders", {"symbol": market_id, "pageSize": str(LARGEST_PAGE)})
        window = Window(max(0, now - _HOUR), None, None, True)
        ended = yield from listing(f"{mode}_order_history", {"symbol": market_id}, window)
        found.update({row.client_oid: row for row in (*page.rows, *ended) if row.client_oid in client_oids})
        return found if len(found) == len(client_oids) else None

    yield from _looking(look)
    return found


def lost_receipt(
    ctx: Context, mode: Mode, endpoint: str, where: dict[str, str], coin: str, amount: Decimal, sent: Sent
) -> Flow[Any | None]:
    """The loan or repayment that a lost answer spoke of, if the venue's list shows it beyond doubt."""

    def look() -> Flow[Any | None]:
        page = yield Send(f"{mode}_{endpoint}", {**where, "startTime": str(max(0, sent.at - LOOK_BACK))})
        return own_of(ctx, sent, [row for row in page.rows if _is_that(row, coin, amount)])

    return (yield from _looking(look))


def _is_that(row: Loan | Repayment, coin: str, amount: Decimal) -> bool:
    by_hand = row.type in (LoanRecordType.MANUAL, RepayRecordType.MANUAL)
    total = row.amount if isinstance(row, Loan) else row.total_amount
    return by_hand and row.coin.upper() == coin and total == amount


def _looking(look: Callable[[], Flow[Any | None]]) -> Flow[Any | None]:
    for pause in _LOOKS:
        yield Sleep(pause)
        try:
            found = yield from look()
        except errors.BaseError:
            # Even a refusal of the question, say to a key that may not read, tells nothing about the write.
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
