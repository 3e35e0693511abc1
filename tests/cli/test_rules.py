import json

import pytest

from bitget_margin_adapter.cli.main import main
from bitget_margin_adapter.venue.rules import RULES


def test_every_rule_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    text = capsys.readouterr().out
    assert all(rule.name in text and rule.source in text for rule in RULES)
    assert f"{len(RULES)} rules" in text


def test_json_has_all_fields(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == [rule.name for rule in RULES]
    assert set(rows[0]) == {"name", "label", "text", "source", "test"}


def test_one_label(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--json", "--label", "assumed"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["label"] for row in rows} == {"assumed"}
