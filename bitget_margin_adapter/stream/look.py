"""Reading by REST what a stream may have kept back: flows, run by whatever host has the stream."""

from typing import NamedTuple

from ..flows.effects import Flow, Send
from ..flows.order_lists import open_rows
from ..flows.paging import Window, listing
from ..model.rows import Asset, Fill, Order
from ..model.words import Mode

__all__ = ["Found", "Look", "look"]


class Look(NamedTuple):
    """What to read. Without a symbol: the balances of the account. Times are the venue's, ms."""

    mode: Mode
    symbol: str | None
    fills_since: int = 0
    orders_since: int | None = None
    """None: the fills alone."""
    open_ids: frozenset[str] = frozenset()
    """Orders that were open when last heard of, and since when the oldest of them is there."""
    oldest_open: int = 0


class Found(NamedTuple):
    orders: tuple[Order, ...] = ()
    fills: tuple[Fill, ...] = ()
    assets: tuple[Asset, ...] = ()


def look(wanted: Look) -> Flow[Found]:
    """Orders before fills: a fill that happens in between is then in the fills of both, and missing in neither."""
    mode, symbol = wanted.mode, wanted.symbol
    if symbol is None:
        return Found(assets=tuple((yield Send(f"{mode}_assets", {}))))
    request = {"symbol": symbol}
    orders: dict[str, Order] = {}
    if wanted.orders_since is not None:
        for row in (yield from open_rows(mode, symbol, {})):
            orders[row.order_id] = row
        since = wanted.orders_since
        if wanted.open_ids - orders.keys():
            since = min(since, wanted.oldest_open)
        for row in (yield from listing(f"{mode}_order_history", request, Window(since, None, None, True))):
            orders[row.order_id] = row
    fills = yield from listing(f"{mode}_fills", request, Window(wanted.fills_since, None, None, True))
    return Found(tuple(orders.values()), tuple(fills))
