"""`bitget-margin serve`: the fixed options, the first line as JSON, a clean end by a signal."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from bitget_margin_adapter.cli.commands import Trouble
from bitget_margin_adapter.cli.commands.serve import _candles, _funds
from bitget_margin_adapter.cli.main import main

CANDLES = Path(__file__).parents[1] / "data" / "ETHUSDT-1h-2021-05-19.csv.gz"
NAMES = ["url", "ws_url", "api_key", "secret", "passphrase", "control_token"]


def ask(told: dict[str, Any], word: str) -> Any:
    request = urllib.request.Request(  # noqa: S310
        f"{told['url']}/_sandbox/{word}", headers={"X-Sandbox-Token": told["control_token"]}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        return json.load(answer)


def test_it_says_where_it_is_serves_and_ends_by_a_signal(tmp_path: Path) -> None:
    options = ["--json", "--clock", "virtual", "--funds", "USDT=7,isolated:ETHUSDT.ETH=2", "--limits", "off"]
    options += ["--candles", f"{CANDLES}=ETH/USDT", "--store", str(tmp_path / "venue.sqlite")]
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "bitget_margin_adapter", "serve", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            told = json.loads(process.stdout.readline())
            assert list(told) == NAMES
            state = ask(told, "state")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0
            assert process.stderr.read() == ""
        finally:
            process.kill()
    assert state["accounts"]["default"]["cross"]["USDT"]["available"] == "7"
    assert state["accounts"]["default"]["isolated:ETHUSDT"]["ETH"]["available"] == "2"
    assert state["prices"].keys() == {"ETHUSDT"}


def test_candles_by_name_or_with_their_symbol() -> None:
    assert _candles([]) is None
    assert _candles(["a/BTCUSDT-1h.csv"]) == "a/BTCUSDT-1h.csv"
    assert _candles(["x.csv=BTC/USDT", "a/ETHUSDT-1h.csv"]) == {"BTC/USDT": "x.csv", "ETHUSDT": "a/ETHUSDT-1h.csv"}


def test_funds_as_text() -> None:
    assert _funds("USDT=1, BTC=2,spot.ETH=3") == {"USDT": "1", "BTC": "2", "spot": {"ETH": "3"}}
    for text in ("USDT", "=1", "USDT="):
        with pytest.raises(Trouble, match="COIN=AMOUNT"):
            _funds(text)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--candles", "none.csv"], "none.csv"),
        (["--speed", "0"], "speed"),
        (["--funds", "NONE=1"], "NONE"),
        (["--port", "99999"], "port"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *options]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
