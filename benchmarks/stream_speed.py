"""How fast a stream is: order events through protocol and parser, and a push on its way to the bot on the loopback.

    python benchmarks/stream_speed.py [--events 100000] [--pushes 2000] [--json FILE]

Events arrive one by one, each a text of its own, as the venue sends them. A push is timed from the moment at which the
server hands it to its socket to the moment at which the bot has ccxt's structure in hand, both in this process.
"""

import argparse
import asyncio
import os
import queue
import statistics
import sys
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web
from record import keep

import bitget_margin_adapter as bma
from bitget_margin_adapter.model.rows import Order
from bitget_margin_adapter.model.words import LoanType, Mode, OrderStatus, OrderType, Side, Source, TimeInForce
from bitget_margin_adapter.stream.frames import encode
from bitget_margin_adapter.stream.healing import Healer
from bitget_margin_adapter.stream.protocol import StreamProtocol
from bitget_margin_adapter.stream.server import ServerProtocol
from bitget_margin_adapter.wire.channels import CHANNELS, OrderChange, render_push

D = Decimal
FIRST = 1023424313350610944


def change(number: int, now: int) -> OrderChange:
    order = Order(
        "BTCUSDT", str(FIRST + number), f"70715854a52e4daaa84e2a1e{number:08x}", OrderType.LIMIT, Side.BUY,
        LoanType.AUTO_LOAN, TimeInForce.GTC, D("19055.25"), D("0.01"), D("190.5525"), D("19055.25"), D(0), D(0),
        OrderStatus.NEW, Source.API, now,
    )  # fmt: skip
    return OrderChange(order, str(FIRST + number))


def texts(events: int) -> list[str]:
    argument = CHANNELS["cross_orders"].argument("BTCUSDT")
    return [encode(render_push("cross_orders", (change(number, 1_000),), argument)) for number in range(events)]


def throughput(events: int, *, healed: bool) -> dict[str, int]:
    """Events a second of one core's time, through JSON, protocol and parser, and, if asked, the healing.

    Beside it those a second of the wall's clock, which says how much others had of the machine.
    """
    protocol = StreamProtocol()
    protocol.subscribe("cross_orders", "BTCUSDT")
    protocol.opened(0)
    protocol.outgoing(0)
    healer = Healer()
    healer.follow(Mode.CROSS, "BTCUSDT", 0, 0)
    pushed = texts(events)
    seen = 0
    started, worked = time.perf_counter(), time.process_time()
    for text in pushed:
        found = protocol.receive(text, 1)
        seen += len(healer.heard(found, 1)) if healed else len(found)
    took, work = time.perf_counter() - started, time.process_time() - worked
    # The first push counts as the acknowledgement as well.
    assert seen == events + (not healed)
    return {"a_second_of_one_core": round(events / work), "a_second_by_the_clock": round(events / took)}


class Venue:
    """A socket that pushes when told; in a thread of its own, as the other end of a wire is."""

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.url = ""
        self._sockets: list[tuple[web.WebSocketResponse, ServerProtocol]] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.ready.wait()

    def push(self, row: OrderChange, sent: Callable[[], None]) -> None:
        asyncio.run_coroutine_threadsafe(self._push(row, sent), self._loop).result()

    async def _push(self, row: OrderChange, sent: Callable[[], None]) -> None:
        for socket, protocol in self._sockets:
            protocol.push("cross_orders", "BTCUSDT", (row,))
            for text in protocol.outgoing():
                sent()
                await socket.send_str(text)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.run_forever()

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_get("/spot/v1/stream", self._speak)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        self.url = f"ws://127.0.0.1:{port}/spot/v1/stream"
        self.ready.set()

    async def _speak(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        protocol = ServerProtocol(lambda argument, now: None, limits=None)
        self._sockets.append((socket, protocol))
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                protocol.receive(message.data, 0)
                for text in protocol.outgoing():
                    await socket.send_str(text)
        self._sockets.remove((socket, protocol))
        return socket


def configured(emulator: bma.Emulator, venue: Venue) -> dict[str, Any]:
    config = emulator.config()
    config["urls"]["api"]["ws"] = {"public": venue.url, "private": venue.url}
    return config


def figures(delays: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(delays, n=1000)
    return {
        "pushes": len(delays),
        "p50_ms": round(cuts[499] * 1e3, 3),
        "p99_ms": round(cuts[989] * 1e3, 3),
        "most_ms": round(max(delays) * 1e3, 3),
    }


def threaded_latency(pushes: int) -> dict[str, float]:
    delays: list[float] = []
    with bma.Emulator(limits=False) as emulator:
        venue = Venue()
        exchange = bma.bitgetmargin(configured(emulator, venue))
        exchange.load_markets()
        with bma.MarginStream(exchange, "cross_orders", "BTC/USDT") as stream:
            while next(stream).kind != "status":
                pass
            arrived: queue.Queue[float] = queue.Queue()

            def read() -> None:
                for event in stream:
                    if event.kind == "order":
                        arrived.put(time.perf_counter())

            threading.Thread(target=read, daemon=True).start()
            for number in range(pushes):
                moment: list[float] = []
                venue.push(change(number, exchange.milliseconds()), lambda: moment.append(time.perf_counter()))  # noqa: B023
                delays.append(arrived.get(timeout=5) - moment[0])
                time.sleep(0.001)
    return figures(delays)


def asyncio_latency(pushes: int) -> dict[str, float]:
    delays: list[float] = []

    async def arrival(exchange: Any) -> float:
        await exchange.watch_orders("BTC/USDT")
        return time.perf_counter()

    async def run(config: dict[str, Any], venue: Venue) -> None:
        exchange = bma.pro.bitgetmargin(config)
        await exchange.load_markets()
        for number in range(pushes):
            waiting = asyncio.ensure_future(arrival(exchange))
            await asyncio.sleep(0.001 if number else 0.5)
            moment: list[float] = []
            row = change(number, exchange.milliseconds())
            await asyncio.to_thread(venue.push, row, lambda: moment.append(time.perf_counter()))  # noqa: B023
            delays.append(await waiting - moment[0])
        await exchange.close()

    with bma.Emulator(limits=False) as emulator:
        venue = Venue()
        asyncio.run(run(configured(emulator, venue), venue))
    return figures(delays)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--pushes", type=int, default=2_000)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    result: dict[str, Any] = {
        "order_events": throughput(args.events, healed=False),
        "order_events_healed": throughput(args.events, healed=True),
        "push_to_threaded_bot": threaded_latency(args.pushes),
        "push_to_asyncio_bot": asyncio_latency(args.pushes),
    }
    keep("stream_speed", {"load_average": os.getloadavg()[0], **result}, args.json)
    kept = (
        result["order_events"]["a_second_of_one_core"] >= 50_000
        and result["push_to_threaded_bot"]["p99_ms"] <= 5
        and result["push_to_asyncio_bot"]["p99_ms"] <= 5
    )
    print("kept" if kept else "MISSED: 50,000 events a second, 5 ms at p99")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
