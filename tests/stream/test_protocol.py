"""The client's half against the venue's half, and against whatever else may arrive; all in virtual time."""

import json
from collections import Counter
from itertools import cycle
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bitget_margin_adapter.stream.budget import Allowance
from bitget_margin_adapter.stream.events import (
    Dropped,
    Event,
    Garbled,
    Push,
    Refused,
    Subscribed,
    Unsubscribed,
)
from bitget_margin_adapter.stream.protocol import ANSWER_WITHIN, PING_EVERY, StreamProtocol
from bitget_margin_adapter.stream.server import ServerProtocol
from bitget_margin_adapter.wire.channels import CHANNELS, LIMITS

from ..wire.test_channels import ACCOUNT, INDEX, ORDER, ORDER_CHANGE
from .link import Faults, Link, check, login

HOUR = 3_600_000


def push_text(channel: str, inst: str, *rows: Any) -> str:
    argument = {"instType": "mabl", "channel": channel, "instId": inst}
    return json.dumps({"action": "snapshot", "arg": argument, "data": rows})


def opened(*streams: tuple[str, str | None], now: int = 0) -> StreamProtocol:
    """Logged in and subscribed."""
    protocol = StreamProtocol(login)
    for channel, symbol in streams:
        protocol.subscribe(channel, symbol)
    protocol.opened(now)
    server = ServerProtocol(check)
    server.opened(now)
    for _ in range(3):
        for text in protocol.outgoing(now):
            server.receive(text, now)
        for text in server.outgoing():
            protocol.receive(text, now)
    assert protocol.is_live
    return protocol


def operations(texts: list[str]) -> list[tuple[str, list[Any]]]:
    return [(message["op"], message["args"]) for message in map(json.loads, texts)]


def test_private_channels_wait_for_the_login_and_public_ones_do_not() -> None:
    protocol = StreamProtocol(login)
    protocol.subscribe("indexPrice")
    protocol.subscribe("cross_orders", "btcusdt")
    protocol.opened(1_000_000)
    asked = operations(protocol.outgoing(1_000_000))
    assert asked == [
        ("login", [{"apiKey": "sbx_key", "passphrase": "p", "timestamp": "1000", "sign": "s"}]),
        ("subscribe", [{"instType": "mabl", "channel": "indexPrice", "instId": "default"}]),
    ]
    assert protocol.outgoing(1_000_001) == []
    assert protocol.receive('{"event":"login","code":0,"msg":""}', 1_000_010) == []
    assert operations(protocol.outgoing(1_000_010)) == [
        ("subscribe", [{"instType": "mabl", "channel": "cross_orders", "instId": "BTCUSDT_SPBL"}])
    ]


def test_public_channels_alone_send_no_login() -> None:
    protocol = StreamProtocol(None)
    protocol.subscribe("indexPrice")
    protocol.opened(0)
    assert [op for op, _ in operations(protocol.outgoing(0))] == ["subscribe"]


@pytest.mark.parametrize("code", [0, "0"])
def test_either_spelling_of_a_good_login(code: object) -> None:
    protocol = StreamProtocol(login)
    protocol.subscribe("cross_account")
    protocol.opened(0)
    protocol.outgoing(0)
    protocol.receive(json.dumps({"event": "login", "code": code}), 1)
    assert [op for op, _ in operations(protocol.outgoing(1))] == ["subscribe"]


@pytest.mark.parametrize("code", ["30005", 30011, "30012", 30015, 40085, "40012"])
@pytest.mark.parametrize("event", ["error", "login"])
def test_a_refused_login_is_final(code: object, event: str) -> None:
    protocol = StreamProtocol(login)
    protocol.subscribe("cross_account")
    protocol.opened(0)
    protocol.outgoing(0)
    refused, dropped = protocol.receive(json.dumps({"event": event, "code": code, "msg": "no"}), 1)
    assert refused == Refused(str(code), "no", None, None, True)
    assert isinstance(dropped, Dropped)
    assert protocol.reconnect_at is None


@pytest.mark.parametrize("code", [30013, 30014])
def test_a_login_with_a_wrong_clock_is_tried_again(code: int) -> None:
    protocol = StreamProtocol(login)
    protocol.subscribe("cross_account")
    protocol.opened(0)
    protocol.outgoing(0)
    refused, _ = protocol.receive(json.dumps({"event": "error", "code": code, "msg": ""}), 1)
    assert isinstance(refused, Refused)
    assert not refused.final
    assert protocol.reconnect_at is not None


