"""What streams hear of: frozen rows, collected only once somebody listens."""

from decimal import Decimal
from typing import NamedTuple

from ..model.rows import Fill, Order

__all__ = ["BalanceEvent", "Event", "FillEvent", "OrderEvent", "PriceEvent", "RiskEvent"]


class PriceEvent(NamedTuple):
    symbol: str
    price: Decimal
    time: int


class BalanceEvent(NamedTuple):
    """Coins of a wallet that changed; `place` is spot, cross or isolated:SYMBOL. Ask `assets` for the figures."""

    account: str
    place: str
    coins: tuple[str, ...]
    time: int


class OrderEvent(NamedTuple):
    account: str
    place: str
    order: Order
    time: int


class FillEvent(NamedTuple):
    account: str
    place: str
    fill: Fill
    time: int


class RiskEvent(NamedTuple):
    """A wallet crossed the warning ratio ("warning") or was liquidated ("liquidation")."""

    account: str
    place: str
    kind: str
    rate: Decimal
    time: int


Event = PriceEvent | BalanceEvent | OrderEvent | FillEvent | RiskEvent
