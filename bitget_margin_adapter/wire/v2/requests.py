"""Requests between v1 and v2, in both directions; what the table does not know passes as it is."""

from collections.abc import Mapping
from typing import Any, Literal

from ...model.decimals import whole
from .endpoints import ROUTES_V2, TRANSLATIONS, Translation

__all__ = ["WINDOW", "request_of_v2", "to_v2"]

WINDOW = 90 * 86_400_000 - 60_000
"""How far back a list goes that must name its start in v2 and was asked for without one, ms.

Documented are 90 days; the venue's clock may be a minute ahead.
"""

_FROM_THE_BEGINNING = (None, "", "0")

Params = dict[str, Any]


def to_v2(endpoint: str, params: Mapping[str, Any], now: int) -> tuple[Literal["GET", "POST"], str, Params]:
    """Method, path and parameters of v2 for a v1 request; `now` (ms) dates lists that v2 wants dated."""
    call = TRANSLATIONS[endpoint]
    spoken = {name: value for name, value in params.items() if name not in call.dropped}
    if call.ids is not None:
        spoken = _joined(spoken, call.ids)
    if call.entries is not None and call.entries in spoken:
        spoken[call.entries] = [_spelled(entry, call) for entry in spoken[call.entries]]
    if call.since_required and spoken.get("startTime") in _FROM_THE_BEGINNING:
        end = whole(str(spoken.get("endTime")))
        spoken["startTime"] = str(max(0, (now if end is None else end) - WINDOW))
    return call.endpoint.method, call.endpoint.path, _spelled(spoken, call)


def request_of_v2(method: str, path: str, params: Mapping[str, Any]) -> tuple[str, Params] | None:
    """Endpoint and v1 parameters of a v2 request; None for a route that v2 has not, or has alone."""
    row = ROUTES_V2.get((method, path))
    if row is None or row.name not in TRANSLATIONS:
        return None
    call = TRANSLATIONS[row.name]
    found = _read(params, call)
    if call.ids is not None:
        found = _parted(found, call.ids)
    if call.entries is not None and isinstance(found.get(call.entries), list):
        found[call.entries] = [
            _read(entry, call) if isinstance(entry, Mapping) else entry for entry in found[call.entries]
        ]
    return row.name, found


def _spelled(params: Mapping[str, Any], call: Translation) -> Params:
    return {
        call.names.get(name, name): call.words.get(name, {}).get(value, value) if isinstance(value, str) else value
        for name, value in params.items()
    }


def _read(params: Mapping[str, Any], call: Translation) -> Params:
    back = {new: name for name, new in call.names.items()}
    found = {back.get(name, name): value for name, value in params.items()}
    for name, spelled in call.words.items():
        meant = {new: word for word, new in spelled.items()}
        if isinstance(found.get(name), str):
            found[name] = meant.get(found[name], found[name])
    # ccxt spells GTC, IOC and FOK in capitals here, and the venue takes them.
    if isinstance(found.get("timeInForce"), str):
        found["timeInForce"] = found["timeInForce"].lower()
    return found


_LIST = "orderIdList"


def _joined(params: Params, ids: Mapping[str, str]) -> Params:
    entries = [{field: value} for name, field in ids.items() for value in params.get(name) or ()]
    return {**{name: value for name, value in params.items() if name not in ids}, _LIST: entries}


def _parted(params: Params, ids: Mapping[str, str]) -> Params:
    entries = params.pop(_LIST, None)
    if entries is None:
        return params
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        # Not a list of objects: v1's own reader refuses it by the name that it knows.
        return {**params, next(iter(ids)): entries}
    parted: dict[str, list[Any]] = {}
    for entry in entries:
        # An entry with both ids means one order: the first counts.
        name = next((name for name, field in ids.items() if entry.get(field)), None)
        if name is not None:
            parted.setdefault(name, []).append(entry[ids[name]])
    return {**params, **parted}
