"""The few functions of freqtrade's vendored indicator module that strategies use most."""

from typing import Any

__all__ = ["bollinger_bands", "crossed", "crossed_above", "crossed_below", "typical_price"]


def crossed_above(series1: Any, series2: Any) -> Any:
    """Where the first rises from at or below the second to above it."""
    before1, before2 = _shifted(series1), _shifted(series2)
    return (series1 > series2) & (before1 <= before2)


def crossed_below(series1: Any, series2: Any) -> Any:
    before1, before2 = _shifted(series1), _shifted(series2)
    return (series1 < series2) & (before1 >= before2)


def crossed(series1: Any, series2: Any, direction: str | None = None) -> Any:
    if direction == "above":
        return crossed_above(series1, series2)
    if direction == "below":
        return crossed_below(series1, series2)
    return crossed_above(series1, series2) | crossed_below(series1, series2)


def typical_price(bars: Any) -> Any:
    return (bars["high"] + bars["low"] + bars["close"]) / 3.0


def bollinger_bands(series: Any, window: int = 20, stds: float = 2) -> Any:
    """A frame with upper, mid and lower."""
    import pandas as pd

    rolling = series.rolling(window, min_periods=1)
    mid, spread = rolling.mean(), rolling.std()
    return pd.DataFrame({"upper": mid + spread * stds, "mid": mid, "lower": mid - spread * stds}, index=series.index)


def _shifted(values: Any) -> Any:
    return values.shift(1) if hasattr(values, "shift") else values
