"""Run a strategy over a grid of its class attributes."""

import argparse
import json
from typing import Any

from . import Trouble
from .backtest import candles_of, funds_of, settings_of, shared_arguments, value_of

__all__ = ["SUMMARY", "arguments", "grid_of", "run"]

SUMMARY = "runs a strategy over a grid of class attributes, on all cores or on a Dask cluster"

_SHOWN = ("total_return", "sharpe", "max_drawdown", "trades", "win_rate", "interest_paid")
_BEST = 10


def arguments(parser: argparse.ArgumentParser) -> None:
    shared_arguments(parser)
    parser.add_argument(
        "--grid", metavar="NAME=V1,V2,...", nargs="+", action="extend", required=True,
        help="a class attribute and its values, or config.NAME for a setting; may be given several times",
    )  # fmt: skip
    parser.add_argument("--workers", type=int, metavar="N", help="processes on this machine; all cores when left out")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="a Dask cluster instead, such as tcp://10.0.0.1:8786")
    parser.add_argument("--folder", help="keeps finished points as they come; a second run plays only the rest")
    parser.add_argument("--by", default="total_return", metavar="STATISTIC", help="what the best is the best by")
    parser.add_argument("--table", metavar="FILE.csv", help="write one row for each point")
    parser.add_argument("--heat-map", metavar="FILE.html", help="write the first two names of the grid as a heat map")
    parser.add_argument("--json", action="store_true", help="print all rows as JSON")


def run(args: argparse.Namespace) -> int:
    """1 when every point failed."""
    from ...backtest import sweep

    strategy, config = settings_of(args)
    try:
        made = sweep(
            strategy, candles_of(args.candles), grid_of(args.grid), funds=funds_of(args.funds),
            margin_mode=args.margin_mode, config=config, rules=args.rules, scheduler=args.scheduler,
            workers=args.workers, folder=args.folder,
        )  # fmt: skip
        ranked = made.ranked(args.by)
        if args.table:
            made.table.to_csv(args.table, index=False)
        if args.heat_map and len(ranked):
            made.heat_map(args.heat_map, by=args.by)
        if args.folder:
            made.save(args.folder)
    except (RuntimeError, ValueError) as problem:
        raise Trouble(str(problem)) from None
    if args.json:
        print(json.dumps(made.table.to_dict("records"), default=str, indent=1))
    else:
        _print(made, ranked, args)
    return 0 if len(ranked) else 1


def _print(made: Any, ranked: Any, args: argparse.Namespace) -> None:
    failed = made.failed
    print(f"{len(made.table)} points, {made.played} played now, {len(failed)} failed")
    if len(ranked):
        shown = dict.fromkeys((*made.grid.names, args.by, *(name for name in _SHOWN if name in ranked.columns)))
        print(f"the best by {args.by}:")
        print(ranked[list(shown)].head(_BEST).to_string(index=False, float_format=lambda value: f"{value:,.4f}"))
    if len(failed):
        row = failed.iloc[0]
        print(f"failed, for instance {', '.join(f'{name}={row[name]}' for name in made.grid.names)}: {row['error']}")
    for path in (args.table, args.heat_map if len(ranked) else None, args.folder):
        if path:
            print(f"written: {path}")


def grid_of(words: list[str]) -> dict[str, list[Any]]:
    """Values are read as JSON, those that are none as texts: fast=5,10 and minimal_roi={"0":0.1},{"0":0.2}."""
    grid: dict[str, list[Any]] = {}
    for word in words:
        name, equals, values = word.partition("=")
        if not equals or not values:
            raise Trouble(f"--grid {word}: write NAME=V1,V2,..., such as fast=5,10,20")
        if name in grid:
            raise Trouble(f"--grid {word}: {name} is there already; write all its values after one =")
        try:
            grid[name] = json.loads(f"[{values}]")
        except ValueError:
            grid[name] = [value_of(value) for value in values.split(",")]
    return grid
