"""The rules of RFC 6455, frame by frame, on both sides: what is taken, and by which code the rest is ended."""

import asyncio
import json
import queue
import socket
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp
import pytest
import websockets.sync.client

import bitget_margin_adapter as bma
from bitget_margin_adapter.stream.connection import Connection
from bitget_margin_adapter.stream.events import Push
from bitget_margin_adapter.stream.protocol import StreamProtocol

from ..wire.test_channels import INDEX
from .frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, Peer, connect, frame, serve_once

ARGUMENT = {"instType": "mabl", "channel": "indexPrice", "instId": "default"}
WORD = json.dumps(
    {"action": "snapshot", "arg": ARGUMENT, "data": [{**INDEX, "note": "€ 中文"}]}, ensure_ascii=False
).encode()


def code(number: int, text: str = "") -> bytes:
    return struct.pack("!H", number) + text.encode()


class Case(NamedTuple):
    name: str
    frames: tuple[tuple[Any, ...], ...]
    """(opcode, payload, fin, rsv)"""
    closes: int | None = None
    """None: goes on, and what was sent is understood."""
    length: int | None = None
    answers: tuple[tuple[int, bytes], ...] = ()


def cases(word: bytes) -> list[Case]:
    third = len(word) // 3
    one, two, three = word[:third], word[third : 2 * third], word[2 * third :]
    singly = [(CONT, word[place : place + 1], False) for place in range(1, len(word))]
    payload = b"abc" * 40
    return [
        Case("whole", ((TEXT, word),)),
        Case("binary holds text as well", ((BINARY, word),)),
        Case("in three fragments", ((TEXT, one, False), (CONT, two, False), (CONT, three))),
        Case("byte by byte", ((TEXT, word[:1], False), *singly, (CONT, b""))),
        Case("empty fragments", ((TEXT, b"", False), (CONT, word, False), (CONT, b""))),
        Case(
            "a ping between fragments", ((TEXT, one, False), (PING, b"x"), (CONT, two + three)), answers=((PONG, b"x"),)
        ),
        Case("a ping is answered with its payload", ((PING, payload), (TEXT, word)), answers=((PONG, payload),)),
        Case("an empty ping", ((PING, b""), (TEXT, word)), answers=((PONG, b""),)),
        Case("a pong nobody asked for", ((PONG, b"?"), (TEXT, word))),
        Case("close 1000", ((CLOSE, code(1000, "bye")),), 1000),
        Case("close 1001", ((CLOSE, code(1001)),), 1001),
        Case("close 3000", ((CLOSE, code(3000)),), 3000),
        Case("close without a code", ((CLOSE, b""),), 1000),
        Case("close with half a code", ((CLOSE, b"\x03"),), 1002),
        Case("close with a forbidden code", ((CLOSE, code(1005)),), 1002),
        Case("a reserved opcode", ((3, b"x"),), 1002),
        Case("a reserved control opcode", ((11, b""),), 1002),
        Case("a reserved bit", ((TEXT, word, True, 1),), 1002),
        Case("a fragmented ping", ((PING, b"x", False),), 1002),
        Case("a long ping", ((PING, b"x" * 126),), 1002),
        Case("a continuation of nothing", ((CONT, word),), 1002),
        Case("a message within a message", ((TEXT, one, False), (TEXT, two)), 1002),
        Case("bad UTF-8", ((TEXT, b"\xff\xfe{}"),), 1007),
        Case("bad UTF-8 over two fragments", ((TEXT, b'{"\xe2', False), (CONT, b'"}')), 1007),
        Case("a surrogate", ((TEXT, b'"\xed\xa0\x80"'),), 1007),
        Case("far too long", ((TEXT, b"x"),), 1009, length=1 << 40),
    ]  # fmt: skip


def written(part: tuple[Any, ...], case: Case, *, masked: bool) -> bytes:
    opcode, payload, *rest = part
    fin, rsv = bool(rest[0]) if rest else True, int(rest[1]) if len(rest) > 1 else 0
    return frame(opcode, payload, fin=fin, rsv=rsv, masked=masked, length=case.length)


# our client


class Client(NamedTuple):
    peer: Peer
    events: "queue.Queue[Any]"


@pytest.fixture
def client() -> Iterator[Client]:
    """Ours, connected to this test."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        events: queue.Queue[Any] = queue.Queue()
        protocol = StreamProtocol()
        protocol.subscribe("indexPrice")
        port = listener.getsockname()[1]

        def heard(found: list[Any], now: int) -> None:
            for one in found:
                events.put(one)

        connection = Connection(f"ws://127.0.0.1:{port}/", protocol, heard, lambda *said: None, lambda *said: None)
        connection.start()
        peer = serve_once(listener)
        opcode, payload = peer.read() or (0, b"")
        assert (opcode, json.loads(payload)["op"]) == (TEXT, "subscribe")
        yield Client(peer, events)
        peer.close()
        connection.close()


@pytest.mark.parametrize("case", cases(WORD), ids=lambda case: case.name)
def test_our_client(client: Client, case: Case) -> None:
    for part in case.frames:
        client.peer.send(written(part, case, masked=False))
    for answer in case.answers:
        assert client.peer.read() == answer
    if case.closes is not None:
        assert client.peer.close_code() == case.closes
        return
    while not isinstance(event := client.events.get(timeout=30), Push):
        pass
    assert event.rows[0].info["note"] == "€ 中文"


def test_a_venue_never_masks(client: Client) -> None:
    client.peer.send(frame(TEXT, WORD, masked=True))
    assert client.peer.close_code() == 1002


# the emulator


REQUEST = json.dumps({"op": "subscribe", "args": [ARGUMENT], "note": "€"}, ensure_ascii=False).encode()


@pytest.mark.parametrize("case", cases(REQUEST), ids=lambda case: case.name)
def test_the_emulator(emulator: bma.Emulator, case: Case) -> None:
    parts = urlsplit(emulator.ws_url)
    peer = connect(str(parts.hostname), int(parts.port or 0), parts.path)
    try:
        for part in case.frames:
            peer.send(written(part, case, masked=True))
        for answer in case.answers:
            assert peer.read() == answer
        if case.closes is not None:
            # aiohttp says 1000 to every orderly close; the RFC lets it.
            assert peer.close_code() in (
                case.closes,
                *([1000] if case.frames[0][0] == CLOSE and case.closes != 1002 else []),
            )
        else:
            _, payload = peer.read() or (0, b"")
            assert json.loads(payload) == {"event": "subscribe", "arg": ARGUMENT}
    finally:
        peer.close()


def test_the_emulator_on_two_clients_of_other_libraries(emulator: bma.Emulator) -> None:
    subscribe = json.dumps({"op": "subscribe", "args": [ARGUMENT]})

    with websockets.sync.client.connect(emulator.ws_url) as other:
        other.send("ping")
        assert other.recv(timeout=30) == "pong"
        other.send(subscribe)
        assert json.loads(other.recv(timeout=30)) == {"event": "subscribe", "arg": ARGUMENT}
        first = json.loads(other.recv(timeout=30))
        assert {row["symbol"] for row in first["data"]} >= {"BTCUSDT", "ETHUSDT"}

    async def with_aiohttp() -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(emulator.ws_url) as another:
            await another.send_str(subscribe)
            assert (await another.receive_json(timeout=30))["event"] == "subscribe"
            assert (await another.receive_json(timeout=30))["action"] == "snapshot"
            await another.ping()
            await another.send_str("ping")
            assert await another.receive_str(timeout=30) == "pong"

    asyncio.run(with_aiohttp())
