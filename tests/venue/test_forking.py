"""Snapshots and forks: going back is exact, and a copy lives its own life."""

import pytest

from .conftest import Desk, dec

HOUR = 3_600_000


def busy() -> Desk:
    desk = Desk({"flash_repay_ms": 10_000}, {"USDT": "10000", "BTC": "1", "isolated:BTCUSDT": {"USDT": "1000"}})
    desk.call("cross_borrow", coin="USDT", borrowAmount="1000")
    desk.order("buy", "0.1", "29000", clientOid="deep")
    desk.order("sell", "0.1", "31000")
    desk.order("buy", "3000", mode="isolated", loanType="autoLoan")
    return desk


def test_a_fork_has_the_same_and_goes_its_own_way() -> None:
    desk = busy()
    desk.venue.fork("a", "b")
    both = desk.venue.state(0)["accounts"]
    assert both["a"] == both["b"]
    assert desk.venue.imbalance() == {}
    desk.price("28900")
    both = desk.venue.state(0)["accounts"]
    assert both["a"] == both["b"]
    fills = [desk.venue.handle(name, "cross_fills", {"symbol": "BTCUSDT", "startTime": "0"}, 0).rows for name in "ab"]
    assert [row.price for row in fills[0]] == [row.price for row in fills[1]] == [28900]
    desk.venue.handle("b", "cross_repay", {"coin": "USDT", "repayAmount": "2000"}, HOUR)
    desk.now = HOUR
    assert desk.asset("USDT").borrow == 1000
    assert desk.venue.handle("b", "cross_assets", {"coin": "USDT"}, HOUR)[0].borrow == 0
    assert desk.venue.imbalance() == {}
    with pytest.raises(ValueError, match="already"):
        desk.venue.fork("a", "b")


def test_a_fork_keeps_what_is_on_its_way() -> None:
    desk = Desk(fills={"latency_ms": 100})
    desk.order("buy", "3000")
    desk.venue.fork("a", "b")
    desk.venue.advance(100)
    for name in "ab":
        assert desk.venue.handle(name, "cross_assets", {"coin": "BTC"}, 100)[0].total == dec("1.0999")


def test_a_snapshot_brings_everything_back() -> None:
    desk = busy()
    desk.call("cross_flash_repay")
    before = desk.venue.state(0)
    mark = desk.venue.snapshot()
    ends = []
    for _ in range(2):
        desk.price("20000")
        desk.now = 5 * HOUR
        desk.order("sell", "0.05", clientOid="again")
        ends.append((desk.venue.state(desk.now), desk.records("interests"), desk.records("repays")))
        desk.venue.restore(mark)
        desk.now = 0
        assert desk.venue.state(0) == before
    assert ends[0] == ends[1]
    assert desk.venue.imbalance() == {}
    with pytest.raises(KeyError):
        desk.venue.restore("77")
