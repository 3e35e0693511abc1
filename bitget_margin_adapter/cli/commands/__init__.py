"""The commands: each module in this folder is one, named like it, and is found here without being listed anywhere.

A command has `SUMMARY` (one line of help), `arguments(parser)` and `run(args) -> exit code`. Its module imports nothing
heavy at its top: all of them are imported to show one of them.
"""

import argparse
import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Protocol, cast

__all__ = ["LATER", "Command", "Trouble", "commands"]

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


def commands() -> dict[str, Command]:
    """All commands of this release by name."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    # a test holds every module here to the protocol
    return {name: cast(Command, import_module(f"{__name__}.{name}")) for name in names}
