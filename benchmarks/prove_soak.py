"""Whether the emulator keeps its size: a real hour of orders, streams, control calls and faults, and 24 virtual hours.

    python benchmarks/prove_soak.py [--minutes 60] [--virtual-hours 24]

The emulator is a process of its own, with a store, limits and the machine's clock; its resident memory is sampled every
two seconds. A venue keeps every order for ever, so the question has two halves:

real hour: the venue is reset every minute, as a test suite does it; the history is bounded, and so must be the memory.
The median of the last tenth of the time is compared with that of the tenth after the first.

virtual day: nothing is reset; a bot trades every virtual minute. The growth is the history's, and its bytes an
order are told.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import ccxt
import websocket
from record import keep

import bitget_margin_adapter as bma
from bitget_margin_adapter.wire import signing
from bitget_margin_adapter.wire.channels import CHANNELS

SYMBOL = "BTC/USDT"
MOST = 0.05
CYCLE_SECONDS = 60.0
SAMPLE_SECONDS = 2.0
PAUSE_SECONDS = 0.15
STREAM_SECONDS, STREAM_PAUSE_SECONDS = 4.0, 1.0
STEP_MS = 60_000
FAULTS = (
    "reset_before_read", "reset_after_commit", "truncate", "bad_json", "http_500", "http_429", "duplicate", "latency",
)  # fmt: skip
STREAM_FAULTS = ("drop", "delay", "duplicate", "reorder", "blackhole", "cut")
PROBABILITY = 0.02


class Server(NamedTuple):
    told: dict[str, str]
    pid: int
    errors: Path
    store: Path

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.told["url"])
        return str(parts.hostname), int(parts.port or 0)

    def control(self, word: str, body: dict[str, Any] | None = None) -> Any:
        request = Request(  # noqa: S310
            f"{self.told['url']}/_sandbox/{word}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-Sandbox-Token": self.told["control_token"]},
        )
        with urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read())

    def exchange(self, limits: bool) -> Any:
        api = dict.fromkeys(("spot", "margin", "mix", "user", "common"), self.told["url"])
        return bma.bitgetmargin(
            {
                "apiKey": self.told["api_key"], "secret": self.told["secret"], "password": self.told["passphrase"],
                "urls": {"api": api}, "enableRateLimit": limits,
            }
        )  # fmt: skip

    def resident_kib(self) -> int:
        text = Path(f"/proc/{self.pid}/status").read_text()
        return int(text.partition("VmRSS:")[2].split()[0])

    def sockets(self) -> int:
        opened = Path(f"/proc/{self.pid}/fd").iterdir()
        return sum(str(os.readlink(each)).startswith("socket:") for each in opened)


@contextmanager
def served(*options: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        store, errors = Path(folder) / "venue.sqlite", Path(folder) / "errors"
        command = [sys.executable, "-m", "bitget_margin_adapter", "serve", "--json", "--store", str(store), *options]
        with errors.open("w") as stderr, subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as process:  # fmt: skip
            try:
                assert process.stdout is not None
                yield Server(json.loads(process.stdout.readline()), process.pid, errors, store)
            finally:
                process.terminate()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--virtual-hours", type=int, default=24)
    args = parser.parse_args()
    day = virtual_day(args.virtual_hours)
    real = real_hour(args.minutes)
    over = [name for name, found in (("virtual day", day), ("real hour", real)) if found["growth"] > MOST]
    keep("emulator_soak", {"growth_allowed": MOST, "over": over, "virtual_day": day, "real_hour": real})
    return 1 if over or real["error_lines"] or day["error_lines"] or real["load_that_broke_down"] else 0


# the virtual day


def virtual_day(hours: int) -> dict[str, Any]:
    """An order each `STEP_MS`: at market to and fro, or resting and cancelled."""
    with served("--clock", "virtual", "--limits", "off", "--funds", "USDT=1000000,BTC=10") as server:
        server.control("market", {"symbol": SYMBOL, "price": "30000"})
        exchange = server.exchange(limits=False)
        exchange.load_markets()
        sizes, orders = [], 0
        for hour in range(hours + 1):
            # The first hour is not part of the day: what is loaded and cached once is loaded in it.
            for step in range(3_600_000 // STEP_MS):
                server.control("clock", {"advance_ms": STEP_MS})
                server.control("market", {"symbol": SYMBOL, "price": str(30_000 + step % 7)})
                one_order(exchange, step, Counter())
                orders += hour > 0
            exchange.borrow_cross_margin("USDT", 1)
            sizes.append(server.resident_kib())
        return {
            "virtual_hours": hours,
            "orders": orders,
            "reset": "never",
            "resident_kib_each_hour": sizes,
            "growth": grown(sizes[:1], sizes[-1:]),
            "bytes_kept_per_order": round(1024 * (sizes[-1] - sizes[0]) / orders),
            "error_lines": len(server.errors.read_text().splitlines()),
        }


def one_order(exchange: Any, step: int, told: Counter[str]) -> None:
    params = {"marginMode": "cross", "loanType": "autoLoanAndRepay" if step % 5 == 0 else "normal"}
    with counted(told, "order"):
        if step % 2:
            placed = exchange.create_order(SYMBOL, "limit", "buy", 0.001, 25_000, params)
            exchange.cancel_order(placed["id"], SYMBOL, {"marginMode": "cross"})
        else:
            exchange.create_order(SYMBOL, "market", "sell" if step % 4 else "buy", 0.001, 30_000, params)


# the real hour


def real_hour(minutes: float) -> dict[str, Any]:
    over = threading.Event()
    told: Counter[str] = Counter()
    broken: list[str] = []

    def work(part: Callable[[Server, threading.Event, Counter[str]], None]) -> None:
        try:
            part(server, over, told)
        except Exception as problem:  # a load that is not there would prove nothing
            broken.append(f"{part.__name__}: {problem!r}")

    with served("--funds", "USDT=1000000,BTC=10,isolated:BTCUSDT.USDT=1000") as server:
        server.control("market", {"symbol": SYMBOL, "price": "30000"})
        beginning = server.control("snapshot", {})["snapshot"]
        sockets = server.sockets()
        workers = [threading.Thread(target=work, args=(part,)) for part in (trade, watch, watch, watch, steer, knock)]
        for worker in workers:
            worker.start()
        sizes: list[int] = []
        end, cycle = time.monotonic() + 60 * minutes, time.monotonic() + CYCLE_SECONDS
        while time.monotonic() < end:
            time.sleep(SAMPLE_SECONDS)
            sizes.append(server.resident_kib())
            if time.monotonic() >= cycle:
                cycle += CYCLE_SECONDS
                told["reset"] += 1
                server.control("reset", {"snapshot": beginning})
        over.set()
        for worker in workers:
            worker.join()
        left = settle(server, sockets)
        tenth = max(1, len(sizes) // 10)
        return {
            "minutes": minutes,
            "reset": f"every {CYCLE_SECONDS:.0f} s",
            "done": dict(sorted(told.items())),
            "load_that_broke_down": broken,
            "resident_kib_median_of_each_tenth": [
                round(median(sizes[place : place + tenth])) for place in range(0, tenth * 10, tenth)
            ],
            "growth": grown(sizes[tenth : 2 * tenth], sizes[-tenth:]),
            "open_sockets_before_and_after": [sockets, left],
            "store_bytes": sum(path.stat().st_size for path in server.store.parent.glob("venue.sqlite*")),
            "error_lines": len(server.errors.read_text().splitlines()),
        }


def settle(server: Server, sockets: int) -> int:
    """How many are open when all clients are gone: the last goodbyes may take a moment."""
    end = time.monotonic() + 20
    while server.sockets() > sockets and time.monotonic() < end:
        time.sleep(0.5)
    return server.sockets()


def trade(server: Server, over: threading.Event, told: Counter[str]) -> None:
    exchange = server.exchange(limits=True)
    step = 0
    while not over.wait(PAUSE_SECONDS):
        step += 1
        with counted(told, "markets"):
            exchange.load_markets(step % 100 == 0)
        one_order(exchange, step, told)
        if step % 20 == 0:
            with counted(told, "borrow"):
                exchange.borrow_cross_margin("USDT", 5)
        if step % 20 == 10:
            with counted(told, "repay"):
                exchange.repay_cross_margin("USDT", 4)
        if step % 7 == 0:
            with counted(told, "fills"):
                exchange.fetch_my_trades(SYMBOL, None, None, {"marginMode": "cross"})
        if step % 7 == 3:
            with counted(told, "balance"):
                exchange.fetch_balance({"marginMode": "cross"})


def watch(server: Server, over: threading.Event, told: Counter[str]) -> None:
    """Streams come, hear some pushes, and leave: with a goodbye, without one, or without ever having read."""
    names = ("cross_account", "cross_orders", "isolate_orders", "indexPrice")
    turn = 0
    while not over.wait(STREAM_PAUSE_SECONDS):
        turn += 1
        try:
            # From changing addresses: each has its 240 subscriptions an hour.
            line = socket.create_connection(server.address, timeout=2, source_address=(f"127.0.0.{2 + turn % 8}", 0))
            stream = websocket.create_connection(server.told["ws_url"], timeout=2, socket=line)
        except (OSError, websocket.WebSocketException):
            told["stream refused"] += 1
            continue
        told["stream"] += 1
        with suppress(OSError, websocket.WebSocketException):
            stream.send(json.dumps({"op": "login", "args": [login(server.told)]}))
            channel = CHANNELS[names[turn % len(names)]]
            symbol = "BTCUSDT" if channel.name.endswith("orders") else None
            stream.send(json.dumps({"op": "subscribe", "args": [channel.argument(symbol)]}))
            until = time.monotonic() + STREAM_SECONDS
            while turn % 3 and time.monotonic() < until and not over.is_set():
                with suppress(websocket.WebSocketTimeoutException):
                    told["push"] += '"data"' in str(stream.recv())
            if not turn % 3:
                over.wait(STREAM_SECONDS)
        if turn % 2:
            with suppress(OSError, websocket.WebSocketException):
                stream.close(timeout=1)
        stream.shutdown()  # type: ignore[no-untyped-call]


def login(told: dict[str, str]) -> dict[str, str]:
    signer = signing.HmacSigner(told["secret"])
    (argument,) = signing.login_args(told["api_key"], told["passphrase"], signer, int(time.time()))
    return {name: str.__str__(text) for name, text in argument.items()}


def steer(server: Server, over: threading.Event, told: Counter[str]) -> None:
    """The operator: prices, money, looks, and faults that are set and cleared."""
    turn = 0
    while not over.wait(1.0):
        turn += 1
        server.control("market", {"symbol": SYMBOL, "price": str(30_000 + turn % 50)})
        told["control"] += 1
        if turn % 10 == 0:
            server.control("faults", {"clear": True})
            for number, kind in enumerate((*FAULTS, *STREAM_FAULTS)):
                server.control("faults", {"kind": kind, "probability": PROBABILITY, "seed": turn + number})
        if turn % 10 == 5:
            server.control("fund", {"account": "cross", "coin": "USDT", "amount": "1"})
            server.control("state")
            server.control("clock", {"advance_ms": 1_000})


def knock(server: Server, over: threading.Event, told: Counter[str]) -> None:
    """Strangers: bad paths, bad signatures, bad JSON, connections that say half a word."""
    sent: Sequence[bytes] = (
        b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"POST /api/margin/v1/cross/order/placeOrder HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n{",
        b"POST /_sandbox/state HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}",
        b"GET / HT",
        b"\x16\x03\x01\r\n\r\n",
    )
    turn = 0
    while not over.wait(0.5):
        turn += 1
        with suppress(OSError), socket.create_connection(server.address, timeout=2) as line:
            line.sendall(sent[turn % len(sent)])
            told["stranger"] += 1
            if turn % 2:
                line.recv(4096)


# counting


@contextmanager
def counted(told: Counter[str], name: str) -> Iterator[None]:
    """A fault, a refusal and a lost answer are part of the day."""
    try:
        yield
    except ccxt.BaseError as problem:
        told[f"{name}: {type(problem).__name__}"] += 1
    else:
        told[name] += 1


def grown(first: Sequence[int], last: Sequence[int]) -> float:
    return round(median(last) / median(first) - 1, 4)


if __name__ == "__main__":
    assert os.path.exists("/proc/self/status"), "the memory of a process is read from /proc"
    sys.exit(main())
