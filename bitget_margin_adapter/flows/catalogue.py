"""All unified methods by name: what hosts offer, and which of them need an account."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from . import account, loans, market, order_lists, orders, records
from .effects import Flow

__all__ = ["METHODS", "PRIVATE"]

_PRIVATE_MODULES = (account, loans, orders, order_lists, records)
# Shared between modules of flows, but no method of an exchange.
_PARTS = {"open_rows"}

METHODS: MappingProxyType[str, Callable[..., Flow[Any]]] = MappingProxyType(
    {
        name: getattr(module, name)
        for module in (market, *_PRIVATE_MODULES)
        for name in module.__all__
        if name not in _PARTS
    }
)
"""ccxt's snake_case name to the flow."""

PRIVATE = frozenset(METHODS) - frozenset(market.__all__)
"""Those that speak about somebody's account."""
