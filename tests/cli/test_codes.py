"""`bitget-margin codes` prints all error codes, or explains one."""

import json
from typing import Any

import pytest

from bitget_margin_adapter.cli.main import main
from bitget_margin_adapter.wire.codes import REST, UNLISTED, WEBSOCKET

ROWS = [*REST.values(), *UNLISTED.values(), *WEBSOCKET.values()]


def answer(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    assert main(["codes", *words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_a_line_for_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["codes"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["code", "scope", "exception", "retry", "meaning"]
    assert [tuple(line.split()[:4]) for line in lines] == [
        (row.code, row.scope, row.exception or "-", row.retry) for row in ROWS
    ]
    assert all(line.endswith(row.meaning) for line, row in zip(lines, ROWS, strict=True))


def test_json_has_the_fields_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    rows = answer(capsys)
    assert {tuple(row) for row in rows} == {
        ("code", "scope", "exception", "retry", "meaning", "advice", "documented"),
    }
    assert [(row["scope"], row["code"]) for row in rows] == [(row.scope, row.code) for row in ROWS]
    documented = [row for row in rows if row["documented"]]
    assert (len([row for row in documented if row["scope"] == "ws"]), len(documented)) == (12, 713)
    assert {row["code"] for row in rows if not row["documented"]} == {"429", "40085"}


def test_one_code_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["codes", "50035"]) == 0
    lines = capsys.readouterr().out.splitlines()
    row = REST["50035"]
    assert lines[0] == "50035 (REST)"
    assert [line.split(maxsplit=1) for line in lines[1:]] == [
        ["meaning", row.meaning],
        ["raises", "ccxt.InsufficientFunds"],
        ["retry", "no, the same request can only fail again"],
        ["do", row.advice],
    ]
    assert answer(capsys, "50035") == [
        {
            "code": "50035",
            "scope": "rest",
            "exception": "InsufficientFunds",
            "retry": "no",
            "meaning": row.meaning,
            "advice": row.advice,
            "documented": True,
        }
    ]


def test_a_number_that_both_doors_use_is_explained_for_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert "30001" in REST
    assert "30001" in WEBSOCKET
    assert [row["scope"] for row in answer(capsys, "30001")] == ["rest", "ws"]
    assert main(["codes", "30001"]) == 0
    text = capsys.readouterr().out
    assert "30001 (REST)" in text
    assert "30001 (WebSocket)" in text


def test_what_the_documentation_lacks_is_said_to_be_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["codes", "40085"]) == 0
    assert "not in the documentation" in capsys.readouterr().out


def test_success_has_nothing_to_raise_and_nothing_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["codes", "00000"]) == 0
    assert capsys.readouterr().out.splitlines() == ["00000 (REST)", f"  meaning  {REST['00000'].meaning}"]


def test_an_unknown_code_is_not_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["codes", "99999"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "99999 is not in the documentation; the adapter raises ExchangeError for it." in said.err
    assert answer(capsys, "99999", code=1) == []
