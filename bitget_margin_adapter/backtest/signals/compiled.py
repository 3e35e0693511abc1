"""Compiles a function and all that it calls with numba, as one piece that is kept on disk.

The functions themselves stay plain Python, so that they run where numba is not installed, and where compiling would
take longer than the work.
"""

import hashlib
from functools import cache
from importlib.util import find_spec
from types import FunctionType
from typing import Any

__all__ = ["compiled", "has_numba"]

# The kernels make no arrays, so they need none of the counting of references, which took half of their time.
_OPTIONS: dict[str, Any] = {"nogil": True, "_nrt": False, "error_model": "numpy"}
# What only compiled code calls needs no entrance from Python, which takes as long to make as the function; in place of
# a call, since handing over a dozen arrays costs more than what most of these do.
_INNER: dict[str, Any] = {**_OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": True}


@cache
def has_numba() -> bool:
    return find_spec("numba") is not None


@cache
def compiled(entry: FunctionType) -> Any:
    """The same function, compiled at its first call or read from the disk; runs without Python's lock.

    Its file is named by everything that it calls, since numba itself looks only at the file of the entry.
    """
    import numba

    made: dict[FunctionType, Any] = {}
    for function in _called(entry)[:-1]:
        made[function] = numba.njit(**_INNER)(_twin(function, made))
    outer = _twin(entry, made)
    outer.__qualname__ = f"{entry.__name__}_{_fingerprint(entry)}"
    return numba.njit(cache=True, **_OPTIONS)(outer)


def _called(function: FunctionType) -> list[FunctionType]:
    """What a function calls of this package, and itself last."""
    package = __name__.rpartition(".")[0]
    found: dict[FunctionType, None] = {}
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, FunctionType) and value.__module__.startswith(package):
            found.update(dict.fromkeys(_called(value)))
    return [*found, function]


def _twin(function: FunctionType, made: dict[FunctionType, Any]) -> FunctionType:
    """The same code, calling the compiled ones."""
    names = {
        name: made.get(value, value) if isinstance(value, FunctionType) else value
        for name, value in function.__globals__.items()
    }
    twin = FunctionType(function.__code__, names, function.__name__, function.__defaults__)
    twin.__module__ = function.__module__
    return twin


def _fingerprint(entry: FunctionType) -> str:
    text = hashlib.sha256()
    for function in _called(entry):
        code = function.__code__
        figures = [function.__globals__.get(name) for name in code.co_names]
        constants = [value for value in figures if isinstance(value, int | float)]
        text.update(repr((code.co_name, code.co_code, code.co_consts, code.co_names, constants)).encode())
    return text.hexdigest()[:12]
