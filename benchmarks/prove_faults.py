"""Orders and loans while the wire breaks: what the venue has afterwards is what the bot was told.

    python benchmarks/prove_faults.py [--orders 10000] [--loans 1000]

The adapter trades on the emulator. A proxy between them cuts a fifth of the requests at one of five points; a sixth run
has the emulator's own faults instead, all at once. That for each of the four order calls and the four loan calls.

A call whose outcome stays unknown is looked up by its own client id, as the README says, and sent again under the same
id only if the venue shows nothing. The venue must have one order for each intent, no more and no fewer. A loan or a
repayment must have happened once or never; once if the bot was told it is done.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, NamedTuple
from zlib import crc32

import ccxt
from record import ROOT, keep

import bitget_margin_adapter as bma
from bitget_margin_adapter.emulator import ACCOUNT
from bitget_margin_adapter.exchange import sync
from bitget_margin_adapter.wire.endpoints import ENDPOINTS

sys.path.insert(0, str(ROOT))

from tests.emulator.proxy import POINTS, BreakingWire  # found by the line above

FAULTS = ("reset_before_read", "reset_after_commit", "truncate", "bad_json", "http_500")
"""And "duplicate" for orders: a loan has no id by which the venue could know the second delivery."""

PLACES = (*POINTS, "the emulator's own faults")
FAULT_PROBABILITY, CUT_PROBABILITY = 0.05, 0.2
MODES, ORDERS, LOANS = ("cross", "isolated"), ("order", "batch"), ("borrow", "repay")
PAUSE = time.sleep
CHUNK, BATCH = 500, 20
"""After so many intents the venue's list, which then fits one page, is compared, and the venue starts anew."""

SYMBOL, MARKET = "BTC/USDT", "BTCUSDT"
FUNDS = {"BTC": "1000", "USDT": "100000", "isolated:BTCUSDT": {"BTC": "1000", "USDT": "100000"}}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=10_000, help="for each order call and place of the cut")
    parser.add_argument("--loans", type=int, default=1_000, help="for each loan call and place of the cut")
    args = parser.parse_args()
    started = time.monotonic()
    jobs = [Job("orders", mode, kind, place, args.orders) for mode in MODES for kind in ORDERS for place in PLACES]
    jobs += [Job("loans", mode, kind, place, args.loans) for mode in MODES for kind in LOANS for place in PLACES]
    figures: dict[str, Any] = {
        "complete": False,
        "probability": {"cut": CUT_PROBABILITY, "each of the emulator's own": FAULT_PROBABILITY},
        "wrong": 0,
        "intents": 0,
        "requests_hit": 0,
        "orders": {},
        "loans": {},
    }
    with ProcessPoolExecutor() as pool:
        for job, found in zip(jobs, pool.map(prove, jobs), strict=True):
            for name in ("wrong", "intents", "requests_hit"):
                figures[name] += found[name]
            figures[job.what].setdefault(f"{job.mode} {job.kind}", {})[job.place] = found
            # As far as it has come: the whole takes an hour.
            figures |= {"complete": job is jobs[-1], "seconds": round(time.monotonic() - started, 1)}
            keep("emulator_faults", figures)
    return 1 if figures["wrong"] else 0


class Job(NamedTuple):
    what: str
    mode: str
    kind: str
    place: str
    wanted: int


def prove(job: Job) -> dict[str, Any]:
    # The looks after a lost answer are spaced for a real venue; this one needs a hundredth.
    sync.time.sleep = lambda seconds: PAUSE(seconds / 100)  # type: ignore[attr-defined]
    if job.what == "orders":
        return prove_orders(job.mode, job.kind == "batch", job.place, job.wanted)
    return prove_loans(job.mode, job.kind, job.place, job.wanted)


class Bench(NamedTuple):
    """A venue, and a bot that reaches it over a wire which breaks for one endpoint only."""

    venue: bma.Emulator
    exchange: Any
    wire: BreakingWire | None

    def hits(self) -> int:
        if self.wire is not None:
            return self.wire.cuts
        return sum(fault["struck"] for fault in self.venue.control("faults")["faults"])


@contextmanager
def broken(endpoint: str, place: str) -> Iterator[Bench]:
    seed = crc32(f"{endpoint} {place}".encode())
    with bma.Emulator(clock="virtual", limits=False, funds=FUNDS) as venue:
        anew(venue)
        config = venue.config()
        if place not in POINTS:
            for number, kind in enumerate((*FAULTS, "duplicate") if "order" in endpoint else FAULTS):
                fault = {"kind": kind, "endpoint": endpoint, "probability": FAULT_PROBABILITY, "seed": seed + number}
                venue.control("faults", fault)
            yield Bench(venue, _exchange(config), None)
        else:
            with BreakingWire(venue.url, ENDPOINTS[endpoint].path, place, CUT_PROBABILITY, seed) as wire:
                config["urls"]["api"] = dict.fromkeys(config["urls"]["api"], wire.url)
                yield Bench(venue, _exchange(config), wire)


