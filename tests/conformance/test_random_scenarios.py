"""The synchronous and the asyncio object leave the same journal, byte for byte, on the same random day."""

import asyncio
import itertools
import sqlite3
from pathlib import Path
from typing import Any

import ccxt
import pytest

import bitget_margin_adapter as bma

from .random_scenarios import option, scenario


def config(seed: int, store: Path) -> dict[str, Any]:
    numbers = itertools.count(1)
    return {"options": {"paper": option(seed, str(store)), "idSource": lambda: f"own-{next(numbers)}"}}


def journal(store: Path) -> list[str]:
    with sqlite3.connect(store) as db:
        return [line for (line,) in db.execute("select line from journal order by place")]


def outcome(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}"


def run_sync(seed: int, store: Path) -> list[Any]:
    exchange = bma.bitgetmargin(config(seed, store))
    results = []
    for method, args in scenario(seed):
        try:
            results.append(getattr(exchange, method)(*args))
        except ccxt.BaseError as problem:
            results.append(outcome(problem))
    exchange._door()._host.close()
    return results


def run_async(seed: int, store: Path) -> list[Any]:
    async def main() -> list[Any]:
        exchange = bma.async_support.bitgetmargin(config(seed, store))
        results = []
        for method, args in scenario(seed):
            try:
                results.append(await getattr(exchange, method)(*args))
            except ccxt.BaseError as problem:
                results.append(outcome(problem))
        exchange._door()._host.close()
        await exchange.close()
        return results

    return asyncio.run(main())


@pytest.mark.parametrize("seed", range(6))
def test_sync_and_asyncio_leave_the_same_journal(seed: int, tmp_path: Path) -> None:
    first, second = tmp_path / "sync.sqlite", tmp_path / "async.sqlite"
    assert run_sync(seed, first) == run_async(seed, second)
    lines = journal(first)
    assert lines == journal(second)
    assert len(lines) > 30


def test_the_scenarios_do_something(tmp_path: Path) -> None:
    """Most kinds of calls succeed somewhere in the seeds that the test above runs."""
    done = set()
    for seed in range(6):
        results = run_sync(seed, tmp_path / f"{seed}.sqlite")
        done |= {
            call.method for call, result in zip(scenario(seed), results, strict=True) if not isinstance(result, str)
        }
    assert {"create_order", "borrow_cross_margin", "repay_cross_margin", "borrow_isolated_margin", "transfer"} <= done
