"""The unified methods against v2's documented shapes: the same structures as v1's documentation gives.

The cases, and what is expected of them, are those of v1; the cassettes stand in `cassettes/v2`.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import vcr
from vcr.serializers import yamlserializer

import bitget_margin_adapter as bma
from bitget_margin_adapter.wire.endpoints import ENDPOINTS, MARGIN_ENDPOINTS
from bitget_margin_adapter.wire.v2 import ROUTES_V2, answer_to_v2, from_v2

from .test_documented_cassettes import CASES, MATCH, Case, check, prepared

CASSETTES = Path(__file__).parents[2] / "cassettes" / "v2"
CONFIG = {"apiKey": "key", "secret": "secret", "password": "phrase"}  # Bitget's own host: v2 by itself
HEAD = "# The documented shape of API v2, written by hand from the field lists of its pages; not a recording."


def interaction(name: str) -> Any:
    return yamlserializer.deserialize((CASSETTES / f"{name}.yaml").read_text())["interactions"][0]


def in_v2(case: Case) -> Case:
    """The implicit calls name the version: those are v2's here, with v2's words in the answer."""
    if not case.raw:
        return case
    request = interaction(case.endpoint)["request"]
    path, body = request["uri"].partition("/api/")[2], json.loads(request["body"])
    expected = {"resultList": "successList"}
    return case._replace(
        call=lambda exchange: exchange.fetch2(path, ["private", "margin"], request["method"], body),
        expected={expected.get(key, key): value for key, value in (case.expected or {}).items()},
    )


def replay(case: Case) -> Any:
    return vcr.use_cassette(str(CASSETTES / f"{case.endpoint}.yaml"), record_mode="none", match_on=MATCH)


@pytest.mark.parametrize("case", list(map(in_v2, CASES)), ids=lambda case: case.endpoint)
def test_sync(case: Case) -> None:
    exchange = prepared(bma.bitgetmargin(CONFIG), case)
    with replay(case) as cassette:
        result = case.call(exchange)
    check(case, result, cassette)


@pytest.mark.parametrize("case", list(map(in_v2, CASES)), ids=lambda case: case.endpoint)
def test_async(case: Case) -> None:
    async def main() -> None:
        exchange = prepared(bma.async_support.bitgetmargin(CONFIG), case)
        try:
            with replay(case) as cassette:
                result = await case.call(exchange)
        finally:
            await exchange.close()
        check(case, result, cassette)

    asyncio.run(main())


# Written without a counterpart in the model, or not written by us at all; `limit` is a VIP level's own.
UNSAID = {"limit", "tradeScope", "errorCode", "loanId", "repayId", "orderId"}


def names(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(names, value.values()))
    return set().union(*map(names, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("name", [row.name for row in MARGIN_ENDPOINTS])
def test_our_own_answers_have_the_names_of_the_documentation(name: str) -> None:
    """And a cassette says what it is."""
    assert (CASSETTES / f"{name}.yaml").read_text().splitlines()[0] == HEAD
    body = json.loads(interaction(name)["response"]["body"]["string"])
    assert ROUTES_V2[interaction(name)["request"]["method"], path_of(name)].name == name
    if "max" in name and ENDPOINTS[name].mode == "isolated":
        value: Any = tuple(from_v2(name, body, {"coin": coin}) for coin in ("BTC", "USDT"))
    else:
        value = from_v2(name, body)
    if name.endswith("_cancel_order") and "batch" not in name:
        assert value.refused == ()
    assert names(body["data"]) - names(answer_to_v2(name, value, 0)["data"]) <= UNSAID


def path_of(name: str) -> str:
    return "/api/" + str(interaction(name)["request"]["uri"]).partition("/api/")[2].partition("?")[0]
