"""ccxt's own structure validators on what the unified methods return: on paper after some trading, and on the
documentation's answers; synchronous and asyncio.

What cannot pass stands in `EXCEPTIONS`, and each of them must still fail without its exception. No value is invented
to satisfy a validator.
"""

import asyncio
import itertools
import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pytest
from ccxt.test.exchange.base.test_balance import test_balance as check_balance
from ccxt.test.exchange.base.test_borrow_interest import test_borrow_interest as check_interest
from ccxt.test.exchange.base.test_borrow_rate import test_borrow_rate as check_rate
from ccxt.test.exchange.base.test_currency import test_currency as check_currency
from ccxt.test.exchange.base.test_ledger_entry import test_ledger_entry as check_ledger
from ccxt.test.exchange.base.test_leverage_tier import test_leverage_tier as check_tier
from ccxt.test.exchange.base.test_liquidation import test_liquidation as check_liquidation
from ccxt.test.exchange.base.test_market import test_market as check_market
from ccxt.test.exchange.base.test_order import test_order as check_order
from ccxt.test.exchange.base.test_status import test_status as check_status
from ccxt.test.exchange.base.test_trade import test_trade as check_trade
from ccxt.test.exchange.base.test_trading_fee import test_trading_fee as check_fee
from ccxt.test.exchange.base.test_transfer import test_transfer as check_transfer

import bitget_margin_adapter as bma

from .test_documented_cassettes import CASES as DOCUMENTED
from .test_documented_cassettes import CONFIG, Case, prepared, replay

PAIR = "BTC/USDT"
KINDS = ("sync", "async")
Check = Callable[[Any, dict[str, bool], str, Any, int], None]


def order(exchange: Any, skip: dict[str, bool], method: str, row: Any, now: int) -> None:
    check_order(exchange, skip, method, row, PAIR, now)


def coded(check: Any) -> Check:
    return lambda exchange, skip, method, row, now: check(exchange, skip, method, row, row["currency"])


CHECKS: dict[str, Check] = {
    "fetch_markets": lambda e, skip, method, row, now: check_market(e, skip, method, row),
    "fetch_currencies": lambda e, skip, method, row, now: check_currency(e, skip, method, row),
    "fetch_status": lambda e, skip, method, row, now: check_status(e, skip, method, row, now),
    "fetch_trading_fee": lambda e, skip, method, row, now: check_fee(e, skip, method, PAIR, row),
    "fetch_balance": lambda e, skip, method, row, now: check_balance(e, skip, method, row),
    "transfer": coded(check_transfer),
    "fetch_cross_borrow_rate": coded(check_rate),
    "fetch_market_leverage_tiers": lambda e, skip, method, row, now: check_tier(e, skip, method, row),
    "fetch_borrow_interest": lambda e, skip, method, row, now: check_interest(
        e, skip, method, row, row["currency"], row["symbol"]
    ),
    "fetch_my_liquidations": lambda e, skip, method, row, now: check_liquidation(e, skip, method, row, row["symbol"]),
    "fetch_ledger": lambda e, skip, method, row, now: check_ledger(e, skip, method, row, row["currency"], now),
    "fetch_my_trades": lambda e, skip, method, row, now: check_trade(e, skip, method, row, PAIR, now, False),
    "fetch_order_trades": lambda e, skip, method, row, now: check_trade(e, skip, method, row, PAIR, now, False),
    **dict.fromkeys(
        (
            "create_order", "create_orders", "create_market_buy_order_with_cost", "cancel_order", "cancel_orders",
            "cancel_all_orders", "fetch_order", "fetch_open_orders", "fetch_closed_orders", "fetch_canceled_orders",
            "fetch_canceled_and_closed_orders", "fetch_orders",
        ),
        order,
    ),
}  # fmt: skip
"""Every method whose structure ccxt validates."""


class Seen(NamedTuple):
    label: str
    method: str
    row: Any
    now: int


class Excuse(NamedTuple):
    label: str
    """A pattern of the labels that it is about."""
    skip: tuple[str, ...]
    """ccxt's names of what is not looked at; none: the structure is not looked at as a whole."""
    reason: str


