"""Python's collector of cycles while a venue is busy: it looks less often, and not at what was there before.

A venue makes no cycles to speak of, but its records grow, and every look goes through all of them and through all of
ccxt: by the usual thresholds that is a quarter of an order's time in a backtest, and pauses of 50 to 200 ms in an
emulator.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["BATCH", "SERVER", "seldom"]

BATCH: Final = 200_000
"""For who wants to be done soon: some tens of megabytes, if all of them were garbage."""

SERVER: Final = 5_000
"""For who has to answer in the meantime: a look at these takes some milliseconds, not tens of them."""


@contextmanager
def seldom(threshold: int) -> Iterator[None]:
    """Within it collections are rare, afterwards as they were; a collector that was set on purpose is left alone.

    `threshold` containers are made and kept between two looks at the youngest.
    """
    usual = gc.get_threshold()
    if not gc.isenabled() or not 0 < usual[0] < threshold:
        yield
        return
    # Who froze objects himself would find them thawed.
    freezes = gc.get_freeze_count() == 0
    gc.set_threshold(threshold, *usual[1:])
    if freezes:
        gc.freeze()
    try:
        yield
    finally:
        if freezes:
            gc.unfreeze()
        gc.set_threshold(*usual)
