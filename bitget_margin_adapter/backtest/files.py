"""A bot in a file: the class or function in it, or the file itself as a script."""

import ast
import importlib.util
import inspect
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

from .errors import StrategyError

__all__ = ["load_bot", "load_class"]

_METHODS = {"populate_entry_trend", "populate_buy_trend", "on_candle", "on_start", "on_end"}


def load_bot(path: Path, name: str | None = None) -> Any:
    """The strategy or bot class of a file, its function `bot`, or the path when it is a script to be run as it is."""
    if not path.exists():
        raise StrategyError(f"{path}: there is no such file")
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    except SyntaxError as problem:
        raise StrategyError(f"{path}, line {problem.lineno}: {problem.msg}") from problem
    classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef) and _fits(node)]
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and _is_bot(node)]
    if name is not None:
        if name not in classes and name not in functions:
            raise StrategyError(f"{path}: there is no bot called {name}; there are {', '.join(classes + functions)}")
        return getattr(_load(path), name)
    if len(classes) > 1:
        raise StrategyError(f"{path}: it holds {', '.join(classes)}; say which one with config['strategy']")
    if classes:
        return getattr(_load(path), classes[0])
    if functions and not _runs(tree):
        return getattr(_load(path), functions[0])
    return path


def load_class(path: Path, name: str | None = None) -> Any:
    """As `load_bot`, for callers that cannot run scripts."""
    found = load_bot(path, name)
    if isinstance(found, Path):
        raise StrategyError(f"{path}: it holds no bot class; a grid needs class attributes to set")
    return found


def _fits(node: ast.ClassDef) -> bool:
    return any(isinstance(part, ast.FunctionDef) and part.name in _METHODS for part in node.body)


def _is_bot(node: ast.FunctionDef) -> bool:
    return node.name == "bot" or [argument.arg for argument in node.args.args] == ["exchange", "symbol", "candle"]


def _runs(tree: ast.Module) -> bool:
    """Whether the file does something by itself when it is run."""
    return any(
        isinstance(node, ast.While | ast.For | ast.Expr | ast.If) and not _is_docstring(node) for node in tree.body
    )


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _load(path: Path) -> Any:
    from .signals.shim import install

    install()
    place = str(path.resolve().parent)
    loader = _AsWritten(path.stem, str(path))
    spec = importlib.util.spec_from_file_location(path.stem, path, loader=loader)
    if spec is None:
        raise StrategyError(f"{path}: Python cannot load it; strategies are .py files")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    sys.path.insert(0, place)
    try:
        loader.exec_module(module)
    except Exception as problem:
        line = next((frame.lineno for frame in reversed(inspect.trace()) if frame.filename == str(path)), None)
        where = f"{path}, line {line}" if line else str(path)
        raise StrategyError(f"{where}: {type(problem).__name__}: {problem}") from problem
    finally:
        sys.path.remove(place)
    return module


class _AsWritten(SourceFileLoader):
    """Reads the file itself, never bytecode kept of it.

    Bytecode counts as new while size and second of the file stay: who changes one digit and runs again would get the
    strategy of before.
    """

    def path_stats(self, path: str) -> Any:
        raise OSError("no bytecode is wanted")
