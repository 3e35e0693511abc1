"""What the tests of both directions share."""

from collections.abc import Callable
from typing import Any

import pytest


def without_info(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    if not hasattr(value, "_fields"):
        return tuple(without_info(item) for item in value)
    named = zip(value._fields, value, strict=True)
    return type(value)(*(None if name == "info" else without_info(item) for name, item in named))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def bare() -> Callable[[Any], Any]:
    """A model value without the raw rows it was read from, at every depth."""
    return without_info
