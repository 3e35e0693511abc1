"""Over real sockets: random days through v1 and v2 end alike, and ccxt's own classes trade and watch by v2."""

import asyncio
import itertools
import random
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import ccxt
import ccxt.async_support
import ccxt.pro
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.stream.threaded import MarginStream
from bitget_margin_adapter.wire.v2.channels import PRIVATE_PATH, PUBLIC_PATH

from .random_scenarios import START, option, scenario

DOORS = ("paper", "v1", "v2", "v1 async", "v2 async")
PAIR = "BTC/USDT"
CROSS, ISOLATED = {"marginMode": "cross"}, {"marginMode": "isolated"}
CODE = re.compile(r"code (\d+)")

READS: list[tuple[str, tuple[Any, ...]]] = [
    call
    for mode, symbol in ((CROSS, None), (ISOLATED, PAIR), (ISOLATED, "ETH/USDT"))
    for call in (
        ("fetch_balance", (mode,)),
        ("fetch_open_orders", (symbol or PAIR, None, None, mode)),
        ("fetch_orders", (symbol or PAIR, START, None, mode)),
        ("fetch_my_trades", (symbol or PAIR, START, None, mode)),
        ("fetch_borrow_interest", (None, symbol, START, None, mode)),
        ("fetch_borrow_history", (None, symbol, START)),
        ("fetch_repay_history", (None, symbol, START)),
        ("fetch_my_liquidations", (symbol, START)),
        ("fetch_ledger", (None, START, None, {"symbol": symbol} if symbol else {})),
        ("fetch_risk_rate", (symbol,)),
        ("fetch_max_borrowable", ("USDT", symbol)),
        ("fetch_max_transferable", ("USDT", symbol)),
    )
]


def bare(value: Any) -> Any:
    """Without `info`, which is the venue's own row, at every depth."""
    if isinstance(value, dict):
        return {name: bare(item) for name, item in value.items() if name != "info"}
    return [bare(item) for item in value] if isinstance(value, list) else value


def outcome(problem: Exception) -> str:
    """Its class and the venue's code: over the wire the venue's own words are there as well."""
    code = CODE.search(str(problem))
    return f"{type(problem).__name__} {code.group(1) if code else problem}"


def batches(seed: int) -> list[tuple[str, tuple[Any, ...]]]:
    """What the random days have not: several orders at once, some refused, and cancellations by every kind of id."""
    rng = random.Random(seed)
    calls: list[tuple[str, tuple[Any, ...]]] = []
    for mode in (CROSS, ISOLATED):
        name = mode["marginMode"]
        lines = [
            {
                "symbol": PAIR,
                "type": "limit",
                "side": rng.choice(["buy", "sell"]),
                "amount": rng.choice([0.001, 0.002, 0.00001, 90]),
                "price": round(rng.uniform(10_000, 90_000), 2),
                "params": {**mode, "clientOrderId": f"{name}-{number}", "loanType": rng.choice(["normal", "autoLoan"])},
            }
            for number in range(6)
        ]
        calls += [
            ("create_orders", (lines,)),
            ("fetch_open_orders", (PAIR, None, None, mode)),
            ("cancel_order", (None, PAIR, {**mode, "clientOrderId": f"{name}-0"})),
            ("cancel_orders", (None, PAIR, {**mode, "clientOrderIds": [f"{name}-{number}" for number in range(4)]})),
            ("cancel_orders", (["1", "2"], PAIR, mode)),
            ("fetch_order", (None, PAIR, {**mode, "clientOrderId": f"{name}-5"})),
            ("cancel_all_orders", (PAIR, mode)),
        ]
    return calls


def days(seed: int) -> list[tuple[str, tuple[Any, ...]]]:
    return [*((call.method, call.args) for call in scenario(seed)), *batches(seed), *READS]


