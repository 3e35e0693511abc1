"""The orders of one pair that wait for a price, best first on either side."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from decimal import Decimal

from .orders import Working

__all__ = ["Resting"]

Entry = tuple[Decimal, int, str, Working]
"""Price, id, account, order: a fork has orders with the ids of the original's."""


class Resting:
    """`takers` are market orders whose rest waits for the next candle's volume."""

    __slots__ = ("buys", "sells", "takers")

    def __init__(self) -> None:
        self.buys: list[Entry] = []
        self.sells: list[Entry] = []
        self.takers: dict[tuple[int, str], Working] = {}

    def __len__(self) -> int:
        return len(self.buys) + len(self.sells) + len(self.takers)

    def add(self, order: Working) -> None:
        price = order.limit
        if price is None:
            self.takers[_key(order)] = order
        elif order.request.buys:
            insort(self.buys, (-price, *_key(order), order))
        else:
            insort(self.sells, (price, *_key(order), order))

    def remove(self, order: Working) -> None:
        price = order.limit
        if price is None:
            self.takers.pop(_key(order), None)
            return
        side, first = (self.buys, -price) if order.request.buys else (self.sells, price)
        key = _key(order)
        place = bisect_left(side, (first, *key))
        if place < len(side) and side[place][1:3] == key:
            del side[place]

    def best(self, buys: bool) -> Working | None:
        side = self.buys if buys else self.sells
        return side[0][3] if side else None

    def __iter__(self) -> Iterator[Working]:
        yield from self.takers.values()
        for side in (self.buys, self.sells):
            for _, _, _, order in side:
                yield order


def _key(order: Working) -> tuple[int, str]:
    return order.id, order.wallet.account.name
