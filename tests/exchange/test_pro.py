"""The watching calls over real sockets: the emulator, a server of another library, and paper without any."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import ccxt
import pytest
from ccxt.base.errors import UnsubscribeError

import bitget_margin_adapter as bma
from bitget_margin_adapter.paper.door import forget_accounts
from bitget_margin_adapter.stream import clock
from bitget_margin_adapter.stream.protocol import PING_EVERY

from ..stream.foreign import Foreign
from ..wire.test_channels import ACCOUNT_CHANGE

WAIT = 30.0

Steer = Callable[..., Awaitable[Any]]


@pytest.fixture(autouse=True)
def _own_accounts() -> Iterator[None]:
    forget_accounts()
    yield
    forget_accounts()


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_SPEED", 100)


@pytest.fixture
def emulator() -> Iterator[bma.Emulator]:
    with bma.Emulator(limits=False, funds={"USDT": "100000", "isolated:BTCUSDT": {"USDT": "10000"}}) as running:
        running.control("market", {"symbol": "BTCUSDT", "price": "30000"})
        running.control("market", {"symbol": "ETHUSDT", "price": "2000"})
        yield running


@asynccontextmanager
async def opened(config: dict[str, Any]) -> AsyncIterator[Any]:
    # ccxt's heartbeat on the clock that the streams have.
    exchange = bma.pro.bitgetmargin({"streaming": {"keepAlive": 10_000 / clock._SPEED}, **config})
    exchange.timeout_on_exit = 0
    try:
        await exchange.load_markets()
        yield exchange
    finally:
        await exchange.close()


async def soon(waiting: Awaitable[Any]) -> Any:
    return await asyncio.wait_for(waiting, WAIT)


async def started(*calls: Awaitable[Any]) -> list["asyncio.Task[Any]"]:
    """The calls, each of them waiting for news by now, or done."""
    tasks = [asyncio.get_running_loop().create_task(_awaited(call)) for call in calls]
    while not all(task.done() or "news" in _inside(task) for task in tasks):
        await asyncio.sleep(0.002)
    return tasks


def _inside(task: "asyncio.Task[Any]") -> list[str]:
    """The names of the coroutines that it is in, the outermost first."""
    names: list[str] = []
    inner: Any = task.get_coro()
    while hasattr(inner, "cr_await"):
        names.append(inner.__name__)
        inner = inner.cr_await
    return names


async def _awaited(call: Awaitable[Any]) -> Any:
    return await call


PAPER = {
    "account": None, "clock": "virtual", "funds": {"USDT": "100000", "isolated:BTCUSDT": {"USDT": "10000"}},
}  # fmt: skip


@pytest.fixture(params=["emulator", "virtual paper", "wall paper"])
def world(request: pytest.FixtureRequest) -> Callable[[Callable[[Any, Steer], Awaitable[None]]], None]:
    """Runs a scenario on each venue: `scenario(exchange, steer)`."""

    def run(scenario: Callable[[Any, Steer], Awaitable[None]]) -> None:
        async def on_emulator() -> None:
            emulator: bma.Emulator = request.getfixturevalue("emulator")

            async def steer(word: str, body: Any) -> Any:
                return emulator.control(word, body)

            async with opened(emulator.config()) as exchange:
                await scenario(exchange, steer)

        async def on_paper() -> None:
            option = {**PAPER, "clock": request.param.split()[0]}
            async with opened({"options": {"paper": option}}) as exchange:
                for symbol, price in (("BTCUSDT", "30000"), ("ETHUSDT", "2000")):
                    await exchange.sandbox_control("market", {"symbol": symbol, "price": price})
                await scenario(exchange, exchange.sandbox_control)

        asyncio.run(on_emulator() if request.param == "emulator" else on_paper())

    return run


def test_orders_and_trades(world: Any) -> None:
    async def scenario(exchange: Any, steer: Steer) -> None:
        orders, trades = await started(exchange.watch_orders("BTC/USDT"), exchange.watch_my_trades("BTC/USDT"))
        made = await exchange.create_order("BTC/USDT", "limit", "buy", 0.01, 29_000)
        (order,) = await soon(orders)
        assert (order["id"], order["status"], order["marginMode"]) == (made["id"], "open", "cross")
        assert not trades.done()
        await steer("market", {"symbol": "BTCUSDT", "price": "28000"})
        (trade,) = await soon(trades)
        assert (trade["order"], trade["amount"], trade["fee"]["currency"]) == (made["id"], 0.01, "BTC")
        (order,) = await soon(exchange.watch_orders("BTC/USDT"))
        assert order["status"] == "closed"
        assert [row["id"] for row in await exchange.fetch_my_trades("BTC/USDT")] == [trade["id"]]

    world(scenario)


def test_what_came_between_two_calls_is_not_lost(world: Any) -> None:
    async def scenario(exchange: Any, steer: Steer) -> None:
        (first,) = await started(exchange.watch_my_trades("BTC/USDT"))
        made = [(await exchange.create_order("BTC/USDT", "market", "buy", 0.001))["id"] for _ in range(5)]
        trades = await soon(first)
        while len(trades) < 5:
            trades += await soon(exchange.watch_my_trades("BTC/USDT", limit=2))
        assert [trade["order"] for trade in trades] == made

    world(scenario)


def test_cross_and_isolated_side_by_side(world: Any) -> None:
    async def scenario(exchange: Any, steer: Steer) -> None:
        isolated = {"marginMode": "isolated"}
        cross_orders, isolated_orders, isolated_trades, cross_trades = await started(
            exchange.watch_orders("BTC/USDT"),
            exchange.watch_orders("BTC/USDT", params=isolated),
            exchange.watch_my_trades("BTC/USDT", params=isolated),
            exchange.watch_my_trades("BTC/USDT"),
        )
        made = await exchange.create_order("BTC/USDT", "market", "buy", 0.01, params=isolated)
        assert [row["id"] for row in await soon(isolated_orders)] == [made["id"]]
        assert [row["order"] for row in await soon(isolated_trades)] == [made["id"]]
        assert not cross_orders.done()
        assert not cross_trades.done()
        made = await exchange.create_order("BTC/USDT", "market", "buy", 0.01)
        assert [row["id"] for row in await soon(cross_orders)] == [made["id"]]
        assert [row["order"] for row in await soon(cross_trades)] == [made["id"]]

    world(scenario)


def test_without_a_symbol_also_pairs_that_come_later(world: Any) -> None:
    async def scenario(exchange: Any, steer: Steer) -> None:
        with pytest.raises(ccxt.ArgumentsRequired):
            await exchange.watch_orders()
        exchange.options["symbols"] = ["ETH/USDT"]
        orders, trades = await started(exchange.watch_orders(), exchange.watch_my_trades())
        made = [(await exchange.create_order("ETH/USDT", "market", "buy", 0.1))["id"]]
        assert [row["id"] for row in await soon(orders)] == made
        assert [row["order"] for row in await soon(trades)] == made
        (trades,) = await started(exchange.watch_my_trades())
        later = await exchange.create_order("BTC/USDT", "market", "buy", 0.01)
        assert [row["order"] for row in await soon(trades)] == [later["id"]]

    world(scenario)


def test_balances_of_both_modes(world: Any) -> None:
    async def scenario(exchange: Any, steer: Steer) -> None:
        assert (await soon(exchange.watch_balance()))["USDT"]["free"] == 100_000
        isolated = {"marginMode": "isolated"}
        assert (await soon(exchange.watch_balance(isolated)))["BTC/USDT"]["USDT"]["free"] == 10_000
        (cross,) = await started(exchange.watch_balance({"symbol": "BTC/USDT"}))
        await exchange.create_order("BTC/USDT", "limit", "buy", 0.01, 20_000)
        assert (await soon(cross))["USDT"] == {"free": 99_800.0, "used": 200.0, "total": 100_000.0, "debt": 0.0}
        pair = {**isolated, "symbol": "BTC/USDT"}
        await soon(exchange.watch_balance(pair))
        (flat,) = await started(exchange.watch_balance(pair))
        await exchange.borrow_isolated_margin("BTC/USDT", "USDT", 100)
        balance = await soon(flat)
        while balance["USDT"]["total"] != 10_100:
            balance = await soon(exchange.watch_balance(pair))
        assert balance["USDT"] == (await exchange.fetch_balance(pair))["USDT"]

    world(scenario)


def test_tickers_with_the_index_price(world: Any) -> None:
    async def scenario(exchange: Any, steer: Steer) -> None:
        assert (await soon(exchange.watch_ticker("BTC/USDT")))["indexPrice"] == 30_000
        (ticker,) = await started(exchange.watch_ticker("BTC/USDT"))
        await steer("market", {"symbol": "ETHUSDT", "price": "2001"})
        await asyncio.sleep(0.01)
        assert not ticker.done()
        await steer("market", {"symbol": "BTCUSDT", "price": "30001"})
        seen = await soon(ticker)
        assert (seen["symbol"], seen["indexPrice"]) == ("BTC/USDT", 30_001)
        assert seen["last"] is not None
        both = await soon(exchange.watch_tickers(["BTC/USDT", "ETH/USDT"]))
        assert {symbol: row["indexPrice"] for symbol, row in both.items()} == {"BTC/USDT": 30_001, "ETH/USDT": 2_001}

    world(scenario)


def test_unwatching_ends_the_waiting_calls(world: Any) -> None:
    async def scenario(exchange: Any, steer: Steer) -> None:
        await soon(exchange.watch_balance())
        await soon(exchange.watch_ticker("BTC/USDT"))
        waiting = await started(
            exchange.watch_orders("BTC/USDT"), exchange.watch_my_trades("BTC/USDT"), exchange.watch_balance(),
            exchange.watch_ticker("BTC/USDT"),
        )  # fmt: skip
        await exchange.un_watch_orders("BTC/USDT")
        with pytest.raises(UnsubscribeError):
            await soon(waiting[0])
        made = await exchange.create_order("BTC/USDT", "market", "buy", 0.01)
        assert (await soon(waiting[1]))[0]["order"] == made["id"]
        await soon(waiting[2])
        waiting[2:3] = await started(exchange.watch_balance())
        await exchange.un_watch_balance()
        await exchange.un_watch_ticker("BTC/USDT")
        await exchange.un_watch_my_trades()
        for each in waiting[2:]:
            with pytest.raises(UnsubscribeError):
                await soon(each)

    world(scenario)


def test_two_who_wait_for_the_same_get_the_same(world: Any) -> None:
    async def scenario(exchange: Any, steer: Steer) -> None:
        first, second, given_up = await started(*(exchange.watch_orders("BTC/USDT") for _ in range(3)))
        given_up.cancel()
        made = await exchange.create_order("BTC/USDT", "market", "buy", 0.01)
        assert [(await soon(each))[0]["id"] for each in (first, second)] == [made["id"]] * 2

    world(scenario)


def test_has() -> None:
    exchange = bma.pro.bitgetmargin()
    for name in ("Balance", "MyTrades", "Orders", "Ticker", "Tickers"):
        assert exchange.has[f"watch{name}"]
        assert exchange.has[f"unWatch{name}"]
    assert exchange.has["watchPositions"] is False


def directed_at(foreign: Foreign, emulator: bma.Emulator) -> dict[str, Any]:
    config = emulator.config()
    config["urls"]["api"]["ws"] = {"public": foreign.url, "private": foreign.url}
    return config


def test_another_library_understands_us_and_there_is_one_heartbeat(emulator: bma.Emulator) -> None:
    async def scenario(foreign: Foreign) -> None:
        streaming = {"keepAlive": 20, "maxPingPongMisses": 10_000}
        async with opened({**directed_at(foreign, emulator), "streaming": streaming}) as exchange:
            sent: list[str] = []
            assert (await soon(exchange.watch_balance()))["USDT"]["free"] == 100_000
            (waiting,) = await started(exchange.watch_balance())
            await asyncio.to_thread(foreign.wait_for, "cross_account")
            foreign.push("cross_account", None, ACCOUNT_CHANGE)
            assert (await soon(waiting))["USDT"]["used"] == 381.04
            # Every ping of ccxt's loop is counted, and the venue gets no other.
            (client,) = exchange.clients.values()

            def ping(of: Any) -> str:
                sent.append("ping")
                return "ping"

            client.ping = ping
            before = foreign.texts.count("ping")
            while foreign.texts.count("ping") - before < 10:
                await asyncio.sleep(0.02)
            assert foreign.texts.count("ping") - before <= len(sent) + 1, "one may have been under way"
            (link,) = exchange._feed._links.values()
            assert link.protocol.tick(clock.monotonic_ms() + PING_EVERY) == []
            assert link.protocol.outgoing(clock.monotonic_ms() + PING_EVERY) == []

    with Foreign() as server:
        asyncio.run(scenario(server))


def test_a_lost_connection_raises_and_the_next_call_goes_on_without_a_gap(fast: None, emulator: bma.Emulator) -> None:
    """The other library's venue pushes nothing at all: every trade comes by healing."""

    async def scenario(foreign: Foreign) -> None:
        async with opened(directed_at(foreign, emulator)) as exchange:
            made: list[str] = []
            traded: list[str] = []

            async def collect() -> None:
                (waiting,) = await started(exchange.watch_my_trades("BTC/USDT"))
                with suppress(ccxt.NetworkError):
                    traded.extend(row["order"] for row in await soon(waiting))

            (waiting,) = await started(exchange.watch_my_trades("BTC/USDT"))
            # Connected for the client is not yet connected for the server, which could cut nothing.
            await asyncio.to_thread(foreign.wait_for, "cross_orders", "BTCUSDT")
            await asyncio.to_thread(foreign.cut, 3000)
            with pytest.raises(ccxt.NetworkError):
                await soon(waiting)
            for code in (1000, 1001, 1011):
                made.append((await exchange.create_order("BTC/USDT", "market", "buy", 0.001))["id"])
                await collect()
                connections = foreign.connections
                await asyncio.to_thread(foreign.wait_for, "cross_orders", "BTCUSDT")
                await asyncio.to_thread(foreign.cut, code)
                while foreign.connections == connections:
                    made.append((await exchange.create_order("BTC/USDT", "market", "buy", 0.001))["id"])
                    await collect()
            while len(traded) < len(made):
                await collect()
            assert traded == made

    with Foreign() as server:
        asyncio.run(scenario(server))


