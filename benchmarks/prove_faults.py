"""Orders and loans while the wire breaks: what the venue has afterwards is what the bot was told.

    python benchmarks/prove_faults.py [--orders 10000] [--loans 2000]

The adapter trades on the emulator; three in ten requests meet a fault, drawn from a seed. A call whose outcome stays
unknown is looked up by its own client id, as the README says, and sent again under the same id only if the venue shows
nothing. In the end every intent is one order, no more and no fewer, and the debt is the sum of the loans told done.
"""

import argparse
import itertools
import time
from collections import Counter
from decimal import Decimal
from typing import Any

import ccxt
from record import keep

import bitget_margin_adapter as bma
from bitget_margin_adapter.exchange import sync

FAULTS = ("reset_before_read", "reset_after_commit", "truncate", "bad_json", "http_500")
ORDER_CALLS = ("cross", "isolated", "cross batch", "isolated batch")
BATCH = 10
SYMBOL = "BTC/USDT"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=10_000, help="of each kind of call")
    parser.add_argument("--loans", type=int, default=2_000)
    args = parser.parse_args()
    # The looks after a lost answer are spaced for a real venue; here nothing shows late.
    sync.time.sleep = lambda seconds: None  # type: ignore[attr-defined]
    started = time.monotonic()
    orders = {call: prove_orders(call, args.orders) for call in ORDER_CALLS}
    figures = {
        "faults": list(FAULTS),
        "probability": "0.06 each",
        "orders": orders,
        "loans": prove_loans(args.loans),
        "seconds": round(time.monotonic() - started, 1),
    }
    wrong = sum(found["doubled"] + found["missing"] for found in orders.values()) + figures["loans"]["wrong"]  # type: ignore[index]
    keep("emulator_faults", {"wrong": wrong, **figures})
    assert wrong == 0


def broken(venue: Any, endpoint: str) -> None:
    for number, kind in enumerate(FAULTS):
        venue.control("faults", {"kind": kind, "endpoint": endpoint, "probability": 0.06, "seed": number})


def prove_orders(call: str, wanted: int) -> dict[str, Any]:
    mode, batch = call.split()[0], call.endswith("batch")
    funds = {"BTC": "1000", "isolated:BTCUSDT": {"BTC": "1000"}}
    numbers = itertools.count(1)
    told: Counter[str] = Counter()
    with bma.Emulator(clock="virtual", limits=False, funds=funds) as venue:
        venue.control("market", {"symbol": SYMBOL, "price": "30000"})
        exchange = bma.bitgetmargin(venue.config())
        exchange.load_markets()
        broken(venue, f"{mode}_{'batch_place_order' if batch else 'place_order'}")
        intents: list[str] = []
        while len(intents) < wanted:
            rows = [row(mode, f"own-{next(numbers)}") for _ in range(BATCH if batch else 1)]
            intents += [each["params"]["clientOrderId"] for each in rows]
            place(exchange, rows, batch, told)
        hits = sum(fault["struck"] for fault in venue.control("faults")["faults"])
        account = venue.control("state")["accounts"]["default"]["cross" if mode == "cross" else "isolated:BTCUSDT"]
        filled = Decimal(1000) - Decimal(account["BTC"]["available"])
    sent = filled / Decimal("0.001")
    return {
        "intents": len(intents),
        "requests_hit": hits,
        "outcomes": dict(told),
        "doubled": max(0, int(sent) - len(intents)),
        "missing": max(0, len(intents) - int(sent)),
    }


def row(mode: str, own: str) -> dict[str, Any]:
    params = {"clientOrderId": own, "marginMode": mode}
    return {"symbol": SYMBOL, "type": "market", "side": "sell", "amount": 0.001, "price": None, "params": params}


def place(exchange: Any, rows: list[dict[str, Any]], batch: bool, told: Counter[str]) -> None:
    """Until the venue shows each of them."""
    left = rows
    while left:
        try:
            if batch:
                exchange.create_orders(left)
            else:
                exchange.create_order(
                    *(left[0][name] for name in ("symbol", "type", "side", "amount", "price", "params"))
                )
        except ccxt.DuplicateOrderId:
            told["was there"] += 1
        except ccxt.OperationFailed:
            told["unknown"] += 1
        else:
            told["done"] += 1
            if not batch:
                return
        left = [each for each in left if not there(exchange, each)]


def there(exchange: Any, each: dict[str, Any]) -> bool:
    try:
        exchange.fetch_order(None, SYMBOL, each["params"])
    except ccxt.OrderNotFound:
        return False
    return True


def prove_loans(wanted: int) -> dict[str, Any]:
    told: Counter[str] = Counter()
    done = unknown = Decimal(0)
    with bma.Emulator(clock="virtual", limits=False, funds={"USDT": "100000"}) as venue:
        venue.control("market", {"symbol": SYMBOL, "price": "30000"})
        exchange = bma.bitgetmargin(venue.config())
        exchange.load_markets()
        broken(venue, "cross_borrow")
        for number in range(wanted):
            # Each of its own size, so that the sum tells which of them exist.
            amount = Decimal("0.0001") + Decimal(number) / 10_000_000
            before = owed(venue)
            try:
                exchange.borrow_cross_margin("USDT", float(amount))
            except ccxt.OperationFailed:
                told["unknown"] += 1
                changed = owed(venue) - before
                assert changed in (0, amount), "a loan was made more than once"
                unknown += changed
            else:
                told["done"] += 1
                done += amount
        debt = owed(venue)
    return {"intents": wanted, "outcomes": dict(told), "debt": str(debt), "wrong": int(debt != done + unknown),
            "made_though_unknown": str(unknown)}  # fmt: skip


def owed(venue: Any) -> Decimal:
    return Decimal(venue.control("state")["accounts"]["default"]["cross"]["USDT"]["borrow"])


if __name__ == "__main__":
    main()
