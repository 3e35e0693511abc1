"""Run a strategy over candles."""

import argparse
import json
from pathlib import Path
from typing import Any

from . import Trouble, check_report

__all__ = ["SUMMARY", "arguments", "candles_of", "funds_of", "run", "settings_of", "shared_arguments", "value_of"]

SUMMARY = "runs a strategy over candles: a ccxt bot, a live script, or a freqtrade-style strategy"

_SHOWN = (
    "bars", "start", "end", "start_equity", "final_equity", "total_return", "cagr", "sharpe", "sortino",
    "max_drawdown", "trades", "win_rate", "profit_factor", "fees_paid", "interest_paid", "peak_risk_rate",
    "liquidations",
)  # fmt: skip


def arguments(parser: argparse.ArgumentParser) -> None:
    shared_arguments(parser)
    parser.add_argument("--report", metavar="FILE", help="write the report as one HTML page")
    parser.add_argument("--save", metavar="FOLDER", help="write trades, orders, equity, loans and interest as files")
    parser.add_argument("--json", action="store_true", help="print the statistics as JSON")


def shared_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("strategy", metavar="STRATEGY", help="a .py file; FILE.py:Name when it holds several")
    parser.add_argument(
        "--candles", metavar="FILE[=SYMBOL]", action="append", required=True,
        help="CSV, Parquet, Feather, freqtrade's JSON, or a folder of them; may be given several times",
    )  # fmt: skip
    parser.add_argument("--funds", default="USDT=10000", metavar="COIN=AMOUNT,...")
    parser.add_argument("--margin-mode", choices=("cross", "isolated"), default="cross")
    parser.add_argument("--rules", choices=("venue", "freqtrade"), default="venue")
    parser.add_argument("--config", metavar="FILE", help="JSON with settings, freqtrade's keys among them")
    parser.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], help="one setting, such as stake_amount=1000"
    )


def run(args: argparse.Namespace) -> int:
    from ...backtest import run as play
    from ...backtest.errors import BacktestError

    if args.report:
        check_report(Path(args.report))
    strategy, config = settings_of(args)
    failed: BacktestError | None = None
    try:
        result = play(
            strategy, candles_of(args.candles), funds=funds_of(args.funds), margin_mode=args.margin_mode, config=config,
            rules=args.rules,
        )  # fmt: skip
    except BacktestError as problem:
        failed, result = problem, problem.result
    except ValueError as problem:
        raise Trouble(str(problem)) from None
    if result is not None:
        if args.json:
            print(json.dumps(result.stats, default=str, indent=2))
        else:
            print("\n".join(f"{name.replace('_', ' '):<16} {_text(result.stats[name])}" for name in _SHOWN))
        if args.report:
            print(f"report: {result.report(args.report)}")
        if args.save:
            print(f"files: {result.save(args.save)}")
    if failed is not None:
        raise Trouble(str(failed))
    return 0


def settings_of(args: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """The strategy's file, and the settings from --config and --set, where JSON values are read as such."""
    config: dict[str, Any] = {}
    if args.config:
        try:
            config |= json.loads(Path(args.config).read_text(encoding="utf-8"))
        except (OSError, ValueError) as problem:
            raise Trouble(f"--config {args.config}: {problem}") from None
    for pair in args.set:
        name, equals, value = pair.partition("=")
        if not equals:
            raise Trouble(f"--set {pair}: write KEY=VALUE")
        config[name] = value_of(value)
    path, colon, name = args.strategy.rpartition(":")
    if colon and path.endswith(".py"):
        config["strategy"] = name
        return path, config
    config.pop("strategy", None)
    return args.strategy, config


def candles_of(words: list[str]) -> Any:
    """A folder alone, or a mapping of pairs to files."""
    if len(words) == 1 and Path(words[0]).is_dir():
        return words[0]
    from ...candles import symbol_of

    found: dict[str, str] = {}
    for word in words:
        path, _, symbol = word.partition("=")
        found[symbol or symbol_of(path)] = path
    return found


def value_of(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def funds_of(text: str) -> dict[str, str]:
    funds = {}
    for pair in text.split(","):
        coin, equals, amount = pair.partition("=")
        if not equals:
            raise Trouble(f"--funds {text}: write COIN=AMOUNT, such as USDT=10000,BTC=1")
        funds[coin.strip().upper()] = amount.strip()
    return funds


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.4f}"
    return "-" if value is None else str(value)
