"""The page for people, in a real browser when one is installed, and what it lives on without one."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import websocket

from bitget_margin_adapter.emulator import Emulator

from .chromium import BINARY, Page
from .conftest import PRICE, Caller

ORDER = {
    "symbol": "BTCUSDT", "side": "buy", "orderType": "limit", "price": "20000", "baseQuantity": "0.01",
    "loanType": "normal", "timeInForce": "gtc",
}  # fmt: skip


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310
        return answer.read().decode(), answer.headers


def test_the_page_needs_nothing_from_elsewhere(emulator: Emulator) -> None:
    text, headers = fetch(f"{emulator.url}/")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    for name in ("page.css", "page.js"):
        assert f"/{name}" in text
        body, _ = fetch(f"{emulator.url}/{name}")
        assert "http://" not in body.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in body
    assert emulator.control_token not in text


def test_the_picture_is_read_only_and_has_no_secret(emulator: Emulator) -> None:
    socket = websocket.create_connection(emulator.ws_url.replace("/spot/v1/stream", "/live"), timeout=30)
    try:
        text = socket.recv()
        picture = json.loads(text)
        (account,) = picture["accounts"]
        assert (account["name"], account["equity"], account["wallets"][0]["risk"]) == ("default", "10000", "0")
        assert not any(secret in text for secret in (*emulator.credentials.values(), emulator.control_token))
    finally:
        socket.close()
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        websocket.create_connection(
            emulator.ws_url.replace("/spot/v1/stream", "/live"), timeout=30, origin="http://evil.example"
        )


@pytest.mark.skipif(BINARY is None, reason="needs Chromium")
@pytest.mark.parametrize("width", [1200, 400])
def test_a_browser_sees_what_happens(emulator: Emulator, tmp_path: Path, width: int) -> None:
    call = Caller(emulator)
    with Page(tmp_path, f"{emulator.url}/", width) as page:
        page.wait_for("#state", "live")
        page.wait_for("#equity", "10,000.00")
        page.wait_for("#prices", "30,000")
        page.wait_for("#orders", "No open orders")
        assert call("cross_borrow", {"coin": "USDT", "borrowAmount": "4000"})[0] == 200
        page.wait_for("#wallets", "4,000")
        page.wait_for("#wallets .gauge", "Risk 4")
        assert call("cross_place_order", ORDER)[0] == 200
        page.wait_for("#orders", "20,000")
        emulator.control("market", {**PRICE, "price": "19999.5"})
        page.wait_for("#fills", "BTCUSDT")
        page.wait_for("#orders", "No open orders")
        page.wait_for("#prices .down", "19,999.5")
        emulator.control("fork", {"to": "<b>twin</b>"})
        page.wait_for("#accounts", "<b>twin</b>")
        assert page.value("document.documentElement.scrollWidth") <= width
        emulator.stop()
        page.wait_for("#state", "not connected")
        assert page.errors == []
