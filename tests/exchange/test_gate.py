"""One gate for a key: found by threads, event loops, copies and pickles alike, and exact when all reserve at once."""

import asyncio
import copy
import itertools
import os
import pickle
import threading
from collections.abc import Callable
from typing import Any

import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.exchange import gate as module
from bitget_margin_adapter.exchange.delivery import Fetch
from bitget_margin_adapter.exchange.gate import Gate, monotonic_ms, shared_gate
from bitget_margin_adapter.wire.endpoints import ENDPOINTS
from bitget_margin_adapter.wire.quota import MARGIN_MS, WINDOW_MS, Quota
from bitget_margin_adapter.wire.secrets import Secret

HOST = "https://gate.test"
_fresh = itertools.count()


def fresh_key() -> str:
    return f"canary{next(_fresh)}"


def test_a_key_and_a_host_have_one_gate() -> None:
    key = fresh_key()
    gate = shared_gate(key, HOST)
    assert shared_gate(key, HOST) is gate
    assert shared_gate(Secret(key), HOST + "/") is gate
    assert shared_gate(key, "https://GATE.test") is gate
    assert shared_gate(key, "https://other.test") is not gate
    assert shared_gate(fresh_key(), HOST) is not gate
    assert shared_gate(None, HOST) is shared_gate("", HOST) is not gate


def test_the_key_stands_nowhere() -> None:
    key = fresh_key()
    gate = shared_gate(key, HOST)
    gate.reserve("row", 5)
    kept = [repr(gate), repr(vars(gate)), repr(vars(gate._quota)), repr(module._gates), str(pickle.dumps(gate))]
    assert not [text for text in kept if key in text]


def test_copies_and_pickles_lead_to_the_same_gate() -> None:
    gate = shared_gate(fresh_key(), HOST)
    assert copy.copy(gate) is gate
    assert copy.deepcopy({"gate": gate})["gate"] is gate
    assert pickle.loads(pickle.dumps(gate)) is gate  # noqa: S301 - made on this line


def test_threads_find_the_same_new_gate() -> None:
    key, found = fresh_key(), list[Gate]()
    barrier = threading.Barrier(8)

    def look() -> None:
        barrier.wait()
        found.append(shared_gate(key, HOST))

    run(*[look] * 8)
    assert len(found) == 8
    assert len({id(gate) for gate in found}) == 1


