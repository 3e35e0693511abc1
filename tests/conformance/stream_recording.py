"""A conversation on the stream as JSON lines: what was sent, what came back; secrets and times of the day masked."""

import json
from pathlib import Path
from typing import Any

import websocket

from bitget_margin_adapter.emulator import Emulator
from bitget_margin_adapter.wire import signing
from bitget_margin_adapter.wire.channels import CHANNELS

from .doors import CASSETTES
from .scenarios import START

__all__ = ["HEADING", "PATH", "record"]

PATH = CASSETTES / "stream.jsonl"
HEADING = {"note": "Recorded from the emulator of this project, not from Bitget."}

_MASKED = ("apiKey", "passphrase", "sign")


def record(path: Path) -> None:
    """Login, all channels, a loan, an order that is filled, an hour of interest."""
    lines: list[Any] = [HEADING]
    with Emulator(clock="virtual", limits=False) as venue:
        venue.control("market", {"symbol": "BTC/USDT", "price": "30000"})
        socket = websocket.create_connection(venue.ws_url, timeout=5)
        try:
            _converse(venue, socket, lines)
        finally:
            socket.close()
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def _converse(venue: Emulator, socket: Any, lines: list[Any]) -> None:
    def send(message: Any, answers: int = 1) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        socket.send(text)
        lines.append({"sent": _masked(text)})
        receive(answers)

    def receive(count: int) -> None:
        lines.extend({"received": socket.recv()} for _ in range(count))

    def control(word: str, body: Any, pushes: int) -> None:
        venue.control(word, body)
        receive(pushes)

    def act(endpoint: str, params: dict[str, str], pushes: int) -> None:
        venue.host.call("default", endpoint, params)
        receive(pushes)

    who = venue.credentials
    signer = signing.HmacSigner(who["secret"])
    login = signing.login_args(who["apiKey"], who["password"], signer, START // 1000)
    send("ping")
    send({"op": "login", "args": [{name: str(value) for name, value in login[0].items()}]})
    for name, first in (("indexPrice", 1), ("cross_account", 1), ("isolate_account", 0), ("cross_orders", 0)):
        send({"op": "subscribe", "args": [CHANNELS[name].argument("BTCUSDT")]}, 1 + first)
    act("cross_borrow", {"coin": "USDT", "borrowAmount": "100"}, 1)
    order = {
        "symbol": "BTCUSDT", "side": "buy", "orderType": "limit", "price": "29000", "baseQuantity": "0.1",
        "loanType": "normal", "timeInForce": "gtc", "clientOid": "own-1",
    }  # fmt: skip
    act("cross_place_order", order, 2)
    control("market", {"symbol": "BTC/USDT", "price": "28999.5"}, 3)
    control("clock", {"advance_ms": 3_600_000}, 1)
    send({"op": "subscribe", "args": [{"instType": "mabl", "channel": "none", "instId": "default"}]})
    send({"op": "unsubscribe", "args": [CHANNELS["indexPrice"].argument()]})


def _masked(text: str) -> str:
    if not text.startswith("{"):
        return text
    message = json.loads(text)
    for argument in message["args"]:
        argument.update({name: "***" for name in _MASKED if name in argument})
    return json.dumps(message)
