"""The diagram of the layers, walked over the imports so that it cannot rot."""

import ast
from pathlib import Path

import pytest

import bitget_margin_adapter

ROOT = Path(bitget_margin_adapter.__file__).parent
PACKAGE = ROOT.name

# A part may import the parts named here, and itself. Longest name wins: venue.service is not venue.
LAYERS: dict[str, set[str]] = {
    "model": set(),
    "wire": {"model"},
    "engine": {"model"},
    "flows": {"model", "wire"},
    # The conversation on a connection, from both ends; healing reads by flows.
    "stream": {"model", "wire", "flows"},
    "venue": {"model", "wire", "engine", "stream"},
    "candles": {"model"},
    "collector": set(),
    "paper": {"model", "wire", "engine", "venue", "flows", "stream", "candles"},
    "exchange": {"model", "wire", "flows", "stream", "paper"},
    "registration": {"exchange"},
    "emulator": {"model", "wire", "engine", "venue", "paper"},
    "pytest_plugin": {"emulator", "exchange"},
    # Plain data in, one HTML page out.
    "report": set(),
    "backtest": {"model", "wire", "engine", "venue", "flows", "exchange", "paper", "candles", "report", "collector"},
    "cli": {
        "",
        "model",
        "wire",
        "venue",
        "exchange",
        "paper",
        "backtest",
        "candles",
        "collector",
        "registration",
        "emulator",
        "report",
    },
    "__main__": {"cli"},
    "": {"backtest", "exchange", "registration", "emulator", "stream"},
}

# What makes the same call give another answer tomorrow, or reaches beyond the process.
_WORLD = {
    "aiohttp", "asyncio", "ccxt", "http", "os", "pandas", "random", "requests", "secrets", "selectors", "socket",
    "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib.request", "uuid", "websocket",
}  # fmt: skip
PURE = ("model", "wire", "engine", "flows", "stream", "venue")
# Doors of pure parts, each a module of its own.
EDGES = {
    "engine.store",
    "stream.clock",
    "stream.connection",
    "stream.shared",
    "stream.threaded",
    "venue.http",
    "venue.pages",
    "venue.ws",
}
# Pure code may name ccxt's exceptions where it speaks ccxt's language.
ALLOWED = {"flows": {"ccxt.base", "ccxt.base.errors"}}


def modules() -> dict[str, Path]:
    found = {}
    for path in ROOT.rglob("*.py"):
        parts = list(path.relative_to(ROOT).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        found[".".join(parts)] = path
    return found


def imports(name: str, path: Path) -> list[tuple[str, bool]]:
    """What a module imports: full names, and whether it is of this package."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    package = [part for part in package if part]
    found: list[tuple[str, bool]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, False) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                base = package[: len(package) - (node.level - 1)]
                target = ".".join([*base, *([node.module] if node.module else [])])
                if node.module is None:
                    found += [(".".join([*base, alias.name]), True) for alias in node.names]
                else:
                    found.append((target, True))
            else:
                found.append((node.module or "", False))
    return [
        (text.removeprefix(PACKAGE).lstrip("."), True) if text.split(".")[0] == PACKAGE else (text, own)
        for text, own in found
    ]


def layer_of(name: str) -> str:
    return next(
        (part for part in sorted(LAYERS, key=len, reverse=True) if name == part or name.startswith(f"{part}.")), ""
    )


@pytest.mark.parametrize("name", sorted(modules()))
def test_imports_go_downward(name: str) -> None:
    layer = layer_of(name)
    allowed = LAYERS[layer]
    for target, own in imports(name, modules()[name]):
        if not own or layer_of(target) == layer:
            continue
        fits = layer_of(target) in allowed or any(
            target == item or target.startswith(f"{item}.") for item in allowed if item
        )
        assert fits, f"{name} ({layer or 'the package'}) imports {target}; it may import {sorted(allowed)}"


@pytest.mark.parametrize("name", sorted(name for name in modules() if layer_of(name) in PURE and name not in EDGES))
def test_pure_layers_do_not_touch_the_world(name: str) -> None:
    allowed = ALLOWED.get(layer_of(name), set())
    for target, own in imports(name, modules()[name]):
        touches = target in _WORLD or any(target.startswith(f"{word}.") for word in _WORLD)
        assert own or not touches or target in allowed, f"{name} imports {target}"


def test_every_part_is_in_the_diagram() -> None:
    parts = {name.split(".")[0] for name in modules()}
    assert parts <= set(LAYERS), "a folder that the table of layers does not know"


def test_the_checks_see_a_wrong_import(tmp_path: Path) -> None:
    """Both tests above read the imports by this function; it must find each form of them."""
    path = tmp_path / "sample.py"
    path.write_text(
        "import time\nfrom ..wire import codes\nfrom . import other\nfrom .deep.er import x\n"
        f"from {PACKAGE}.flows import y\ndef f():\n    import socket\n"
    )
    assert imports("engine.sample", path) == [
        ("time", False), ("wire", True), ("engine.other", True), ("engine.deep.er", True), ("flows", True),
        ("socket", False),
    ]  # fmt: skip
