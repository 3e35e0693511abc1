"""A tiny v1 venue on the loopback: it checks signatures and answers what a test tells it to."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from bitget_margin_adapter.wire import signing
from bitget_margin_adapter.wire.endpoints import BY_ROUTE

CREDENTIALS = {"apiKey": "key-0123456789", "secret": "secret-abcdefghij", "password": "phrase-klmnop"}


@dataclass
class Seen:
    name: str
    query: str
    body: Any
    headers: dict[str, str]
    signed: bool


@dataclass
class Server:
    """`answers[name]` is the data of a success, a whole body, or a function of what was seen."""

    url: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    def names(self) -> list[str]:
        return [request.name for request in self.seen]

    def config(self, **more: Any) -> dict[str, Any]:
        return {**CREDENTIALS, "urls": {"api": {"margin": self.url, "spot": self.url}}, **more}


PAIR = {
    "baseCoin": "BTC", "symbol": "BTCUSDT", "quoteCoin": "USDT", "maxCrossLeverage": "3", "maxIsolatedLeverage": "10",
    "warningRiskRatio": "0.80000000", "liquidationRiskRatio": "1.00000000", "minTradeAmount": "0.00010000",
    "maxTradeAmount": "10000.00000000", "takerFeeRate": "0.00100000", "makerFeeRate": "0.00100000", "priceScale": "2",
    "quantityScale": "4", "minTradeUSDT": "5.00000000", "isBorrowable": True, "userMinBorrow": "0.00000001",
    "status": "1",
}  # fmt: skip


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server(answers={"currencies": [PAIR]})

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            parts = urlsplit(self.path)
            row = BY_ROUTE.get((self.command, parts.path))
            signed = signing.verify(
                self.headers.get("ACCESS-SIGN") or "", self.headers.get("ACCESS-TIMESTAMP") or "", self.command,
                parts.path, parts.query, raw, CREDENTIALS["secret"],
            )  # fmt: skip
            name = row.name if row is not None else parts.path
            seen = Seen(name, parts.query, json.loads(raw) if raw else None, dict(self.headers.items()), signed)
            state.seen.append(seen)
            answer = state.answers.get(name)
            if callable(answer):
                answer = answer(seen)
            status, text = 200, ""
            if isinstance(answer, tuple):
                status, answer = answer
            if isinstance(answer, str):
                text = answer
            elif isinstance(answer, dict) and "code" in answer:
                text = json.dumps(answer)
            else:
                text = json.dumps({"code": "00000", "msg": "success", "requestTime": 1_700_000_000_000, "data": answer})
            payload = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing to the terminal."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{http.server_address[1]}"
    yield state
    http.shutdown()
    http.server_close()
    thread.join(timeout=5)
