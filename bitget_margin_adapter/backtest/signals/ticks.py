"""The price step, month by month, as the candles show it: the most decimals that any price of the month has."""

from typing import Any

from ...candles import Columns

__all__ = ["monthly_units"]


def monthly_units(columns: Columns, fallback: float) -> Any:
    """For each candle one over the price step; `fallback` before anything is known."""
    import numpy as np

    months = columns.ms.view("M8[ms]").astype("M8[M]").astype(np.int64)
    starts = np.flatnonzero(np.concatenate(([True], np.diff(months) != 0)))
    decimals = np.zeros(len(columns.ms), dtype=np.int64)
    for prices in columns[1:5]:
        left = np.ones(len(prices), dtype=bool)
        for scale in range(15):
            scaled = prices * 10.0**scale
            # Written with 15 significant digits, as freqtrade writes them before it counts.
            left &= np.abs(scaled - np.rint(scaled)) > np.maximum(np.abs(scaled) * 5e-15, 1e-14 * 10.0**scale)
            if not left.any():
                break
            decimals[left] = np.maximum(decimals[left], scale + 1)
    most = np.maximum.reduceat(decimals, starts)
    units = np.where(most > 0, 10.0**most, fallback)
    lengths = np.diff(np.append(starts, len(decimals)))
    return np.repeat(units, lengths)
