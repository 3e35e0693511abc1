"""Fill policies: what each object says, and that no figure is bent."""

from decimal import Decimal

import pytest

from bitget_margin_adapter.engine.policies import (
    PRESETS,
    FillPolicy,
    Latency,
    Slippage,
    Through,
    Touch,
    VolumeShare,
    WalkBook,
    policy_of,
)
from tests.venue.conftest import Desk

TICK = Decimal("0.01")


@pytest.mark.parametrize(
    ("buys", "market", "touched", "through"),
    [(True, "100", True, False), (True, "99.99", True, True), (True, "100.01", False, False),
     (False, "100", True, False), (False, "100.01", True, True), (False, "99.99", False, False)],
)  # fmt: skip
def test_touch_and_through(buys: bool, market: str, touched: bool, through: bool) -> None:
    at = Decimal(100)
    assert Touch().reached(buys, at, Decimal(market), TICK) is touched
    assert Through(1).reached(buys, at, Decimal(market), TICK) is through


def test_slippage_is_to_the_takers_disadvantage() -> None:
    slippage = Slippage(Decimal("0.001"))
    assert (slippage.price(True, Decimal(100)), slippage.price(False, Decimal(100))) == (
        Decimal("100.1"),
        Decimal("99.9"),
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: Through(0), lambda: Slippage(Decimal(1)), lambda: Slippage(Decimal("-0.1")),
        lambda: VolumeShare(Decimal(0)), lambda: VolumeShare(Decimal("1.1")), lambda: WalkBook(0),
        lambda: Latency(-1), lambda: Latency(3_600_001), lambda: policy_of("kind"), lambda: policy_of({"speed": 1}),
        lambda: policy_of({"through": "1.5"}), lambda: policy_of({"slippage": "NaN"}),
    ],
)  # fmt: skip
def test_figures_out_of_range_are_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match=r"."):
        make()


def test_presets_grow_worse() -> None:
    assert list(PRESETS) == ["frictionless", "gentle", "realistic", "harsh", "brutal"]
    rates = [policy.slippage.rate for policy in PRESETS.values()]
    shares = [policy.share.share if policy.share else Decimal(1) for policy in PRESETS.values()]
    waits = [policy.latency.ms for policy in PRESETS.values()]
    assert rates == sorted(rates)
    assert shares == sorted(shares, reverse=True)
    assert waits == sorted(waits)


@pytest.mark.parametrize("policy", [*PRESETS.values(), FillPolicy(latency=Latency(5))], ids=lambda policy: policy.name)
def test_a_policy_can_be_written_down(policy: FillPolicy) -> None:
    assert policy_of(dict(policy.figures())) == policy


def test_a_late_order_meets_a_later_price() -> None:
    desk = Desk(fills={"latency_ms": 100})
    desk.order("buy", "3000")
    desk.order("sell", "0.1", "31000", clientOid="late")
    assert [str(row.status) for row in desk.open_orders()] == ["init", "init"]
    assert desk.asset("USDT").frozen == 3000
    desk.now = 50
    desk.price("40000")
    assert desk.venue.next_due() == 100
    desk.now = 100
    assert [(row.side, row.price) for row in desk.fills()] == [("sell", 40000), ("buy", 40000)]
    assert desk.asset("USDT").frozen == 0
    desk.order("sell", "0.1", "41000", clientOid="gone")
    desk.call("cross_cancel_order", symbol="BTCUSDT", clientOid="gone")
    desk.now = 300
    assert desk.history()[0].status == "cancelled"
    assert desk.venue.imbalance() == {}


def test_slippage_never_goes_past_a_limit() -> None:
    desk = Desk(fills={"slippage": "0.01"})
    desk.order("buy", "3000")
    desk.order("buy", "0.1", "30100")
    desk.order("sell", "0.1", "29900")
    desk.order("sell", "0.1")
    assert [row.price for row in desk.fills()] == [29700, 29900, 30100, 30300]
    assert desk.venue.imbalance() == {}
