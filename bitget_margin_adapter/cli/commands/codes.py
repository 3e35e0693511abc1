"""Print the table of error codes, or explain one."""

import argparse
import json
import sys
from typing import Any

from ...wire.codes import REST, UNLISTED, WEBSOCKET, Code, describe
from ..plain import aligned, terminal_width

__all__ = ["SUMMARY", "arguments", "run"]

SUMMARY = "every error code: ccxt exception, meaning, whether a retry helps"

_COLUMNS = ("code", "scope", "exception", "retry", "meaning")
_RETRY = {
    "no": "no, the same request can only fail again",
    "later": "later, a wait can help",
    "resync": "after measuring the clock's offset, signed anew",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", nargs="?", metavar="CODE", help="explain this one, such as 50035")
    parser.add_argument("--json", action="store_true", help="all fields of the table, as a list of objects")


def run(args: argparse.Namespace) -> int:
    """1 when the code is unknown."""
    rows = [*REST.values(), *UNLISTED.values(), *WEBSOCKET.values()]
    if args.code is not None:
        rows = [row for row in rows if row.code == args.code.strip()]
    if args.json:
        print(json.dumps([_fields(row) for row in rows], indent=2))
    elif args.code is None:
        print(aligned(_COLUMNS, map(_line, rows), terminal_width()))
    elif rows:
        print("\n\n".join(map(_explained, rows)))
    if not rows:
        raised = describe(args.code).exception
        print(f"{args.code} is not in the documentation; the adapter raises {raised} for it.", file=sys.stderr)
    return 0 if rows else 1


def _fields(row: Code) -> dict[str, Any]:
    return {
        "code": row.code,
        "scope": row.scope,
        "exception": row.exception,
        "retry": row.retry,
        "meaning": row.meaning,
        "advice": row.advice,
        "documented": _documented(row),
    }


def _line(row: Code) -> tuple[str, ...]:
    return row.code, row.scope, row.exception or "-", row.retry, row.meaning


def _explained(row: Code) -> str:
    where = {"rest": "REST", "ws": "WebSocket"}[row.scope]
    source = where if _documented(row) else f"{where}, not in the documentation of v1, but seen by its clients"
    lines = [("meaning", row.meaning)]
    if row.exception:
        lines += [("raises", f"ccxt.{row.exception}"), ("retry", _RETRY[row.retry]), ("do", row.advice)]
    return "\n".join([f"{row.code} ({source})", *(f"  {name:<8} {text}" for name, text in lines)])


def _documented(row: Code) -> bool:
    return row.scope == "ws" or row.code not in UNLISTED
