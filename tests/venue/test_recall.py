"""The journal: done again it gives the same, byte for byte, in any process and with any hash seed."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bitget_margin_adapter.engine.policies import PRESETS
from bitget_margin_adapter.venue.recall import recall
from bitget_margin_adapter.venue.replay import Replay

from .conftest import Desk

ROOT = Path(__file__).parent.parent.parent
ROWS = [(number * 60_000, 30_000 + number, 30_900, 29_000, 30_100 - number, 50) for number in range(200)]


def story(fills: str = "frictionless") -> Desk:
    """One of everything that is journalled."""
    desk = Desk(
        {"flash_repay_ms": 1000}, {"USDT": "50000", "BTC": "2", "isolated:BTCUSDT": {"USDT": "1000"}}, fills=fills
    )
    venue = desk.venue
    venue.preload("ETHUSDT", [(0, 1, 2, 1, 2, 5)], 0)
    venue.open_account("b", {"spot": {"USDT": 5}}, 0)
    replay = Replay(venue, {"BTCUSDT": ROWS})
    mark = ""
    while (now := replay.step()) is not None:
        desk.now = now
        number = now // 60_000
        desk.order("buy", "300", loanType="autoLoanAndRepay", clientOid=f"c{number}")
        desk.order("sell", "0.004", "30500", loanType="autoRepay")
        if number == 20:
            desk.call("cross_borrow", coin="BTC", borrowAmount=0.5)
            venue.set_rate("BTC", "0.001", now)
            venue.set_vip("a", 2, now)
        if number == 40:
            venue.fork("a", "twin")
            venue.freeze("twin", "cross", True, now)
            desk.call("cross_flash_repay", coin="BTC")
        if number == 60:
            venue.set_index({"ETH": "2100.5"}, now)
            venue.set_book("ETHUSDT", [["1999", "1"]], [["2001", 3]], now)
            venue.fund("b", "isolated:BTCUSDT", "BTC", "0.5", now)
            # Goes back once, and the candles with it.
            mark = mark or venue.snapshot()
        if number == 61 and mark:
            desk.call("cross_batch_place_order", symbol="ETHUSDT", orderList=[
                {"side": "buy", "orderType": "market", "quoteAmount": "50", "loanType": "normal"},
                {"side": "buy", "orderType": "limit", "price": "1900", "baseQuantity": "0.1", "loanType": "normal"},
            ])  # fmt: skip
            venue.restore(mark)
            mark = ""
        if number == 80:
            desk.call("isolated_flash_repay", symbols=["BTCUSDT"])
            desk.call("transfer", fromType="margin_cross", toType="spot", coin="USDT", amount="1")
    return desk


@pytest.mark.parametrize("fills", ["frictionless", "realistic", "brutal"])
def test_a_journal_gives_the_same_venue(fills: str) -> None:
    desk = story(fills)
    now = desk.venue.now + 3_600_000
    again = recall(desk.journal)
    assert again.state(now) == desk.venue.state(now)
    assert again.policy == PRESETS[fills]
    assert again.imbalance() == {}
    for name in ("fills", "order_history"):
        params = {"symbol": "BTCUSDT", "startTime": "0", "pageSize": "500"}
        assert again.handle("a", f"cross_{name}", params, now) == desk.venue.handle("a", f"cross_{name}", params, now)
    for name in ("financial_records", "interests", "loans", "repays"):
        params = {"startTime": "0", "pageSize": "500"}
        assert again.handle("a", f"cross_{name}", params, now) == desk.venue.handle("a", f"cross_{name}", params, now)
    assert again.market.candles("BTCUSDT")[-1][0] == ROWS[-1][0]


def test_doing_it_again_writes_the_same_journal() -> None:
    first, second = story(), story()
    assert first.journal == second.journal
    venue = recall(first.journal[:1])
    copy: list[str] = []
    venue.journal = copy
    recall(first.journal[1:], venue)
    assert copy == first.journal[1:]


def test_processes_and_hash_seeds_agree() -> None:
    code = (
        "import hashlib, json; from tests.venue.test_recall import story\n"
        "desk = story('realistic'); text = '\\n'.join(desk.journal) + json.dumps(desk.venue.state(desk.now))\n"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    said = {
        subprocess.check_output(  # noqa: S603
            [sys.executable, "-c", code], text=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}
        ).strip()
        for seed in ("0", "1", "4242")
    }
    desk = story("realistic")
    text = "\n".join(desk.journal) + json.dumps(desk.venue.state(desk.now))
    assert said == {hashlib.sha256(text.encode()).hexdigest()}


def test_an_empty_or_headless_journal_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        recall([])
    with pytest.raises(ValueError, match="begins"):
        recall(["5\tadvance"])


def test_a_refused_line_of_a_batch_cannot_break_the_journal() -> None:
    """Whatever stands in a line that is refused, the lines of the journal stay lines."""
    desk = Desk()
    good = {"side": "buy", "orderType": "market", "quoteAmount": "50", "loanType": "normal"}
    odd = {"clientOid": "a\tb\nc\\t", "a=b\n": "1", "side": None, "baseQuantity": float("nan"), "price": True}
    batch = desk.call(
        "cross_batch_place_order", symbol="BTCUSDT", orderList=[odd, good, {**good, "clientOid": "\\n=\\"}]
    )
    assert (len(batch.accepted), len(batch.refused)) == (2, 1)
    assert not any("\n" in line for line in desk.journal)
    again = recall(desk.journal)
    assert again.state(1) == desk.venue.state(1)
    params = {"symbol": "BTCUSDT", "startTime": "0"}
    assert again.handle("a", "cross_order_history", params, 1) == desk.venue.handle(
        "a", "cross_order_history", params, 1
    )
