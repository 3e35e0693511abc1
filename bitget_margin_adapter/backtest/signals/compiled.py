"""Compiles functions with numba where it is installed; where it is not, they run as they are, only slower."""

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["HAS_NUMBA", "compiled"]

F = TypeVar("F", bound=Callable[..., Any])

try:
    import numba
except ImportError:
    numba = None

HAS_NUMBA = numba is not None


def compiled(function: F) -> F:
    """Kept on disk between processes; runs without Python's lock, so that columns of a grid share the cores."""
    if numba is None:
        return function
    # The kernels make no arrays, so they need none of the counting of references, which took half of their time.
    made: F = numba.njit(cache=True, nogil=True, _nrt=False, error_model="numpy", boundscheck=False)(function)
    return made