def test_a_black_hole_raises(fast: None, emulator: bma.Emulator) -> None:
    """35 s is the promise: ccxt's client pings each 10 s, and our clock hears nothing for 30 s."""

    async def scenario(foreign: Foreign) -> None:
        async with opened(directed_at(foreign, emulator)) as exchange:
            (waiting,) = await started(exchange.watch_orders("BTC/USDT"))
            await asyncio.to_thread(foreign.wait_for, "cross_orders", "BTCUSDT")
            foreign.silent = True
            with pytest.raises(ccxt.NetworkError):
                await soon(waiting)
            foreign.silent = False

    assert bma.pro.bitgetmargin().streaming["keepAlive"] == 10_000
    with Foreign() as server:
        asyncio.run(scenario(server))


@pytest.mark.parametrize("keep_alive", [10_000, 10_000_000], ids=["with pings", "without"])
def test_silence_is_measured_on_a_clock_that_never_jumps(
    fast: None, emulator: bma.Emulator, monkeypatch: pytest.MonkeyPatch, keep_alive: float
) -> None:
    """ccxt's client looks at the time of day: set back, it would wait for as long."""

    async def scenario(foreign: Foreign) -> None:
        streaming = {"keepAlive": keep_alive / clock._SPEED}
        async with opened({**directed_at(foreign, emulator), "streaming": streaming}) as exchange:
            (waiting,) = await started(exchange.watch_tickers())
            monkeypatch.setattr(ccxt.Exchange, "milliseconds", staticmethod(lambda: 0))
            foreign.silent = True
            with pytest.raises(ccxt.NetworkError, match="silent for"):
                await soon(waiting)
            foreign.silent = False

    with Foreign() as server:
        asyncio.run(scenario(server))