def run(seed: int, door: str) -> list[Any]:
    numbers = itertools.count(1)
    options = {"idSource": lambda: f"own-{next(numbers)}", "symbols": [PAIR, "ETH/USDT"]}
    paper = option(seed)
    if door == "paper":
        exchange = bma.bitgetmargin({"options": {**options, "paper": paper}})
        return [told(partial(getattr(exchange, name), *args)) for name, args in days(seed)]
    dialect, _, kind = door.partition(" ")
    with bma.Emulator(paper["candles"], paper["funds"], "virtual", limits=False) as venue:
        config = venue.config()
        config["options"] = {**options, "uta": False, "dialect": dialect}

        def prepared(made: Any) -> Any:
            # The venue's own time: answers without a time of theirs are dated by it.
            made.milliseconds = venue.host.now
            return made

        def control(name: str, args: tuple[Any, ...]) -> Any:
            return told(lambda: venue.control(*args))

        if not kind:
            exchange = prepared(bma.bitgetmargin(config))
            return [
                control(name, args) if name == "sandbox_control" else told(partial(getattr(exchange, name), *args))
                for name, args in days(seed)
            ]

        async def main() -> list[Any]:
            exchange = prepared(bma.async_support.bitgetmargin(config))
            results = []
            try:
                for name, args in days(seed):
                    if name == "sandbox_control":
                        results.append(control(name, args))
                        continue
                    try:
                        results.append(bare(await getattr(exchange, name)(*args)))
                    except ccxt.BaseError as problem:
                        results.append(outcome(problem))
            finally:
                await exchange.close()
            return results

        return asyncio.run(main())


def told(call: Callable[[], Any]) -> Any:
    try:
        return bare(call())
    except ccxt.BaseError as problem:
        return outcome(problem)


def differences(seed: int) -> Iterator[tuple[str, tuple[str, tuple[Any, ...]], Any, Any]]:
    """Door, call, what it gave, and what the paper account gave."""
    first = run(seed, DOORS[0])
    assert sum(not isinstance(result, str) for result in first) > 40
    for door in DOORS[1:]:
        for call, wanted, got in zip(days(seed), first, run(seed, door), strict=True):
            # The control API answers JSON of its own, with other clocks in it.
            if call[0] != "sandbox_control" and got != wanted:
                yield door, call, got, wanted


def test_every_door_gives_the_same_structures() -> None:
    """Thousands of calls more: benchmarks/prove_dialects.py."""
    assert list(differences(0)) == []


# --- ccxt's own classes, with nothing but the address and the key changed


@pytest.fixture
def venue() -> Iterator[Any]:
    funds: Any = {"USDT": "10000", "isolated:BTCUSDT": {"USDT": "5000"}, "spot": {"USDT": "1000"}}
    with bma.Emulator(funds=funds, limits=False) as emulator:
        emulator.control("market", {"symbol": PAIR, "price": "30000"})
        yield emulator


def unchanged(venue: Any) -> dict[str, Any]:
    config = venue.config()
    return {**config, "options": {**config["options"], "fetchMarkets": {"types": ["spot"]}}}


async def day(ex: Any, mode: dict[str, str]) -> dict[str, Any]:
    """Every unified margin call of ccxt's, on its asyncio class."""
    isolated = mode is ISOLATED
    where = (PAIR,) if isolated else ()
    call: dict[str, Any] = {}
    kind = "isolated" if isolated else "cross"
    call["time"] = await ex.fetch_time()
    call["loan"] = await getattr(ex, f"borrow_{kind}_margin")(*where, "USDT", 100)
    call["bought"] = await ex.create_market_buy_order_with_cost(PAIR, 300, mode)
    call["resting"] = await ex.create_order(PAIR, "limit", "buy", 0.001, 20000, mode)
    call["open"] = await ex.fetch_open_orders(PAIR, None, None, mode)
    call["cancelled"] = await ex.cancel_order(call["resting"]["id"], PAIR, mode)
    line = {"symbol": PAIR, "type": "limit", "side": "sell", "amount": 0.001, "price": 40000, "params": mode}
    call["batch"] = await ex.create_orders([line, line])
    call["cancelled batch"] = await ex.cancel_orders([order["id"] for order in call["batch"]], PAIR, mode)
    call["ended"] = await ex.fetch_canceled_and_closed_orders(PAIR, None, None, mode)
    call["sold"] = await ex.create_order(PAIR, "market", "sell", 0.004, None, mode)
    for force, price in (("GTC", 40001), ("PO", 40002), ("IOC", 40003), ("FOK", 40004)):
        params = {**mode, "timeInForce": force, "clientOrderId": f"force-{force}"}
        call[force] = await ex.create_order(PAIR, "limit", "sell", 0.001, price, params)
    call["working"] = await ex.fetch_open_orders(PAIR, None, None, mode)
    await ex.cancel_orders([order["id"] for order in call["working"]], PAIR, mode)
    call["closed"] = await ex.fetch_closed_orders(PAIR, None, None, mode)
    call["canceled"] = await ex.fetch_canceled_orders(PAIR, None, None, mode)
    call["trades"] = await ex.fetch_my_trades(PAIR, None, None, mode)
    call["fees"] = await ex.fetch_trading_fees(mode)
    call["balance"] = await ex.fetch_balance(mode)
    call["rate"] = await (ex.fetch_isolated_borrow_rate(PAIR) if isolated else ex.fetch_cross_borrow_rate("USDT"))
    call["interest"] = await ex.fetch_borrow_interest("USDT", PAIR if isolated else None, None, None, mode)
    call["liquidations"] = await ex.fetch_my_liquidations(PAIR, None, None, mode)
    call["tiers"] = await ex.fetch_market_leverage_tiers(PAIR, mode if isolated else {**mode, "code": "USDT"})
    call["transfer"] = await ex.transfer("USDT", 10, "spot", kind, {"symbol": PAIR} if isolated else {})
    call["repaid"] = await getattr(ex, f"repay_{kind}_margin")(*where, "USDT", 150)
    return call


