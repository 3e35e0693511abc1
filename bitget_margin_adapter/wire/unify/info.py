"""What ccxt's `info` holds: the row as the venue sent it."""

from collections.abc import Mapping
from typing import Any

from ..render import render_row

__all__ = ["info_of"]


def info_of(row: Any, answer: str | None = None) -> Mapping[str, Any]:
    """The row's own JSON, or, for a row made in process, the JSON that the venue would send (in that answer)."""
    info: Mapping[str, Any] | None = row.info
    return render_row(row, answer) if info is None else info
