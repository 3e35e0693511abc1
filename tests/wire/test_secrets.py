"""Secrets do not show: in the holder's faces, in scrubbed texts, and in what ccxt logs, while the wire gets them."""

import asyncio
import base64
import copy
import json
import logging
import pickle
import pprint
import threading
import traceback
import urllib.parse
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import aiohttp
import ccxt
import ccxt.async_support
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from bitget_margin_adapter.wire.secrets import MASK, Masked, Secret, mask
from bitget_margin_adapter.wire.signing import HmacSigner, headers

KEY, PHRASE, SECRET = "bg_canarykey", "canaryphrase", "canarysecret"


# The holder


def test_a_secret_shows_only_to_reveal() -> None:
    secret = Secret(SECRET)
    faces = [repr(secret), str(secret), f"{secret}", f"{secret:>40}", f"{secret!r}", pprint.pformat({"a": [secret]})]
    assert not hasattr(secret, "__dict__")  # vars() would show it
    assert not [face for face in faces if "canary" in face]
    assert secret.reveal() == SECRET
    assert Secret(secret).reveal() == SECRET


def test_a_secret_is_compared_but_not_with_plain_text() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("é") != Secret("e")
    assert (Secret("a") == "a") is False
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a")
    assert not Secret("")


def test_a_secret_is_copied_and_never_serialised() -> None:
    secret = Secret(SECRET)
    for twin in (copy.copy(secret), copy.deepcopy(secret), copy.deepcopy({"k": [secret]})["k"][0]):
        assert isinstance(twin, Secret)
        assert twin == secret
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="environment variable") as refused:
            pickle.dumps({"k": secret}, protocol)
        assert "canary" not in str(refused.value)
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps({"k": secret})


@pytest.mark.parametrize("value", [None, 5, b"canary"])
def test_a_secret_is_a_text(value: Any) -> None:
    with pytest.raises(TypeError, match="a secret is a text"):
        Secret(value)


def test_a_traceback_with_locals_shows_nothing() -> None:
    signing, key = HmacSigner(SECRET), Secret(KEY)
    try:
        signing.sign("\ud800")  # has no UTF-8 form, fails while the key is at hand
    except UnicodeEncodeError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "signing" in shown
    assert "canary" not in shown
    assert key


# The header value


def test_a_masked_text_is_true_and_hides_in_a_repr() -> None:
    masked = Masked("canary")
    assert masked == "canary"
    assert f"{masked}" == str(masked) == "canary"
    assert masked.encode("latin-1") == b"canary"
    assert repr({"h": masked}) == str({"h": masked}) == "{'h': '***'}"
    assert "canary" not in pprint.pformat([masked])
    assert isinstance(copy.deepcopy(masked), Masked)
    assert copy.copy(masked) == "canary"


def test_a_pickled_masked_text_carries_the_mask() -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        data = pickle.dumps({"h": Masked("canary")}, protocol)
        assert b"canary" not in data
        assert pickle.loads(data) == {"h": MASK}  # noqa: S301 - made two lines above


class Recorder(BaseHTTPRequestHandler):
    """Answers everything and keeps the headers."""

    seen: list[dict[str, str]] = []

    def do_GET(self) -> None:
        """Keep the headers, answer an empty object."""
        self.seen.append(dict(self.headers.items()))
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/api"
    server.shutdown()
    thread.join()
    server.server_close()


SIGN = HmacSigner(SECRET).sign("message")


def signed() -> dict[str, str]:
    return headers(KEY, SIGN, 1591089508404, PHRASE, "en-US")


def by_requests(url: str) -> None:
    requests.post(url, data=b"{}", headers=signed(), timeout=5)


def by_aiohttp(url: str) -> None:
    async def call() -> None:
        async with aiohttp.ClientSession() as session, session.post(url, data=b"{}", headers=signed()) as answer:
            await answer.read()

    asyncio.run(call())


def by_ccxt(url: str) -> None:
    exchange = ccxt.bitget()
    try:
        exchange.fetch(url, "POST", signed(), "{}")
    finally:
        exchange.session.close()


def by_ccxt_async(url: str) -> None:
    async def call() -> None:
        exchange = ccxt.async_support.bitget()
        try:
            await exchange.fetch(url, "POST", signed(), "{}")
        finally:
            await exchange.close()

    asyncio.run(call())


