"""The OpenAPI 3.1 description of the REST API, made of the endpoint tables and of the shapes of the answers. Pure.

What the tables do not say (which amounts are refused, when) is not in it either: a refusal is an answer like others.
"""

from typing import Any

from ..wire.endpoints import ENDPOINTS, Endpoint, Kind, Param
from ..wire.fields import FLAG, Absent, Field, Part, Rows, Shape
from ..wire.shapes import ANSWERS, Answer, Listed, One, Paged, Plain, Split
from ..wire.v2 import ENDPOINTS_V2
from ..wire.v2.shapes import ANSWERS_V2

__all__ = ["description"]

_TEXT: dict[str, Any] = {"type": "string"}
_SIGNED = ("ACCESS-KEY", "ACCESS-SIGN", "ACCESS-TIMESTAMP", "ACCESS-PASSPHRASE")
_PATTERNS = {
    Kind.AMOUNT: r"^-?\d+(\.\d+)?$",
    Kind.PRICE: r"^-?\d+(\.\d+)?$",
    Kind.TIME: r"^\d{1,19}$",
    Kind.ID: r"^\d{1,19}$",
    Kind.COUNT: r"^\d{1,19}$",
}


def description() -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for endpoints, answers, version in ((ENDPOINTS, ANSWERS, ""), (ENDPOINTS_V2, ANSWERS_V2, "_v2")):
        for row in endpoints.values():
            paths.setdefault(row.path, {})[row.method.lower()] = _operation(
                row, row.method, answers[row.answer], row.name + version
            )
            if row.also_get:
                paths[row.path]["get"] = _operation(row, "GET", answers[row.answer], f"{row.name}_by_get")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bitget margin API v1 and v2, as this emulator serves them",
            "version": "1",
            "description": "Made from the tables of bitget-margin-adapter. It is not Bitget's own description.",
        },
        "paths": paths,
        "components": {
            "schemas": {
                "Refusal": {
                    "type": "object",
                    "required": ["code", "msg", "requestTime", "data"],
                    "properties": {
                        "code": _TEXT,
                        "msg": _TEXT,
                        "requestTime": {"type": "integer"},
                        "data": {"type": "null"},
                    },
                }
            },
            "securitySchemes": {name: {"type": "apiKey", "in": "header", "name": name} for name in _SIGNED},
        },
    }


def _operation(row: Endpoint, method: str, answer: Answer, name: str) -> dict[str, Any]:
    refusal = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}}
    found: dict[str, Any] = {
        "operationId": name,
        "tags": [str(row.mode or "general")],
        "x-rate-per-second": row.rate,
        "responses": {
            "200": {"description": "done", "content": {"application/json": {"schema": _success(answer)}}},
            "400": {"description": "refused; the code says why", **refusal},
            "413": {"description": "the body is too large", **refusal},
            "429": {"description": "too many requests", **refusal},
        },
    }
    if row.private:
        found["security"] = [{name: [] for name in _SIGNED}]
    if method == "GET":
        found["parameters"] = [
            {"name": param.name, "in": "query", "required": param.required, "schema": _param(param)}
            for param in row.params
        ]
    else:
        found["requestBody"] = {
            "required": any(param.required for param in row.params),
            "content": {"application/json": {"schema": _object(row.params)}},
        }
    return found


def _object(params: tuple[Param, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": {param.name: _param(param) for param in params}}
    if required := [param.name for param in params if param.required]:
        found["required"] = required
    return found


def _param(param: Param) -> dict[str, Any]:
    if param.kind in (Kind.LIST, Kind.ORDERS):
        items = _object(param.fields) if param.kind is Kind.ORDERS else _TEXT
        return {"type": "array", "items": items, **({"maxItems": param.most} if param.most else {})}
    if param.choices:
        return {**_TEXT, "enum": [str(choice) for choice in param.choices]}
    found = dict(_TEXT)
    if param.kind in _PATTERNS:
        found["pattern"] = _PATTERNS[param.kind]
    elif param.most:
        found["maxLength"] = param.most
    return found


def _success(answer: Answer) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["code", "msg", "requestTime", "data"],
        "properties": {
            "code": {"const": "00000"},
            "msg": _TEXT,
            "requestTime": {"type": "integer"},
            "data": _data(answer),
        },
    }


def _data(answer: Answer) -> dict[str, Any]:
    match answer:
        case One(shape):
            return _row(shape)
        case Listed(shape):
            return _rows(shape)
        case Paged(shape, keys, ids):
            return _closed({**{key: _rows(shape) for key in keys}, **dict.fromkeys(ids, _TEXT)})
        case Split((took, accepted), (left, refused)):
            return _closed({took: _rows(accepted), left: _rows(refused)})
        case Plain(key=key, keyed=keyed):
            return _closed({key: _TEXT}) if keyed else {}


def _rows(shape: Shape) -> dict[str, Any]:
    return {"type": "array", "items": _row(shape)}


def _row(shape: Shape) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for field in shape.fields.values():
        if not field.written and isinstance(field.codec, Part):
            properties |= _row(field.codec.shape)["properties"]
        for name in field.written:
            properties[name] = _field(field)
    properties |= {name: {"const": value} for name, value in shape.fixed.items()}
    for outer, inner in shape.nested.items():
        properties[outer] = {"type": "object", "properties": {name: properties.pop(name) for name in inner}}
    return {"type": "object", "properties": properties}


def _field(field: Field) -> dict[str, Any]:
    if isinstance(field.codec, Rows):
        return _rows(field.codec.shape)
    if field.codec is FLAG:
        return {"type": "boolean"}
    return {"type": ["string", "null"]} if field.absent is Absent.NULL else _TEXT


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}
