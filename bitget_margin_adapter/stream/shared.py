"""What all streams of this process to one host share: the venue counts by address, not by object."""

import threading
from urllib.parse import urlsplit

from .budget import Allowance

__all__ = ["shared_allowance"]


class _Locked(Allowance):
    """For several threads."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def subscriptions(self, now: int, wanted: int) -> int:
        with self._lock:
            return super().subscriptions(now, wanted)

    def subscriptions_at(self, wanted: int, now: int) -> int:
        with self._lock:
            return super().subscriptions_at(wanted, now)

    def connect(self) -> bool:
        with self._lock:
            return super().connect()

    def disconnect(self) -> None:
        with self._lock:
            super().disconnect()


_allowances: dict[str, Allowance] = {}
_lock = threading.Lock()


def shared_allowance(url: str) -> Allowance:
    """The one for the host of that address. Times are those of the machine's monotonic clock, ms."""
    with _lock:
        return _allowances.setdefault(urlsplit(url).netloc, _Locked())
