"""A margin bot over real candles on the paper venue, printed and reported."""

import argparse
from importlib.util import find_spec
from pathlib import Path

from . import Trouble

__all__ = ["SUMMARY", "arguments", "run"]

SUMMARY = "a margin bot over real candles on the paper venue: prints what happens, writes an HTML report"

# What the extra `backtest` brings and this needs.
_NEEDED = ("plotly", "rich")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--report", metavar="FILE", type=Path, default=Path("bitget-margin-demo.html"), help="default: %(default)s"
    )


def run(args: argparse.Namespace) -> int:
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise Trouble(
            f"it needs {' and '.join(missing)}; install the extra: pip install 'bitget_margin_adapter[backtest]', "
            "or in a clone pip install '.[backtest]'."
        )
    report: Path = args.report
    # Before the work, not after it.
    if report.is_dir():
        raise Trouble(f"{report} is a folder; name a file with --report.")
    if not report.parent.is_dir():
        raise Trouble(f"there is no folder {report.parent}; make it, or name another file with --report.")
    from ..demo.show import show

    show(report)
    return 0
