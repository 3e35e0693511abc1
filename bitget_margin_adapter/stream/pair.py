"""One pair of one account: how far each of its orders is known to be, and which fills were told."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from ..model.decimals import ZERO, whole
from ..model.rows import Fill, Order
from ..model.words import Mode, OrderStatus
from ..wire.channels import OrderChange
from .look import Found, Look

__all__ = ["OVERLAP", "FillSeen", "OrderSeen", "Pair", "version_of"]

OVERLAP = 60_000
"""How far before the newest row of the last look the next one begins, ms: rows may show up late."""

_REMEMBERED = 10_000
_RANK = {status: rank for rank, status in enumerate(OrderStatus)}


class OrderSeen(NamedTuple):
    mode: Mode
    order: Order


class FillSeen(NamedTuple):
    mode: Mode
    fill: Fill


class _Known:
    __slots__ = ("ended", "order", "version")

    def __init__(self, order: Order, version: int, now: int) -> None:
        self.order = order
        self.version = version
        self.ended = now


def version_of(text: str) -> int:
    """0: not comparable."""
    return whole(text) or 0


def fill_order(fill: Fill) -> tuple[int, int, str]:
    return fill.ctime or 0, version_of(fill.fill_id), fill.fill_id


class Pair:
    """`since`: what happened before, in the venue's time, is nobody's business."""

    def __init__(self, mode: Mode, since: int) -> None:
        self._mode = mode
        self._since = since
        self._orders: dict[str, _Known] = {}
        self._open: set[str] = set()
        self._fills: dict[str, int] = {}
        self._sums: dict[str, Decimal] = {}
        self._owed: set[str] = set()
        self._orders_from = self._fills_from = since
        self._forgotten = 0

    @property
    def has_open(self) -> bool:
        return bool(self._open)

    @property
    def is_owed(self) -> bool:
        """An order was filled further than the fills that were seen of it."""
        return bool(self._owed)

    def forgive(self) -> None:
        for order_id in self._owed:
            self._sums[order_id] = self._orders[order_id].order.fill_quantity
        self._owed.clear()

    def renumber(self) -> None:
        """Versions begin anew."""
        for order_id in self._open:
            self._orders[order_id].version = 0

    def look(self, symbol: str, *, whole: bool, wide: bool = False) -> Look:
        """What to read so that nothing is missing afterwards.

        `wide`: fills that are owed were not among the latest, as if the venue's clock had gone back; all since their
        orders were made, then.
        """
        fills_since = max(self._since, self._fills_from - OVERLAP)
        if wide:
            made = min((self._orders[order_id].order.ctime or 0 for order_id in self._owed), default=fills_since)
            # What was forgotten was told.
            fills_since = max(self._since, self._forgotten, min(fills_since, made))
        if not whole:
            return Look(self._mode, symbol, fills_since)
        oldest = min((self._orders[order_id].order.ctime or self._since for order_id in self._open), default=0)
        return Look(self._mode, symbol, fills_since, max(0, self._orders_from - OVERLAP), frozenset(self._open), oldest)

    def pushed(self, change: OrderChange, now: int) -> OrderSeen | None:
        version = version_of(change.version)
        known = self._orders.get(change.order.order_id)
        if known is not None and version and version <= known.version:
            return None
        return self._order(change.order, version, now)

    def read(self, wanted: Look, found: Found, now: int) -> Iterator[OrderSeen | FillSeen]:
        told = {fill.order_id for fill in found.fills if (fill.ctime or 0) >= self._since}
        for order in sorted(found.orders, key=lambda row: (row.ctime or 0, version_of(row.order_id))):
            order_id = order.order_id
            news = order_id in self._orders or order_id in told or (order.ctime or self._since) >= self._since
            seen = self._order(order, 0, now)
            if news:
                if seen is not None:
                    yield seen
            else:
                # There before we came, and not touched since: known from now on.
                self._owed.discard(order_id)
                self._sums[order_id] = order.fill_quantity
        yield from self.fills(found.fills)
        times = [fill.ctime for fill in found.fills if fill.ctime]
        self._fills_from = max([self._fills_from, *times])
        if wanted.orders_since is not None:
            self._orders_from = max([self._orders_from, *(order.ctime for order in found.orders if order.ctime)])
            self._forget(now)

    def fills(self, rows: Iterable[Fill]) -> Iterator[FillSeen]:
        """Those that are new, oldest first."""
        for fill in sorted(rows, key=fill_order):
            if fill.fill_id in self._fills or (fill.ctime or self._since) < self._since:
                continue
            self._fills[fill.fill_id] = fill.ctime or 0
            order_id = fill.order_id
            self._sums[order_id] = self._sums.get(order_id, ZERO) + fill.quantity
            if order_id in self._owed and self._sums[order_id] >= self._orders[order_id].order.fill_quantity:
                self._owed.discard(order_id)
            yield FillSeen(self._mode, fill)

    # inside

    def _order(self, order: Order, version: int, now: int) -> OrderSeen | None:
        order_id = order.order_id
        known = self._orders.get(order_id)
        if known is not None:
            known.version = max(known.version, version)
            if _progress(order) <= _progress(known.order):
                return None
            known.order, known.ended = order, now
        else:
            self._orders[order_id] = _Known(order, version, now)
        if order.status.final:
            self._open.discard(order_id)
        else:
            self._open.add(order_id)
        if order.fill_quantity > self._sums.get(order_id, ZERO):
            self._owed.add(order_id)
        return OrderSeen(self._mode, order)

    def _forget(self, now: int) -> None:
        """What no look and no late push will bring again."""
        if len(self._orders) > _REMEMBERED:
            for order_id, known in list(self._orders.items()):
                old = (known.order.ctime or 0) < self._orders_from - 2 * OVERLAP
                if order_id not in self._open and old and now - known.ended > 2 * OVERLAP:
                    del self._orders[order_id]
                    self._sums.pop(order_id, None)
                    self._owed.discard(order_id)
        if len(self._fills) > _REMEMBERED:
            before = self._forgotten = self._fills_from - 2 * OVERLAP
            self._fills = {fill_id: time for fill_id, time in self._fills.items() if time >= before}


def _progress(order: Order) -> tuple[bool, Decimal, int]:
    return order.status.final, order.fill_quantity, _RANK[order.status]