def test_a_refused_channel_leaves_the_others_alone() -> None:
    protocol = opened(("indexPrice", None))
    protocol.subscribe("cross_orders", "NOPEUSDT")
    protocol.outgoing(1)
    argument = {"instType": "mabl", "channel": "cross_orders", "instId": "NOPEUSDT_SPBL"}
    protocol.receive('{"event":"login","code":0}', 2)
    protocol.outgoing(2)
    events = protocol.receive(json.dumps({"event": "error", "code": 30001, "msg": "x", "arg": argument}), 3)
    assert events == [Refused("30001", "x", "cross_orders", "NOPEUSDT", True)]
    assert protocol.streams == (("indexPrice", None),)
    assert protocol.is_live


def test_too_many_requests_back_off_for_long() -> None:
    protocol = opened(("indexPrice", None))
    events = protocol.receive('{"event":"error","code":30006,"msg":""}', 5)
    assert [type(event) for event in events] == [Refused, Dropped]
    assert protocol.reconnect_at is not None
    assert protocol.reconnect_at >= 30_000


def test_rows_of_a_push() -> None:
    protocol = opened(("cross_orders", "BTCUSDT"), ("indexPrice", None), ("isolate_account", None))
    (push,) = protocol.receive(push_text("cross_orders", "BTCUSDT_SPBL", ORDER), 5)
    assert isinstance(push, Push)
    assert push.channel == "cross_orders"
    assert push.rows[0].order._replace(info=None) == ORDER_CHANGE.order
    assert push.rows[0].version == ORDER_CHANGE.version
    (push,) = protocol.receive(push_text("indexPrice", "default", INDEX, INDEX), 5)
    assert isinstance(push, Push)
    assert len(push.rows) == 2
    (push,) = protocol.receive(push_text("isolate_account", "default", {**ACCOUNT, "symbol": "BTCUSDT_SPBL"}), 5)
    assert isinstance(push, Push)
    assert push.rows[0].symbol == "BTCUSDT"


def test_a_push_is_as_good_as_the_acknowledgement_that_was_lost() -> None:
    protocol = StreamProtocol(login)
    protocol.subscribe("indexPrice")
    protocol.opened(0)
    protocol.outgoing(0)
    events = protocol.receive(push_text("indexPrice", "default", INDEX), 5)
    assert [type(event) for event in events] == [Subscribed, Push]
    assert protocol.is_live


def test_what_was_unsubscribed_is_not_reported_and_not_asked_for_again() -> None:
    protocol = opened(("cross_orders", "BTCUSDT"), ("indexPrice", None))
    protocol.unsubscribe("cross_orders", "BTC/USDT")
    assert [op for op, _ in operations(protocol.outgoing(5))] == ["unsubscribe"]
    assert protocol.receive(push_text("cross_orders", "BTCUSDT_SPBL", ORDER), 6) == []
    argument = {"instType": "mabl", "channel": "cross_orders", "instId": "BTCUSDT_SPBL"}
    # The documentation shows `args`, an object.
    events = protocol.receive(json.dumps({"event": "unsubscribe", "args": argument}), 7)
    assert events == [Unsubscribed("cross_orders", "BTCUSDT")]
    protocol.closed(8)
    protocol.opened(2_000)
    assert operations(protocol.outgoing(2_000))[0][1][0]["channel"] == "indexPrice"


def test_what_was_left_and_is_wanted_again_is_asked_for_again() -> None:
    """A push of before the venue heard of it is no acknowledgement."""
    protocol = opened(("indexPrice", None))
    protocol.unsubscribe("indexPrice")
    assert [op for op, _ in operations(protocol.outgoing(5))] == ["unsubscribe"]
    protocol.subscribe("indexPrice")
    events = protocol.receive(push_text("indexPrice", "default", INDEX), 6)
    assert [type(event) for event in events] == [Push]
    assert not protocol.is_live
    assert [op for op, _ in operations(protocol.outgoing(7))] == ["subscribe"]
    events = protocol.receive(push_text("indexPrice", "default", INDEX), 8)
    assert [type(event) for event in events] == [Subscribed, Push]


def test_never_subscribed_needs_no_unsubscribe() -> None:
    protocol = opened(("indexPrice", None))
    protocol.subscribe("cross_account")
    protocol.unsubscribe("cross_account")
    assert protocol.outgoing(1) == []


