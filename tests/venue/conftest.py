"""A venue with one account and two prices."""

from decimal import Decimal
from typing import Any

import pytest

from bitget_margin_adapter.venue.profile import Profile
from bitget_margin_adapter.venue.service import Venue


class Desk:
    """The venue as a test speaks to it: one account, a time that stands until it is moved."""

    def __init__(
        self, profile: dict[str, Any] | None = None, funds: dict[str, Any] | None = None, **options: Any
    ) -> None:
        self.journal: list[str] = []
        self.venue = Venue(Profile.from_mapping(profile or {}), journal=self.journal, **options)
        self.now = self.venue.now
        self.venue.set_prices({"BTCUSDT": "30000", "ETHUSDT": "2000"}, self.now)
        self.venue.open_account("a", funds or {"USDT": "10000", "BTC": "1"}, self.now)

    def call(self, endpoint: str, **params: Any) -> Any:
        return self.venue.handle("a", endpoint, params, self.now)

    def order(self, side: str, size: str, price: str | None = None, mode: str = "cross", **more: Any) -> Any:
        """A limit order of `size` with a price; without one a market order, a buy's size in quote."""
        params = {"symbol": "BTCUSDT", "side": side, "loanType": "normal", **more}
        if price is not None:
            params |= {"orderType": "limit", "price": price, "baseQuantity": size}
        else:
            params |= {"orderType": "market", "quoteAmount" if side == "buy" else "baseQuantity": size}
        return self.call(f"{mode}_place_order", **params)

    def price(self, price: str, symbol: str = "BTCUSDT") -> None:
        self.venue.set_price(symbol, price, self.now)

    def asset(self, coin: str, mode: str = "cross") -> Any:
        where = {"symbol": "BTCUSDT"} if mode == "isolated" else {}
        return next(row for row in self.call(f"{mode}_assets", **where) if row.coin == coin)

    def open_orders(self, symbol: str = "BTCUSDT") -> list[Any]:
        return list(self.call("cross_open_orders", symbol=symbol).rows)

    def history(self, symbol: str = "BTCUSDT", **params: Any) -> list[Any]:
        return list(self.call("cross_order_history", symbol=symbol, startTime="0", **params).rows)

    def fills(self, symbol: str = "BTCUSDT") -> list[Any]:
        return list(self.call("cross_fills", symbol=symbol, startTime="0").rows)

    def records(self, name: str, mode: str = "cross", **params: Any) -> list[Any]:
        return list(self.call(f"{mode}_{name}", startTime="0", **params).rows)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def dec(text: str) -> Decimal:
    return Decimal(text)
