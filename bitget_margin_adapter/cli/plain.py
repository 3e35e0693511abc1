"""Tables as plain text: aligned columns for people, one row a line for grep."""

import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

__all__ = ["aligned", "terminal_width"]

_GAP = "  "
# A narrower last column is no longer readable, so it may as well run over.
_NARROWEST = 24


def terminal_width() -> int | None:
    """Columns of the terminal that stdout is; None when it is a file or a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def aligned(columns: Sequence[str], rows: Iterable[Sequence[str]], width: int | None = None) -> str:
    """A head line and the rows. With a width the last column is wrapped to fit into it, else it runs on."""
    lines = [tuple(columns), *(tuple(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns) - 1)]
    indent = sum(widths) + len(_GAP) * len(widths)
    room = max(width - indent, _NARROWEST) if width else None
    written = []
    for line in lines:
        head = _GAP.join([*(text.ljust(size) for text, size in zip(line, widths, strict=False)), ""])
        parts = textwrap.wrap(line[-1], room) if room else [line[-1]]
        written += [(head + (parts[0] if parts else "")).rstrip(), *(" " * indent + part for part in parts[1:])]
    return "\n".join(written)
