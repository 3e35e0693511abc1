"""The stages of a request, without a socket: who is refused with which code, in which order."""

import json
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bitget_margin_adapter.model.refusals import Refusal
from bitget_margin_adapter.venue.desk import Asked, Desk
from bitget_margin_adapter.venue.keyring import Keyring
from bitget_margin_adapter.venue.limits import Limits
from bitget_margin_adapter.venue.public import public_answer
from bitget_margin_adapter.venue.repeats import Repeats
from bitget_margin_adapter.venue.router import find_route
from bitget_margin_adapter.venue.service import Venue
from bitget_margin_adapter.wire import signing
from bitget_margin_adapter.wire.endpoints import ENDPOINTS, MARGIN_ENDPOINTS

NOW = 1_700_000_000_000
MACHINE = 1_900_000_000_000
KEY, SECRET, PHRASE = "sbx_key", "quiet-oak", "tall-elm"


class Host:
    """As much of a host as a desk needs."""

    control: Any = None
    lock = nullcontext()

    def __init__(self) -> None:
        self.venue = Venue(start=NOW)
        self.venue.open_account("alice", {"USDT": "1000"}, NOW)
        self.venue.set_price("BTCUSDT", "30000", NOW)

    def now(self) -> int:
        return NOW

    def poll(self) -> None: ...
    def listen(self, account: str, ring: Any) -> Any: ...
    def unlisten(self, listener: Any) -> None: ...
    def first(self, account: str, channel: str) -> tuple[Any, ...]:
        return ()

    def call(self, account: str, endpoint: str, params: Mapping[str, Any]) -> Any:
        return self.venue.handle(account, endpoint, params, NOW)

    def public(self, account: str, path: str, params: Mapping[str, Any]) -> Any:
        return public_answer(path, params, self.venue.market, self.call(account, "currencies", {}), NOW)


class Client:
    def __init__(self, limits: Limits | None = None, repeats: Repeats | None = None) -> None:
        self.keyring = Keyring()
        self.keyring.add(KEY, PHRASE, "alice", secret=SECRET)
        self.desk = Desk(Host(), self.keyring, "alice", limits, repeats)
        self.signer: signing.Signer = signing.HmacSigner(SECRET)

    def ask(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        *,
        now: int = NOW,
        method: str | None = None,
        body: bytes | None = None,
        content_type: str | None = None,
        **headers: str | None,
    ) -> tuple[int, dict[str, Any]]:
        row = ENDPOINTS[name]
        method = method or row.method
        query, decoded = signing.query_string(params or {}) if method == "GET" else ("", "")
        if body is None:
            body = b"" if method == "GET" else signing.body_text(params or {}).encode()
        text = body.decode("latin-1")
        message = signing.prehash(now, method, row.path, decoded, text)
        signed: dict[str, str] = {
            "ACCESS-KEY": KEY,
            "ACCESS-SIGN": self.signer.sign(message),
            "ACCESS-TIMESTAMP": str(now),
            "ACCESS-PASSPHRASE": PHRASE,
        }
        for header, value in headers.items():
            header = "ACCESS-" + header.upper()
            if value is None:
                del signed[header]
            else:
                signed[header] = value
        if content_type is not None:
            signed["Content-Type"] = content_type
        asked = Asked(method, row.path, query, signed, body, "127.0.0.1", MACHINE)
        answer = self.desk.answer(find_route(method, row.path), asked)
        return answer.status, json.loads(answer.body)


@pytest.fixture
def client() -> Client:
    return Client()


def test_a_signed_call_is_answered_as_the_venue_writes_it(client: Client) -> None:
    status, body = client.ask("cross_borrow", {"coin": "USDT", "borrowAmount": "1"})
    assert (status, body["code"], body["msg"], body["requestTime"]) == (200, "00000", "success", NOW)
    assert body["data"]["borrowAmount"] == "1"


REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"key": None, "sign": None, "passphrase": None}, "40001"),
    ({"sign": None, "passphrase": None}, "40002"),
    ({"passphrase": None, "timestamp": "soon"}, "40011"),
    ({"timestamp": "soon", "key": "sbx_other"}, "40005"),
    ({"timestamp": None}, "40005"),
    ({"timestamp": "١٧٠٠٠٠٠٠٠٠٠٠٠"}, "40005"),
    ({"timestamp": "9" * 16}, "40005"),
    ({"key": "sbx_other", "timestamp": "1"}, "40006"),
    ({"key": "bg_0123456789abcdef0123456789abcdef"}, "40006"),
    ({"timestamp": "1", "sign": "bad"}, "40008"),
    ({"sign": "bad", "passphrase": "bad"}, "40009"),
    ({"sign": "ö\udcff"}, "40009"),
    ({"passphrase": "bad"}, "40012"),
]


@pytest.mark.parametrize(("headers", "code"), REFUSALS, ids=lambda value: value if isinstance(value, str) else None)
def test_who_is_refused_and_in_which_order(client: Client, headers: dict[str, Any], code: str) -> None:
    status, body = client.ask("cross_assets", **headers)
    assert (status, body["code"], body["data"]) == (400, code, None)
    assert not any(secret in json.dumps(body) for secret in (SECRET, PHRASE))


@pytest.mark.parametrize(
    ("stamp", "code"),
    [
        (NOW - 30_000, "00000"), (NOW + 30_000, "00000"), (NOW - 30_001, "40008"), (NOW + 30_001, "40008"),
        (MACHINE - 30_000, "00000"), (MACHINE + 30_001, "40008"),
    ],
)  # fmt: skip
def test_thirty_seconds_either_way_of_the_venues_time_or_the_machines(client: Client, stamp: int, code: str) -> None:
    assert client.ask("cross_assets", now=stamp)[1]["code"] == code


def test_a_key_may_do_what_it_may_do(client: Client) -> None:
    client.keyring.add("sbx_reader", PHRASE, "alice", secret=SECRET, permissions=["read"])
    client.keyring.add("sbx_far", PHRASE, "alice", secret=SECRET, addresses=["10.0.0.1"])
    assert client.ask("cross_assets", key="sbx_reader")[0] == 200
    assert client.ask("cross_borrow", {"coin": "USDT", "borrowAmount": "1"}, key="sbx_reader")[1]["code"] == "40014"
    assert client.ask("cross_assets", key="sbx_far")[1]["code"] == "40018"


def test_rsa_keys_are_verified_with_their_public_half(client: Client) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    client.keyring.add("sbx_rsa", PHRASE, "alice", public_pem=public)
    assert client.ask("cross_assets", key="sbx_rsa")[1]["code"] == "40009"
    client.signer = signing.RsaSigner(pem)
    assert client.ask("cross_assets", key="sbx_rsa")[0] == 200


def test_only_keys_of_its_own_kind_are_taken() -> None:
    keyring = Keyring()
    with pytest.raises(ValueError, match="sbx_"):
        keyring.add("bg_real", PHRASE, "alice", secret=SECRET)
    with pytest.raises(ValueError, match="either"):
        keyring.add("sbx_none", PHRASE, "alice")
    with pytest.raises(ValueError, match="permissions"):
        keyring.add("sbx_x", PHRASE, "alice", secret=SECRET, permissions=["withdraw"])
    assert len(keyring) == 0


def test_limits_are_those_of_the_table_and_a_refused_call_does_not_count() -> None:
    client = Client(Limits())
    row = ENDPOINTS["isolated_place_order"]
    codes = [client.ask(row.name)[1]["code"] for _ in range(row.rate + 2)]
    assert codes == ["40019"] * row.rate + ["429"] * 2
    assert client.ask(row.name)[0] == 429
    # Another endpoint has its own window, and strangers use up nobody's.
    assert client.ask("cross_assets")[0] == 200


