"""The same scenarios give the same structures and the same journal through every door."""

from pathlib import Path
from typing import Any

import pytest

from .doors import CASSETTES, HEADING, on_emulator, on_paper, replayed
from .scenarios import SCENARIOS, Scenario

KINDS = ("sync", "async")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_door_tells_the_same_story(scenario: Scenario, tmp_path: Path) -> None:
    first = on_paper(scenario, "sync", tmp_path / "paper.sync")
    assert first.journal
    others = {
        "paper async": on_paper(scenario, "async", tmp_path / "paper.async"),
        "emulator sync": on_emulator(scenario, "sync", tmp_path / "emulator.sync"),
        "emulator async": on_emulator(scenario, "async", tmp_path / "emulator.async"),
        "cassette sync": replayed(scenario, "sync"),
        "cassette async": replayed(scenario, "async"),
    }
    for door, outcome in others.items():
        assert_same(door, scenario, first.results, outcome.results)
        assert outcome.journal in (None, first.journal), door


def assert_same(door: str, scenario: Scenario, wanted: list[Any], found: list[Any]) -> None:
    for number, (step, one, other) in enumerate(zip(scenario.steps, wanted, found, strict=True)):
        assert other == one, f"{door}, step {number}: {step.method}{step.args}"


def test_the_recordings_are_those_of_the_scenarios_and_say_what_they_are() -> None:
    files = sorted(CASSETTES.glob("*.yaml"))
    assert [path.stem for path in files] == sorted(scenario.name for scenario in SCENARIOS)
    assert all(path.read_text().startswith(HEADING) for path in files)


def test_the_scenarios_reach_what_they_are_there_for(tmp_path: Path) -> None:
    """A scenario in which nothing happens would pass everywhere."""
    seen = {scenario.name: on_paper(scenario, "sync", tmp_path / scenario.name).results for scenario in SCENARIOS}
    refusals = [result for result in seen["refusals"] if isinstance(result, str)]
    assert len(set(refusals)) >= 5
    for name, results in seen.items():
        if name != "refusals":
            assert not [result for result in results if isinstance(result, str)], name
    assert seen["liquidation"][8]
    assert len(seen["paging"][-2]) == len(seen["paging"][-1]) == 1200
    assert [order["status"] for order in seen["batch_with_failures"][1]].count("rejected") == 2
    assert seen["flash_repay"][7]
    assert [order["status"] for order in seen["isolated_round_trip"][2]].count("rejected") == 1
    assert [order["status"] for order in seen["isolated_round_trip"][6]] == ["canceled"] * 3
    assert len(seen["isolated_round_trip"][10]) == 5
    for name, place in (("isolated_round_trip", 14), ("cross_liquidation", 11)):
        assert [row["status"] for row in seen[name][place]] == ["FINISH"]
    assert seen["cross_liquidation"][5]