def test_pings_go_out_before_silence_is_too_long_and_on_a_busy_connection_too() -> None:
    protocol = opened(("indexPrice", None))
    pings = []
    for now in range(0, 120_000, 500):
        protocol.receive(push_text("indexPrice", "default", INDEX), now)
        assert protocol.tick(now) == []
        if "ping" in protocol.outgoing(now):
            pings.append(now)
            protocol.receive("pong", now + 20)
    assert pings == [20_000, 40_000, 60_000, 80_000, 100_000]
    assert PING_EVERY < 30_000


def test_a_ping_without_an_answer_drops_the_connection() -> None:
    protocol = opened(("indexPrice", None))
    protocol.tick(PING_EVERY)
    assert protocol.outgoing(PING_EVERY) == ["ping"]
    assert protocol.tick(PING_EVERY + ANSWER_WITHIN - 1) == []
    (dropped,) = protocol.tick(PING_EVERY + ANSWER_WITHIN)
    assert isinstance(dropped, Dropped)
    assert not protocol.is_open
    assert protocol.closed(PING_EVERY + ANSWER_WITHIN + 5) == [], "the close that follows is no second loss"


@given(at=st.integers(0, 400_000), latest=st.integers(0, 2_000))
def test_a_black_hole_is_found_within_35_seconds(at: int, latest: int) -> None:
    events: list[tuple[int, Event]] = []
    client = StreamProtocol(login)
    client.subscribe("indexPrice")
    link = Link(client, lambda found, now: events.extend((now, event) for event in found), faults=Faults(latest=latest))
    now = 0
    while not any(isinstance(event, Dropped) for _, event in events):
        link.faults.blackhole = now >= at
        link.tick(now)
        now += 1_000
        assert now < at + 40_000
    (found,) = [moment for moment, event in events if isinstance(event, Dropped)]
    assert found - at <= 35_000