def test_an_unanswered_subscription_raises(fast: None, emulator: bma.Emulator) -> None:
    async def scenario(foreign: Foreign) -> None:
        foreign.silent = True
        async with opened(directed_at(foreign, emulator)) as exchange:
            with pytest.raises(ccxt.NetworkError, match=r"not answered|silent"):
                await soon(exchange.watch_orders("BTC/USDT"))
            foreign.silent = False

    with Foreign() as server:
        asyncio.run(scenario(server))


def test_nobody_there_raises_each_time(fast: None, emulator: bma.Emulator) -> None:
    with Foreign() as gone:
        config = directed_at(gone, emulator)

    async def scenario() -> None:
        async with opened(config) as exchange:
            for _ in range(3):
                with pytest.raises(ccxt.NetworkError, match="cannot be reached"):
                    await soon(exchange.watch_orders("BTC/USDT"))
            made = await exchange.create_order("BTC/USDT", "market", "buy", 0.01)
            # Without any connection REST alone brings them.
            while True:
                try:
                    trades = await soon(exchange.watch_my_trades("BTC/USDT"))
                except ccxt.NetworkError:
                    continue
                assert [row["order"] for row in trades] == [made["id"]]
                break

    asyncio.run(scenario())


def test_a_refused_key_raises(emulator: bma.Emulator) -> None:
    async def scenario(foreign: Foreign) -> None:
        async with opened(directed_at(foreign, emulator)) as exchange:
            for _ in range(2):
                with pytest.raises(ccxt.AuthenticationError, match="30011"):
                    await soon(exchange.watch_orders("BTC/USDT"))

    with Foreign(refuse="30011") as server:
        asyncio.run(scenario(server))


