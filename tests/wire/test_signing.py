"""Signing against the documentation: its own examples, and the two verifiers of `verifiers.py`.

`benchmarks/prove_signing.py` shows the same two 100,000 examples and more.
"""

import base64
import copy
import hashlib
import hmac
import json
import pickle
import string
import subprocess
import sys
import urllib.parse
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bitget_margin_adapter.wire.secrets import Secret
from bitget_margin_adapter.wire.signing import (
    HmacSigner,
    RsaSigner,
    Signer,
    UnsafeValue,
    body_text,
    headers,
    login_args,
    prehash,
    public_key,
    query_string,
    signer,
    verify,
    verify_login,
)

from .verifiers import PRIVATE_PEM, PUBLIC_PEM, RSA_KEY, accepted, emulator_accepts, raw_request, rsa_by_hand

# What a caller may put into a query, and into a body

UNSAFE = "&=#%+?"
SAFE_TEXT = st.text(
    st.characters(exclude_characters=UNSAFE, exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), max_size=12
)
NAMES = st.text(string.ascii_letters + string.digits + "_.-[]", min_size=1, max_size=10)
PARAMS = st.dictionaries(NAMES, SAFE_TEXT | st.integers() | st.none(), max_size=6)
PATHS = st.lists(st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=12), min_size=1).map(
    lambda parts: "/api/margin/v1/" + "/".join(parts)
)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    ANY_TEXT | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
BODIES = st.just("") | st.dictionaries(ANY_TEXT, VALUES, max_size=5).map(body_text)
SECRETS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80).filter(
    lambda text: not text.lstrip().startswith("-----BEGIN")
)
STAMPS = st.integers(min_value=0, max_value=4_102_444_800_000)
REQUESTS = (st.sampled_from(["GET", "POST", "get", "post"]), PATHS, PARAMS, BODIES, STAMPS)


@given(*REQUESTS, SECRETS)
@settings(max_examples=300, deadline=None)
def test_what_we_sign_with_hmac_both_verifiers_accept(
    method: str, path: str, params: dict[str, Any], body: str, stamp: int, secret: str
) -> None:
    raw = raw_request(method, path, params, body, stamp, signer(secret))
    assert accepted(raw, secret) == [True, True]
    # the documentation signs a query decoded for GET; nothing else says what a POST with one would do
    if method.upper() == "GET" or "%" not in raw.split(b"\r\n")[0].decode():
        assert emulator_accepts(raw, secret)


@given(*REQUESTS)
@settings(max_examples=60, deadline=None)
def test_what_we_sign_with_rsa_both_verifiers_accept(
    method: str, path: str, params: dict[str, Any], body: str, stamp: int
) -> None:
    raw = raw_request(method, path, params, body, stamp, RsaSigner(RSA_KEY))
    assert accepted(raw, RSA_KEY.public_key()) == [True, True]
    if method.upper() == "GET":
        assert emulator_accepts(raw, RSA_KEY.public_key())


@given(PATHS, PARAMS, BODIES, STAMPS, st.data())
@settings(max_examples=150, deadline=None)
def test_a_changed_byte_is_noticed_by_all_three(
    path: str, params: dict[str, Any], body: str, stamp: int, data: st.DataObject
) -> None:
    raw = raw_request("POST", path, {}, body or "{}", stamp, signer("secret"))
    at = data.draw(st.integers(raw.index(b"\r\n\r\n") + 4, len(raw) - 1))
    changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
    assert accepted(changed, "secret") == [False, False]
    assert not emulator_accepts(changed, "secret")


@given(PARAMS)
def test_a_query_is_the_same_request_encoded_and_decoded(params: dict[str, Any]) -> None:
    encoded, decoded = query_string(params)
    assert urllib.parse.unquote(encoded) == decoded
    wanted = [(name, str(value)) for name, value in params.items() if value is not None]
    assert urllib.parse.parse_qsl(encoded, keep_blank_values=True) == wanted
    assert encoded.isascii()


