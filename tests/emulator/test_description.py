"""The OpenAPI description is kept: what schemathesis makes of it is answered as it says. A short form; 100,000 requests
are sent by benchmarks/prove_openapi.py.
"""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bitget_margin_adapter.emulator import Emulator
from bitget_margin_adapter.venue.openapi import description
from bitget_margin_adapter.wire import signing

from .conftest import PRICE

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance, content_type_conformance]
EXAMPLES = 2

schema = schemathesis.openapi.from_dict(description())


class Signed(requests.auth.AuthBase):
    def __init__(self, venue: Emulator) -> None:
        self._who = venue.credentials

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        parts = urlsplit(str(request.url))
        body = request.body or b""
        stamp = str(time.time_ns() // 1_000_000)
        message = signing.prehash(stamp, str(request.method), parts.path, parts.query)
        text = body if isinstance(body, str) else body.decode("utf-8", "surrogateescape")
        sign = signing.HmacSigner(self._who["secret"]).sign(message + text)
        request.headers.update(signing.headers(self._who["apiKey"], sign, stamp, self._who["password"]))
        return request


@pytest.fixture(scope="module")
def venue() -> Iterator[Emulator]:
    with Emulator(clock="virtual", limits=False, funds={"USDT": "10000"}) as made:
        made.control("market", PRICE)
        yield made


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_what_is_described_is_what_is_answered(case: Any, venue: Emulator) -> None:
    answer = case.call_and_validate(base_url=venue.url, auth=Signed(venue), checks=CHECKS)
    # A wrong signature would hide all that comes after it.
    assert answer.json()["code"] not in ("40006", "40009", "40012")
