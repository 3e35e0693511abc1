"""Ids as callers write them, of orders and of what else is asked for by id.

One that could not be asked about again is refused before anything is sent: an order whose answer is lost is looked up
by its client id, which travels in a query then.
"""

from typing import Any

from ccxt.base import errors

from ..wire.endpoints import ENDPOINTS
from ..wire.signing import UnsafeValue, refuse_ambiguous
from .arguments import error, listed
from .context import Context, Params

__all__ = ["client_id", "id_text", "ids_of", "one_id"]

_CLIENT_OID = next(param for param in ENDPOINTS["cross_place_order"].params if param.name == "clientOid")


def client_id(ctx: Context, call: str, params: Params) -> str | None:
    """The caller's own id, under ccxt's name or the venue's."""
    value = params.get("clientOrderId") or params.get("clientOid")
    if value is None:
        return None
    text = id_text(ctx, call, "clientOrderId", value, errors.InvalidOrder)
    most = _CLIENT_OID.most or 0
    if not 0 < len(text) <= most:
        raise error(errors.InvalidOrder, ctx, call, f"clientOrderId may have 1 to {most} characters, got {len(text)}")
    return text


def one_id(ctx: Context, call: str, id: Any, params: Params) -> dict[str, str]:
    """The field that names an order: by the caller's id if there is one, else by the venue's."""
    client_oid = client_id(ctx, call, params)
    if client_oid is not None:
        return {"clientOid": client_oid}
    if not id:
        raise error(errors.ArgumentsRequired, ctx, call, "it needs an order id or params['clientOrderId']")
    return {"orderId": id_text(ctx, call, "id", id)}


def ids_of(ctx: Context, call: str, name: str, values: Any) -> list[str]:
    """A list of ids; empty when there is none."""
    return [id_text(ctx, call, name, value) for value in listed(ctx, call, name, values)]


def id_text(ctx: Context, call: str, name: str, value: Any, kind: type[Exception] = errors.BadRequest) -> str:
    """One id; raises `kind` for what is no text (or whole number), or cannot be asked for in a query."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise error(kind, ctx, call, f"{name} is a text, not {type(value).__name__}")
    try:
        refuse_ambiguous(name, str(value))
    except UnsafeValue as problem:
        raise error(kind, ctx, call, str(problem)) from None
    return str(value)
