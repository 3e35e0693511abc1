"""The unified methods against v2's documented shapes: the same structures as v1's documentation gives.

The cases, and what is expected of them, are those of v1; the cassettes stand in `cassettes/v2`.
"""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import vcr
from vcr.serializers import yamlserializer

import bitget_margin_adapter as bma
from bitget_margin_adapter.wire.v2 import ENDPOINTS_V2, ROUTES_V2, answer_to_v2, from_v2
from bitget_margin_adapter.wire.v2.endpoints import OWN

from .test_documented_cassettes import CASES, MATCH, Case, call, check, prepared

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


def own(name: str) -> Case:
    """What v2 alone has, no unified method asks for."""
    uri = interaction(name)["request"]["uri"]
    query = dict(parse_qsl(urlsplit(uri).query))
    path = ENDPOINTS_V2[name].path.removeprefix("/api/")
    wanted = json.loads(interaction(name)["response"]["body"]["string"])["data"]
    return Case(name, lambda exchange: exchange.fetch2(path, ["private", "margin"], "GET", query), wanted, raw=True)


MOVED = {"id": "1030", "currency": "USDT", "amount": 10.0, "fromAccount": "spot", "toAccount": "isolated"}
EVERY = [
    *map(in_v2, CASES),
    Case("transfer", call("transfer", "USDT", 10, "spot", "isolated", {"symbol": "BTC/USDT"}), MOVED),
    *map(own, OWN),
]


def replay(case: Case) -> Any:
    return vcr.use_cassette(str(CASSETTES / f"{case.endpoint}.yaml"), record_mode="none", match_on=MATCH)


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.endpoint)
def test_sync(case: Case) -> None:
    exchange = prepared(bma.bitgetmargin(CONFIG), case)
    with replay(case) as cassette:
        result = case.call(exchange)
    check(case, result, cassette)


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.endpoint)
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


def test_the_time() -> None:
    with vcr.use_cassette(str(CASSETTES / "time.yaml"), record_mode="none", match_on=MATCH) as cassette:
        assert bma.bitgetmargin(CONFIG).fetch_time() == 1_659_410_528_123
        assert cassette.all_played


def test_every_endpoint_has_its_documented_shape() -> None:
    assert {path.stem for path in CASSETTES.glob("*.yaml")} == set(ENDPOINTS_V2)
    assert {case.endpoint for case in EVERY} == set(ENDPOINTS_V2) - {"time"}


@pytest.mark.parametrize("name", ENDPOINTS_V2)
def test_our_own_answers_have_the_names_of_the_documentation(name: str) -> None:
    """And a cassette says what it is."""
    assert (CASSETTES / f"{name}.yaml").read_text().splitlines()[0] == HEAD
    body = json.loads(interaction(name)["response"]["body"]["string"])
    assert ROUTES_V2[interaction(name)["request"]["method"], path_of(name)].name == name
    if "max" in name and ENDPOINTS_V2[name].mode == "isolated":
        value: Any = tuple(from_v2(name, body, {"coin": coin}) for coin in ("BTC", "USDT"))
    else:
        value = from_v2(name, body)
    if name.endswith("_cancel_order") and "batch" not in name:
        assert value.refused == ()
    assert names(body["data"]) - names(answer_to_v2(name, value, 0)["data"]) <= UNSAID


def path_of(name: str) -> str:
    return "/api/" + str(interaction(name)["request"]["uri"]).partition("/api/")[2].partition("?")[0]
