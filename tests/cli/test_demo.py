"""`bitget-margin demo`: run once, and its books added up again from what it printed, by nothing that it uses itself."""

import contextlib
import gzip
import io
import math
import re
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from bitget_margin_adapter.cli.demo import show
from bitget_margin_adapter.cli.demo.books import Book
from bitget_margin_adapter.cli.demo.play import Played
from bitget_margin_adapter.cli.main import main

FUNDS = Fraction(10000)
FEE = Fraction("0.001")
RATES = {"USDT": Fraction("0.000126279"), "ETH": Fraction("0.0001")}
# The order of what happens: each position, and the two hours of the crash.
EVENTS = (
    "long stop short profit short crash profit crash short stop long stop short stop long end".split()
)  # fmt: skip
HOUR = 3600


class Demo(NamedTuple):
    code: int
    text: str
    report: Path
    played: Played
    books: list[Book]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    report = tmp_path_factory.mktemp("demo") / "report.html"
    kept = []
    run = show.run

    def keep(console: object) -> object:
        kept.append(run(console))  # type: ignore[arg-type]  # it is the console that show made
        return kept[-1]

    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out):
        patch.setattr(show, "run", keep)
        # Whoever runs the tests may ask for colours everywhere; the text is read here.
        for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
            patch.delenv(name, raising=False)
        code = main(["demo", "--report", str(report)])
    return Demo(code, out.getvalue(), report, *kept[0])


def section(demo: Demo, title: str) -> list[list[str]]:
    """The rows of one of the tables at the end, as words."""
    ending = demo.text[demo.text.index("to the last digit") :]
    lines = iter(ending.splitlines())
    for line in lines:
        if line.strip() == title:
            break
    rows = []
    for line in lines:
        if not line.strip():
            break
        rows.append(line.split())
    return rows[2:]


def round_up(number: Fraction) -> Fraction:
    return Fraction(math.ceil(number * 10**8), 10**8)


def half_up(number: Fraction) -> Fraction:
    return Fraction(math.floor(number * 10**8 + Fraction(1, 2)), 10**8)


