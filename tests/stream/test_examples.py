"""The examples run as they stand and print every trade of theirs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.parametrize("name", ["watch_trades_sync.py", "watch_trades_asyncio.py"])
def test_examples_print_their_trades(name: str) -> None:
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(EXAMPLES / name)], capture_output=True, text=True, timeout=300, cwd=EXAMPLES.parent,
        env={"PYTHONPATH": str(EXAMPLES.parent)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    prices = re.findall(r"^TRADE .* at ([\d.]+), fee", done.stdout, re.MULTILINE)
    assert prices == ["29900.0", "29800.0", "29800.0"]
