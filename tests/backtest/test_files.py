"""A strategy is what its file says now."""

import os
import sys
from pathlib import Path

import pytest

from bitget_margin_adapter.backtest.files import load_class

TEXT = """
class Mine:
    fast = 5

    def populate_entry_trend(self, dataframe, metadata):
        return dataframe
"""


def test_a_changed_digit_counts_even_within_the_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "mine.py"
    for fast in (5, 8):
        path.write_text(TEXT.replace("5", str(fast)))
        # Same size, same second: what Python's own loader takes for the same file.
        os.utime(path, (1_700_000_000, 1_700_000_000))
        assert load_class(path).fast == fast
    assert not (tmp_path / "__pycache__").exists()
