"""The program around the commands: what it answers when there is nothing to run, or nothing yet."""

import subprocess
import sys

import pytest

from bitget_margin_adapter import __version__
from bitget_margin_adapter.cli import commands as folder
from bitget_margin_adapter.cli.commands import LATER, Trouble, commands
from bitget_margin_adapter.cli.main import main

PROMISED = {
    "demo", "serve", "backtest", "sweep", "endpoints", "codes", "rules", "download", "doctor", "record",
}  # fmt: skip


def test_every_promised_command_is_one_or_says_that_it_comes_later() -> None:
    assert set(commands()) | set(LATER) == PROMISED


@pytest.mark.parametrize("name", sorted(commands()))
def test_commands_have_what_main_asks_of_them(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = commands()[name]
    assert command.SUMMARY
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert command.SUMMARY in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("name", sorted(set(LATER) - set(commands())))
@pytest.mark.parametrize("rest", [[], ["--help"], ["file.py", "--port", "0", "--json"]])
def test_commands_of_later_releases_say_so(name: str, rest: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, *rest]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert name in said.err
    assert "later release" in said.err


def test_a_module_in_the_folder_is_a_command_even_if_it_was_to_come_later(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path_factory.mktemp("commands")
    (place / "doctor.py").write_text(
        "SUMMARY = 'every rule'\ndef arguments(parser): parser.add_argument('--json', action='store_true')\n"
        "def run(args): print('doctor', args.json); return 0\n"
    )
    monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(place)])
    try:
        assert main(["doctor", "--json"]) == 0
        assert capsys.readouterr().out == "doctor True\n"
    finally:
        sys.modules.pop(f"{folder.__name__}.doctor", None)
        if hasattr(folder, "doctor"):
            delattr(folder, "doctor")


def test_without_a_command_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    said = capsys.readouterr().err
    for name in PROMISED:
        assert name in said


def test_an_unknown_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["dance"])
    assert ended.value.code == 2
    assert "dance" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize(
    ("problem", "code", "words"), [(Trouble("buy a ladder."), 2, "buy a ladder."), (KeyboardInterrupt(), 130, "interr")]
)
def test_what_goes_wrong_is_one_sentence(
    problem: BaseException, code: int, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(args: object) -> int:
        raise problem

    monkeypatch.setattr(commands()["codes"], "run", run)
    assert main(["codes"]) == code
    said = capsys.readouterr().err
    assert said.startswith("bitget-margin codes: ")
    assert words in said


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    # The table is longer than a pipe holds, so the program is still writing when its reader leaves.
    program = subprocess.Popen(
        [sys.executable, "-m", "bitget_margin_adapter", "codes", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert program.stdout is not None
    assert program.stderr is not None
    with program:
        assert program.stdout.readline() == "[\n"
        program.stdout.close()
        assert program.stderr.read() == ""
    assert program.returncode == 0


@pytest.mark.parametrize(
    "command", [["demo"], ["backtest", "bot.py", "--candles", "candles.csv", "--report", "r.html"]]
)
def test_a_missing_extra_is_told_before_the_work(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "plotly", None)
    assert main(command) == 2
    said = capsys.readouterr()
    assert "it needs plotly; install the extra: pip install" in said.err
    assert said.out == ""