@given(st.dictionaries(ANY_TEXT, VALUES, max_size=5))
def test_a_body_is_compact_json_of_what_was_given(params: dict[str, Any]) -> None:
    text = body_text(params)
    assert json.loads(text) == params
    assert text == json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))


GOLDEN = [
    pytest.param(
        1591089508404,
        "GET",
        "/api/margin/v1/cross/account/maxTransferOutAmount",
        {"coin": "USDT"},
        None,
        "1591089508404GET/api/margin/v1/cross/account/maxTransferOutAmount?coin=USDT",
        id="get",
    ),
    pytest.param(
        1561022985382,
        "POST",
        "/api/margin/v1/cross/account/borrow",
        {},
        {"coin": "USDT", "borrowAmount": "1"},
        '1561022985382POST/api/margin/v1/cross/account/borrow{"coin":"USDT","borrowAmount":"1"}',
        id="post",
    ),
]


@pytest.mark.parametrize(("stamp", "method", "path", "params", "body", "wanted"), GOLDEN)
def test_documented_prehash(
    stamp: int, method: str, path: str, params: dict[str, Any], body: dict[str, Any] | None, wanted: str
) -> None:
    text = body_text(body) if body else ""
    assert prehash(stamp, method, path, query_string(params)[1], text) == wanted
    assert prehash(str(stamp), method.lower(), path, query_string(params)[1], text) == wanted


def test_a_query_may_bring_its_question_mark() -> None:
    assert prehash(1, "GET", "/p", "?coin=USDT") == prehash(1, "GET", "/p", "coin=USDT") == "1GET/p?coin=USDT"


def test_hmac_agrees_with_rfc_4231() -> None:
    # test case 2 of the RFC, in base64
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    signed = HmacSigner("Jefe").sign("what do ya want for nothing?")
    assert base64.b64decode(signed).hex() == digest


def test_the_emulator_takes_a_get_signed_as_sent_or_decoded() -> None:
    encoded, decoded = query_string({"symbol": "币BTC"})
    assert (encoded, decoded) == ("symbol=%E5%B8%81BTC", "symbol=币BTC")
    for query in (encoded, decoded):
        sign = HmacSigner("s").sign(prehash(5, "GET", "/p", query))
        assert verify(sign, "5", "GET", "/p", encoded, b"", "s")
        assert verify(sign, "5", "POST", "/p", encoded, b"", "s") is False
    as_post = HmacSigner("s").sign(prehash(5, "POST", "/p", encoded))
    assert verify(as_post, "5", "POST", "/p", encoded, b"", "s")
    assert not verify(HmacSigner("s").sign(prehash(5, "POST", "/p", decoded)), "5", "POST", "/p", encoded, b"", "s")


@pytest.mark.parametrize(
    ("part", "value"),
    [("stamp", "6"), ("method", "POST"), ("path", "/q"), ("query", "a=2"), ("body", b"{}"), ("key", "t")],
)
@pytest.mark.parametrize("kind", ["hmac", "rsa"])
def test_every_part_is_signed(part: str, value: Any, kind: str) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048) if kind == "rsa" else None
    sent: dict[str, Any] = {"stamp": "5", "method": "GET", "path": "/p", "query": "a=1", "body": b""}
    sent["key"] = PUBLIC_PEM if kind == "rsa" else "s"
    signing = RsaSigner(PRIVATE_PEM) if kind == "rsa" else HmacSigner("s")
    sign = signing.sign("5GET/p?a=1")
    assert verify(sign, *sent.values())
    if part == "key" and other is not None:
        value = other.public_key()
    assert not verify(sign, *{**sent, part: value}.values())


@pytest.mark.parametrize("junk", ["", "AAAA", "not base64!", "\udcff", "é", "====", "A" * 5000])
@pytest.mark.parametrize("key", ["s", PUBLIC_PEM], ids=["hmac", "rsa"])
def test_a_signature_of_junk_is_refused_quietly(junk: str, key: str) -> None:
    assert not verify(junk, "\udcff", "GET", "/p", "a=%ff\udc80", b"\xff", key)


