"""Faults on the wire, planned: which request or push goes wrong, and how; the sockets' doors do what is drawn here.

Pure and reproducible: what is drawn depends on the fault's seed and on how often it was asked, on nothing else.

    >>> plan = Faults()
    >>> _ = plan.add({"kind": "reset_after_commit", "endpoint": "cross_borrow", "count": 1})
    >>> [fault.kind for fault in plan.draw("cross_borrow")], plan.draw("cross_borrow")
    (['reset_after_commit'], [])
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..wire.channels import CHANNELS
from ..wire.endpoints import ENDPOINTS

__all__ = ["KINDS", "Fault", "Faults"]

_REQUESTS: Final[Mapping[str, str]] = {
    "latency": "the request waits delay_ms before it is looked at",
    "reset_before_read": "the connection is reset, nothing was done",
    "reset_after_commit": "it is done, then the connection is reset without an answer",
    "truncate": "it is done, then the answer breaks off in the middle",
    "http_429": "refused with HTTP 429, nothing was done",
    "http_500": "HTTP 500 instead of an answer, nothing was done",
    "bad_json": "it is done, then the answer is no JSON",
    "duplicate": "the request arrives twice; the first answer goes back",
    "reorder": "it is done, and the answer is held back for delay_ms while later ones overtake it",
    "clock_skew": "the venue's clock is delay_ms ahead when it looks at the timestamp",
}
_STREAMS: Final[Mapping[str, str]] = {
    "drop": "the push is lost",
    "delay": "the push comes delay_ms late",
    "duplicate": "the push comes twice",
    "reorder": "the push comes after the next one of its channel, or delay_ms late when there is none",
    "blackhole": "from here on nothing is sent on the connection, which stays open",
    "cut": "the connection is cut",
}
KINDS: Final[Mapping[str, Mapping[str, str]]] = {"requests": _REQUESTS, "streams": _STREAMS}

_DELAY_MS = 100
_FIELDS = frozenset({"kind", "endpoint", "probability", "count", "seed", "delay_ms"})


@dataclass
class Fault:
    """`endpoint` is the name of an endpoint or a channel; None: all that the kind fits."""

    kind: str
    endpoint: str | None = None
    probability: float = 1.0
    count: int | None = None
    seed: int = 0
    delay_ms: int = _DELAY_MS
    asked: int = 0
    struck: int = 0

    def strikes(self) -> bool:
        """Asked once for each request or push that it could hit."""
        if self.count is not None and self.struck >= self.count:
            return False
        self.asked += 1
        hit = _fraction(self.seed, self.asked) < self.probability
        self.struck += hit
        return hit

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "endpoint": self.endpoint,
            "probability": self.probability,
            "count": self.count,
            "seed": self.seed,
            "delay_ms": self.delay_ms,
            "struck": self.struck,
        }


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def __bool__(self) -> bool:
        return bool(self._faults)

    def add(self, body: Mapping[str, Any]) -> Fault:
        """Raises ValueError that says what to write instead."""
        if unknown := sorted(set(body) - _FIELDS):
            raise ValueError(f"a fault has no {unknown[0]!r}, it has {', '.join(sorted(_FIELDS))}")
        kind, endpoint = body.get("kind"), body.get("endpoint")
        if kind not in _REQUESTS and kind not in _STREAMS:
            raise ValueError(f"no kind {kind!r} of fault; there are {', '.join({**_REQUESTS, **_STREAMS})}")
        if endpoint in (None, "", "*"):
            endpoint = None
        elif not (endpoint in ENDPOINTS and kind in _REQUESTS) and not (endpoint in CHANNELS and kind in _STREAMS):
            places = [*(ENDPOINTS if kind in _REQUESTS else ()), *(CHANNELS if kind in _STREAMS else ())]
            raise ValueError(f"{kind} does not strike {endpoint!r}; it takes one of {', '.join(places)}")
        fault = Fault(
            str(kind),
            endpoint,
            _probability(body.get("probability", 1)),
            None if body.get("count") is None else _whole("count", body["count"], 1),
            _whole("seed", body.get("seed", 0), 0),
            # Only a skewed clock can be wrong in both directions.
            _whole("delay_ms", body.get("delay_ms", _DELAY_MS), 0 if kind != "clock_skew" else -_YEAR_MS),
        )
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        self._faults.clear()

    def as_json(self) -> list[dict[str, Any]]:
        return [fault.as_json() for fault in self._faults]

    def draw(self, name: str) -> list[Fault]:
        """The faults that strike this request or push now."""
        if not self._faults:
            return []
        kinds = _STREAMS if name in CHANNELS else _REQUESTS
        return [
            fault
            for fault in self._faults
            if fault.kind in kinds and fault.endpoint in (None, name) and fault.strikes()
        ]


_YEAR_MS = 366 * 86_400_000


def _fraction(seed: int, turn: int) -> float:
    digest = hashlib.sha256(f"{seed} {turn}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / (1 << 48)


def _probability(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"probability is a number from 0 to 1, not {value!r}")
    return float(value)


def _whole(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _YEAR_MS:
        raise ValueError(f"{name} is a whole number from {least} to {_YEAR_MS}, not {value!r}")
    return value
