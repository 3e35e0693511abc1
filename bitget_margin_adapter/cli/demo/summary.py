"""What was played, as key figures and as the content of a report."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from ...report.content import Column, Figure, Level, Line, Mark, Panel, Report, Span, Table
from ..figures import exact_text, moment, money, percent
from .account import Snapshot
from .books import Book, steps
from .play import Played

__all__ = ["Summary", "report_of", "summary_of"]

ZERO = Decimal(0)
# Events that open a position, and the position.
_OPENS: dict[str, Literal["long", "short"]] = {"long": "long", "short": "short"}
_LONG = {"what happened"}


class Summary(NamedTuple):
    """Fees and interest are values in USDT: fees at the fill's price, interest at the price of its hour."""

    start: Decimal
    final: Decimal
    market: Decimal
    drawdown: Decimal
    fees: Decimal
    interest: Decimal
    risk: Decimal
    trips: int

    @property
    def gain(self) -> Decimal:
        return self.final / self.start - 1


def summary_of(played: Played) -> Summary:
    equities = [hour.equity for hour in played.hours]
    peak, drawdown = equities[0], ZERO
    for equity in equities:
        peak = max(peak, equity)
        drawdown = max(drawdown, 1 - equity / peak)
    prices = {int(row[0]): row[1] for row in played.candles}
    fees = (row["fee"]["cost"] * (1 if _in_dollars(row["fee"]) else row["price"]) for row in played.fills)
    interest = (row["interest"] * (1 if _in_dollars(row) else prices[row["timestamp"]]) for row in played.interest)
    return Summary(
        start=equities[0],
        final=played.turns[-1].equity,
        market=played.candles[-1][4] / played.candles[0][1] - 1,
        drawdown=drawdown,
        fees=sum(fees, ZERO),
        interest=sum(interest, ZERO),
        risk=max(*(hour.risk for hour in played.hours), *(turn.risk for turn in played.turns)),
        trips=sum(turn.event in _OPENS for turn in played.turns),
    )


def report_of(played: Played, books: Sequence[Book], statement: Sequence[str]) -> Report:
    summary = summary_of(played)
    first, last = played.candles[0][0], played.hours[-1].ms
    hours = played.hours
    return Report(
        title="A margin bot in the crash of May 2021",
        summary=(
            f"ETH/USDT, hourly candles, {moment(first)} to {moment(last)} UTC. A breakout bot on a paper cross margin "
            "account: long on borrowed USDT, short on borrowed ETH, all by ccxt's unified calls."
        ),
        statement=statement,
        figures=_figures(summary),
        symbol="ETH/USDT",
        candles=played.candles,
        marks=_marks(played),
        spans=_spans(played.turns, last),
        times=[hour.ms for hour in hours],
        panels=(
            Panel("Equity, USDT", (Line("equity", [hour.equity for hour in hours], "blue"),)),
            Panel(
                "Debt, USDT",
                (
                    Line("USDT owed", [hour.debts["USDT"] for hour in hours], "orange", filled=True),
                    Line("ETH owed", [hour.debts["ETH"] for hour in hours], "violet", filled=True),
                ),
            ),
            Panel(
                "Risk rate",
                (Line("risk rate", [hour.risk for hour in hours], "blue"),),
                (Level(Decimal("0.8"), "warning 0.8", "orange"), Level(Decimal(1), "liquidation 1.0", "red")),
                ".4f",
            ),
        ),
        tables=_tables(played, books),
        footer="Written by bitget-margin demo.",
    )


def _in_dollars(row: Mapping[str, Any]) -> bool:
    return bool(row["currency"] == "USDT")