def _exchange(config: dict[str, Any]) -> Any:
    exchange = bma.bitgetmargin(config)
    exchange.load_markets()
    return exchange


def anew(venue: bma.Emulator) -> None:
    venue.control("reset")
    venue.control("market", {"symbol": SYMBOL, "price": "30000"})


# orders


def prove_orders(mode: str, batch: bool, place: str, wanted: int) -> dict[str, Any]:
    told: Counter[str] = Counter()
    doubled = missing = strange = intents = 0
    with broken(f"{mode}_{'batch_place_order' if batch else 'place_order'}", place) as bench:
        while intents < wanted:
            own = [f"own-{number}" for number in range(intents, intents + min(CHUNK, wanted - intents))]
            size = BATCH if batch else 1
            for first in range(0, len(own), size):
                send(bench.exchange, [row(mode, each) for each in own[first : first + size]], batch, told)
            shown = Counter(listed(bench.venue, mode))
            doubled += sum((shown - Counter(set(shown))).values())
            missing += len(set(own) - set(shown))
            strange += len(set(shown) - set(own))
            intents += len(own)
            anew(bench.venue)
        hits = bench.hits()
    return {
        "intents": intents,
        "requests_hit": hits,
        "told": dict(sorted(told.items())),
        "wrong": doubled + missing + strange,
        "doubled": doubled,
        "missing": missing,
    }


def row(mode: str, own: str) -> dict[str, Any]:
    params = {"clientOrderId": own, "marginMode": mode}
    return {"symbol": SYMBOL, "type": "market", "side": "sell", "amount": 0.001, "price": None, "params": params}


def send(exchange: Any, rows: list[dict[str, Any]], batch: bool, told: Counter[str]) -> None:
    """Until the venue shows each of them; what it does not show is sent again under the same id."""
    while rows:
        try:
            if batch:
                exchange.create_orders(rows)
            else:
                (one,) = rows
                exchange.create_order(one["symbol"], one["type"], one["side"], one["amount"], None, one["params"])
        except ccxt.DuplicateOrderId:
            told["was there"] += 1
        except ccxt.OperationFailed:
            told["unknown"] += 1
        else:
            told["done"] += 1
            return
        rows = [each for each in rows if not there(exchange, each)]


def there(exchange: Any, each: dict[str, Any]) -> bool:
    try:
        exchange.fetch_order(None, SYMBOL, each["params"])
    except ccxt.OrderNotFound:
        return False
    return True


def listed(venue: bma.Emulator, mode: str) -> list[str]:
    """The client ids of all orders that the venue has, asked past the wire."""
    query = {"symbol": MARKET, "startTime": str(venue.host.now() - 1_000), "pageSize": "500"}
    return [order.client_oid for order in venue.host.call(ACCOUNT, f"{mode}_order_history", query).rows]


# loans


def prove_loans(mode: str, kind: str, place: str, wanted: int) -> dict[str, Any]:
    told: Counter[str] = Counter()
    wrong = 0
    with broken(f"{mode}_{kind}", place) as bench:
        for number in range(wanted):
            if number % CHUNK == 0:
                anew(bench.venue)
                if kind == "repay":
                    lend(bench.venue, mode)
            # Each of its own size, so that no other can pass for it.
            amount = Decimal("0.5") + Decimal(number) / 10_000
            before = owed(bench.venue, mode)
            said = loan(bench.exchange, mode, kind, amount)
            changed = (owed(bench.venue, mode) - before) * (1 if kind == "borrow" else -1)
            happened = {Decimal(0): "never", amount: "once"}.get(changed, "otherwise")
            told[f"{said}, happened {happened}"] += 1
            wrong += happened == "otherwise" or (said == "done" and happened != "once")
        hits = bench.hits()
    return {"intents": wanted, "requests_hit": hits, "told": dict(sorted(told.items())), "wrong": wrong}


def loan(exchange: Any, mode: str, kind: str, amount: Decimal) -> str:
    call = getattr(exchange, f"{kind}_{mode}_margin")
    try:
        call(*(() if mode == "cross" else (SYMBOL,)), "USDT", float(amount))
    except ccxt.OperationFailed:
        return "unknown"
    return "done"


def lend(venue: bma.Emulator, mode: str) -> None:
    """A debt to repay, its first interest paid: what is repaid then is principal."""
    where = {} if mode == "cross" else {"symbol": MARKET}
    coin = {**where, "coin": "USDT"}
    venue.host.call(ACCOUNT, f"{mode}_borrow", {**coin, "borrowAmount": "50000"})
    interest = held(venue, mode)["interest"]
    venue.host.call(ACCOUNT, f"{mode}_repay", {**coin, "repayAmount": interest})


def owed(venue: bma.Emulator, mode: str) -> Decimal:
    return Decimal(held(venue, mode)["borrow"])


def held(venue: bma.Emulator, mode: str) -> dict[str, str]:
    place = "cross" if mode == "cross" else f"isolated:{MARKET}"
    found: dict[str, str] = venue.control("state")["accounts"][ACCOUNT][place]["USDT"]
    return found


if __name__ == "__main__":
    sys.exit(main())
