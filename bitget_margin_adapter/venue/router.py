"""Where a request goes: the endpoint tables of both dialects folded into one dictionary."""

from types import MappingProxyType
from typing import NamedTuple

from ..wire.endpoints import ENDPOINTS, Endpoint
from ..wire.v2 import ENDPOINTS_V2

__all__ = ["ROUTES", "Route", "find_route"]


class Route(NamedTuple):
    """An endpoint, or a path of the public market data beside them."""

    name: str
    endpoint: Endpoint | None
    public_path: str = ""


def _fold() -> dict[tuple[str, str], Route]:
    routes: dict[tuple[str, str], Route] = {}
    for row in (*ENDPOINTS.values(), *ENDPOINTS_V2.values()):
        for method in (row.method, "GET") if row.also_get else (row.method,):
            routes[method, row.path] = Route(row.name, row)
    return routes


ROUTES = MappingProxyType(_fold())

_ROOT = "/api/"


def find_route(method: str, path: str) -> Route | None:
    """None: not an address of the API."""
    found = ROUTES.get((method, path))
    if found is None and method == "GET" and path.startswith(_ROOT):
        return Route("market_data", None, path.removeprefix(_ROOT))
    return found