def check(call: dict[str, Any], venue: Any, mode: dict[str, str]) -> None:
    assert len(call) == 26
    isolated = mode is ISOLATED
    endpoint, asked = ("isolated", {"symbol": "BTCUSDT"}) if isolated else ("cross", {"coin": "USDT"})
    (rate,) = venue.host.call("default", f"{endpoint}_interest_rate_and_limit", asked)
    daily = float((rate.quote if isolated else rate).daily_interest_rate)
    assert call["rate"]["quoteRate" if isolated else "rate"] == daily > 0
    assert call["rate"]["period"] == 86_400_000
    assert abs(call["time"] - venue.host.now()) < 600_000
    (interest,) = call["interest"]
    assert (interest["currency"], interest["interestRate"], interest["marginMode"]) == ("USDT", daily, endpoint)
    assert interest["interest"] == pytest.approx(100 * daily / 24, rel=1e-4)
    tiers = venue.host.call("default", f"{endpoint}_tier_data", asked)
    assert [tier["maintenanceMarginRate"] for tier in call["tiers"]] == [
        float(row.maintain_margin_rate) for row in tiers
    ]
    assert [tier["maxLeverage"] for tier in call["tiers"]] == [float(row.leverage) for row in tiers]
    # ccxt's answer has the id alone: the amount is what the account got.
    records = {"startTime": str(venue.host.now() - 600_000), **({"symbol": "BTCUSDT"} if isolated else {})}
    moved = venue.host.call("default", f"{endpoint}_financial_records", {**records, "marginType": "transfer_in"}).rows
    assert (moved[0].coin, float(moved[0].amount)) == ("USDT", 10.0)
    assert (call["loan"]["currency"], call["loan"]["symbol"]) == ("USDT", PAIR if isolated else None)
    # Of 150 that were offered, what was owed.
    owed = 100 + interest["interest"]
    assert (call["repaid"]["currency"], call["repaid"]["amount"]) == ("USDT", pytest.approx(owed, abs=1e-8))
    assert [order["status"] for order in call["working"]] == ["open", "open"]
    forces = {order["clientOrderId"]: order["timeInForce"] for order in call["working"]}
    assert forces == {"force-GTC": "GTC", "force-PO": "PO"}
    assert {order["price"] for order in call["working"]} == {40001.0, 40002.0}
    assert {order["id"] for order in call["closed"]} == {call["bought"]["id"], call["sold"]["id"]}
    (sold,) = (order for order in call["closed"] if order["id"] == call["sold"]["id"])
    assert (sold["side"], sold["type"], sold["filled"], sold["average"]) == ("sell", "market", 0.004, 30000.0)
    assert {call[force]["id"] for force in ("GTC", "PO", "IOC", "FOK")} <= {order["id"] for order in call["canceled"]}
    assert {order["status"] for order in call["canceled"]} == {"canceled"}
    assert (call["fees"][PAIR]["maker"], call["fees"][PAIR]["taker"]) == (0.001, 0.001)
    assert call["loan"]["amount"] == 100.0
    assert call["repaid"]["id"]
    assert [order["id"] for order in call["open"]] == [call["resting"]["id"]]
    assert [order["status"] for order in call["open"]] == ["open"]
    assert call["cancelled"]["id"] == call["resting"]["id"]
    assert len(call["batch"]) == len(call["cancelled batch"]) == 2
    assert sorted(order["status"] for order in call["ended"]) == ["canceled", "canceled", "canceled", "closed"]
    assert [(trade["amount"], trade["cost"]) for trade in call["trades"] if trade["side"] == "buy"] == [(0.01, 300.0)]
    assert [(trade["fee"]["currency"], trade["fee"]["cost"]) for trade in call["trades"]] == [
        ("BTC", 0.00001),
        ("USDT", 0.12),
    ]
    assert call["balance"]["USDT"]["debt"] == pytest.approx(100, abs=0.01)
    assert len(call["interest"]) == 1
    assert call["liquidations"] == []
    assert call["tiers"][0]["maintenanceMarginRate"] > 0
    assert call["transfer"]["id"]


