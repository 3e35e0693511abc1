"""The demonstration from beginning to end: paper account, bot, tables, report."""

from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ... import bitgetmargin
from ...report.page import write
from ..figures import moment, money, percent
from .account import Hour
from .books import Book, books
from .bot import BreakoutBot
from .play import Played, play
from .screen import console_of, print_accounts, print_snapshot, print_start
from .summary import report_of, summary_of

__all__ = ["CANDLES", "FUNDS", "run", "show"]

CANDLES = Path(__file__).parents[1] / "data" / "ETHUSDT-1h-2021-05.csv.gz"
FUNDS = {"USDT": "10000"}
# Candles in the file, for the progress bar.
_HOURS = 624

STATEMENT = (
    "A demonstration of borrowing, trading and repaying through ccxt's calls. It is no advice: the month was chosen "
    "for its crash, and what a rule earned in one month says nothing about the next.",
    "A paper venue in this process: no key, no network, no order book. Market orders fill at the open of the next "
    "candle, without slippage; limit orders fill at their price when the candle touches it.",
    "The candles are public hourly figures of a spot market. Fees, borrow rates and risk limits are the paper venue's "
    "own, from the documentation and from assumptions. Nothing was verified against Bitget.",
)


def run(console: Console) -> tuple[Played, list[Book]]:
    """Plays it, printing as it goes."""
    exchange = bitgetmargin(
        {
            "options": {
                "paper": {"account": None, "funds": FUNDS, "candles": {"ETH/USDT": str(CANDLES)}, "clock": "virtual"}
            }
        }
    )
    print_start(console, STATEMENT)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("hours"))
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task("playing", total=_HOURS)

        def hour(now: Hour) -> None:
            progress.update(task, advance=1, description=f"{moment(now.ms)}  {money(now.equity)} USDT")

        played = play(exchange, BreakoutBot(), lambda snapshot: print_snapshot(console, snapshot), hour)
    prices = {coin.code: coin.price for coin in played.turns[-1].coins}
    funds = {code: Decimal(text) for code, text in FUNDS.items()}
    return played, books(funds, prices, played.fills, played.interest)


def show(path: Path) -> None:
    """All of it, on the screen and in a report at `path`."""
    console = console_of()
    played, accounts = run(console)
    print_accounts(console, played, accounts)
    summary = summary_of(played)
    console.print(
        f"\n{money(summary.start)} USDT became {money(summary.final)} ({percent(summary.gain)}), while ETH moved "
        f"{percent(summary.market)}. Fees {money(summary.fees)}, interest {money(summary.interest)}, largest drawdown "
        f"{percent(-summary.drawdown)}, highest risk rate {summary.risk:.4f}. Paper only, and no advice.",
        markup=False,
    )
    write(path, report_of(played, accounts, STATEMENT))
    console.print(f"The report: {path.resolve()}", markup=False, soft_wrap=True)
