"""Random days of a bot, as data: the same seed gives the same calls, whoever makes them."""

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = ["START", "Call", "option", "scenario"]

START = 1_620_000_000_000
HOUR = 3_600_000


class Call(NamedTuple):
    method: str
    args: tuple[Any, ...]


def option(seed: int, store: str | None = None) -> dict[str, Any]:
    """A private account on its own random candles."""
    rng = random.Random(seed)
    return {
        "account": None,
        "store": store,
        "clock": "virtual",
        "candles": {"BTC/USDT": list(_candles(rng, 30_000.0)), "ETH/USDT": list(_candles(rng, 2_000.0))},
        "funds": {"USDT": "10000", "BTC": "0.2", "isolated:ETHUSDT": {"USDT": "3000"}},
    }


def scenario(seed: int, length: int = 40) -> list[Call]:
    """Loans, orders of every kind, cancellations, transfers, hours passing; many of them refused."""
    rng = random.Random(seed)
    calls = [_call(rng) for _ in range(length)]
    return [*calls, Call("fetch_balance", ()), Call("fetch_risk_rate", ())]


def _call(rng: random.Random) -> Call:
    symbol = rng.choice(["BTC/USDT", "ETH/USDT"])
    base = symbol.split("/")[0]
    code = rng.choice([base, "USDT"])
    mode = rng.choice(["cross", "cross", "isolated"])
    params = {"marginMode": mode, "loanType": rng.choice(["normal", "autoLoan", "autoRepay", "autoLoanAndRepay"])}
    around = 30_000 if base == "BTC" else 2_000
    price = round(around * rng.uniform(0.9, 1.1), 2)
    amount = round(rng.uniform(10, 12_000) / around, 5)
    money = round(rng.uniform(0, 6_000) / (1 if code == "USDT" else around), 6)
    where = () if mode == "cross" else (symbol,)
    kinds: list[Call] = [
        Call("sandbox_control", ("clock", {"advance_ms": rng.choice([60_000, HOUR, 5 * HOUR])})),
        Call("sandbox_control", ("clock", {"advance_ms": HOUR})),
        Call(f"borrow_{mode}_margin", (*where, code, money)),
        Call(f"repay_{mode}_margin", (*where, code, money)),
        Call("create_order", (symbol, "limit", rng.choice(["buy", "sell"]), amount, price, {**params, **_force(rng)})),
        Call("create_order", (symbol, "market", rng.choice(["buy", "sell"]), amount, price, params)),
        Call("cancel_all_orders", (symbol, {"marginMode": mode})),
        Call("transfer", (code, money, "cross", "isolated", {"symbol": symbol})),
        Call("flash_repay", (None, None, {"marginMode": mode})),
    ]
    return rng.choices(kinds, [4, 4, 3, 2, 6, 6, 1, 1, 0.5])[0]


def _force(rng: random.Random) -> dict[str, str]:
    return {"timeInForce": rng.choice(["GTC", "GTC", "PO", "IOC", "FOK"])}


def _candles(rng: random.Random, price: float) -> Iterator[list[float]]:
    for hour in range(200):
        close = round(price * rng.uniform(0.93, 1.07), 2)
        high, low = round(max(price, close) * 1.01, 2), round(min(price, close) * 0.99, 2)
        yield [START + hour * HOUR, price, high, low, close, round(rng.uniform(1, 1000), 3)]
        price = close
