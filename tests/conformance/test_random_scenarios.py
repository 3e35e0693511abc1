"""The same random day through paper and the emulator, synchronous and asyncio: one journal, byte for byte."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from .doors import Outcome, on_emulator, on_paper
from .random_scenarios import option, scenario
from .scenarios import Scenario, Step

DOORS: dict[str, tuple[Callable[[Scenario, str, Path], Outcome], str]] = {
    "paper sync": (on_paper, "sync"),
    "paper async": (on_paper, "async"),
    "emulator sync": (on_emulator, "sync"),
    "emulator async": (on_emulator, "async"),
}


def day(seed: int) -> Scenario:
    """The calls of `random_scenarios` as steps."""
    settings = option(seed)
    steps = (
        Step(made.args[0], made.args[1:], control=True)
        if made.method == "sandbox_control"
        else Step(made.method, made.args)
        for made in scenario(seed)
    )
    return Scenario(f"random {seed}", tuple(steps), settings["funds"], settings["candles"])


def outcomes(seed: int, folder: Path) -> dict[str, Outcome]:
    """By the name of the door."""
    played = day(seed)
    return {name: run(played, kind, folder / f"{seed} {name}") for name, (run, kind) in DOORS.items()}


@pytest.mark.parametrize("seed", range(4))
def test_all_doors_leave_the_same_journal(seed: int, tmp_path: Path) -> None:
    """A thousand days: benchmarks/prove_scenarios.py."""
    first, *others = outcomes(seed, tmp_path).values()
    assert first.journal is not None
    assert len(first.journal) > 30
    for other in others:
        assert other.results == first.results
        assert other.journal == first.journal


def test_the_scenarios_do_something(tmp_path: Path) -> None:
    """Most kinds of calls succeed somewhere in the seeds that the test above runs, and some are refused."""
    done: Counter[str] = Counter()
    for seed in range(4):
        played = day(seed)
        results = on_paper(played, "sync", tmp_path / str(seed)).results
        done.update(
            "refused" if isinstance(result, str) else step.method
            for step, result in zip(played.steps, results, strict=True)
        )
    calls = (
        "clock",
        "create_order",
        "borrow_cross_margin",
        "repay_cross_margin",
        "borrow_isolated_margin",
        "transfer",
        "refused",
    )
    assert set(calls) <= set(done)