@pytest.mark.parametrize("send", [by_requests, by_aiohttp, by_ccxt, by_ccxt_async], ids=lambda f: str(f.__name__))
def test_the_wire_gets_the_truth_and_the_log_does_not(
    send: Any, url: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    Recorder.seen.clear()
    with caplog.at_level(logging.DEBUG):
        send(url)
    (got,) = Recorder.seen
    wanted = {"ACCESS-KEY": KEY, "ACCESS-SIGN": SIGN, "ACCESS-PASSPHRASE": PHRASE, "locale": "en-US"}
    assert wanted.items() <= got.items()
    assert got["ACCESS-TIMESTAMP"] == "1591089508404"
    text = caplog.text + "".join(repr(record.args) for record in caplog.records) + "".join(capsys.readouterr())
    if "ccxt" in send.__name__:
        assert "ACCESS-SIGN" in text  # the headers were logged, so that this test can fail
    assert not [value for value in (KEY, PHRASE, SIGN) if value in text]


def test_ccxt_in_verbose_mode_prints_the_mask(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    exchange = ccxt.bitget({"verbose": True})
    exchange.fetch(url, "POST", signed(), "{}")
    exchange.session.close()
    shown = capsys.readouterr().out
    assert "ACCESS-SIGN" in shown
    assert not [value for value in (KEY, PHRASE, SIGN) if value in shown]


# The scrubber


def lower_hex(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


DISGUISES: dict[str, Callable[[str], str]] = {
    "plain": str,
    "quote": lambda text: urllib.parse.quote(text, safe=""),
    "quote_path": urllib.parse.quote,
    "quote_plus": urllib.parse.quote_plus,
    "all_hex": lower_hex,
    "half_hex": lambda text: text[: len(text) // 2] + lower_hex(text[len(text) // 2 :]),
    "json": lambda text: json.dumps(text)[1:-1],
    "json_unicode": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "json_slash": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "repr": lambda text: repr(text)[1:-1],
    "repr_bytes": lambda text: repr(text.encode())[2:-1],
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64_url": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64_bare": lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
    "base64_quoted": lambda text: urllib.parse.quote_plus(base64.b64encode(text.encode()).decode()),
    "base64_json": lambda text: base64.b64encode(text.encode()).decode().replace("/", "\\/"),
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize(
    "secret", ["plain0123", "a+b/c=d e?f&g", "quo\"te\\ back's", "密碼é\U0001f600x", "??>>~~\n\t!"]
)
def test_a_secret_is_scrubbed_in_every_disguise(disguise: str, secret: str) -> None:
    worn = DISGUISES[disguise](secret)
    assert mask(f"before {worn} after", [secret]) == "before *** after"
    assert mask(f"[{worn}|{worn}]", [None, "", Secret(secret)]) == "[***|***]"


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="*"), min_size=4, max_size=12).filter(
            lambda text: len(text.strip()) >= 4  # shorter ones are no secrets
        ),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.sampled_from(sorted(DISGUISES)), min_size=1, max_size=4),
    st.text(max_size=30),
)
def test_no_secret_survives(secrets: list[str], disguises: list[str], noise: str) -> None:
    worn = [DISGUISES[disguise](secret) for secret in secrets for disguise in disguises]
    text = mask(noise + "|".join(worn) + noise, secrets)
    assert not [form for form in (*worn, *secrets) if form in text]


def test_what_is_too_short_to_be_a_secret_tears_no_holes() -> None:
    assert mask("the text that is signed", ["x", "is", " a  "]) == "the text that is signed"


def test_of_two_secrets_that_begin_alike_no_tail_stays() -> None:
    assert mask("abcdef abcd", ["abcd", "abcdef"]) == "*** ***"


def test_a_text_without_secrets_stays_as_it_is() -> None:
    text = "bitgetmargin cross_borrow refused: 50035 over the maximum (100% used)"
    assert mask(text, [KEY, PHRASE, SECRET]) == text
    assert mask(text, []) == mask(text, [None, "", " "]) == text


def test_a_private_key_is_scrubbed_line_by_line() -> None:
    pem = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )
    lines = pem.splitlines()[1:-1]
    for text in (pem, repr(pem), json.dumps({"key": pem}), urllib.parse.quote(pem), lines[3]):
        masked = mask(text, [pem])
        assert not [line for line in lines if len(line) >= 8 and line in masked]
        assert not [line for line in lines if len(line) >= 8 and urllib.parse.quote(line) in masked]
    assert mask(base64.b64encode(pem.encode()).decode(), [pem]) == MASK
