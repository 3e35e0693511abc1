"""A conversation on the stream as JSON lines: what was sent, what came back; secrets and times of the day masked."""

import json
from pathlib import Path
from typing import Any

import websocket

from bitget_margin_adapter.emulator import Emulator
from bitget_margin_adapter.wire import signing
from bitget_margin_adapter.wire.channels import CHANNELS
from bitget_margin_adapter.wire.v2.channels import PRIVATE_PATH, PUBLIC_PATH, argument_v2

from .doors import CASSETTES, CASSETTES_V2
from .scenarios import START

__all__ = ["HEADING", "PATHS", "record"]

PATHS = {"v1": CASSETTES / "stream.jsonl", "v2": CASSETTES_V2 / "stream.jsonl"}
HEADING = {"note": "Recorded from the emulator of this project, not from Bitget."}

_MASKED = ("apiKey", "passphrase", "sign")


def record(path: Path, dialect: str = "v1") -> None:
    """Login, all channels, a loan, an order that is filled, an hour of interest."""
    lines: list[Any] = [HEADING]
    with Emulator(clock="virtual", limits=False) as venue:
        venue.control("market", {"symbol": "BTC/USDT", "price": "30000"})
        base = venue.ws_url.partition("/spot/")[0]
        addresses = [venue.ws_url] if dialect == "v1" else [base + PRIVATE_PATH, base + PUBLIC_PATH]
        sockets = [websocket.create_connection(address, timeout=30) for address in addresses]
        try:
            _converse(venue, sockets, lines)
        finally:
            for socket in sockets:
                socket.close()
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def _converse(venue: Emulator, sockets: list[Any], lines: list[Any]) -> None:
    """On one socket in v1; in v2 the second of them has what is public."""
    argument = argument_v2 if len(sockets) == 2 else _argument_v1

    def named(public: bool) -> dict[str, str]:
        return {"socket": "public" if public else "private"} if len(sockets) == 2 else {}

    def send(message: Any, answers: int = 1, *, public: bool = False) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        sockets[-1 if public else 0].send(text)
        lines.append({**named(public), "sent": _masked(text)})
        receive(answers, public=public)

    def receive(count: int, *, public: bool = False) -> None:
        socket = sockets[-1 if public else 0]
        lines.extend({**named(public), "received": socket.recv()} for _ in range(count))

    def control(word: str, body: Any, private: int, public: int = 0) -> None:
        venue.control(word, body)
        if len(sockets) == 1:
            receive(private + public)
        else:
            receive(private)
            receive(public, public=True)

    def act(endpoint: str, params: dict[str, str], pushes: int) -> None:
        venue.host.call("default", endpoint, params)
        receive(pushes)

    who = venue.credentials
    signer = signing.HmacSigner(who["secret"])
    login = signing.login_args(who["apiKey"], who["password"], signer, START // 1000)
    send("ping")
    send({"op": "login", "args": [{name: str(value) for name, value in login[0].items()}]})
    for name, first in (("indexPrice", 1), ("cross_account", 1), ("isolate_account", 0), ("cross_orders", 0)):
        public = not CHANNELS[name].private
        send({"op": "subscribe", "args": [argument(name, "BTCUSDT")]}, 1 + first, public=public)
    act("cross_borrow", {"coin": "USDT", "borrowAmount": "100"}, 1)
    order = {
        "symbol": "BTCUSDT", "side": "buy", "orderType": "limit", "price": "29000", "baseQuantity": "0.1",
        "loanType": "normal", "timeInForce": "gtc", "clientOid": "own-1",
    }  # fmt: skip
    act("cross_place_order", order, 2)
    control("market", {"symbol": "BTC/USDT", "price": "28999.5"}, 2, 1)
    control("clock", {"advance_ms": 3_600_000}, 1)
    inst_type = argument("indexPrice", None)["instType"]
    send({"op": "subscribe", "args": [{"instType": inst_type, "channel": "none", "instId": "default"}]})
    send({"op": "unsubscribe", "args": [argument("indexPrice", None)]}, public=True)


def _argument_v1(channel: str, symbol: str | None) -> dict[str, str]:
    return CHANNELS[channel].argument(symbol)


def _masked(text: str) -> str:
    if not text.startswith("{"):
        return text
    message = json.loads(text)
    for argument in message["args"]:
        argument.update({name: "***" for name in _MASKED if name in argument})
    return json.dumps(message)