@pytest.mark.parametrize(
    ("signing", "key"), [(HmacSigner("s"), "s"), (RsaSigner(RSA_KEY), PUBLIC_PEM)], ids=["hmac", "rsa"]
)
def test_a_signature_is_taken_in_one_spelling_only(signing: Signer, key: str) -> None:
    sign = signing.sign("5GET/p")
    assert verify(sign, "5", "GET", "/p", "", b"", key)
    for other in (sign + "\n", " " + sign, sign[:9] + "!" + sign[9:], sign.rstrip("="), sign + "="):
        assert not verify(other, "5", "GET", "/p", "", b"", key)


@pytest.mark.parametrize("value", ["a&b", "a=b", "a#b", "a%41", "a+b", "a?b", "a b", "\ta", "a\n", "a\x7f", "\xa0"])
def test_a_query_refuses_what_would_be_ambiguous(value: str) -> None:
    with pytest.raises(UnsafeValue, match=r"^orderId: .*remove it$") as refused:
        query_string({"orderId": value})
    assert refused.value.field == "orderId"
    assert value not in str(refused.value) or len(value) == 1


@pytest.mark.parametrize("value", ["\u2028", "\u3000", "\x00", "\x85", "\ud800"])
def test_a_query_refuses_unusual_blanks_controls_and_halves(value: str) -> None:
    with pytest.raises(UnsafeValue, match=f"U\\+{ord(value):04X}"):
        query_string({"coin": f"US{value}DT"})


@pytest.mark.parametrize("value", [1.5, True, ["a"], {"a": 1}, b"a"])
def test_a_query_takes_texts_and_whole_numbers(value: Any) -> None:
    with pytest.raises(UnsafeValue, match="texts and whole numbers"):
        query_string({"limit": value})


def test_a_name_is_checked_like_a_value() -> None:
    with pytest.raises(UnsafeValue, match="'&' cannot be signed"):
        query_string({"a&b": "1"})


def test_a_query_keeps_order_and_leaves_none_out() -> None:
    assert query_string({"z": 1, "b": None, "a": ""})[0] == "z=1&a="
    assert query_string({}) == ("", "")


def test_a_query_escapes_whatever_has_a_meaning_in_urls() -> None:
    assert query_string({"a[]": "x/y:z@"}) == ("a%5B%5D=x%2Fy%3Az%40", "a[]=x/y:z@")


@pytest.mark.parametrize("value", [0.1, float("nan"), [0.5], {"price": 6.521e-05}, b"x", {1, 2}])
def test_a_body_refuses_what_has_no_plain_text(value: Any) -> None:
    with pytest.raises(UnsafeValue, match="plain decimal text"):
        body_text({"price": value})


def test_a_body_refuses_half_a_character_and_names_the_place() -> None:
    with pytest.raises(UnsafeValue, match=r"orderList\.clientOid: half"):
        body_text({"orderList": [{"clientOid": "a\ud800"}]})


def test_the_signer_follows_the_credentials() -> None:
    assert isinstance(signer("abc"), HmacSigner)
    assert isinstance(signer(Secret("abc")), HmacSigner)
    assert isinstance(signer("\n" + PRIVATE_PEM), RsaSigner)
    assert isinstance(signer(Secret(PRIVATE_PEM)), RsaSigner)
    assert isinstance(signer("abc", PRIVATE_PEM), RsaSigner)
    assert isinstance(signer("abc", RSA_KEY), RsaSigner)


def test_a_pem_key_signs_like_the_key_object() -> None:
    signed = RsaSigner(PRIVATE_PEM).sign("message")
    assert signed == RsaSigner(RSA_KEY).sign("message")
    assert rsa_by_hand(b"message", signed.encode(), RSA_KEY.public_key())


def test_other_keys_are_refused_without_being_quoted() -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    private = curve.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = (
        curve.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )
    damaged = PRIVATE_PEM[:300] + PRIVATE_PEM[400:]
    for pem in (private, damaged, PUBLIC_PEM):
        with pytest.raises(ValueError, match="private key") as refused:
            signer(pem)
        # what caused it may quote the key
        assert refused.value.__suppress_context__ or refused.value.__context__ is None
        assert pem[40:80] not in str(refused.value)
    with pytest.raises(ValueError, match="not an RSA key"):
        public_key(public)


