"""What the demonstration prints: the account at each turning point, and everything that can be added up at the end."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..figures import amount, day, exact_text, moment, money
from .account import Snapshot
from .books import Book, steps
from .play import Played

__all__ = ["console_of", "print_accounts", "print_snapshot", "print_start"]

_COLOURS = {"long": "green", "short": "magenta", "profit": "cyan", "stop": "yellow", "crash": "red", "end": "blue"}
# Wide enough for every row of figures: what goes to a file or a pipe is not to be folded.
_FILE_WIDTH = 120


def console_of() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_FILE_WIDTH)


def print_start(console: Console, statement: Sequence[str]) -> None:
    console.rule("bitget-margin demo")
    points = Table.grid(padding=(0, 1))
    for sentence in statement:
        points.add_row("*", Text(sentence))
    console.print(points)


def print_snapshot(console: Console, now: Snapshot) -> None:
    colour = _COLOURS.get(now.event, "white")
    console.print()
    console.rule(f"[{colour}]{moment(now.ms)} UTC  {now.event}[/]", align="left", style=colour)
    console.print(now.text + ".", markup=False)
    console.print(
        f"price [bold]{money(now.price)}[/]   equity [bold]{money(now.equity)} USDT[/]   "
        f"risk rate [bold]{now.risk:.4f}[/] (liquidation at 1)"
    )
    console.print(
        _table(
            "account",
            ("coin", "free", "in orders", "owed", "worth USDT", "interest\nso far", "of it paid"),
            [
                (
                    coin.code, amount(coin.free), amount(coin.used), amount(coin.debt), money(coin.value),
                    amount(coin.charged, 8), amount(coin.paid, 8),
                )
                for coin in now.coins
            ],
            text=1,
        )
    )  # fmt: skip
    if now.orders:
        console.print(
            _table(
                "orders, open and ended",
                ("placed", "side", "type", "status", "price", "amount", "filled", "average"),
                [_order(row) for row in now.orders],
                text=4,
            )
        )
    if now.loans or now.repayments:
        console.print(_loans("loans", [*now.loans, *now.repayments]))


def print_accounts(console: Console, played: Played, books: Sequence[Book]) -> None:
    """All fills, loans, repayments and interest, exact, and how the equity follows from them."""
    console.print()
    console.rule("the whole account, to the last digit")
    console.print(
        _table(
            "fills",
            ("time (UTC)", "side", "type", "price", "amount", "cost USDT", "fee", "in"),
            [
                (
                    day(row["timestamp"]), row["side"], row["type"],
                    *map(exact_text, (row["price"], row["amount"], row["cost"], row["fee"]["cost"])),
                    row["fee"]["currency"],
                )
                for row in played.fills
            ],
            text=3,
        )
    )  # fmt: skip
    records = sorted((*played.loans, *played.repayments), key=lambda row: (row["timestamp"], row["id"]))
    console.print(_loans("loans and repayments", records))
    console.print(
        _table(
            "interest in total",
            ("coin", "charges", "interest"),
            [
                (
                    book.code,
                    str(sum(row["currency"] == book.code for row in played.interest)),
                    exact_text(book.interest),
                )
                for book in books
            ],
            text=1,
        )
    )
    console.print(_table("how the equity follows", ("step", *(book.code for book in books)), steps(books), text=1))
    equity = sum((book.value for book in books), Decimal(0))
    account = played.turns[-1].equity
    console.print(f"\nfinal equity [bold]{exact_text(equity)} USDT[/]; the account says {exact_text(account)} USDT,")
    console.print(
        "the same to the last digit: loans and repayments move nothing but the debt."
        if equity == account
        else "[bold red]which is not the same: please report this.[/]"
    )


def _order(row: dict[str, Any]) -> tuple[str, ...]:
    def number(name: str) -> str:
        return "-" if row[name] is None else exact_text(row[name])

    return (
        day(row["timestamp"]), row["side"], row["type"], row["status"], number("price"), number("amount"),
        number("filled"), number("average"),
    )  # fmt: skip


def _loans(title: str, rows: Iterable[dict[str, Any]]) -> Table:
    def number(row: dict[str, Any], name: str) -> str:
        return exact_text(row[name]) if name in row else "-"

    return _table(
        title,
        ("time (UTC)", "what", "coin", "amount", "principal", "interest"),
        [
            (
                day(row["timestamp"]), row["type"], row["currency"], number(row, "amount"),
                number(row, "principal"), number(row, "interest"),
            )
            for row in rows
        ],
        text=3,
    )  # fmt: skip


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], text: int) -> Table:
    """The first `text` columns hold words, the others numbers."""
    table = Table(
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        collapse_padding=True,
    )
    for place, name in enumerate(columns):
        # A number that does not fit is folded, never cut off.
        table.add_column(name, justify="left" if place < text else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    table.title = f"\n{title}"
    return table
