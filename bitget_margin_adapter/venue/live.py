"""What the page shows: balances, debts, risk, open orders, fills, prices and equity, as one picture in JSON. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from ..engine.accounts import CROSS
from ..model.decimals import ZERO, plain
from ..model.refusals import Refusal
from ..model.symbols import market_id
from ..wire.render import render_row
from .desk import Host

__all__ = ["picture"]

_FILLS: Final = 30
_DAY: Final = 86_400_000
_ISOLATED: Final = "isolated:"


def picture(host: Host) -> dict[str, Any]:
    """All accounts, with their wallets as on the venue's own pages."""
    with host.lock:
        now = host.now()
        state = host.venue.state(now)
        return {
            "now": now,
            "prices": state["prices"],
            "accounts": [_account(host, state, name, now) for name in host.venue.accounts],
            "faults": state["faults"],
        }


def _account(host: Host, state: Mapping[str, Any], name: str, now: int) -> dict[str, Any]:
    market = host.venue.market
    wallets, equity, unpriced = [], ZERO, False
    for place, coins in state["accounts"][name].items():
        rows, net = [], ZERO
        for coin, held in coins.items():
            figures = {key: Decimal(text) for key, text in held.items()}
            own = figures["available"] + figures["frozen"] - figures["borrow"] - figures["interest"]
            price = market.index(coin)
            if price is None:
                unpriced = unpriced or own != ZERO
            net += own * (price or ZERO)
            if any(figures.values()):
                rows.append({"coin": coin, **held, "net": plain(own), "value": plain(own * price) if price else None})
        equity += net
        if rows:
            wallets.append({"place": place, "coins": rows, "net": plain(net), "risk": _risk(host, name, place, now)})
    orders = [row for row in state["orders"] if row["account"] == name]
    return {
        "name": name,
        "equity": plain(equity),
        "unpriced": unpriced,
        "wallets": wallets,
        "orders": orders,
        "fills": _fills(host, name, [wallet["place"] for wallet in wallets], now),
    }


def _risk(host: Host, account: str, place: str, now: int) -> str | None:
    try:
        if place == CROSS:
            return plain(host.venue.handle(account, "cross_risk_rate", {}, now).rate)
        if place.startswith(_ISOLATED):
            symbol = place.removeprefix(_ISOLATED)
            return plain(host.venue.handle(account, "isolated_risk_rate", {"symbol": symbol}, now)[0].rate)
    except (Refusal, IndexError):
        return None
    return None


def _fills(host: Host, account: str, places: list[str], now: int) -> list[dict[str, Any]]:
    """The newest of all pairs and wallets, over the last 90 days."""
    found: list[Any] = []
    for place in places:
        if place == CROSS:
            asked = [("cross_fills", symbol) for symbol in host.venue.market.prices()]
        elif place.startswith(_ISOLATED):
            asked = [("isolated_fills", market_id(place.removeprefix(_ISOLATED)))]
        else:
            continue
        for endpoint, symbol in asked:
            params = {"symbol": symbol, "startTime": str(max(0, now - 89 * _DAY)), "pageSize": str(_FILLS)}
            try:
                rows = host.venue.handle(account, endpoint, params, now).rows
            except Refusal:
                continue
            found += [{**render_row(row), "symbol": symbol, "place": place} for row in rows]
    return sorted(found, key=lambda row: int(row["fillId"]), reverse=True)[:_FILLS]