def moment(text: str) -> float:
    return datetime.strptime(f"2021-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC).timestamp()


def test_it_ends_well(demo: Demo) -> None:
    assert demo.code == 0
    assert demo.report.exists()
    assert str(demo.report) in demo.text
    assert "no advice" in demo.text
    assert "Nothing was verified against Bitget" in " ".join(demo.text.split())


def test_the_turning_points_are_printed(demo: Demo) -> None:
    assert re.findall(r"^2021-\d\d-\d\d \d\d:\d\d UTC  (\w+) ", demo.text, re.M) == EVENTS
    assert re.findall(r"^(2021-05-19 \d\d:\d\d) UTC  crash ", demo.text, re.M) == [
        "2021-05-19 13:00",
        "2021-05-19 14:00",
    ]
    points = re.split(r"^2021-\d\d-\d\d \d\d:\d\d UTC  ", demo.text, flags=re.M)[1:]
    for event, point in zip(EVENTS, points, strict=True):
        assert re.search(r"price [\d.,]+ +equity [\d.,]+ USDT +risk rate \d\.\d{4}", point)
        account = point[point.index("\naccount") :]
        assert re.search(r"^ *ETH ", account, re.M)
        assert re.search(r"^ *USDT ", account, re.M)
        if event in ("long", "short"):
            assert re.search(r" limit +open ", point), "the order that takes the profit"
            assert "manualLoan" in point
        if event in ("profit", "stop", "end"):
            assert "manualRepay" in point
    assert re.search(r" limit +canceled ", points[1])


def test_the_final_equity_follows_from_the_printed_fills_fees_and_interest(demo: Demo) -> None:
    own = {"USDT": FUNDS, "ETH": Fraction(0)}
    for _day, _time, side, _type, *figures, fee_coin in section(demo, "fills"):
        price, amount, cost, fee = map(Fraction, figures)
        assert cost == price * amount
        # The fee is a thousandth of what is received, in that coin.
        assert (fee, fee_coin) == ((half_up(amount * FEE), "ETH") if side == "buy" else (half_up(cost * FEE), "USDT"))
        own["ETH"] += amount if side == "buy" else -amount
        own["USDT"] += -cost if side == "buy" else cost
        own[fee_coin] -= fee
    for coin, _charges, interest in section(demo, "interest in total"):
        own[coin] -= Fraction(interest)
    price = Fraction("2706.15")  # the last close of the file
    equity = own["USDT"] + own["ETH"] * price
    printed = re.search(r"final equity ([\d.]+) USDT; the account says ([\d.]+) USDT", demo.text)
    assert printed is not None
    assert Fraction(printed[1]) == Fraction(printed[2]) == equity
    # And what the account itself says: no debt, and exactly these coins.
    for said in demo.played.turns[-1].coins:
        assert said.debt == 0
        assert Fraction(said.total) == own[said.code]


def test_the_interest_follows_from_the_printed_loans(demo: Demo) -> None:
    """A charge when the loan is taken, one at every full hour, each rounded up; repaid to the last digit."""
    total = dict.fromkeys(RATES, Fraction(0))
    charges = dict.fromkeys(RATES, 0)
    rows = section(demo, "loans and repayments")
    assert len(rows) == 14
    for taken, paid in zip(rows[::2], rows[1::2], strict=True):
        assert (taken[2], paid[2], taken[3]) == ("manualLoan", "manualRepay", paid[3])
        coin, principal = taken[3], Fraction(taken[4])
        hours = int((moment(f"{paid[0]} {paid[1]}") - moment(f"{taken[0]} {taken[1]}")) // HOUR)
        interest = round_up(principal * RATES[coin] / 24) * (hours + 1)
        assert [Fraction(text) for text in paid[4:]] == [principal + interest, principal, interest]
        total[coin] += interest
        charges[coin] += hours + 1
    assert {coin: (int(many), Fraction(sum_)) for coin, many, sum_ in section(demo, "interest in total")} == {
        coin: (charges[coin], total[coin]) for coin in RATES
    }


def test_the_printed_sum_is_the_one_that_was_added_up(demo: Demo) -> None:
    rows = [row[-2:] for row in section(demo, "how the equity follows")]
    for place in (0, 1):
        funds, received, given, fees, interest, own, price, worth = (Fraction(row[place]) for row in rows)
        assert own == funds + received - given - fees - interest
        assert worth == own * price


def test_equity_and_risk_of_every_hour_follow_from_what_is_owed(demo: Demo) -> None:
    hours = demo.played.hours
    assert len(hours) == len(demo.played.candles) == 624
    assert hours[0].equity == FUNDS
    assert hours[-1].equity == demo.played.turns[-1].equity
    for hour in hours:
        owed = sum(hour.debts.values(), Decimal(0))
        # A tenth of the debt must stay as equity (the first tier), and no loan was larger than the equity.
        assert float(hour.risk) == pytest.approx(float(owed / 10 / hour.equity), abs=1e-8)
        assert hour.risk < 0.13


def test_the_report_is_one_file_with_all_of_it(demo: Demo) -> None:
    page = demo.report.read_text(encoding="utf-8")
    for row in section(demo, "fills"):
        for figure in row[4:8]:
            assert f">{figure}</td>" in page
    for turn in demo.played.turns:
        assert turn.event in page
    assert page.count("<tr>") > len(demo.played.interest) + len(demo.played.fills)


@pytest.mark.parametrize("place", ["no-such-folder/report.html", "."])
def test_a_report_that_cannot_be_written_is_refused_before_the_work(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--report", str(tmp_path / place)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "--report" in said.err


def test_the_candles_are_whole_hours_and_packed_without_a_date() -> None:
    packed = show.CANDLES.read_bytes()
    assert packed[4:8] == bytes(4), "a time stamp in the archive changes it with every build"
    head, *lines = gzip.decompress(packed).decode().split()
    assert head == "timestamp,open,high,low,close,volume"
    times = [int(line.split(",")[0]) for line in lines]
    assert {late - early for early, late in pairwise(times)} == {HOUR * 1000}
    assert len(times) == 624
    assert datetime.fromtimestamp(times[0] / 1000, UTC).isoformat() == "2021-05-06T00:00:00+00:00"
    assert show.CANDLES.name in (show.CANDLES.parent / "README.md").read_text(encoding="utf-8")