async def liquidated(ex: Any, venue: Any, mode: dict[str, str]) -> None:
    """A fall that takes the account with it, as ccxt reports it."""
    isolated = mode is ISOLATED
    where = (PAIR,) if isolated else ()
    await getattr(ex, f"borrow_{mode['marginMode']}_margin")(*where, "USDT", 15000)
    await ex.create_market_buy_order_with_cost(PAIR, 19000 if isolated else 24000, mode)
    await asyncio.to_thread(venue.control, "market", {"symbol": PAIR, "price": "17000"})
    (row,) = await ex.fetch_my_liquidations(PAIR if isolated else None, None, None, mode)
    (wanted,) = venue.host.call(
        "default",
        f"{mode['marginMode']}_liquidations",
        {"startTime": str(venue.host.now() - 600_000), **({"symbol": "BTCUSDT"} if isolated else {})},
    ).rows
    assert row["symbol"] == (PAIR if isolated else None)
    assert row["timestamp"] == wanted.ctime
    assert row["quoteValue"] == pytest.approx(float(wanted.total_debt + wanted.fee))


class Awaited:
    """A synchronous object, called as if it were the asyncio one."""

    def __init__(self, exchange: Any) -> None:
        self._exchange = exchange

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any) -> Any:
            return getattr(self._exchange, name)(*args)

        return call


@pytest.mark.parametrize("mode", [CROSS, ISOLATED], ids=["cross", "isolated"])
def test_ccxts_synchronous_class_unchanged(venue: Any, mode: dict[str, str]) -> None:
    exchange = Awaited(ccxt.bitget(unchanged(venue)))
    check(asyncio.run(day(exchange, mode)), venue, mode)
    asyncio.run(liquidated(exchange, venue, mode))


@pytest.mark.parametrize("mode", [CROSS, ISOLATED], ids=["cross", "isolated"])
def test_ccxts_asyncio_class_unchanged(venue: Any, mode: dict[str, str]) -> None:
    async def main() -> None:
        exchange = ccxt.async_support.bitget(unchanged(venue))
        try:
            check(await day(exchange, mode), venue, mode)
            await liquidated(exchange, venue, mode)
        finally:
            await exchange.close()

    asyncio.run(main())


@pytest.mark.parametrize("mode", [CROSS, ISOLATED], ids=["cross", "isolated"])
def test_placed_by_v1_watched_by_ccxt_pro_in_v2(venue: Any, mode: dict[str, str]) -> None:
    """One account: orders come in by v1 over HTTP, and out by v2 over the WebSocket."""
    ours = bma.bitgetmargin(venue.config())
    config = unchanged(venue)
    config["urls"] = in_v2(venue)["urls"]

    async def main() -> tuple[Any, Any, Any]:
        watcher = ccxt.pro.bitget(config)
        try:
            await watcher.load_markets()
            balance = asyncio.create_task(watcher.watch_balance(mode))
            orders = asyncio.create_task(watcher.watch_orders(PAIR, None, None, mode))
            # Read at once: ccxt's balance is one object that every push changes.
            free = (await asyncio.wait_for(balance, 10))["USDT"]["free"]
            # A subscription is live when it is acknowledged, which ccxt does not tell: orders are placed until one is.
            placed = []
            while not orders.done():
                placed.append(
                    (await asyncio.to_thread(ours.create_order, PAIR, "limit", "buy", 0.001, 20000, mode))["id"]
                )
                await asyncio.wait([orders], timeout=0.3)
            return free, placed, orders.result()
        finally:
            await watcher.close()

    free, placed, orders = asyncio.run(main())
    assert free == (5000.0 if mode is ISOLATED else 10000.0)
    assert orders[0]["id"] in placed
    assert (orders[0]["status"], orders[0]["amount"], orders[0]["price"]) == ("open", 0.001, 20000.0)


