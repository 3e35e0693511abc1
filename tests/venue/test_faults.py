"""Faults are drawn the same way every time, as often and as likely as asked."""

from typing import Any

import pytest

from bitget_margin_adapter.venue.faults import KINDS, Faults
from bitget_margin_adapter.wire.channels import CHANNELS


def drawn(body: dict[str, Any], turns: int, name: str = "cross_borrow") -> list[bool]:
    plan = Faults()
    plan.add(body)
    return [bool(plan.draw(name)) for _ in range(turns)]


def test_a_seed_says_exactly_which_requests_are_hit() -> None:
    body = {"kind": "http_500", "probability": 0.3, "seed": 7}
    first = drawn(body, 2_000)
    assert first == drawn(body, 2_000)
    assert first != drawn({**body, "seed": 8}, 2_000)
    assert 500 < sum(first) < 700


def test_a_count_is_kept() -> None:
    assert drawn({"kind": "http_429", "count": 2}, 5) == [True, True, False, False, False]


def test_a_fault_strikes_its_endpoint_only_and_streams_have_their_own_kinds() -> None:
    plan = Faults()
    plan.add({"kind": "truncate", "endpoint": "cross_repay"})
    plan.add({"kind": "drop"})
    assert plan.draw("cross_borrow") == []
    assert [fault.kind for fault in plan.draw("cross_repay")] == ["truncate"]
    assert [fault.kind for fault in plan.draw("cross_orders")] == ["drop"]
    plan.clear()
    assert not plan
    assert plan.draw("cross_repay") == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "latency"),
        ({"kind": "meteor"}, "latency"),
        ({"kind": "latency", "endpoint": "cross_orders"}, "cross_borrow"),
        ({"kind": "cut", "endpoint": "cross_borrow"}, "cross_orders"),
        ({"kind": "latency", "probability": 2}, "from 0 to 1"),
        ({"kind": "latency", "count": 0}, "count"),
        ({"kind": "latency", "delay_ms": "1"}, "delay_ms"),
        ({"kind": "latency", "delay_ms": -1}, "delay_ms"),
        ({"kind": "latency", "colour": 1}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_does(body: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Faults().add(body)


def test_every_kind_can_be_added() -> None:
    plan = Faults()
    for kind in KINDS["requests"]:
        plan.add({"kind": kind, "endpoint": "cross_place_order"})
    for kind in KINDS["streams"]:
        for channel in CHANNELS:
            plan.add({"kind": kind, "endpoint": channel})
    assert len(plan.as_json()) == len(KINDS["requests"]) + 5 * len(KINDS["streams"])
