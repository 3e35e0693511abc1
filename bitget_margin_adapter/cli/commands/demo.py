"""A margin bot over real candles on the paper venue, printed and reported."""

import argparse
from pathlib import Path

from . import check_report

__all__ = ["SUMMARY", "arguments", "run"]

SUMMARY = "a margin bot over real candles on the paper venue: prints what happens, writes an HTML report"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--report", metavar="FILE", type=Path, default=Path("bitget-margin-demo.html"), help="default: %(default)s"
    )


def run(args: argparse.Namespace) -> int:
    report: Path = args.report
    check_report(report, "rich")
    from ..demo.show import show

    show(report)
    return 0
