"""Timeframes such as 5m, 1h, 1d, in the forms that strategies ask for."""

from datetime import UTC, datetime, timedelta

__all__ = ["timeframe_to_minutes", "timeframe_to_next_date", "timeframe_to_prev_date", "timeframe_to_seconds"]

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800, "M": 2_592_000}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Weeks begin on Monday; 1970 began on a Thursday.
_MONDAY = timedelta(days=4)


def timeframe_to_seconds(timeframe: str) -> int:
    """Raises ValueError for what is no timeframe."""
    unit, count = timeframe[-1:], timeframe[:-1]
    if unit not in _UNITS or not count.isdigit() or int(count) == 0:
        raise ValueError(f"{timeframe!r} is no timeframe; write a number and one of s, m, h, d, w, M, such as 5m or 1h")
    return int(count) * _UNITS[unit]


def timeframe_to_minutes(timeframe: str) -> int:
    return timeframe_to_seconds(timeframe) // 60


def timeframe_to_prev_date(timeframe: str, date: datetime | None = None) -> datetime:
    """When the candle began that `date` (or now) lies in."""
    moment = date or datetime.now(UTC)
    span = timedelta(seconds=timeframe_to_seconds(timeframe))
    start = _EPOCH + _MONDAY if timeframe.endswith("w") else _EPOCH
    return moment - (moment - start) % span


def timeframe_to_next_date(timeframe: str, date: datetime | None = None) -> datetime:
    return timeframe_to_prev_date(timeframe, date) + timedelta(seconds=timeframe_to_seconds(timeframe))