@pytest.mark.parametrize("dead_at", [0, 1_000, 9_999, 10_000, 3_600_000])
def test_where_the_transport_pings_a_black_hole_is_found_within_35_seconds_too(dead_at: int) -> None:
    protocol = StreamProtocol(heartbeat=False)
    protocol.subscribe("indexPrice")
    protocol.opened(0)
    protocol.outgoing(0)
    protocol.receive(push_text("indexPrice", "default", INDEX), 0)
    now = 0
    while not (events := protocol.tick(now)):
        if now % 10_000 == 0 and 0 < now <= dead_at:
            protocol.read("pong", now)
        assert "ping" not in protocol.outgoing(now)
        now = min(protocol.next_due(now + 1), now // 10_000 * 10_000 + 10_000)
        assert now <= dead_at + 35_000
    assert isinstance(events[0], Dropped)
    assert now >= dead_at


def test_unanswered_logins_and_subscriptions_are_not_waited_for_forever() -> None:
    for channel, asked in (("cross_account", 1), ("indexPrice", 3)):
        protocol = StreamProtocol(login)
        protocol.subscribe(channel)
        protocol.opened(0)
        sent: list[str] = []
        for now in range(0, 60_000, 1_000):
            events = protocol.tick(now)
            if events:
                break
            for text in protocol.outgoing(now):
                if text == "ping":
                    protocol.receive("pong", now)
                else:
                    sent.append(text)
        assert [type(event) for event in events] == [Dropped]
        assert len(sent) == asked
        assert now <= 35_000


def test_back_off_grows_is_bounded_jittered_and_begins_anew() -> None:
    for jitter, low, high in ((0.0, 500, 30_000), (1.0, 1_000, 60_000)):
        protocol = StreamProtocol(None, jitter=cycle((jitter,)).__next__)
        protocol.subscribe("indexPrice")
        now, delays = 0, []
        for _ in range(10):
            protocol.not_opened(now, "refused")
            assert protocol.reconnect_at is not None
            delays.append(protocol.reconnect_at - now)
            now = protocol.reconnect_at
        assert delays[0] == low
        assert delays == sorted(delays)
        assert max(delays) == high
        protocol.opened(now)
        protocol.closed(now + 61_000)
        assert protocol.reconnect_at == now + 61_000 + low


def test_flapping_for_a_day_stays_within_the_budgets() -> None:
    """Connections that are cut at once, soon or late; six streams each; the venue's own counters watch."""
    random = Random(5)
    client = StreamProtocol(login, jitter=random.random)
    for channel in CHANNELS.values():
        for symbol in ("BTCUSDT", "ETHUSDT") if channel.by_symbol else (None,):
            client.subscribe(channel.name, symbol)
    events: list[Event] = []
    link = Link(client, lambda found, now: events.extend(found), random=random)
    now = cut_at = 0
    while now < 24 * HOUR:
        link.tick(now)
        if client.is_open:
            if link.opened[-1] > cut_at:
                cut_at = now + random.choice((0, 50, 1_000, 20_000, 90_000))
            if now >= cut_at:
                cut_at = now
                link.cut(now)
        now = max(now + 50, min(client.next_due(now), cut_at if client.is_open else now + HOUR))
    assert len(link.opened) > 400
    messages = [moment for moment, _ in link.sent]
    assert_window(messages, LIMITS.messages_per_second, 1_000)
    subscribed = [
        moment
        for moment, text in link.sent
        if '"subscribe"' in text
        for _ in json.loads(text)["args"]
    ]  # fmt: skip
    assert_window(subscribed, LIMITS.subscriptions_per_hour, HOUR)
    assert max(Counter(now // 1000 for now in link.opened).values()) <= 2
    assert not any(isinstance(event, Refused) for event in events)


def assert_window(moments: list[int], most: int, window: int) -> None:
    for first, last in zip(moments, moments[most:], strict=False):
        assert last - first >= window


def test_a_thousand_streams_go_out_over_the_hours_and_in_short_messages() -> None:
    client = StreamProtocol(login)
    for number in range(998):
        client.subscribe("cross_orders", f"COIN{number}USDT")
    client.subscribe("cross_account")
    client.subscribe("indexPrice")
    with pytest.raises(ValueError, match="1000"):
        client.subscribe("isolate_account")
    link = Link(client, lambda found, now: None, make_server=lambda: ServerProtocol(check))
    now = 0
    while not client.is_live:
        link.tick(now)
        now = max(now + 100, client.next_due(now))
    assert 4 * HOUR < now < 5 * HOUR
    assert max(len(text) for _, text in link.sent) <= LIMITS.argument_bytes


def test_a_shared_allowance_bounds_the_process() -> None:
    allowance = Allowance()
    clients = [StreamProtocol(None, allowance=allowance) for _ in range(300)]
    for client in clients:
        client.subscribe("indexPrice")
        client.opened(0)
    assert sum(len(client.outgoing(0)) for client in clients) == LIMITS.subscriptions_per_hour
    assert [allowance.connect() for _ in range(101)] == [True] * 100 + [False]
    allowance.disconnect()
    assert allowance.connect()


GARBAGE = st.one_of(
    st.text(max_size=50),
    st.binary(max_size=50),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda parts: (
            st.lists(parts, max_size=3)
            | st.dictionaries(
                st.sampled_from(["event", "arg", "args", "data", "code", "op", "channel", "instId"]), parts
            )
        ),
        max_leaves=8,
    ).map(json.dumps),
    st.sampled_from(["error", "login", "subscribe", "unsubscribe", "x"]).flatmap(
        lambda event: st.fixed_dictionaries(
            {"event": st.just(event), "code": st.none() | st.integers(0, 30_020)},
        ).map(json.dumps)
    ),
)


@given(st.lists(GARBAGE, max_size=8))
def test_nothing_that_arrives_raises(texts: list[Any]) -> None:
    client = opened(("cross_orders", "BTCUSDT"))
    server = ServerProtocol(check)
    server.opened(0)
    for now, text in enumerate(texts):
        client.receive(text, now)
        client.tick(now)
        client.outgoing(now)
        server.receive(text, now)
        server.outgoing()


def test_broken_pushes_are_reported() -> None:
    protocol = opened(("cross_orders", "BTCUSDT"))
    for text in (
        "{", "[1]", push_text("cross_orders", "BTCUSDT_SPBL", {**ORDER, "fillQuantity": "much"}),
        push_text("cross_orders", "BTCUSDT_SPBL", "row"),
    ):  # fmt: skip
        (event,) = protocol.receive(text, 5)
        assert isinstance(event, Garbled)


def test_never_more_than_ten_messages_a_second() -> None:
    client = opened(("indexPrice", None))
    sent: list[int] = []
    for now in range(1_000, 30_000, 50):
        for number in range(now % 7):
            channel = ("cross_orders", f"C{(now + number) % 40}USDT")
            (client.unsubscribe if channel in client.streams else client.subscribe)(*channel)
        client.tick(now)
        texts = client.outgoing(now)
        sent += [now] * len(texts)
        for text in texts:
            if text == "ping":
                client.receive("pong", now)
            elif '"login"' in text:
                client.receive('{"event":"login","code":0}', now)
            else:
                message = json.loads(text)
                for argument in message["args"]:
                    client.receive(json.dumps({"event": message["op"], "arg": argument}), now)
    assert len(sent) > 100
    assert_window(sent, LIMITS.messages_per_second, 1_000)
