"""`bitget-margin endpoints` prints the whole table, for people and for programs."""

import json

import pytest

from bitget_margin_adapter.cli.main import main
from bitget_margin_adapter.wire.endpoints import ENDPOINTS, MARGIN_ENDPOINTS
from bitget_margin_adapter.wire.v2.endpoints import OWN


def test_a_line_for_every_endpoint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["endpoints"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["name", "method", "path"]
    assert [line.split()[0] for line in lines] == list(ENDPOINTS)
    for line, row in zip(lines, ENDPOINTS.values(), strict=True):
        assert line.split()[1:3] == [row.method, row.path]
        assert f"{row.rate}/s per {row.scope}" in line
    borrow = next(line for line in lines if line.startswith("cross_borrow "))
    assert borrow.endswith("coin* borrowAmount*")


def test_json_has_the_fields_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["endpoints", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == list(ENDPOINTS)
    assert len(rows) == len(MARGIN_ENDPOINTS) + 2 == 47
    assert {tuple(row) for row in rows} == {
        (
            "name", "method", "path", "rate", "scope", "answer", "params", "mode", "permission", "page_id", "also_get",
        )
    }  # fmt: skip
    by_name = {row["name"]: row for row in rows}
    assert by_name["isolated_repay"] == {
        "name": "isolated_repay",
        "method": "POST",
        "path": "/api/margin/v1/isolated/account/repay",
        "rate": 10,
        "scope": "uid",
        "answer": "repaid",
        "params": [
            {"name": name, "kind": kind, "required": True, "choices": [], "most": None, "fields": []}
            for name, kind in (("coin", "coin"), ("repayAmount", "amount"), ("symbol", "symbol"))
        ],
        "mode": "isolated",
        "permission": "trade",
        "page_id": None,
        "also_get": True,
    }
    orders = by_name["cross_batch_place_order"]["params"][1]
    assert orders["most"] == 50
    assert [field["name"] for field in orders["fields"]][:2] == ["side", "orderType"]
    assert orders["fields"][0]["choices"] == ["buy", "sell"]


def test_the_table_of_v2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["endpoints", "--dialect", "v2", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == [*ENDPOINTS, *OWN]
    assert all(row["path"].startswith("/api/v2/") for row in rows)
