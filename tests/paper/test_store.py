"""A paper account in a file: another process finds it as it was left."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import ccxt
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.paper.door import forget_accounts

from .conftest import CANDLES, HOUR


def option(path: Path, **more: Any) -> dict[str, Any]:
    paper = {"account": "alice", "store": str(path), "candles": {"ETH/USDT": CANDLES}, "funds": {"USDT": "1000"}}
    return {"options": {"paper": {**paper, **more}}}


def test_reopened_it_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "paper.sqlite"
    exchange = bma.bitgetmargin(option(path))
    exchange.borrow_cross_margin("ETH", 1)
    exchange.create_order("ETH/USDT", "limit", "sell", 1, 200)
    exchange.sandbox_control("clock", {"advance_ms": HOUR})
    before = exchange.sandbox_control("state")
    orders = exchange.fetch_open_orders("ETH/USDT")
    forget_accounts()

    again = bma.bitgetmargin(option(path, funds={"USDT": "77"}))
    assert again.sandbox_control("state") == before
    assert again.fetch_open_orders("ETH/USDT") == orders
    again.sandbox_control("clock", {"advance_ms": HOUR})
    assert again.fetch_ticker("ETH/USDT")["last"] == 90.0
    again.sandbox_control("reset")
    assert again.fetch_balance()["USDT"]["free"] == 1000.0


SCRIPT = """
import os, signal, sys
import bitget_margin_adapter as bma
paper = {"account": "alice", "store": sys.argv[1], "market": "manual", "clock": "virtual"}
exchange = bma.bitgetmargin({"options": {"paper": paper}})
for number in range(20):
    exchange.borrow_cross_margin("USDT", 1)
    print(exchange.fetch_balance()["USDT"]["debt"], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "paper.sqlite"
    root = str(Path(bma.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": root}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, env=environment, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    last = float(done.stdout.split()[-1])
    exchange = bma.bitgetmargin(
        {"options": {"paper": {"account": "alice", "store": str(path), "market": "manual", "clock": "virtual"}}}
    )
    assert exchange.fetch_balance()["USDT"]["debt"] == last
    assert len(exchange.fetch_borrow_history("USDT")) == 20


def test_a_store_keeps_several_accounts_of_one_process(tmp_path: Path) -> None:
    path = tmp_path / "paper.sqlite"
    alice = bma.bitgetmargin(option(path))
    bob = bma.bitgetmargin(option(path, account="bob", funds={"USDT": "5"}))
    assert (alice.fetch_balance()["USDT"]["free"], bob.fetch_balance()["USDT"]["free"]) == (1000.0, 5.0)
    alice.sandbox_control("clock", {"advance_ms": HOUR})
    assert bob.milliseconds() == alice.milliseconds()
    with pytest.raises(ccxt.BadRequest, match="another store"):
        bma.bitgetmargin(option(tmp_path / "other.sqlite")).fetch_balance()


def test_another_process_is_kept_out(tmp_path: Path) -> None:
    path = tmp_path / "paper.sqlite"
    bma.bitgetmargin(option(path)).fetch_balance()
    root = str(Path(bma.__file__).parents[1])
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": root},
    )  # fmt: skip
    assert "ExchangeNotAvailable" in done.stderr
    assert "held by another process" in done.stderr


@pytest.mark.parametrize("content", [None, b"not a database, but a text that is long enough to be looked at " * 20])
def test_what_cannot_keep_an_account(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "store"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(ccxt.BadRequest, match="store"):
        bma.bitgetmargin(option(path)).fetch_balance()


def test_what_could_not_be_kept_did_not_happen(tmp_path: Path) -> None:
    path = tmp_path / "paper.sqlite"
    exchange = bma.bitgetmargin(option(path))
    exchange.borrow_cross_margin("ETH", 1)
    db = exchange._door()._host._store._db
    (pages,) = db.execute("pragma page_count").fetchone()
    db.execute(f"pragma max_page_count = {pages}")  # a disk that is full
    placed = []

    def place_many() -> None:
        for _ in range(1_000):
            placed.append(exchange.create_order("ETH/USDT", "limit", "sell", 0.001, 9_000)["id"])

    with pytest.raises(ccxt.OnMaintenance, match=r"paper.sqlite cannot be written \(database or disk is full\)"):
        place_many()
    # Nobody is told what is not in the file, nor may anything be added behind the gap.
    for call in (
        exchange.fetch_balance,
        lambda: exchange.create_order("ETH/USDT", "market", "sell", 0.1),
        lambda: exchange.sandbox_control("clock", {"advance_ms": HOUR}),
    ):
        with pytest.raises(ccxt.OnMaintenance, match="make a new exchange object"):
            call()

    again = bma.bitgetmargin(option(path))
    assert [order["id"] for order in again.fetch_open_orders("ETH/USDT")] == placed
    assert again.fetch_balance()["ETH"]["debt"] == 1.00000417
    again.create_order("ETH/USDT", "market", "sell", 0.1)
