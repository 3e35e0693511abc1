"""The venue's half by itself: what it answers, counts and gives up."""

import json
from typing import Any

import pytest

from bitget_margin_adapter.stream.budget import Sliding
from bitget_margin_adapter.stream.server import (
    LoggedIn,
    ServerProtocol,
    Subscription,
    Unsubscription,
)
from bitget_margin_adapter.wire.channels import parse_push

from ..wire.test_channels import ORDER, ORDER_CHANGE
from .link import KEY, check

ORDERS = {"instType": "mabl", "channel": "cross_orders", "instId": "BTCUSDT_SPBL"}
INDEX = {"instType": "mabl", "channel": "indexPrice", "instId": "default"}


def server(**more: Any) -> ServerProtocol:
    made = ServerProtocol(check, **more)
    made.opened(0)
    return made


def given_up(protocol: ServerProtocol) -> bool:
    return protocol.close_reason is not None


def ask(protocol: ServerProtocol, op: str, *arguments: Any, now: int = 0) -> tuple[list[Any], list[Any]]:
    requests = protocol.receive(json.dumps({"op": op, "args": arguments}), now)
    return requests, [json.loads(text) for text in protocol.outgoing()]


def test_a_login_is_answered_with_a_whole_number() -> None:
    protocol = server()
    assert ask(protocol, "login", {"apiKey": KEY}) == ([LoggedIn(KEY)], [{"event": "login", "code": 0, "msg": ""}])
    assert protocol.api_key == KEY


def test_snake_case_is_understood() -> None:
    assert ask(server(), "login", {"api_key": KEY})[0] == [LoggedIn(KEY)]
    wanted = {"inst_type": "mabl", "channel": "indexPrice", "inst_id": "default"}
    assert ask(server(), "subscribe", wanted) == (
        [Subscription("indexPrice", None)],
        # It writes so and reads the other spelling.
        [{"event": "subscribe", "arg": {**wanted, "instType": "mabl", "instId": "default"}}],
    )


def test_a_bad_login_is_told_and_closed() -> None:
    protocol = server()
    requests, (answer,) = ask(protocol, "login", {"apiKey": "other"})
    assert requests == []
    assert (answer["event"], answer["code"]) == ("error", 30011)
    assert given_up(protocol)


def test_private_channels_need_a_login() -> None:
    requests, (answer,) = ask(server(), "subscribe", ORDERS)
    assert (requests, answer["code"], answer["arg"]) == ([], 30004, ORDERS)


def test_the_argument_goes_back_as_it_came() -> None:
    protocol = server()
    ask(protocol, "login", {"apiKey": KEY})
    wanted = {"channel": "cross_orders", "instId": "btcusdt", "instType": "MABL", "extra": 1}
    requests, answers = ask(protocol, "subscribe", wanted)
    assert requests == [Subscription("cross_orders", "BTCUSDT")]
    assert answers == [{"event": "subscribe", "arg": wanted}]
    assert protocol.push("cross_orders", "BTCUSDT", (ORDER_CHANGE,))
    (push,) = [json.loads(text) for text in protocol.outgoing()]
    assert push["arg"] == wanted
    assert push["data"][0]["status"] == ORDER["status"]
    assert parse_push("cross_orders", push["data"])[0].order._replace(info=None) == ORDER_CHANGE.order
    assert not protocol.push("cross_orders", "ETHUSDT", (ORDER_CHANGE,))


def test_unsubscribed_streams_are_not_pushed() -> None:
    protocol = server()
    ask(protocol, "subscribe", INDEX)
    assert ask(protocol, "unsubscribe", INDEX)[0] == [Unsubscription("indexPrice", None)]
    assert ask(protocol, "unsubscribe", INDEX)[0] == []
    assert not protocol.push("indexPrice", None, ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 30002), ("[]", 30002), ('{"op":"subscribe"}', 30002), ('{"op":"subscribe","args":["x"]}', 30002),
        ('{"op":"dance","args":[]}', 30003), ('{"op":"subscribe","args":[{"channel":"books"}]}', 30001),
        ('{"op":"subscribe","args":[{"channel":"cross_orders","instId":"default"}]}', 30001),
        ('{"op":"subscribe","args":[{"channel":"cross_orders","instId":"BTCUSDT_UMCBL"}]}', 30001),
    ],
)  # fmt: skip
def test_wrong_requests_are_refused_by_code(text: str, code: int) -> None:
    protocol = server()
    assert protocol.receive(text, 0) == []
    (answer,) = map(json.loads, protocol.outgoing())
    assert (answer["event"], answer["code"]) == ("error", code)
    assert not given_up(protocol)


def test_limits() -> None:
    protocol = server()
    for _ in range(10):
        protocol.receive("ping", 0)
    assert not given_up(protocol)
    assert protocol.outgoing() == ["pong"] * 10
    protocol.receive("ping", 999)
    assert given_up(protocol)

    protocol = server(subscriptions=(window := Sliding(2, 1_000)))
    assert len(ask(protocol, "subscribe", INDEX, INDEX)[0]) == 2
    _, (answer,) = ask(server(subscriptions=window), "subscribe", INDEX)
    assert answer["code"] == 30007

    protocol = server()
    protocol.receive(json.dumps({"op": "subscribe", "args": [{**INDEX, "x": "y" * 5_000}]}), 0)
    assert json.loads(protocol.outgoing()[0])["code"] == 30007

    protocol = server(limits=None)
    for _ in range(500):
        protocol.receive("ping", 0)
        protocol.outgoing()
        assert ask(protocol, "subscribe", INDEX)[0]
    assert not given_up(protocol)


def test_silent_and_idle_clients_are_given_up() -> None:
    protocol = server()
    protocol.tick(29_999)
    assert not given_up(protocol)
    protocol.tick(protocol.next_due())
    assert given_up(protocol)
    protocol = server()
    ask(protocol, "subscribe", INDEX)
    protocol.receive("ping", 50_000)
    protocol.tick(169_999)
    assert not given_up(protocol)
    protocol.tick(170_000)
    assert given_up(protocol)
