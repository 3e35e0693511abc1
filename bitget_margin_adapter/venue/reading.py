"""What a request asks for: its query or its JSON body as parameters, those that the table knows and no others."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from ..model.refusals import Reason, Refusal
from ..wire.endpoints import Endpoint

__all__ = ["DEPTH", "is_json", "json_object", "known_only", "parameters", "query_of"]

DEPTH: Final = 32
"""How deeply a body may be nested."""

_MOST_FIELDS = 1_000
_JSON = "application/json"

_fields: dict[str, dict[str, frozenset[str]]] = {}
"""Of each path: the parameters by name, and what each entry of a list of orders may hold."""


def parameters(row: Endpoint, method: str, query: str, body: bytes) -> dict[str, Any]:
    """Raises Refusal. A GET may carry a body: two endpoints are documented that way."""
    if method == "GET":
        return known_only(row, {**(json_object(body) if body else {}), **query_of(query)})
    return known_only(row, json_object(body) if body else {})


def is_json(content_type: str | None) -> bool:
    """Whether a body of this type is one of ours; a client that says nothing is believed to send JSON."""
    return content_type is None or content_type.partition(";")[0].strip().lower() == _JSON


def query_of(query: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise Refusal(Reason.BAD_PARAMETER, "query") from None


def json_object(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except ValueError:
        raise Refusal(Reason.BAD_PARAMETER, "body: it is no JSON") from None
    if not isinstance(found, dict):
        raise Refusal(Reason.BAD_PARAMETER, "body: it must be one JSON object")
    # Counting the brackets settles it for every honest body.
    if body.count(b"{") + body.count(b"[") > DEPTH and _deeper(found, DEPTH):
        raise Refusal(Reason.BAD_PARAMETER, f"body: nested more than {DEPTH} deep")
    return found


def known_only(row: Endpoint, given: Mapping[str, Any]) -> dict[str, Any]:
    """Unknown parameters are tolerated by forgetting them here: the engine and its journal never see them."""
    # By the path: a row's own hash goes through all its parameters.
    known = _fields.get(row.path)
    if known is None:
        known = _fields[row.path] = {
            param.name: frozenset(field.name for field in param.fields) for param in row.params
        }
    kept: dict[str, Any] = {}
    for name, value in given.items():
        fields = known.get(name)
        if fields is None or value is None:
            continue
        if fields and isinstance(value, list):
            value = [_chosen(entry, fields) if isinstance(entry, dict) else entry for entry in value]
        kept[name] = value
    return kept


def _chosen(entry: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name in names and value is not None}


def _deeper(value: Any, left: int) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    elif not isinstance(value, list):
        return False
    return left <= 0 or any(_deeper(item, left - 1) for item in value)