def test_the_window_slides() -> None:
    limits, row = Limits(), ENDPOINTS["transfer"]
    assert [limits.admit(row, "a", at) for at in (0, 0, 0, 0, 999, 999, 1000)] == [True] * 5 + [False, True]
    assert limits.admit(row, "b", 999)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "JSON"), (b"[]", "object"), (b"null", "object"), (b'"x"', "object"), (b"coin=USDT", "JSON"),
        (b'{"coin": NaN}', "JSON"), (b"\xff\xfe", "JSON"), (b'{"a":' * 33 + b"1" + b"}" * 33, "deep"),
        (b'{"coin":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "JSON"),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else None,
)  # fmt: skip
def test_broken_bodies_are_refused_in_words(client: Client, body: bytes, said: str) -> None:
    sign = client.signer.sign(f"{NOW}POST{ENDPOINTS['cross_borrow'].path}" + body.decode("latin-1"))
    if body == b"\xff\xfe":
        import base64
        import hmac

        message = f"{NOW}POST{ENDPOINTS['cross_borrow'].path}".encode() + body
        sign = base64.b64encode(hmac.digest(SECRET.encode(), message, "sha256")).decode()
    status, answer = client.ask("cross_borrow", body=body, sign=sign)
    assert (status, answer["code"]) == (400, "40017")
    assert said in answer["msg"]


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        (None, "00000"), ("application/json", "00000"), ("Application/JSON; charset=utf-8", "00000"),
        ("text/plain", "40007"), ("application/x-www-form-urlencoded", "40007"), ("", "40007"),
        ("application/jsonx", "40007"), ("text/html; application/json", "40007"),
    ],
)  # fmt: skip
def test_a_body_says_that_it_is_json(client: Client, content_type: str | None, code: str) -> None:
    status, answer = client.ask("cross_borrow", {"coin": "USDT", "borrowAmount": "1"}, content_type=content_type)
    assert (status == 200, answer["code"]) == (code == "00000", code)
    assert client.ask("cross_assets", {"coin": "USDT"})[1]["data"][0]["borrow"] == ("1" if code == "00000" else "0")


def test_without_a_body_nobody_asks_for_its_type(client: Client) -> None:
    assert client.ask("cross_assets", content_type="text/plain")[0] == 200
    assert client.ask("cross_risk_rate", body=b"", content_type="text/plain")[0] == 200


def test_a_signed_post_is_good_for_once_when_replays_are_refused() -> None:
    borrow = {"coin": "USDT", "borrowAmount": "1"}
    assert [Client().ask("cross_borrow", borrow)[0] for _ in range(2)] == [200, 200]
    strict = Client(repeats=Repeats())
    answers = [strict.ask("cross_borrow", borrow) for _ in range(2)]
    assert [answer["code"] for _, answer in answers] == ["00000", "40009"]
    assert "strict_replay" in answers[1][1]["msg"]
    # A millisecond later the same wish is another request, and reading is repeated as often as one likes.
    assert strict.ask("cross_borrow", borrow, now=NOW + 1)[0] == 200
    assert [strict.ask("cross_assets")[0] for _ in range(2)] == [200, 200]


def test_a_refused_signature_is_not_used_up() -> None:
    repeats = Repeats()
    strict = Client(repeats=repeats)
    assert strict.ask("cross_borrow", {"coin": "USDT", "borrowAmount": "1"}, sign="bad")[1]["code"] == "40009"
    assert len(repeats) == 0


def test_used_signatures_are_kept_for_as_long_as_they_could_come_again() -> None:
    repeats, much = Repeats(), 20_000
    for number in range(much):
        repeats.use("sbx_key", f"signature {number}", number * 10, (number * 10,))
    # The window holds 3,000 of them, and what is past it goes when as many again have come.
    assert 3_000 <= len(repeats) <= 6_100
    for number in range(much - 3_000, much):
        with pytest.raises(Refusal):
            repeats.use("sbx_key", f"signature {number}", number * 10, (much * 10,))
    repeats.use("sbx_other", f"signature {much - 1}", much * 10, (much * 10,))


