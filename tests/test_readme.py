"""What the README shows runs as it stands."""

import re
from pathlib import Path

import pytest

from bitget_margin_adapter.paper.door import forget_accounts

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
# What the package notes there for itself.
OWN_NOTES = {"timeDifference", "usedSymbols", "sentLoans", "tickersRead"}


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_the_readmes_code_runs(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    forget_accounts()
    exec(compile(block, "README.md", "exec"), {})  # noqa: S102  # our own page
    assert capsys.readouterr().out or "print" not in block


def test_every_option_that_is_read_is_in_the_readme() -> None:
    read = re.compile(r"""options(?:\.get\(|\[|\.setdefault\()"(\w+)"|option\(ctx, call, "(\w+)\"""")
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "bitget_margin_adapter").rglob("*.py"))]
    names = {name for text in texts for found in read.findall(text) for name in found if name} - OWN_NOTES
    assert {"paper", "symbols", "loanType", "marginMode"} <= names
    assert sorted(name for name in names if name not in README) == []


def test_ci_runs_the_readmes_command() -> None:
    command = re.search(r"## Develop\n\n    (.*?)\n", README)
    assert command is not None
    steps = [step.strip() for step in command[1].split("&&")]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert [line for line in script.splitlines() if line in steps] == steps
