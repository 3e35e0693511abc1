"""Double-entry books: every amount that exists anywhere, and moves between two places as the only change.

A move takes from one slot what it gives to another, so postings of a coin sum to zero by construction. Slots of
customers never go below zero; those of the venue and of the outside world may (what came in from outside, for instance,
is their negative). Debt is on the same books: what somebody owes stands positive in his slot, negative in the venue's.

    >>> books = Ledger()
    >>> world, mine = books.open("outside", "USDT", free=True), books.open("alice", "USDT")
    >>> books.commit([(world, mine, Decimal(5))])
    >>> books.amounts[mine], books.imbalance()
    (Decimal('5'), {})
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from ..model.decimals import ZERO

__all__ = ["House", "Ledger", "Move", "Overdrawn"]

Move = tuple[int, int, Decimal]
"""From slot, to slot, how much (never negative)."""


class Overdrawn(Exception):
    """A move that would leave a customer's slot below zero; none of its transaction happened."""


class House(NamedTuple):
    """The venue's and the world's own slots of one coin."""

    outside: int
    market: int
    fees: int
    pool: int
    claims: int
    accrued: int
    income: int
    insurance: int


class Ledger:
    """Slots are small integers; `amounts` is theirs to read for everybody, and to change for `commit` alone."""

    __slots__ = ("_free", "amounts", "coins", "houses", "owners")

    def __init__(self) -> None:
        self.amounts: list[Decimal] = []
        self.coins: list[str] = []
        self.owners: list[str] = []
        self.houses: dict[str, House] = {}
        self._free: list[bool] = []

    def __deepcopy__(self, memo: dict[int, object]) -> "Ledger":
        twin = Ledger()
        twin.amounts, twin.coins, twin.owners = list(self.amounts), list(self.coins), list(self.owners)
        twin.houses, twin._free = dict(self.houses), list(self._free)
        return twin

    def open(self, owner: str, coin: str, free: bool = False) -> int:
        """A new slot with nothing in it; `free` ones may go below zero."""
        self.amounts.append(ZERO)
        self.coins.append(coin)
        self.owners.append(owner)
        self._free.append(free)
        return len(self.amounts) - 1

    def house(self, coin: str) -> House:
        found = self.houses.get(coin)
        if found is None:
            found = self.houses[coin] = House(*(self.open(name, coin, free=True) for name in House._fields))
        return found

    def commit(self, moves: Sequence[Move]) -> None:
        """All of the moves or none; raises Overdrawn and leaves the books as they were."""
        amounts, free = self.amounts, self._free
        doubtful = False
        for source, target, amount in moves:
            left = amounts[source] - amount
            amounts[source] = left
            amounts[target] += amount
            if amount < ZERO or (not free[source] and left < ZERO):
                doubtful = True
        if doubtful:
            self._judge(moves)

    def _judge(self, moves: Sequence[Move]) -> None:
        """What one move takes another of the same transaction may have brought: only the end counts."""
        for source, _, amount in moves:
            if amount < ZERO:
                self._undo(moves)
                raise ValueError(f"a move of {amount} {self.coins[source]} would run backwards")
            if not self._free[source] and self.amounts[source] < ZERO:
                self._undo(moves)
                raise Overdrawn(f"{self.owners[source]} is short of {self.coins[source]}")

    def _undo(self, moves: Iterable[Move]) -> None:
        for source, target, amount in moves:
            self.amounts[source] += amount
            self.amounts[target] -= amount

    def imbalance(self) -> dict[str, Decimal]:
        """Coins whose books do not sum to zero: none, ever."""
        sums: dict[str, Decimal] = {}
        for coin, amount in zip(self.coins, self.amounts, strict=True):
            sums[coin] = sums.get(coin, ZERO) + amount
        return {coin: total for coin, total in sums.items() if total}
