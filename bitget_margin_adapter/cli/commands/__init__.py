"""The commands: each module in this folder is one, named like it, and is found here without being listed anywhere.

A command has `SUMMARY` (one line of help), `arguments(parser)` and `run(args) -> exit code`. Its module imports nothing
heavy at its top: all of them are imported to show one of them.
"""

import argparse
import pkgutil
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, cast

__all__ = ["LATER", "Command", "Trouble", "check_report", "commands"]

LATER: Mapping[str, str] = MappingProxyType(
    {
        "backtest": "runs a strategy over candles",
        "sweep": "runs a strategy over a grid of parameters",
        "download": "fetches candles",
        "doctor": "checks keys, clock, permissions and hosts",
        "record": "records your own cassettes, with secrets scrubbed",
    }
)
"""Commands of later releases, and what they will do. A module of that name makes it a command of this one."""


class Trouble(Exception):
    """What keeps a command from doing its work, in one sentence that says what to do. The program ends with 2."""


class Command(Protocol):
    SUMMARY: str

    def arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, args: argparse.Namespace) -> int: ...


def check_report(report: Path, *needed: str) -> None:
    """Raises Trouble, before the work, when a report cannot be written there or what is needed is not installed."""
    missing = [name for name in ("plotly", *needed) if find_spec(name) is None]
    if missing:
        raise Trouble(
            f"it needs {' and '.join(missing)}; install the extra: pip install 'bitget_margin_adapter[backtest]', "
            "or in a clone pip install '.[backtest]'."
        )
    if report.is_dir():
        raise Trouble(f"{report} is a folder; name a file with --report.")
    if not report.parent.is_dir():
        raise Trouble(f"there is no folder {report.parent}; make it, or name another file with --report.")


def commands() -> dict[str, Command]:
    """All commands of this release by name."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    # a test holds every module here to the protocol
    return {name: cast(Command, import_module(f"{__name__}.{name}")) for name in names}