def run(*targets: Callable[[], None]) -> None:
    threads = [threading.Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("limit", [5, 10])
def test_threads_and_event_loops_together_keep_the_limit(limit: int) -> None:
    key, each, now = fresh_key(), 40, 7_000
    departures: list[int] = []
    barrier = threading.Barrier(6)

    def from_a_thread() -> None:
        gate = shared_gate(key, HOST)
        barrier.wait()
        for step in range(each):
            departures.append(now + step + gate.reserve("row", limit, now + step))

    def from_a_loop() -> None:
        async def task(step: int) -> None:
            gate = shared_gate(key, HOST)
            await asyncio.sleep(0)
            departures.append(now + step + gate.reserve("row", limit, now + step))

        async def all_tasks() -> None:
            await asyncio.gather(*(task(step) for step in range(each)))

        barrier.wait()
        asyncio.run(all_tasks())

    run(*[from_a_thread] * 4, *[from_a_loop] * 2)
    departures.sort()
    assert len(departures) == 6 * each
    apart = [later - early for early, later in zip(departures, departures[limit:], strict=False)]
    assert min(apart) == WINDOW_MS + MARGIN_MS + 1  # neither more in a window nor a slot lost


def test_left_out_the_time_is_the_monotonic_clock() -> None:
    gate = shared_gate(fresh_key(), HOST)
    assert gate.reserve("row", 1) == 0
    before = monotonic_ms()
    wait = gate.reserve("row", 1)
    assert 0 < wait <= WINDOW_MS + MARGIN_MS + 1
    assert gate.reserve("row", 1, before) > WINDOW_MS


def test_a_penalty_closes_the_gate_for_every_holder() -> None:
    key = fresh_key()
    shared_gate(key, HOST).penalize(3, 1_000)
    other = shared_gate(key, HOST)
    assert other.closed_ms(1_000) == 3_000
    assert other.reserve("row", 10, 1_500) == 2_500
    gate = shared_gate(fresh_key(), HOST)
    gate.penalize(60)
    assert gate.closed_ms() > 59_000


@pytest.mark.parametrize(
    "second",
    [lambda gate: gate.reserve("row", 5), lambda gate: gate.penalize(1), lambda gate: gate.closed_ms()],
    ids=["reserve", "penalize", "closed_ms"],
)
def test_nobody_enters_while_another_reserves(second: Callable[[Gate], object]) -> None:
    gate = shared_gate(fresh_key(), HOST)
    other = threading.Thread(target=second, args=(gate,))
    blocked: list[bool] = []

    class Slow(Quota):
        def reserve(self, *arguments: Any) -> int:
            if not blocked:
                blocked.append(stays_blocked(other))
            return super().reserve(*arguments)

    gate._quota = Slow()
    gate.reserve("row", 5)
    other.join()
    assert blocked == [True]


def test_nobody_looks_while_another_registers(monkeypatch: pytest.MonkeyPatch) -> None:
    key, blocked, found = fresh_key(), list[bool](), list[Gate]()
    other = threading.Thread(target=lambda: found.append(shared_gate(key, HOST)))

    class Slow(Gate):
        def __init__(self, *arguments: str) -> None:
            if not blocked:
                blocked.append(stays_blocked(other))
            super().__init__(*arguments)

    monkeypatch.setattr(module, "Gate", Slow)
    mine = shared_gate(key, HOST)
    other.join()
    assert blocked == [True]
    assert found == [mine]


def stays_blocked(thread: threading.Thread) -> bool:
    """Whether a thread, once started, is held up: it has but microseconds of work."""
    thread.start()
    thread.join(0.05)
    return thread.is_alive()


@pytest.mark.skipif(not hasattr(os, "register_at_fork"), reason="no fork here")
def test_after_a_fork_no_lock_stays_held() -> None:
    gate = shared_gate(fresh_key(), HOST)
    with gate._lock, module._registry_lock:  # as another thread of the parent would hold them
        module._after_fork()
        assert not gate._lock.locked()
        assert not module._registry_lock.locked()


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_whoever_is_interrupted_while_waiting_leaves_the_line(kind: str) -> None:
    key = fresh_key()
    config = {
        "apiKey": key, "secret": "secret", "password": "phrase",
        "urls": {"api": {"margin": HOST, "spot": HOST}}, "options": {"offlineMarkets": True},
    }  # fmt: skip
    seen: list[str] = []

    def answer(effect: Any) -> Any:
        if isinstance(effect, Fetch):
            seen.append(effect.url)
            return {"code": "00000", "data": {"riskRate": "0"}}
        raise (KeyboardInterrupt if kind == "sync" else asyncio.CancelledError)

    class Sync(bma.bitgetmargin):
        def perform(self, effect: Any) -> Any:
            return answer(effect)

    class Async(bma.async_support.bitgetmargin):  # type: ignore[misc]  # the same
        async def perform(self, effect: Any) -> Any:
            return answer(effect)

    exchange: Any = Sync(config) if kind == "sync" else Async(config)
    row = ENDPOINTS["cross_risk_rate"]
    problems = []
    for _ in range(100):
        try:
            result = exchange.fetch_risk_rate()
            if kind == "async":
                asyncio.run(result)
        except (KeyboardInterrupt, asyncio.CancelledError) as problem:
            problems.append(problem)  # with its traceback, and all that this holds on to
    assert len(seen) + len(problems) == 100
    assert len(problems) > 10
    assert shared_gate(key, HOST).reserve(row.name, row.rate) <= WINDOW_MS + MARGIN_MS + 1
