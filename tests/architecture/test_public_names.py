"""What the package exports, pinned: bots and scripts rely on these names."""

import ast
import subprocess
import sys
from pathlib import Path

import bitget_margin_adapter as bma

PUBLIC = ["Emulator", "MarginStream", "async_support", "backtest", "bitgetmargin", "pro", "register"]


def test_exported_names() -> None:
    assert bma.__all__ == PUBLIC
    for name in PUBLIC:
        assert getattr(bma, name) is not None


def test_every_list_of_names_is_true_and_sorted() -> None:
    for path in sorted(Path(bma.__file__).parent.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
                names = ast.literal_eval(node.value)
                assert len(names) == len(set(names)), path
                defined = {
                    *(getattr(part, "name", "") for part in tree.body),
                    *(
                        name.id
                        for name in ast.walk(tree)
                        if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
                    ),
                    *(
                        alias.asname or alias.name
                        for part in tree.body
                        if isinstance(part, ast.ImportFrom)
                        for alias in part.names
                    ),
                }
                lazy = set(PUBLIC) if path.parent.name == bma.__name__ and path.name == "__init__.py" else set()
                assert set(names) <= defined | lazy, path


def test_the_package_imports_lazily() -> None:
    code = "import sys, bitget_margin_adapter; print(sorted({'ccxt', 'pandas', 'numba', 'plotly'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"
