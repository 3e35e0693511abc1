"""The limits of the endpoint table as the venue counts them: calls of the last second, by account or by address.

Pure: it is told the machine's time. What is refused does not count.
"""

from collections import deque

from ..wire.endpoints import Endpoint

__all__ = ["Limits"]

_WINDOW_MS = 1_000
_CROWD = 10_000


class Limits:
    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], deque[int]] = {}

    def admit(self, row: Endpoint, who: str, now: int) -> bool:
        """Whether this call fits within the last second, and if so it counts."""
        seen = self._seen.get((row.name, who))
        if seen is None:
            if len(self._seen) >= _CROWD:
                self._forget(now)
            seen = self._seen[row.name, who] = deque()
        while seen and seen[0] + _WINDOW_MS <= now:
            seen.popleft()
        if len(seen) >= row.rate:
            return False
        seen.append(now)
        return True

    def _forget(self, now: int) -> None:
        """Addresses come and go; those that were quiet for a second have nothing to be remembered for."""
        self._seen = {key: seen for key, seen in self._seen.items() if seen and seen[-1] + _WINDOW_MS > now}
