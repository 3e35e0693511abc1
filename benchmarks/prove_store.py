"""Kill a writing process with SIGKILL again and again: whatever it acknowledged must be there, and say the same.

A child trades on a venue whose journal is a store, and prints after every command how many lines there are and what the
account looks like by then. The parent kills it at a random moment, reopens the store, and compares.

    python benchmarks/prove_store.py --kills 1000
"""

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from record import ROOT, keep

from bitget_margin_adapter.engine.store import Store
from bitget_margin_adapter.model.refusals import Refusal
from bitget_margin_adapter.venue.recall import recall
from bitget_margin_adapter.venue.service import Venue

LINES_A_STORE = 2_000


def digest(venue: Venue) -> str:
    """Everything but the time of the last look, which changes nothing and so is not written down."""
    picture = {name: part for name, part in venue.state(venue.now).items() if name != "now"}
    return hashlib.sha256(json.dumps(picture, sort_keys=True).encode()).hexdigest()[:16]


def write(path: str, seed: int) -> None:
    """The child: commands without end, each acknowledged on stdout once the venue has answered."""
    rng = random.Random(seed)
    with Store(path) as store:
        if len(store):
            venue = recall(store.lines())
            venue.journal = store
        else:
            venue = Venue(journal=store)
            venue.open_account("a", {"USDT": "100000", "BTC": "2", "spot": {"USDT": "1000"}}, 0)
            venue.set_price("BTCUSDT", "30000", 0)
        while True:
            command(venue, rng)
            print(len(store), digest(venue), flush=True)


def command(venue: Venue, rng: random.Random) -> None:
    now = venue.now + rng.choice([1, 1000, 3_600_000])
    order = {"symbol": "BTCUSDT", "side": rng.choice(["buy", "sell"])}
    amount = f"{rng.uniform(1, 3000):.2f}"
    try:
        match rng.randrange(6):
            case 0:
                venue.set_price("BTCUSDT", f"{30_000 * rng.uniform(0.8, 1.2):.2f}", now)
            case 1:
                venue.handle("a", "cross_borrow", {"coin": "USDT", "borrowAmount": amount}, now)
            case 2:
                venue.handle("a", "cross_repay", {"coin": "USDT", "repayAmount": amount}, now)
            case 3:
                loan = rng.choice(["normal", "autoLoan", "autoRepay", "autoLoanAndRepay"])
                size = {"quoteAmount": amount} if order["side"] == "buy" else {"baseQuantity": "0.01"}
                venue.handle("a", "cross_place_order", {**order, **size, "orderType": "market", "loanType": loan}, now)
            case 4:
                limit = {"orderType": "limit", "loanType": "normal", "baseQuantity": "0.01"}
                price = f"{30_000 * rng.uniform(0.8, 1.2):.2f}"
                venue.handle("a", "cross_place_order", {**order, **limit, "price": price}, now)
            case _:
                venue.advance(now)
    except Refusal:
        pass  # changes nothing


def kill_once(path: Path, seed: int, rng: random.Random) -> int:
    """Starts a child, kills it, judges what is left; returns how many commands it had acknowledged."""
    child = subprocess.Popen(
        [sys.executable, __file__, "--write", str(path), "--seed", str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(rng.expovariate(1 / 0.03))
    os.kill(child.pid, signal.SIGKILL)
    whole = child.communicate()[0].rpartition("\n")[0]
    said = [line.split() for line in whole.splitlines()]
    judge(path, said)
    return len(said) + 1


def judge(path: Path, said: list[list[str]]) -> None:
    """The store holds at least what was acknowledged, and every account is what its journal says."""
    with Store(path) as store:
        lines = list(store.lines())
    if not said:
        recall(lines)
        return
    count, wanted = int(said[-1][0]), said[-1][1]
    assert len(lines) >= count, f"{count} lines were acknowledged, {len(lines)} are left"
    assert any(digest(recall(lines[:length])) == wanted for length in {count, len(lines)}), "the state is another one"
    assert recall(lines).imbalance() == {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write")
    parser.add_argument("--result", type=Path)
    options = parser.parse_args()
    if options.write:
        write(options.write, options.seed)
    rng = random.Random(options.seed)
    started, acknowledged = time.perf_counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        number = 0
        for kill in range(options.kills):
            path = Path(folder) / f"{number}.sqlite"
            acknowledged += kill_once(path, kill, rng)
            with Store(path) as store:
                if len(store) > LINES_A_STORE:
                    number += 1
    figures = {
        "kills": options.kills,
        "commands_acknowledged": acknowledged,
        "acknowledged_but_lost": 0,
        "seconds": round(time.perf_counter() - started, 1),
    }
    keep("store", figures, options.result)


if __name__ == "__main__":
    main()
