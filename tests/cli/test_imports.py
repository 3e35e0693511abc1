"""Tables are printed at once and with the bare package; heavy things are imported by who needs them."""

import json
import subprocess
import sys

import pytest

HEAVY = ("ccxt", "pandas", "numpy", "rich", "plotly", "aiohttp", "requests")
PROGRAM = """
import contextlib, io, json, sys
{before}
from bitget_margin_adapter.cli.main import main
out, err = io.StringIO(), io.StringIO()
with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
    try:
        code = main({words!r})
    except SystemExit as ended:
        code = ended.code
print(json.dumps([code, out.getvalue(), err.getvalue(), [name for name in {heavy!r} if sys.modules.get(name)]]))
"""
# Names that are None in sys.modules cannot be imported.
WITHOUT_EXTRA = "sys.modules.update(rich=None, plotly=None)"


def run(*words: str, before: str = "") -> tuple[int, str, str, list[str]]:
    program = PROGRAM.format(words=list(words), heavy=HEAVY, before=before)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    code, out, err, loaded = json.loads(done.stdout)
    return code, out, err, loaded


@pytest.mark.parametrize(
    "words", [["codes", "50035"], ["endpoints"], ["--help"], ["serve", "--help"], ["demo", "--help"]]
)
def test_nothing_heavy_is_imported(words: list[str]) -> None:
    _, out, err, loaded = run(*words)
    assert out or err
    assert loaded == []


@pytest.mark.parametrize("words", [["codes"], ["codes", "50035"], ["endpoints"], ["endpoints", "--json"]])
def test_tables_need_no_extra(words: list[str]) -> None:
    code, out, err, _ = run(*words, before=WITHOUT_EXTRA)
    assert (code, err) == (0, "")
    assert out == run(*words)[1]


def test_the_demo_names_the_extra_that_it_needs() -> None:
    code, out, err, loaded = run("demo", before=WITHOUT_EXTRA)
    assert (code, out, loaded) == (2, "", [])
    assert "plotly and rich" in err
    assert "[backtest]" in err
    assert err.count("\n") == 1


def test_the_module_is_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bitget_margin_adapter", "codes", "50035"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("50035 (REST)")
