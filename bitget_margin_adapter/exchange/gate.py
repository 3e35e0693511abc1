"""The quota of one API key at one host, shared by every thread, event loop and exchange object of the process.

A gate tells how long to wait and never waits: synchronous hosts call `time.sleep`, asynchronous ones `asyncio.sleep`.
Public limits count per IP: their gate is the one without a key. Other processes are not seen.

    gate = shared_gate(api_key, "https://api.bitget.com")
    wait_ms = gate.reserve("cross_borrow", 10)
"""

import hashlib
import os
import threading
import time

from ..wire.quota import Quota
from ..wire.secrets import Secret

__all__ = ["Gate", "monotonic_ms", "shared_gate"]

_gates: dict[tuple[str, str], "Gate"] = {}
_registry_lock = threading.Lock()


def monotonic_ms() -> int:
    """The clock of every gate; it never jumps, unlike the time of day."""
    return time.monotonic_ns() // 1_000_000


class Gate:
    """A `Quota` under a lock. Get it from `shared_gate`; copies and pickles lead back to the shared one."""

    def __init__(self, identity: str, host: str) -> None:
        self.identity = identity
        self.host = host
        self._quota = Quota()
        self._lock = threading.Lock()
        self._penalized = False

    def reserve(self, row: str, limit: float, now_ms: int | None = None) -> int:
        """Milliseconds to wait before sending a call of this row, which is booked; `limit` is in calls a second.

        Left out, `now_ms` is read under the lock, which is exact; it must be of the clock of `monotonic_ms`.
        """
        with self._lock:
            now = time.monotonic_ns() // 1_000_000 if now_ms is None else now_ms
            return self._quota.reserve(row, limit, self.identity, now)

    def give_back(self, row: str, departure_ms: int) -> None:
        """A booked departure that nobody takes: whoever waited for it was cancelled."""
        with self._lock:
            self._quota.release(row, self.identity, departure_ms)

    @property
    def is_closed(self) -> bool:
        """Whether a 429 keeps everybody waiting; without the lock, since most of the time none ever came."""
        return self._penalized and self.closed_ms() > 0

    def penalize(self, seconds: float, now_ms: int | None = None) -> None:
        """Close the gate for everyone after a 429."""
        with self._lock:
            self._penalized = True
            self._quota.penalize(self.identity, self._now(now_ms), seconds)

    def closed_ms(self, now_ms: int | None = None) -> int:
        """How long the gate stays closed; whoever has slept and finds it closed reserves anew."""
        with self._lock:
            return self._quota.closed_ms(self.identity, self._now(now_ms))

    def __repr__(self) -> str:
        return f"Gate({self.identity[:8]!r}, {self.host!r})"

    def __copy__(self) -> "Gate":
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> "Gate":
        return self  # a copied exchange object spends the same quota

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return _registered, (self.identity, self.host)

    @staticmethod
    def _now(now_ms: int | None) -> int:
        return monotonic_ms() if now_ms is None else now_ms


def shared_gate(api_key: str | Secret | None, host: str) -> Gate:
    """The one gate of this key at this host; without a key, the gate of this machine's public calls."""
    key = Secret(api_key or "")
    # a hash, since the registry lives as long as the process and gates end up in pickles
    identity = hashlib.sha256(key.reveal().encode()).hexdigest() if key else "public"
    return _registered(identity, host)


def _registered(identity: str, host: str) -> Gate:
    place = (identity, host.rstrip("/").lower())
    with _registry_lock:
        gate = _gates.get(place)
        if gate is None:
            gate = _gates[place] = Gate(*place)
        return gate


def _after_fork() -> None:
    # a lock that another thread of the parent held would stay locked in the child for ever
    global _registry_lock
    _registry_lock = threading.Lock()
    for gate in _gates.values():
        gate._lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
