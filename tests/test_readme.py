"""What the README shows runs as it stands."""

import re
from pathlib import Path

import pytest

from bitget_margin_adapter.paper.door import forget_accounts

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_the_readmes_code_runs(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    forget_accounts()
    exec(compile(block, "README.md", "exec"), {})  # noqa: S102  # our own page
    assert capsys.readouterr().out or "print" not in block


def test_ci_runs_the_readmes_command() -> None:
    command = re.search(r"## Develop\n\n    (.*?)\n", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert command is not None
    steps = [step.strip() for step in command[1].split("&&")]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert [line for line in script.splitlines() if line in steps] == steps
