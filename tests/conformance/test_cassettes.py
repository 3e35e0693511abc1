"""Every cassette is complete, honest about its origin, free of secrets, and says what the tables say."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from vcr.serializers import yamlserializer

from bitget_margin_adapter.wire.endpoints import BY_ROUTE, ENDPOINTS, MARGIN_ENDPOINTS, Kind
from bitget_margin_adapter.wire.parse import parse
from bitget_margin_adapter.wire.render import render
from bitget_margin_adapter.wire.v2 import ROUTES_V2

ROOT = Path(__file__).parents[2] / "cassettes"
CASSETTES = sorted(ROOT.rglob("*.yaml"))
DOCUMENTED = sorted((ROOT / "documented").glob("*.yaml"))

# An allow-list: what is not here could be a key, a signature or a cookie.
HEADERS = {"content-type"}
# Bitget's keys begin with bg_ and ours with sbx_, secrets are 64 hex digits, signatures are base64: long, with letters
# of both cases and digits. Ids are digits only and generated clientOids are 32 hex digits: neither is taken for one.
SECRET = re.compile(
    r"(?:bg|sbx)_\w{8,}"
    r"|\b[0-9a-fA-F]{64}\b"
    r"|(?=[^\s\"',/]*[a-z])(?=[^\s\"',/]*[A-Z])(?=[^\s\"',/]*\d)[\w+/-]{24,}={0,2}",
    re.ASCII,
)


def load(path: Path) -> Any:
    return yamlserializer.deserialize(path.read_text())["interactions"]


def names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from names(item)


def ids(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT).with_suffix("")) for path in paths]


@pytest.mark.parametrize("path", CASSETTES, ids=ids(CASSETTES))
def test_a_cassette_says_where_it_comes_from(path: Path) -> None:
    first, *_ = path.read_text().splitlines()
    assert first.startswith("# ")
    if path in DOCUMENTED:
        assert first == "# The documentation's own example, not a recording."


@pytest.mark.parametrize("path", CASSETTES, ids=ids(CASSETTES))
def test_a_cassette_has_no_header_that_is_not_allowed_and_nothing_like_a_secret(path: Path) -> None:
    for interaction in load(path):
        for half in (interaction["request"], interaction["response"]):
            assert {name.lower() for name in half["headers"]} <= HEADERS
    assert not SECRET.findall(path.read_text())


@pytest.mark.parametrize(
    "secret",
    ["bg_" + "0f" * 16, "sbx_planted1", "0123456789abcdef" * 4, "aB3" * 14 + "x="],
    ids=["key", "ours", "hex", "sign"],
)
def test_the_scan_finds_a_planted_secret(secret: str) -> None:
    assert SECRET.search(f"clientOid: '{secret}'")


@pytest.mark.parametrize("path", CASSETTES, ids=ids(CASSETTES))
def test_the_bodies_are_json(path: Path) -> None:
    for interaction in load(path):
        request, response = interaction["request"], interaction["response"]
        assert request["headers"]["Content-Type"] == ["application/json"]
        assert response["headers"]["Content-Type"] == ["application/json"]
        assert isinstance(json.loads(response["body"]["string"]), dict)
        assert request["body"] is None or isinstance(json.loads(request["body"]), dict)


def test_every_endpoint_of_the_documentation_has_its_example() -> None:
    assert {path.stem for path in DOCUMENTED} == {endpoint.name for endpoint in MARGIN_ENDPOINTS}
    assert len(DOCUMENTED) == 45


@pytest.mark.parametrize(("folder", "routes"), [("emulator", BY_ROUTE), ("v2/emulator", ROUTES_V2)], ids=["v1", "v2"])
def test_every_endpoint_is_in_what_was_recorded_from_the_emulator(folder: str, routes: Any) -> None:
    asked = {
        (interaction["request"]["method"], urlsplit(interaction["request"]["uri"]).path)
        for path in (ROOT / folder).glob("*.yaml")
        for interaction in load(path)
    }
    assert set(ENDPOINTS) <= {routes[route].name for route in asked if route in routes}


@pytest.mark.parametrize("path", DOCUMENTED, ids=ids(DOCUMENTED))
def test_the_example_asks_as_the_table_says(path: Path) -> None:
    (interaction,) = load(path)
    request = interaction["request"]
    url = urlsplit(request["uri"])
    assert (url.scheme, url.netloc) == ("https", "api.bitget.com")
    endpoint = BY_ROUTE[request["method"], url.path]
    assert endpoint.name == path.stem
    asked = dict(parse_qsl(url.query, strict_parsing=True)) if url.query else json.loads(request["body"] or "{}")
    known = {param.name: param for param in endpoint.params}
    assert set(asked) <= set(known)
    assert set(asked) >= {param.name for param in endpoint.params if param.required}
    assert all(
        isinstance(value, list) == (known[name].kind in (Kind.LIST, Kind.ORDERS)) for name, value in asked.items()
    )


@pytest.mark.parametrize("path", DOCUMENTED, ids=ids(DOCUMENTED))
def test_the_example_is_understood_and_its_names_are_the_ones_we_write(path: Path) -> None:
    (interaction,) = load(path)
    body = json.loads(interaction["response"]["body"]["string"])
    answer = ENDPOINTS[path.stem].answer
    value = parse(answer, body)
    written = render(answer, value, 0)
    assert set(names(body["data"])) <= set(names(written["data"]))
    # Read again it is the same, but for `info`, which has more names now.
    assert render(answer, parse(answer, written), 0) == written
