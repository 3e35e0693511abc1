"""Tables as files."""

from pathlib import Path
from typing import Any

__all__ = ["write_table"]


def write_table(table: Any, stem: Path) -> None:
    """STEM.csv, and STEM.parquet where pyarrow is there."""
    table.to_csv(stem.with_suffix(".csv"), index=False)
    try:
        import pyarrow  # noqa: F401  # pandas asks for it by itself, and says so less clearly
    except ImportError:
        return
    table.to_parquet(stem.with_suffix(".parquet"), index=False)
