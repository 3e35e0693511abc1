"""Python's collector of cycles during a run: it looks less often, and not at what was there before.

A run makes no cycles to speak of, but its records grow, and every look goes through all of them and through all of
ccxt; by the usual thresholds that is a quarter of the time of an order.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["seldom"]

_THRESHOLD: Final = 50_000
"""Containers made and kept between two looks at the youngest: some megabytes, if all of them were garbage."""


@contextmanager
def seldom() -> Iterator[None]:
    """Within it collections are rare, afterwards as they were; a collector that was set on purpose is left alone."""
    usual = gc.get_threshold()
    if not gc.isenabled() or not 0 < usual[0] < _THRESHOLD:
        yield
        return
    # Who froze objects himself would find them thawed.
    freezes = gc.get_freeze_count() == 0
    gc.set_threshold(_THRESHOLD, *usual[1:])
    if freezes:
        gc.freeze()
    try:
        yield
    finally:
        if freezes:
            gc.unfreeze()
        gc.set_threshold(*usual)