def test_keys_never_leave_for_another_venue(emulator: bma.Emulator) -> None:
    async def scenario() -> None:
        config = emulator.config()
        del config["urls"]["api"]["ws"]
        async with opened(config) as exchange:
            with pytest.raises(ccxt.NotSupported, match="venue's own one"):
                await exchange.watch_orders("BTC/USDT")
        async with opened({**emulator.config(), "secret": ""}) as exchange:
            with pytest.raises(ccxt.AuthenticationError, match="secret"):
                await soon(exchange.watch_balance())

    asyncio.run(scenario())


@pytest.mark.parametrize(("kind", "probability"), [("cut", 0.15), ("drop", 0.8), ("duplicate", 0.5), ("reorder", 0.5)])
def test_every_trade_once_and_in_order_whatever_the_emulator_does(
    fast: None, emulator: bma.Emulator, kind: str, probability: float
) -> None:
    async def scenario() -> None:
        async with opened(emulator.config()) as exchange:
            (waiting,) = await started(exchange.watch_my_trades("BTC/USDT"))
            emulator.control(
                "faults",
                {"kind": kind, "endpoint": "cross_orders", "probability": probability, "seed": 7, "delay_ms": 5},
            )
            made = [(await exchange.create_order("BTC/USDT", "market", "buy", 0.001))["id"] for _ in range(40)]
            traded: list[str] = []
            while len(traded) < len(made):
                with suppress(ccxt.NetworkError):
                    traded += [row["order"] for row in await soon(waiting)]
                waiting = asyncio.ensure_future(exchange.watch_my_trades("BTC/USDT"))
            waiting.cancel()
            assert traded == made

    asyncio.run(scenario())


