"""The orders of one pair that wait for a price, best first on either side."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal

from .orders import Working

__all__ = ["Resting"]

Entry = tuple[Decimal, int, Working]


class Resting:
    """`takers` are market orders whose rest waits for the next candle's volume."""

    __slots__ = ("buys", "sells", "takers")

    def __init__(self) -> None:
        self.buys: list[Entry] = []
        self.sells: list[Entry] = []
        self.takers: dict[int, Working] = {}

    def __len__(self) -> int:
        return len(self.buys) + len(self.sells) + len(self.takers)

    def add(self, order: Working) -> None:
        price = order.limit
        if price is None:
            self.takers[order.id] = order
        elif order.request.buys:
            insort(self.buys, (-price, order.id, order))
        else:
            insort(self.sells, (price, order.id, order))

    def remove(self, order: Working) -> None:
        price = order.limit
        if price is None:
            self.takers.pop(order.id, None)
            return
        side, key = (self.buys, -price) if order.request.buys else (self.sells, price)
        place = bisect_left(side, (key, order.id))
        if place < len(side) and side[place][1] == order.id:
            del side[place]

    def best(self, buys: bool) -> Working | None:
        side = self.buys if buys else self.sells
        return side[0][2] if side else None

    def __iter__(self) -> Iterator[Working]:
        yield from self.takers.values()
        for side in (self.buys, self.sells):
            for _, _, order in side:
                yield order
