"""The machine's clock as the streams read it, in whole milliseconds that never jump."""

import time

__all__ = ["monotonic_ms", "seconds"]

_SPEED = 1  # above 1 in tests, which cannot wait for half a minute


def monotonic_ms() -> int:
    return time.monotonic_ns() * _SPEED // 1_000_000


def seconds(ms: int) -> float:
    """How long to wait for so many of them; never below 0."""
    return max(0, ms) / (1_000 * _SPEED)
