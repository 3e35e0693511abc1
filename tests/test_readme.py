"""What the README shows runs as it stands."""

import argparse
import re
import shlex
from pathlib import Path

import pytest

from bitget_margin_adapter.cli.commands import commands as commands_of_the_program
from bitget_margin_adapter.paper.door import forget_accounts

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
# What the package notes there for itself.
OWN_NOTES = {"timeDifference", "usedSymbols", "sentLoans", "tickersRead"}
# What ccxt's own manual explains.
CCXTS = {"fetchOHLCV"}


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_the_readmes_code_runs(
    block: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_accounts()
    # What it writes does not belong into the repository, which it reads its candles from.
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "README.md", "exec"), {"__name__": "__main__"})  # noqa: S102  # our own page
    assert capsys.readouterr().out or "print" not in block


def test_every_option_that_is_read_is_in_the_readme() -> None:
    read = re.compile(r"""options(?:\.get\(|\[|\.setdefault\()"(\w+)"|option\(ctx, call, "(\w+)\"""")
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "bitget_margin_adapter").rglob("*.py"))]
    names = {name for text in texts for found in read.findall(text) for name in found if name} - OWN_NOTES - CCXTS
    assert {"paper", "symbols", "loanType", "marginMode"} <= names
    assert sorted(name for name in names if name not in README) == []


def test_the_readmes_commands_for_backtests_are_understood() -> None:
    """Not played, which takes its time; but every option exists, and every file is there."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").replace("\\\n", " ")
    commands = re.findall(r"^    bitget-margin ((?:backtest|sweep) .*)$", text, flags=re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        name, *words = shlex.split(command)
        parser = argparse.ArgumentParser()
        commands_of_the_program()[name].arguments(parser)
        args = parser.parse_args(words)
        for path in (args.strategy, *args.candles):
            assert (ROOT / path).exists(), path


def test_ci_runs_the_readmes_command() -> None:
    command = re.search(r"## Develop\n\n    (.*?)\n", README)
    assert command is not None
    steps = [step.strip() for step in command[1].split("&&")]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert [line for line in script.splitlines() if line in steps] == steps
