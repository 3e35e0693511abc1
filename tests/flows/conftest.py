"""A context of plain data: flows need no exchange, no mock and no network."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from bitget_margin_adapter.model.rows import Pair
from bitget_margin_adapter.wire import unify


def make_pair(base: str, price_scale: int, quantity_scale: int) -> Pair:
    return Pair(
        symbol=f"{base}USDT", base_coin=base, quote_coin="USDT", max_cross_leverage=Decimal(3),
        max_isolated_leverage=Decimal(10), warning_risk_ratio=Decimal("0.8"), liquidation_risk_ratio=Decimal(1),
        min_trade_amount=Decimal("0.0001"), max_trade_amount=Decimal(10000), taker_fee_rate=Decimal("0.001"),
        maker_fee_rate=Decimal("0.001"), price_scale=price_scale, quantity_scale=quantity_scale,
        min_trade_usdt=Decimal(5), is_borrowable=True, user_min_borrow=Decimal("0.00000001"), status="1",
    )  # fmt: skip


PAIRS = (make_pair("BTC", 2, 6), make_pair("ETH", 4, 4))


@dataclass
class PlainContext:
    id: str = "bitgetmargin"
    options: dict[str, Any] = field(default_factory=dict)
    markets: dict[str, Any] | None = None
    markets_by_id: dict[str, Any] | None = None
    currencies: dict[str, Any] = field(default_factory=dict)
    commonCurrencies: dict[str, str] = field(default_factory=dict)
    number: type = float

    def load(self) -> "PlainContext":
        markets = [unify.market(pair, {}, float) for pair in PAIRS]
        self.markets = {market["symbol"]: market for market in markets}
        self.markets_by_id = {market["id"]: [market] for market in markets}
        self.currencies = {code: {"id": code, "code": code} for code in ("BTC", "ETH", "USDT")}
        return self


@pytest.fixture
def ctx() -> PlainContext:
    """Markets loaded: BTC/USDT (steps 0.01, 0.000001) and ETH/USDT (0.0001, 0.0001)."""
    return PlainContext().load()
