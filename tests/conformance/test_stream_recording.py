"""The recorded stream, heard by our own client; and the emulator says today what it said then."""

import json
from pathlib import Path
from typing import Any

from bitget_margin_adapter.stream.events import Push
from bitget_margin_adapter.stream.protocol import StreamProtocol

from .scenarios import START
from .stream_recording import HEADING, PATH, record


def lines(path: Path) -> list[Any]:
    first, *rest = map(json.loads, path.read_text().splitlines())
    assert first == HEADING
    return rest


def test_the_emulator_still_says_what_was_recorded(tmp_path: Path) -> None:
    record(tmp_path / "again.jsonl")
    assert lines(tmp_path / "again.jsonl") == lines(PATH)


def test_our_client_understands_every_line_of_it() -> None:
    protocol = StreamProtocol(login=lambda now: [{"apiKey": "x"}])
    for channel in ("indexPrice", "cross_account", "isolate_account", "cross_orders"):
        protocol.subscribe(channel, "BTCUSDT" if channel == "cross_orders" else None)
    protocol.opened(START)
    protocol.outgoing(START)
    events = [
        event for line in lines(PATH) if "received" in line for event in protocol.receive(line["received"], START)
    ]
    pushes = [event for event in events if isinstance(event, Push)]
    assert [push.channel for push in pushes].count("cross_orders") == 2
    orders = [row.order for push in pushes if push.channel == "cross_orders" for row in push.rows]
    assert [(str(order.status), order.client_oid) for order in orders] == [("new", "own-1"), ("full_fill", "own-1")]
    last = [row for push in pushes if push.channel == "cross_account" for row in push.rows if row.coin == "USDT"][-1]
    assert (str(last.borrow), str(last.interest)) == ("100", "0.00105234")


def test_nothing_secret_is_in_it() -> None:
    text = PATH.read_text()
    assert "sbx_" not in text
    login = next(json.loads(line["sent"]) for line in lines(PATH) if "login" in line.get("sent", ""))
    assert {login["args"][0][name] for name in ("apiKey", "passphrase", "sign")} == {"***"}