@pytest.mark.parametrize("mode", ["cross", "isolated"])
@pytest.mark.parametrize("placed", ["v1", "v2"])
def test_placed_in_one_dialect_and_watched_in_the_other(venue: Any, mode: str, placed: str) -> None:
    """One account: what happens by either API is seen by the other, on its stream and in its lists."""
    configs = {"v1": venue.config(), "v2": in_v2(venue)}
    placing = bma.bitgetmargin(configs.pop(placed))
    ((watched, config),) = configs.items()
    watching = bma.bitgetmargin(config)
    where = {"marginMode": mode}
    name = "cross" if mode == "cross" else "isolate"
    with MarginStream(watching, [f"{name}_orders", f"{name}_account"], [PAIR]) as stream:
        event = stream.get(20)
        while event is not None and not (event.kind == "status" and event.data["connected"]):
            event = stream.get(20)
        order = placing.create_order(PAIR, "limit", "buy", 0.001, 20000, where)
        seen: list[tuple[str, str]] = []
        while event is not None and len(seen) < 2:
            event = stream.get(20)
            if event is not None and event.kind == "order":
                seen.append((event.data["id"], event.data["status"]))
                if len(seen) == 1:
                    assert [row["id"] for row in watching.fetch_open_orders(PAIR, None, None, where)] == [order["id"]]
                    # And back: what the one placed, the other takes away.
                    watching.cancel_order(order["id"], PAIR, where)
    assert seen == [(order["id"], "open"), (order["id"], "canceled")]
    assert placing.fetch_open_orders(PAIR, None, None, where) == []
    assert placing.fetch_order(order["id"], PAIR, where)["status"] == "canceled"
    assert placing.fetch_balance({**where, "symbol": PAIR} if mode == "isolated" else where)["USDT"]["used"] == 0
    assert bare(placing.fetch_ledger(None, None, None, {"symbol": PAIR} if mode == "isolated" else {})) == bare(
        watching.fetch_ledger(None, None, None, {"symbol": PAIR} if mode == "isolated" else {})
    )
    assert watched != placed


@pytest.mark.parametrize("mode", [CROSS, ISOLATED], ids=["cross", "isolated"])
def test_our_own_streams_in_v2(venue: Any, mode: dict[str, str]) -> None:
    placing = bma.bitgetmargin(venue.config())
    config = in_v2(venue)

    async def main() -> None:
        watching = bma.pro.bitgetmargin(config)
        try:
            where = {**mode, "symbol": PAIR} if mode is ISOLATED else mode
            balance = await asyncio.wait_for(watching.watch_balance(where), 10)
            assert balance["USDT"]["free"] == (5000.0 if mode is ISOLATED else 10000.0)
            orders = asyncio.create_task(watching.watch_orders(PAIR, None, None, mode))
            trades = asyncio.create_task(watching.watch_my_trades(PAIR, None, None, mode))
            ticker = asyncio.create_task(watching.watch_ticker(PAIR))
            await asyncio.wait([orders, trades, ticker], timeout=0.5)
            placed = await asyncio.to_thread(placing.create_order, PAIR, "market", "buy", 0.01, 30000, mode)
            venue.control("market", {"symbol": PAIR, "price": "30001"})
            (order,) = await asyncio.wait_for(orders, 10)
            (trade,) = await asyncio.wait_for(trades, 10)
            assert (order["id"], order["status"], order["filled"]) == (placed["id"], "closed", 0.01)
            assert (trade["order"], trade["amount"]) == (placed["id"], 0.01)
            assert (await asyncio.wait_for(ticker, 10))["symbol"] == PAIR
        finally:
            await watching.close()

    asyncio.run(main())


def in_v2(venue: Any) -> dict[str, Any]:
    """With v2's own two sockets; this venue speaks both dialects at any of its addresses."""
    config = venue.config()
    base = venue.ws_url.partition("/spot/")[0]
    config["urls"]["api"]["ws"] = {"public": base + PUBLIC_PATH, "private": base + PRIVATE_PATH}
    return {**config, "options": {**config["options"], "dialect": "v2"}}