def test_verbose_mode_shows_neither_keys_nor_signatures(capsys: pytest.CaptureFixture[str]) -> None:
    with bma.Emulator() as venue:

        async def main() -> None:
            exchange = bma.pro.bitgetmargin({**venue.config(), "verbose": True})
            try:
                await exchange.fetch_balance()
                await soon(exchange.watch_balance())
                # REST may have been quicker than the login.
                (link,) = exchange._feed._links.values()
                while not link.protocol.is_live:
                    await asyncio.sleep(0.002)
            finally:
                await exchange.close()

        asyncio.run(main())
        shown = capsys.readouterr().out
        assert '"op":"login"' in shown
        assert "ACCESS-SIGN" in shown
        assert not any(secret in shown for secret in venue.credentials.values())
        assert not re.search(r'"sign":"(?!\*\*\*")', shown)


def test_closing_while_it_connects_ends_the_waiting_call_and_leaves_nothing_behind(
    emulator: bma.Emulator,
) -> None:
    with Foreign() as gone:
        config = directed_at(gone, emulator)

    async def scenario() -> None:
        async with opened(config) as exchange:
            with pytest.raises(ccxt.NetworkError, match="cannot be reached"):
                await soon(exchange.watch_orders("BTC/USDT"))
            # The next attempt is due in half a second at the soonest.
            (waiting, other) = [asyncio.ensure_future(exchange.watch_orders("BTC/USDT")) for _ in range(2)]
            while "ensure_open" not in _inside(waiting) or "ensure_open" not in _inside(other):
                await asyncio.sleep(0)
            other.cancel()
            await exchange.close()
            with pytest.raises(ccxt.NetworkError, match="closed"):
                await soon(waiting)
            assert [task for task in asyncio.all_tasks() if "Link" in repr(task) or "Feed" in repr(task)] == []

    asyncio.run(scenario())


