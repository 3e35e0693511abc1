"""How long a call must wait so that its endpoint's limit holds in every second, not on average.

Pure state: it reads no clock and never waits. The times must come from one clock that does not jump (a monotonic
one); callers in several threads need a lock around it (`exchange.gate` is that lock).

    quota = Quota()
    quota.reserve("cross_borrow", 10, "key", 0)     # 0; the eleventh such call gets 1021
"""

import math
from collections import deque
from typing import NamedTuple

__all__ = ["MARGIN_MS", "WINDOW_MS", "Quota"]

WINDOW_MS = 1_000

# A granted call leaves a little later than granted, and not always by the same amount. Two departures that were
# granted a window and this apart are still a window apart when the first was late by up to this much.
MARGIN_MS = 20


class _Line(NamedTuple):
    """Who stands in line for one row under one key, and who left so lately that the next one must keep its distance."""

    limit: float
    calls: int
    spacing: int
    booked: deque[int]


class Quota:
    """The departures of the recent past and the near future, a row and key at a time."""

    def __init__(self, margin_ms: int = MARGIN_MS) -> None:
        if margin_ms < 0:
            raise ValueError(f"margin_ms is {margin_ms}; a margin is 0 or more")
        self._margin_ms = margin_ms
        self._lines: dict[tuple[str, str], _Line] = {}
        self._opens: dict[str, int] = {}

    def reserve(self, row_name: str, limit: float, key: str, now_ms: int) -> int:
        """Book the next free departure of the row under the key and return how many milliseconds away it is.

        `limit` is in calls per second; a fraction above 1 is cut off, below 1 it stretches the second.
        """
        line = self._lines.get((row_name, key))
        if line is None or line.limit != limit:
            line = self._lines[row_name, key] = self._line(row_name, limit, line)
        booked, spacing = line.booked, line.spacing
        while booked and booked[0] + spacing <= now_ms:
            booked.popleft()
        departure = now_ms
        if self._opens:
            departure = max(departure, self._opens.get(key, now_ms))
        if booked:
            if booked[-1] > departure:
                departure = booked[-1]
            if len(booked) >= line.calls and booked[-line.calls] + spacing > departure:
                departure = booked[-line.calls] + spacing
        booked.append(departure)
        return departure - now_ms

    def release(self, row_name: str, key: str, departure_ms: int) -> None:
        """Give back a departure that nobody takes. Those who stand behind it keep theirs."""
        line = self._lines.get((row_name, key))
        if line is not None and departure_ms in line.booked:
            line.booked.remove(departure_ms)

    def penalize(self, key: str, now_ms: int, seconds: float) -> None:
        """Let no row of the key depart for a while: the venue said 429. A longer closure stays as it is."""
        opens = now_ms + math.ceil(seconds * 1_000)
        self._opens[key] = max(opens, self._opens.get(key, opens))

    def closed_ms(self, key: str, now_ms: int) -> int:
        """How long the key's gate stays closed.

        Whoever slept through a penalty asks this before departing and, when it is not 0, reserves anew: departures
        booked before the penalty stay booked, so that those who wait do not all leave in the instant it opens.
        """
        return max(0, self._opens.get(key, now_ms) - now_ms)

    def _line(self, row_name: str, limit: float, before: "_Line | None") -> "_Line":
        if not (limit > 0 and math.isfinite(limit)):
            raise ValueError(f"{row_name}: a limit of {limit} a second cannot be kept; give a positive number")
        window = WINDOW_MS if limit >= 1 else math.ceil(WINDOW_MS / limit)
        spacing = window + self._margin_ms + 1  # 1: whole milliseconds hide a fraction of one
        return _Line(limit, max(1, math.floor(limit)), spacing, before.booked if before else deque())
