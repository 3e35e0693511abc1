"""The demonstration's bot in markets made up for it: what it does, and that it remembers nothing."""

import ast
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.cli.demo import account, bot
from bitget_margin_adapter.cli.demo.account import Watcher
from bitget_margin_adapter.cli.demo.bot import BreakoutBot
from bitget_margin_adapter.exchange.description import INHERITED, camel_case
from bitget_margin_adapter.flows.catalogue import METHODS

HOUR = 3_600_000
START = 1_620_000_000_000 // HOUR * HOUR
QUIET = [100.0] * 50


def candles(closes: Sequence[float]) -> list[list[float]]:
    """Each opens where the one before closed, and reaches half a percent further."""
    opens = [closes[0], *closes[:-1]]
    return [
        [START + place * HOUR, begin, max(begin, end) * 1.005, min(begin, end) * 0.995, end, 1000.0]
        for place, (begin, end) in enumerate(zip(opens, closes, strict=True))
    ]


def paper(closes: Sequence[float]) -> Any:
    options = {
        "account": None,
        "funds": {"USDT": "10000"},
        "candles": {"ETH/USDT": candles(closes)},
        "clock": "virtual",
    }
    return bma.bitgetmargin({"options": {"paper": options}})


def trade(exchange: Any, hours: int, made: Callable[[], BreakoutBot]) -> None:
    made().on_start(exchange)
    for _ in range(hours):
        exchange.sandbox_control("clock", {"advance_ms": HOUR})
        made().on_candle(exchange, "ETH/USDT", [])


class Told(NamedTuple):
    event: str
    equity: Decimal


def told_in(closes: Sequence[float], fresh: bool = False) -> tuple[list[Told], Any]:
    """What a bot does, and what the account is worth then; `fresh` starts it anew every hour."""
    exchange = paper(closes)
    watcher = Watcher(exchange, "ETH/USDT")
    told: list[Told] = []

    def tell(event: str, text: str) -> None:
        told.append(Told(event, watcher.hour().equity))

    lasting = BreakoutBot(tell)
    trade(exchange, len(closes) - 1, (lambda: BreakoutBot(tell)) if fresh else (lambda: lasting))
    return told, exchange


def rise(start: float, end: float, steps: int) -> list[float]:
    return [start + (end - start) * (place + 1) / steps for place in range(steps)]


UP_AND_AWAY = [*QUIET, 102, *rise(102, 130, 8), *[130.0] * 3]
UP_AND_DOWN = [*QUIET, 102, 103, 102, *rise(102, 90, 4), *[90.0] * 3]
DOWN_AND_AWAY = [*QUIET, 98, *rise(98, 70, 8), *[70.0] * 3]
DOWN_AND_UP = [*QUIET, 98, 97, 98, *rise(98, 110, 4)]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize(
    ("closes", "events", "gains"),
    [
        pytest.param(QUIET, [], False, id="quiet"),
        pytest.param(UP_AND_AWAY, ["long", "profit", "long"], True, id="long-profit"),
        pytest.param(UP_AND_DOWN, ["long", "stop", "short"], False, id="long-stop"),
        pytest.param(DOWN_AND_AWAY, ["short", "profit", "short"], True, id="short-profit"),
        pytest.param(DOWN_AND_UP, ["short", "stop", "long"], False, id="short-stop"),
    ],
)
def test_what_it_does(closes: list[float], events: list[str], gains: bool, fresh: bool) -> None:
    told, exchange = told_in(closes, fresh)
    assert [row.event for row in told] == events
    if events:
        assert (told[1].equity > 10_000) is gains
    loans, repaid = exchange.fetch_borrow_history(since=START), exchange.fetch_repay_history(since=START)
    assert (len(loans), len(repaid)) == (len(events) - len(events) // 2, len(events) // 2)
    for loan, payment in zip(loans, repaid, strict=False):
        assert payment["principal"] == loan["amount"], "all of a loan is repaid at once"
        assert payment["interest"] > 0


def test_the_resting_order_of_a_short_buys_back_fee_and_interest_too() -> None:
    told, exchange = told_in(DOWN_AND_AWAY[:-4])
    assert [row.event for row in told] == ["short", "profit"]
    bought = [row for row in exchange.fetch_my_trades("ETH/USDT", START) if row["side"] == "buy"]
    assert [row["type"] for row in bought] == ["limit"], "what the order bought was not enough to repay"


def test_a_loan_is_worth_the_account_and_the_profit_a_fifth_away() -> None:
    for closes, side, away in ((UP_AND_AWAY, "sell", Decimal("1.2")), (DOWN_AND_AWAY, "buy", Decimal("0.8"))):
        _, exchange = told_in(closes[:54])
        (resting,) = exchange.fetch_open_orders("ETH/USDT")
        (entry,) = exchange.fetch_my_trades("ETH/USDT", START)
        assert (resting["side"], resting["price"]) == (side, entry["price"] * away)
        (loan,) = exchange.fetch_borrow_history(since=START)
        worth = loan["amount"] * (1 if loan["currency"] == "USDT" else entry["price"])
        assert 9990 < worth <= 10_000


def test_the_end_leaves_no_debt_and_nothing_resting() -> None:
    for closes in (UP_AND_AWAY[:54], DOWN_AND_AWAY[:54]):
        before, exchange = told_in(closes)
        assert len(before) == 1
        assert len(exchange.fetch_open_orders("ETH/USDT")) == 1
        told: list[str] = []
        BreakoutBot(lambda event, text, told=told: told.append(event)).on_end(exchange)  # type: ignore[misc]
        assert told == ["end"]
        assert not any(exchange.fetch_balance()["debt"].values())
        assert exchange.fetch_open_orders("ETH/USDT") == []
        # What is left of the coin is less than the smallest order.
        rest = exchange.fetch_balance()["total"].get("ETH", Decimal(0))
        assert rest * exchange.fetch_ticker("ETH/USDT")["last"] < 5


def test_the_end_of_a_bot_without_a_position_is_silent() -> None:
    _, exchange = told_in(QUIET)
    told: list[str] = []
    BreakoutBot(lambda event, text: told.append(event)).on_end(exchange)
    assert told == []


@pytest.mark.parametrize("module", [bot, account])
def test_it_is_made_of_unified_calls(module: Any) -> None:
    """Nothing that only the paper account has: the same code trades live."""
    unified = set(METHODS) | {"load_markets", "market", "milliseconds", "number"}
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and (getattr(node.value, "id", "") == "exchange" or getattr(node.value, "attr", "") == "exchange")
    }
    assert "fetch_balance" in used
    assert {name for name in used if name not in unified and camel_case(name) not in INHERITED} == set()