def test_signers_hide_their_keys_and_are_copied_but_not_pickled() -> None:
    for one in (HmacSigner("canary"), RsaSigner(PRIVATE_PEM)):
        assert "canary" not in repr(one)
        assert "***" in repr(one)
        assert copy.deepcopy(one).sign("m") == copy.copy(one).sign("m") == one.sign("m")
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(one)


def test_hmac_needs_no_cryptography() -> None:
    code = (
        "import sys\n"
        "from bitget_margin_adapter.wire.signing import signer, verify\n"
        "assert verify(signer('s').sign('5GET/p'), '5', 'GET', '/p', '', b'', 's')\n"
        "sys.exit('cryptography' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


def test_headers_of_a_request() -> None:
    made = headers("bg_1", "c2lnbg==", 5, Secret("phrase"), "en-US")
    assert made == {
        "ACCESS-KEY": "bg_1",
        "ACCESS-SIGN": "c2lnbg==",
        "ACCESS-TIMESTAMP": "5",
        "ACCESS-PASSPHRASE": "phrase",
        "Content-Type": "application/json",
        "locale": "en-US",
    }
    shown = repr(made)
    assert "bg_1" not in shown
    assert "c2lnbg" not in shown
    assert "phrase" not in shown
    assert "locale" not in headers("k", "s", 5, "p")


@pytest.mark.parametrize("value", ["canary\n", " canary", "canary\r\nX-A: b", "canary\x00", "canaryé", "canary "])
@pytest.mark.parametrize(("field", "at"), [("apiKey", 0), ("password", 3), ("locale", 4)])
def test_headers_refuse_what_would_break_them(value: str, field: str, at: int) -> None:
    arguments: list[Any] = ["k", "s", 5, "p", "en-US"]
    arguments[at] = value
    with pytest.raises(UnsafeValue, match=f"^{field}: ") as refused:
        headers(*arguments)
    assert "canary" not in str(refused.value)


def test_login_has_the_documented_shape() -> None:
    frame = {"op": "login", "args": login_args("bg_1", "123456", HmacSigner("s"), 1538054050)}
    sent = json.loads(json.dumps(frame))
    digest = hmac.new(b"s", b"1538054050GET/user/verify", hashlib.sha256).digest()
    assert sent == {
        "op": "login",
        "args": [
            {
                "apiKey": "bg_1",
                "passphrase": "123456",
                "timestamp": "1538054050",
                "sign": base64.b64encode(digest).decode(),
            }
        ],
    }
    assert "123456" not in repr(frame)
    assert sent["args"][0]["sign"] not in repr(frame)


@given(st.integers(0, 4_102_444_800), SECRETS)
def test_a_login_is_verified_with_the_time_as_text_or_number(now: int, secret: str) -> None:
    arg: dict[str, Any] = dict(login_args("k", "p", HmacSigner(secret), now)[0])
    assert verify_login(arg, secret)
    assert verify_login({**arg, "timestamp": now}, secret)
    assert not verify_login({**arg, "timestamp": now + 1}, secret)
    assume(secret + "x" != secret)
    assert not verify_login(arg, secret + "x")


def test_a_login_with_rsa_and_with_a_fractional_time() -> None:
    assert verify_login(login_args("k", "p", RsaSigner(RSA_KEY), 5)[0], PUBLIC_PEM)
    fractional = HmacSigner("s").sign("1538054050.125GET/user/verify")
    assert verify_login({"timestamp": 1538054050.125, "sign": fractional}, "s")


@pytest.mark.parametrize("arg", [{}, {"timestamp": "5"}, {"sign": "x"}, {"timestamp": True, "sign": "x"}])
def test_an_incomplete_login_is_refused(arg: dict[str, Any]) -> None:
    assert not verify_login(arg, "s")
    assert not verify_login({"timestamp": "5", "sign": 5, **arg}, "s")