def test_unknown_parameters_are_forgotten_before_the_journal_sees_them(client: Client) -> None:
    lines: list[str] = []
    client.desk.host.venue.journal = lines
    order = {
        "side": "buy", "orderType": "limit", "loanType": "normal", "price": "20000", "baseQuantity": "0.001",
        "x\ty": "z\n1",
    }  # fmt: skip
    params = {"symbol": "BTCUSDT_SPBL", "orderList": [order], "unknown": {"deep": ["\t"]}}
    status, body = client.ask("cross_batch_place_order", params)
    assert (status, len(body["data"]["resultList"])) == (200, 1)
    (line,) = (line for line in lines if "batch" in line)
    assert "\n" not in line
    assert "unknown" not in line
    assert "x\ty" not in line


@pytest.mark.parametrize("name", ["isolated_repay", "isolated_max_borrowable"])
def test_two_endpoints_are_answered_by_get_as_well(client: Client, name: str) -> None:
    status, body = client.ask(name, {"coin": "USDT", "symbol": "BTCUSDT", "repayAmount": "1"}, method="GET")
    assert body["code"] in ("00000", "50041"), body
    row = ENDPOINTS[name]
    asked = Asked("GET", row.path, "", {}, b"", "127.0.0.1", MACHINE)
    assert find_route("GET", row.path) is not None
    assert json.loads(client.desk.answer(find_route("GET", row.path), asked).body)["code"] == "40001"
    assert status in (200, 400)


@pytest.mark.parametrize("row", MARGIN_ENDPOINTS, ids=lambda row: row.name)
def test_every_endpoint_asks_for_a_key_exactly_when_the_table_says(client: Client, row: Any) -> None:
    asked = Asked(row.method, row.path, "coin=USDT&symbol=BTCUSDT", {}, b"", "127.0.0.1", MACHINE)
    answer = client.desk.answer(find_route(row.method, row.path), asked)
    assert (json.loads(answer.body)["code"] == "40001") == row.private


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/v2/none"), ("DELETE", "/api/v2/public/time"), ("GET", "/"), ("POST", ENDPOINTS["time"].path)],
)
def test_other_addresses_are_no_addresses(client: Client, method: str, path: str) -> None:
    answer = client.desk.answer(find_route(method, path), Asked(method, path, "", {}, b"", "x", MACHINE))
    assert (answer.status, json.loads(answer.body)["code"]) == (400, "40404")


def test_what_breaks_inside_is_one_code_and_no_traceback(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*args: Any) -> Any:
        raise RuntimeError("inside")

    client.desk.host.call = broken  # type: ignore[assignment,method-assign]
    status, body = client.ask("cross_assets")
    assert (status, body["code"]) == (500, "40015")
    assert "inside" not in json.dumps(body)
    assert SECRET not in caplog.text
    assert PHRASE not in caplog.text


ODD = ["\u00b2", "\u0663", "9" * 5000, "-1", "1e9", "00", "7_0", ""]
"""Texts where digits are wanted: two that Python calls digits, one that is too long for its int()."""


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("cross_flash_repay_status", lambda text: {"idList": [text]}),
        ("isolated_batch_cancel_order", lambda text: {"symbol": "BTCUSDT", "orderIds": [text]}),
        ("cross_cancel_order", lambda text: {"symbol": "BTCUSDT", "orderId": text}),
        ("cross_loans", lambda text: {"startTime": text, "pageSize": text}),
    ],
)
def test_odd_numbers_are_refused_or_unknown(client: Client, name: str, params: Any, text: str) -> None:
    status, answer = client.ask(name, params(text))
    assert status in (200, 400)
    assert answer["code"] != "40015"


@pytest.mark.parametrize("length", ["0min", "00h", "\u00b2D", "9" * 5000 + "min", "min", "1Y", ""])
def test_candles_of_no_length_are_refused(length: str) -> None:
    with pytest.raises(Refusal):
        Host().public("alice", "v2/spot/market/candles", {"symbol": "BTCUSDT", "granularity": length})


@pytest.mark.parametrize("limit", ["5_0", "-5", "\u00b2", "1e3", "5.0", -5, True])
def test_a_count_is_plain_digits(limit: object) -> None:
    with pytest.raises(Refusal, match="limit"):
        Host().public("alice", "v2/spot/market/candles", {"symbol": "BTCUSDT", "granularity": "1min", "limit": limit})
