"""The recorded streams, heard by our own client; and the emulator says today what it said then."""

import json
from pathlib import Path
from typing import Any

import pytest

from bitget_margin_adapter.stream.events import Push
from bitget_margin_adapter.stream.protocol import StreamProtocol

from .scenarios import START
from .stream_recording import HEADING, PATHS, record

DIALECTS = list(PATHS)


def lines(path: Path) -> list[Any]:
    first, *rest = map(json.loads, path.read_text().splitlines())
    assert first == HEADING
    return rest


def pushes(dialect: Any) -> list[Push]:
    """What a client hears that is sent the recording; in v2, one for each socket."""
    found: list[Push] = []
    for public in (False, True):
        channels = ["indexPrice"] if public else ["cross_account", "isolate_account", "cross_orders"]
        protocol = StreamProtocol(login=lambda now: [{"apiKey": "x"}], dialect=dialect)
        for channel in channels:
            protocol.subscribe(channel, "BTCUSDT" if channel == "cross_orders" else None)
        protocol.opened(START)
        protocol.outgoing(START)
        name = "public" if public else "private"
        for line in lines(PATHS[dialect]):
            if "received" in line and line.get("socket", name) == name:
                found += (event for event in protocol.receive(line["received"], START) if isinstance(event, Push))
    return found


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_emulator_still_says_what_was_recorded(dialect: str, tmp_path: Path) -> None:
    record(tmp_path / "again.jsonl", dialect)
    assert lines(tmp_path / "again.jsonl") == lines(PATHS[dialect])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_our_client_understands_every_line_of_it(dialect: str) -> None:
    heard = pushes(dialect)
    assert [push.channel for push in heard].count("cross_orders") == 2
    orders = [row.order for push in heard if push.channel == "cross_orders" for row in push.rows]
    assert [(str(order.status), order.client_oid) for order in orders] == [("new", "own-1"), ("full_fill", "own-1")]
    last = [row for push in heard if push.channel == "cross_account" for row in push.rows if row.coin == "USDT"][-1]
    assert (str(last.borrow), str(last.interest)) == ("100", "0.00105234")
    prices = [row.price for push in heard if push.channel == "indexPrice" for row in push.rows]
    assert list(map(str, prices)) == ["30000", "28999.5"]


def test_both_dialects_tell_the_same_story() -> None:
    """But for what v2 does not say: the number of a change."""

    def bare(push: Push) -> Any:
        rows = [row._replace(version="", info=None) for row in push.rows]
        if push.channel == "cross_orders":
            rows = [row._replace(order=row.order._replace(info=None)) for row in rows]
        return push.channel, rows

    assert list(map(bare, pushes("v2"))) == list(map(bare, pushes("v1")))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_secret_is_in_it(dialect: str) -> None:
    text = PATHS[dialect].read_text()
    assert "sbx_" not in text
    login = next(json.loads(line["sent"]) for line in lines(PATHS[dialect]) if "login" in line.get("sent", ""))
    assert {login["args"][0][name] for name in ("apiKey", "passphrase", "sign")} == {"***"}