def test_a_call_that_waits_for_its_connection_gets_what_rest_finds(emulator: bma.Emulator) -> None:
    with Foreign() as gone:
        config = directed_at(gone, emulator)

    async def scenario() -> None:
        async with opened(config) as exchange:
            with pytest.raises(ccxt.NetworkError, match="cannot be reached"):
                await soon(exchange.watch_my_trades("BTC/USDT"))
            (link,) = exchange._feed._links.values()
            # As after many failures: longer than this test may take.
            link.protocol.reconnect_at = clock.monotonic_ms() + 59_000
            waiting = asyncio.ensure_future(exchange.watch_my_trades("BTC/USDT"))
            while "ensure_open" not in _inside(waiting):
                await asyncio.sleep(0)
            made = await exchange.create_order("BTC/USDT", "market", "buy", 0.01)
            exchange._feed._healer.suspect(clock.monotonic_ms())
            exchange._feed._wake.set()
            assert [row["order"] for row in await soon(waiting)] == [made["id"]]
            assert link.protocol.reconnect_at > clock.monotonic_ms()

    asyncio.run(scenario())


def test_the_last_one_to_leave_unsubscribes_at_once(emulator: bma.Emulator) -> None:
    async def scenario(foreign: Foreign) -> None:
        async def unsubscribed() -> None:
            while not any('"unsubscribe"' in text for text in foreign.texts):
                await asyncio.sleep(0.002)

        # Without pings, and after the acknowledgement: whatever comes back would be an occasion as well.
        async with opened({**directed_at(foreign, emulator), "streaming": {"keepAlive": 1_000_000}}) as exchange:
            (waiting,) = await started(exchange.watch_orders("BTC/USDT"))
            (link,) = exchange._feed._links.values()
            while not link.protocol.is_live:
                await asyncio.sleep(0.002)
            await exchange.un_watch_orders("BTC/USDT")
            with pytest.raises(UnsubscribeError):
                await soon(waiting)
            await soon(unsubscribed())

    with Foreign() as server:
        asyncio.run(scenario(server))


def test_what_is_left_before_it_has_begun_does_not_begin(emulator: bma.Emulator) -> None:
    async def scenario() -> None:
        async with opened(emulator.config()) as exchange:
            waiting = asyncio.ensure_future(exchange.watch_orders("BTC/USDT"))
            while "_since" not in _inside(waiting):
                await asyncio.sleep(0)
            await exchange.un_watch_orders("BTC/USDT")
            with pytest.raises(UnsubscribeError):
                await soon(waiting)
            assert exchange._feed._uses == {}

    asyncio.run(scenario())
