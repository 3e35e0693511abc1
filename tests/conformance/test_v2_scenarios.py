"""The scenarios of every door, in v2: the same structures but for `info`, and the very same journal."""

from pathlib import Path

import pytest

from .doors import CASSETTES_V2, HEADING, on_emulator, on_paper, replayed
from .scenarios import SCENARIOS, Scenario
from .test_v2_emulator import bare

RECORDED = [scenario for scenario in SCENARIOS if scenario.name != "paging"]
"""Those with a recording in v2: a second megabyte of pages would show nothing new."""


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_v2_tells_the_same_story(scenario: Scenario, tmp_path: Path) -> None:
    first = on_paper(scenario, "sync", tmp_path / "paper")
    assert first.journal
    others = {
        "emulator v2 sync": on_emulator(scenario, "sync", tmp_path / "sync", dialect="v2"),
        "emulator v2 async": on_emulator(scenario, "async", tmp_path / "async", dialect="v2"),
    }
    if scenario in RECORDED:
        others |= {f"cassette v2 {kind}": replayed(scenario, kind, "v2") for kind in ("sync", "async")}
    for door, outcome in others.items():
        steps = zip(scenario.steps, bare(first.results), bare(outcome.results), strict=True)
        for number, (step, wanted, found) in enumerate(steps):
            assert found == wanted, f"{door}, step {number}: {step.method}{step.args}"
        assert outcome.journal in (None, first.journal), door


def test_the_recordings_say_what_they_are() -> None:
    files = sorted(CASSETTES_V2.glob("*.yaml"))
    assert [path.stem for path in files] == sorted(scenario.name for scenario in RECORDED)
    for path in files:
        text = path.read_text()
        assert text.startswith(HEADING)
        assert "/api/v2/" in text
        assert "/api/margin/v1" not in text