EXCEPTIONS = [
    Excuse("paper cross fetch_borrow_interest", ("amountBorrowed",), "the venue does not send the principal"),
    Excuse(
        "(paper isolated|documented isolated) fetch_borrow_interest",
        (),
        "the validator wants `account`, a symbol, to be among the markets and `amountBorrowed` above zero",
    ),
    Excuse(
        "documented cross fetch_borrow_interest",
        ("amountBorrowed", "timestamp"),
        "no principal, and the sample's time lies in the year 1970",
    ),
    Excuse("documented .* fetch_ledger", ("before",), "the sample's transfer in is larger than the balance after it"),
    Excuse("documented .* cancel_orders", ("status",), "the sample answers for another order: a refused row"),
    Excuse(".* cross fetch_my_liquidations", ("symbol",), "a cross account is liquidated as a whole, without a symbol"),
    Excuse("paper isolated fetch_balance whole", (), "a balance for each pair, where the validator wants coins"),
    Excuse("paper .* create_orders refused", ("status", "id"), "a refused row has no id, and a status that is ours"),
]


def script(mode: str) -> list[tuple[str, str, tuple[Any, ...], dict[str, Any]]]:
    """Label, method, arguments: a day of a margin trader."""
    isolated = mode == "isolated"
    own = {"marginMode": mode}
    where = {**own, "symbol": PAIR} if isolated else own
    symbol = PAIR if isolated else None
    lists = [
        (name, (PAIR, None, None, own))
        for name in (
            "fetch_open_orders", "fetch_closed_orders", "fetch_canceled_orders", "fetch_canceled_and_closed_orders",
            "fetch_orders", "fetch_my_trades",
        )
    ]  # fmt: skip
    steps: list[tuple[str, str, tuple[Any, ...]]] = [
        ("", "sandbox_control", ("market", {"symbol": PAIR, "price": "30000"})),
        ("", "fetch_markets", ()),
        ("", "fetch_currencies", ()),
        ("", "fetch_status", ()),
        ("", "fetch_trading_fee", (PAIR,)),
        ("", "transfer", ("USDT", 5, "spot", mode, {"symbol": PAIR} if isolated else {})),
        ("", "fetch_cross_borrow_rate", ("USDT",)),
        ("", "fetch_market_leverage_tiers", (PAIR, own)),
        ("", "borrow_margin", ("USDT", 1000, symbol)),
        ("market", "create_order", (PAIR, "market", "buy", 0.03, None, {**own, "autoBorrow": True})),
        ("limit", "create_order", (PAIR, "limit", "sell", 0.01, 40000, own)),
        ("post only", "create_order", (PAIR, "limit", "sell", 0.01, 41000, {**own, "postOnly": True})),
        ("", "create_market_buy_order_with_cost", (PAIR, 100, own)),
        ("cancelled", "cancel_order", (None, PAIR, {**own, "clientOrderId": "gone"})),
        (
            "batch",
            "create_orders",
            ([{"symbol": PAIR, "type": "limit", "side": "sell", "amount": 0.001, "price": 50000, "params": own}],),
        ),
        (
            "refused",
            "create_orders",
            ([{"symbol": PAIR, "type": "limit", "side": "buy", "amount": 90, "price": 29000, "params": own}],),
        ),
        ("", "sandbox_control", ("clock", {"advance_ms": 2 * 3_600_000})),
        *(("", name, args) for name, args in lists),
        ("filled", "fetch_order", (None, PAIR, {**own, "clientOrderId": "bought"})),
        ("open", "fetch_order", (None, PAIR, {**own, "clientOrderId": "rests"})),
        ("", "fetch_borrow_interest", (None, symbol)),
        ("", "fetch_balance", (where,)),
        *([("whole", "fetch_balance", (own,))] if isolated else []),
        ("", "cancel_all_orders", (PAIR, own)),
        ("", "sandbox_control", ("market", {"symbol": PAIR, "price": "21000" if not isolated else "8000"})),
        ("", "sandbox_control", ("market", {"symbol": PAIR, "price": "500"})),
        ("", "fetch_my_liquidations", (symbol,)),
        ("", "fetch_ledger", (None, None, None, where)),
        ("after", "fetch_balance", (where,)),
    ]
    names = {"market": "bought", "limit": "rests", "post only": "gone"}
    return [
        (label, name, (*args[:-1], {**args[-1], "clientOrderId": names[label]}), {})
        if name == "create_order"
        else (label, name, args, {})
        for label, name, args in steps
    ]


_accounts = itertools.count()


