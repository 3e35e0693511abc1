"""Client order ids that nobody else will have: 128 random bits as text."""

import os

__all__ = ["fresh_id"]

_BYTES, _LETTERS, _STOCK = 16, 32, 64

_stock: list[str] = []
"""The system's randomness is asked for many at once: a call of the kernel costs more than the rest of an id."""


def fresh_id() -> str:
    """Safe to call from any thread."""
    try:
        return _stock.pop()
    except IndexError:
        text = os.urandom(_BYTES * _STOCK).hex()
        fresh = [text[start : start + _LETTERS] for start in range(0, len(text), _LETTERS)]
        last = fresh.pop()
        _stock.extend(fresh)
        return last


if hasattr(os, "register_at_fork"):
    # Parent and child would hand out the same ones.
    os.register_at_fork(after_in_child=_stock.clear)