def _figures(summary: Summary) -> tuple[Figure, ...]:
    return (
        Figure(
            "Final equity", f"{money(summary.final)} USDT", f"from {money(summary.start)}",
            "good" if summary.gain > 0 else "bad",
        ),
        Figure("Result", percent(summary.gain), "in 26 days, after fees and interest"),
        Figure("ETH meanwhile", percent(summary.market), "just held"),
        Figure("Largest drawdown", percent(-summary.drawdown), "of the equity, hour by hour"),
        Figure("Highest risk rate", f"{summary.risk:.3f}", "liquidation begins at 1"),
        Figure("Fees", f"{money(summary.fees)} USDT", "taken from what was received"),
        Figure("Interest", f"{money(summary.interest)} USDT", "charged every hour"),
        Figure("Positions", str(summary.trips), "each with a loan, repaid at the end"),
    )  # fmt: skip


def _marks(played: Played) -> list[Mark]:
    turns = {turn.ms: turn.event for turn in played.turns if turn.event != "crash"}
    marks = []
    for row in played.fills:
        event = "take profit" if row["type"] == "limit" else turns.get(row["timestamp"], "")
        text = f"{event}: {row['side']} {exact_text(row['amount'])} at {exact_text(row['price'])}"
        marks.append(Mark(row["timestamp"], row["price"], row["side"], text))
    return marks


def _spans(turns: Sequence[Snapshot], end: int) -> list[Span]:
    spans, opened = [], None
    for turn in turns:
        if turn.event in _OPENS:
            opened = turn
        elif turn.event != "crash" and opened is not None:
            spans.append(Span(opened.ms, turn.ms, _OPENS[opened.event]))
            opened = None
    if opened is not None:
        spans.append(Span(opened.ms, end, _OPENS[opened.event]))
    return spans


def _columns(text: str, numeric: str) -> tuple[Column, ...]:
    """Names, separated by commas."""
    return (
        *(Column(name.strip(), "long" if name.strip() in _LONG else "word") for name in text.split(",")),
        *(Column(name.strip()) for name in numeric.split(",")),
    )


def _perhaps(row: Mapping[str, Any], name: str) -> str:
    """Repayments say it, loans do not."""
    return exact_text(row[name]) if name in row else "-"


def _tables(played: Played, books: Sequence[Book]) -> tuple[Table, ...]:
    equity = sum((book.value for book in books), ZERO)
    return (
        Table(
            "How the equity follows",
            _columns("step", ", ".join(book.code for book in books)),
            steps(books),
            f"Together {exact_text(equity)} USDT, to the last digit what the account says. Received and given are the "
            "sums of all fills; loans and repayments move nothing but the debt.",
        ),
        Table(
            "Turning points",
            _columns("time (UTC), event, what happened", "price, equity USDT, risk rate"),
            [
                (moment(turn.ms), turn.event, turn.text, money(turn.price), money(turn.equity), f"{turn.risk:.4f}")
                for turn in played.turns
            ],
        ),
        Table(
            "Fills",
            _columns("time (UTC), side, type", "price, amount ETH, cost USDT, fee, fee in"),
            [
                (
                    moment(row["timestamp"]), row["side"], row["type"],
                    *map(exact_text, (row["price"], row["amount"], row["cost"], row["fee"]["cost"])),
                    row["fee"]["currency"],
                )
                for row in played.fills
            ],
        ),
        Table(
            "Loans and repayments",
            _columns("time (UTC), what, coin", "amount, principal, interest"),
            [
                (
                    moment(row["timestamp"]), row["type"], row["currency"], exact_text(row["amount"]),
                    _perhaps(row, "principal"), _perhaps(row, "interest"),
                )
                for row in sorted(
                    (*played.loans, *played.repayments), key=lambda row: (row["timestamp"], row["id"])
                )
            ],
        ),
        Table(
            f"Interest, all {len(played.interest)} charges",
            _columns("time (UTC), coin", "rate per day, interest"),
            [
                (
                    moment(row["timestamp"]), row["currency"], exact_text(row["interestRate"]),
                    exact_text(row["interest"]),
                )
                for row in played.interest
            ],
            "One charge when a loan is taken, then one at every full hour: principal x daily rate / 24, rounded up to "
            "8 decimals. In total "
            + " and ".join(f"{exact_text(book.interest)} {book.code}" for book in books) + ".",
            folded=True,
        ),
    )  # fmt: skip