def paper(kind: str, mode: str) -> tuple[Any, list[Seen]]:
    funds = {"USDT": "500", "spot": {"USDT": "100"}, "isolated:BTCUSDT": {"USDT": "500"}}
    option = {"account": f"validators-{next(_accounts)}", "funds": funds, "clock": "virtual"}
    config = {"options": {"paper": option}}
    seen: list[Seen] = []

    def note(exchange: Any, label: str, name: str, result: Any) -> None:
        said = f"paper {mode} {name} {label}".strip()
        rows = result if isinstance(result, list) else [result]
        if name == "fetch_currencies":
            rows = list(result.values())
        if name in CHECKS:
            assert rows, said
            seen.extend(Seen(said, name, row, exchange.milliseconds()) for row in rows)

    if kind == "sync":
        exchange = bma.bitgetmargin(config)
        for label, name, args, kwargs in script(mode):
            note(exchange, label, name, getattr(exchange, name)(*args, **kwargs))
        return exchange, seen

    async def main() -> Any:
        exchange = bma.async_support.bitgetmargin(config)
        try:
            for label, name, args, kwargs in script(mode):
                note(exchange, label, name, await getattr(exchange, name)(*args, **kwargs))
        finally:
            await exchange.close()
        return exchange

    return asyncio.run(main()), seen


def name_of(case: Case) -> str:
    """The method that a documented case calls: the name is closed over by `call`."""
    closed = [cell.cell_contents for cell in case.call.__closure__ or ()]
    return next((text for text in closed if isinstance(text, str)), "")


def documented(kind: str) -> list[tuple[Any, Seen]]:
    seen: list[tuple[Any, Seen]] = []
    for case in DOCUMENTED:
        name = name_of(case)
        if name not in CHECKS or case.raw:
            continue
        exchange, result = answer_of(case, kind)
        rows = result if isinstance(result, list) else [result]
        mode = case.endpoint.partition("_")[0]
        seen.extend((exchange, Seen(f"documented {mode} {name}", name, row, 4 * 10**12)) for row in rows)
    return seen


def answer_of(case: Case, kind: str) -> tuple[Any, Any]:
    if kind == "sync":
        exchange = prepared(bma.bitgetmargin(CONFIG), case)
        with replay(case):
            return exchange, case.call(exchange)

    async def main() -> tuple[Any, Any]:
        exchange = prepared(bma.async_support.bitgetmargin(CONFIG), case)
        try:
            with replay(case):
                return exchange, await case.call(exchange)
        finally:
            await exchange.close()

    return asyncio.run(main())


@cache
def everything(kind: str) -> list[tuple[Any, Seen]]:
    found = documented(kind)
    for mode in ("cross", "isolated"):
        exchange, seen = paper(kind, mode)
        found += [(exchange, one) for one in seen]
    return found


def problem_of(exchange: Any, one: Seen, skip: tuple[str, ...] = ()) -> str | None:
    try:
        CHECKS[one.method](exchange, dict.fromkeys(skip, True), one.method, one.row, one.now)
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"
    return None


def excuse_of(label: str) -> Excuse | None:
    return next((excuse for excuse in EXCEPTIONS if re.fullmatch(excuse.label, label)), None)


@pytest.mark.parametrize("kind", KINDS)
def test_ccxts_validators_pass(kind: str) -> None:
    problems: dict[str, str] = {}
    for exchange, one in everything(kind):
        excuse = excuse_of(one.label)
        if excuse is None or excuse.skip:
            found = problem_of(exchange, one, excuse.skip if excuse else ())
            if found is not None:
                problems.setdefault(one.label, found[:600])
    assert problems == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("excuse", EXCEPTIONS, ids=lambda excuse: excuse.label)
def test_each_exception_is_still_needed(excuse: Excuse, kind: str) -> None:
    covered = [(exchange, one) for exchange, one in everything(kind) if re.fullmatch(excuse.label, one.label)]
    assert covered, "nothing is excused by it"
    assert any(problem_of(exchange, one) is not None for exchange, one in covered)


@pytest.mark.parametrize("kind", KINDS)
def test_every_validated_method_was_seen_on_paper(kind: str) -> None:
    seen = {one.method for _, one in everything(kind) if one.label.startswith("paper")}
    assert set(CHECKS) - seen == {"fetch_order_trades", "cancel_orders"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_pair_of_an_isolated_balance_passes(kind: str) -> None:
    (whole,) = [(exchange, one) for exchange, one in everything(kind) if one.label.endswith("fetch_balance whole")]
    exchange, one = whole
    pairs = [value for key, value in one.row.items() if "/" in key]
    assert pairs
    for value in pairs:
        assert problem_of(exchange, one._replace(row=value)) is None
