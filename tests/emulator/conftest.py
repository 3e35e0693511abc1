"""A running emulator, raw requests to it, and a client that signs."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from bitget_margin_adapter.emulator import Emulator
from bitget_margin_adapter.wire import signing
from bitget_margin_adapter.wire.endpoints import ENDPOINTS

PRICE = {"symbol": "BTC/USDT", "price": "30000"}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(clock="virtual", limits=False) as venue:
        venue.control("market", PRICE)
        yield venue


class Caller:
    """Signed requests by hand, one connection for each."""

    def __init__(self, venue: Emulator, credentials: dict[str, str] | None = None) -> None:
        self.venue = venue
        self.credentials = credentials or venue.credentials
        parts = urlsplit(venue.url)
        self.host, self.port = parts.hostname or "", parts.port or 0

    def __call__(self, name: str, params: dict[str, Any] | None = None, **headers: str) -> tuple[int, Any]:
        row = ENDPOINTS[name]
        query, decoded = signing.query_string(params or {}) if row.method == "GET" else ("", "")
        body = "" if row.method == "GET" else signing.body_text(params or {})
        stamp = str(time.time_ns() // 1_000_000)
        signer = signing.HmacSigner(self.credentials["secret"])
        signed = signing.headers(
            self.credentials["apiKey"],
            signer.sign(signing.prehash(stamp, row.method, row.path, decoded, body)),
            stamp,
            self.credentials["password"],
        )
        return self.send(row.method, f"{row.path}?{query}" if query else row.path, body, {**signed, **headers})

    def send(
        self, method: str, path: str, body: str | bytes = "", headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request(method, path, body or None, headers or {})
            answer = connection.getresponse()
            data = answer.read()
            assert answer.headers["Content-Type"] == "application/json"
            return answer.status, json.loads(data)
        finally:
            connection.close()

    def raw(self, data: bytes) -> bytes:
        """What comes back for these bytes until the other side closes; the test fails when it does not."""
        with socket.create_connection((self.host, self.port), timeout=30) as connection:
            connection.sendall(data)
            received = b""
            try:
                while chunk := connection.recv(65536):
                    received += chunk
            except ConnectionError:
                pass
            return received


@pytest.fixture
def call(emulator: Emulator) -> Caller:
    return Caller(emulator)
