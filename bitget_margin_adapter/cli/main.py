"""The program: finds the command, runs it, and turns what goes wrong into one sentence and an exit code.

0: done. 1: looked for and not found. 2: wrong use, or something is missing. 130: interrupted.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from .. import __version__
from .commands import LATER, Trouble, commands

__all__ = ["main"]

PROGRAM = "bitget-margin"


def main(argv: Sequence[str] | None = None) -> int:
    """Raises SystemExit(2) for arguments that there are not, as argparse does."""
    words = list(sys.argv[1:] if argv is None else argv)
    known = commands()
    # Before parsing: whatever is written after the name, the answer is the same.
    if words and words[0] in LATER and words[0] not in known:
        return _say(words[0], f"this command comes in a later release (it {LATER[words[0]]}).")
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Bitget margin trading behind ccxt, live and on paper.",
        epilog=f"In later releases: {', '.join(name for name in LATER if name not in known)}.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="command")
    for name, command in known.items():
        command.arguments(subparsers.add_parser(name, help=command.SUMMARY, description=command.SUMMARY))
    args = parser.parse_args(words)
    if args.command is None:
        parser.print_help(sys.stderr)
        return 2
    try:
        code = known[args.command].run(args)
        sys.stdout.flush()
    except Trouble as trouble:
        return _say(args.command, str(trouble))
    except KeyboardInterrupt:
        return _say(args.command, "interrupted.", 130)
    except BrokenPipeError:
        # The reader (head, less) has seen enough. Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _say(command: str, sentence: str, code: int = 2) -> int:
    print(f"{PROGRAM} {command}: {sentence}", file=sys.stderr)
    return code
