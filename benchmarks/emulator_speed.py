"""How fast the emulator is: signed orders a second on one core, and whether slow strangers slow a healthy client.

    python benchmarks/emulator_speed.py [--orders 20000] [--rate 2000]

The server is `bitget-margin serve` in a process of its own, bound to one core; requests are signed beforehand and sent
over one keep-alive connection each by a client on another core. Result: benchmarks/results/emulator_speed.json
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bitget_margin_adapter.wire import signing
from bitget_margin_adapter.wire.endpoints import ENDPOINTS

RESULT = Path(__file__).parent / "results" / "emulator_speed.json"
ROW = ENDPOINTS["cross_place_order"]
CONNECTIONS = 8
STRANGERS = 5
SLOW_EACH = 100


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--rate", type=int, default=2_000, help="orders a second that are asked for")
    args = parser.parse_args()
    options = ["serve", "--json", "--limits", "off", "--funds", "USDT=1000000000", "--clock", "virtual"]
    with subprocess.Popen(
        [sys.executable, "-m", "bitget_margin_adapter", *options], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            told = json.loads(server.stdout.readline())
            cores = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(server.pid, {cores[0]})
            for thread in Path(f"/proc/{server.pid}/task").iterdir():
                os.sched_setaffinity(int(thread.name), {cores[0]})
            os.sched_setaffinity(0, {cores[-1]})
            asyncio.run(measure(told, args.orders, args.rate, server.pid))
        finally:
            server.terminate()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(told: dict[str, str], orders: int, rate: int, pid: int) -> None:
    await control(told, "market", {"symbol": "BTCUSDT", "price": "30000"})
    await paced(told, 2_000, rate)
    steady = await paced(told, orders, rate)
    before = cpu_seconds(pid)
    flat_out = await burst(told, orders)
    flat_out["server_cpu_ms_per_order"] = round(1000 * (cpu_seconds(pid) - before) / orders, 4)
    slow = await strangers(told)
    crowded = await paced(told, 4_000, 400)
    for writer in slow:
        writer.close()
    found = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load_average_before": os.getloadavg()[0],
        "what": "cross_place_order, market sell or buy, signed, over HTTP/1.1 keep-alive; server bound to one core",
        "connections": CONNECTIONS,
        "steady": steady,
        "flat_out": flat_out,
        "with_500_slow_connections_from_5_other_addresses": crowded,
        "slow_connections_opened": len(slow),
    }
    RESULT.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


def signed(told: dict[str, str], number: int) -> bytes:
    body = signing.body_text(
        {
            "symbol": "BTCUSDT",
            "side": "buy",
            "orderType": "market",
            "quoteAmount": "30",
            "loanType": "normal",
            "clientOid": f"own-{time.time_ns()}-{number}",
        }
    )
    stamp = str(time.time_ns() // 1_000_000)
    signature = signing.HmacSigner(told["secret"]).sign(signing.prehash(stamp, "POST", ROW.path, "", body))
    headers = signing.headers(told["api_key"], signature, stamp, told["passphrase"])
    lines = "".join(f"{name}: {value!s}\r\n" for name, value in {k: str.__str__(v) for k, v in headers.items()}.items())
    head = f"POST {ROW.path} HTTP/1.1\r\nHost: localhost\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body.encode()


class Line:
    """One keep-alive connection."""

    async def open(self, told: dict[str, str]) -> "Line":
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", urlsplit(told["url"]).port)
        return self

    async def ask(self, request: bytes) -> float:
        started = time.perf_counter()
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await self.reader.readexactly(length)
        took = time.perf_counter() - started
        assert b'"code":"00000"' in body, body
        return took


async def paced(told: dict[str, str], orders: int, rate: int) -> dict[str, Any]:
    """Orders leave on a timetable, each as soon as a connection is free; lateness counts into the latency."""
    requests = [signed(told, number) for number in range(orders)]
    lines = [await Line().open(told) for _ in range(CONNECTIONS)]
    took: list[float] = []
    start = time.perf_counter() + 0.05
    numbers = iter(range(orders))

    async def work(line: Line) -> None:
        for number in numbers:
            due = start + number / rate
            wait = due - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            await line.ask(requests[number])
            took.append(time.perf_counter() - due)

    await asyncio.gather(*map(work, lines))
    seconds = time.perf_counter() - start
    for line in lines:
        line.writer.close()
    return {"orders": orders, "asked_per_second": rate, "per_second": round(orders / seconds), **quantiles(took)}


async def burst(told: dict[str, str], orders: int) -> dict[str, Any]:
    requests = [signed(told, number) for number in range(orders)]
    lines = [await Line().open(told) for _ in range(CONNECTIONS)]
    numbers = iter(range(orders))
    took: list[float] = []

    async def work(line: Line) -> None:
        for number in numbers:
            took.append(await line.ask(requests[number]))

    start = time.perf_counter()
    await asyncio.gather(*map(work, lines))
    seconds = time.perf_counter() - start
    for line in lines:
        line.writer.close()
    return {"orders": orders, "per_second": round(orders / seconds), **quantiles(took)}


async def strangers(told: dict[str, str]) -> list[Any]:
    """Connections that send a few bytes of a request and then nothing."""
    opened = []
    for address in range(2, 2 + STRANGERS):
        for number in range(SLOW_EACH):
            _, writer = await asyncio.open_connection(
                "127.0.0.1", urlsplit(told["url"]).port, local_addr=(f"127.0.0.{address}", 0)
            )
            if number % 2:
                writer.write(f"POST {ROW.path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{{".encode())
            else:
                writer.write(b"GET / HT")
            opened.append(writer)
    return opened


async def control(told: dict[str, str], word: str, body: dict[str, Any]) -> None:
    text = json.dumps(body)
    line = await Line().open(told)
    head = f"POST /_sandbox/{word} HTTP/1.1\r\nHost: localhost\r\nX-Sandbox-Token: {told['control_token']}\r\n"
    line.writer.write(f"{head}Content-Length: {len(text)}\r\n\r\n{text}".encode())
    assert b" 200 " in await line.reader.readline()
    line.writer.close()


def quantiles(took: list[float]) -> dict[str, float]:
    ordered = sorted(took)
    return {f"p{name}_ms": round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * part))], 3)
            for name, part in (("50", 0.5), ("99", 0.99), ("99.9", 0.999))}  # fmt: skip


if __name__ == "__main__":
    main()
