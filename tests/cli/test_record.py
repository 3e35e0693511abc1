"""`bitget-margin record`: a user's own script, recorded without its secrets, and played again."""

import json
from pathlib import Path

import pytest
import vcr

import bitget_margin_adapter as bma
from bitget_margin_adapter.cli.main import main
from bitget_margin_adapter.cli.scrub import MASK, Scrubber

SCRIPT = """
import json, sys
import bitget_margin_adapter as bma
exchange = bma.bitgetmargin(json.loads(sys.argv[1]))
exchange.borrow_cross_margin("USDT", 5)
print(exchange.fetch_balance()["USDT"]["debt"])
"""


def test_a_script_is_recorded_and_played_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script, out = tmp_path / "bot.py", tmp_path / "own.yaml"
    script.write_text(SCRIPT)
    with bma.Emulator(clock="virtual", limits=False) as venue:
        config, secrets = venue.config(), venue.credentials
        assert main(["record", "--out", str(out), str(script), json.dumps(config)]) == 0
    assert "Look through it" in capsys.readouterr().out
    text = out.read_text()
    assert text.startswith("# Recorded from 127.0.0.1 on the user's own account")
    for secret in (*secrets.values(), "ACCESS", "sbx_"):
        assert secret not in text
    match = ["method", "path", "body"]
    exchange = bma.bitgetmargin(config)
    with vcr.use_cassette(str(out), record_mode="none", match_on=match):
        exchange.borrow_cross_margin("USDT", 5)
        assert exchange.fetch_balance()["USDT"]["debt"] > 5
    assert main(["record", "--out", str(out), str(script)]) == 2
    assert "never overwrites" in capsys.readouterr().err


def test_a_script_that_fails_leaves_nothing(tmp_path: Path) -> None:
    script, out = tmp_path / "bot.py", tmp_path / "own.yaml"
    script.write_text("raise SystemExit(3)")
    with pytest.raises(SystemExit):
        main(["record", "--out", str(out), str(script)])
    script.write_text("pass")
    assert main(["record", "--out", str(out), str(script)]) == 2
    assert list(tmp_path.iterdir()) == [script]


class Message:
    def __init__(self, headers: dict[str, str], uri: str, body: bytes | None) -> None:
        self.headers, self.uri, self.body, self.host = headers, uri, body, "api.example"


def test_what_a_secret_header_held_is_taken_out_everywhere() -> None:
    scrubber = Scrubber()
    headers = {
        "Access-Key": "bg_0123456789",
        "Cookie": "session=abcdef",
        "Content-Type": "application/json",
        "X-Id": "7",
    }
    message = scrubber.request(Message(headers, "https://api.example/?k=bg_0123456789", b'{"a":"bg_0123456789"}'))
    assert message.headers == {"Content-Type": "application/json"}
    assert (message.uri, message.body) == (f"https://api.example/?k={MASK}", f'{{"a":"{MASK}"}}')
    body = b'{"data":[{"userId":"1234567","coin":"USDT","email":"me@x.example","uid":null}],"msg":"session=abcdef"}'
    answer = scrubber.response({"headers": {"Set-Cookie": ["x"], "content-type": ["j"]}, "body": {"string": body}})
    assert answer["headers"] == {"content-type": ["j"]}
    told = json.loads(answer["body"]["string"])
    assert told == {"data": [{"userId": MASK, "coin": "USDT", "email": MASK, "uid": None}], "msg": MASK}
    plain = b'{"data": {"n": "1.50"} }'
    assert scrubber.response({"headers": {}, "body": {"string": plain}})["body"]["string"] == plain
