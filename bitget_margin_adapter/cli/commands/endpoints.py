"""Print the table of endpoints."""

import argparse
import json
from dataclasses import asdict

from ...wire.endpoints import ENDPOINTS, Endpoint, Param
from ...wire.v2 import ENDPOINTS_V2
from ..plain import aligned, terminal_width

__all__ = ["SUMMARY", "arguments", "run"]

SUMMARY = "every endpoint: method, path, limit and parameters"

_TABLES = {"v1": ENDPOINTS, "v2": ENDPOINTS_V2}

_COLUMNS = ("name", "method", "path", "limit", "permission", "parameters (* required)")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="all fields of the table, as a list of objects")
    parser.add_argument(
        "--dialect", choices=tuple(_TABLES), default="v1", help="v2: the same endpoints as API v2 has them"
    )


def run(args: argparse.Namespace) -> int:
    table = _TABLES[args.dialect]
    if args.json:
        print(json.dumps([asdict(row) for row in table.values()], indent=2))
    else:
        print(aligned(_COLUMNS, map(_line, table.values()), terminal_width()))
    return 0


def _line(row: Endpoint) -> tuple[str, ...]:
    parameters = " ".join(map(_parameter, row.params)) or "-"
    return row.name, row.method, row.path, f"{row.rate}/s per {row.scope}", row.permission, parameters


def _parameter(param: Param) -> str:
    return param.name + ("*" if param.required else "")
