"""The ledger: moves balance, customers are never overdrawn, a refused transaction leaves no trace."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitget_margin_adapter.engine.ledger import Ledger, Overdrawn

MOVES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.decimals("0", "100", places=8)), max_size=30)


def books() -> Ledger:
    ledger = Ledger()
    ledger.open("outside", "USDT", free=True)
    for name in "abc":
        ledger.open(name, "USDT")
    return ledger


@given(st.lists(MOVES, max_size=10))
def test_books_balance_whatever_is_tried(transactions: list[list[tuple[int, int, Decimal]]]) -> None:
    ledger = books()
    for moves in transactions:
        before = list(ledger.amounts)
        try:
            ledger.commit(moves)
        except Overdrawn:
            assert ledger.amounts == before
        assert ledger.imbalance() == {}
        assert min(ledger.amounts[1:]) >= 0


def test_a_transaction_counts_as_a_whole() -> None:
    ledger = books()
    ledger.commit([(1, 2, Decimal(5)), (0, 1, Decimal(5))])
    assert ledger.amounts == [-5, 0, 5, 0]
    with pytest.raises(Overdrawn, match="b is short of USDT"):
        ledger.commit([(0, 1, Decimal(1)), (2, 3, Decimal(6))])
    assert ledger.amounts == [-5, 0, 5, 0]


def test_moves_do_not_run_backwards() -> None:
    ledger = books()
    with pytest.raises(ValueError, match="backwards"):
        ledger.commit([(0, 1, Decimal(-1))])
    assert ledger.amounts == [0, 0, 0, 0]
