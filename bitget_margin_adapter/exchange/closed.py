"""Inherited calls that have no meaning for margin trading, closed with an answer instead of a wrong request."""

import re
from typing import Any, TypeVar

from .description import not_margin

__all__ = ["close_inherited"]

C = TypeVar("C", bound=type[Any])

# Shorthands of ccxt's base class that end in calls or options which this exchange has not.
_UNNAMED = ("create_market_order_with_cost", "create_market_sell_order_with_cost", "fetch_fees")


def close_inherited(cls: C) -> C:
    """Each unified call that ccxt's class offers and ours does not raises NotSupported, at once and by name."""
    # The description of ccxt's class behind ours, without making an exchange of it.
    inherited = _described(cls)
    for name in (*map(_snake_case, not_margin(inherited["has"])), *_UNNAMED):
        if hasattr(cls, name):
            setattr(cls, name, _closed(name))
    return cls


def _described(cls: type[Any]) -> dict[str, Any]:
    parent = next(base for base in cls.__mro__ if base.__module__.startswith("ccxt."))
    description: dict[str, Any] = object.__new__(parent).describe()
    return description


def _closed(name: str) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise self._not_margin(name)

    method.__name__ = name
    method.__doc__ = "Raises NotSupported: it has no meaning for margin trading."
    return method


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
