"""How a request and a WebSocket login are signed and checked: one canonical text for both ends of the wire.

It never reads a clock or a file: timestamps come in as arguments, keys as text. What `query_string` and `body_text`
return is what must be sent, character for character, or the signature does not hold.

    encoded, decoded = query_string({"coin": "USDT"})
    message = prehash(1591089508404, "GET", "/api/margin/v1/cross/account/assets", decoded)
    sign = HmacSigner(secret).sign(message)
"""

import base64
import binascii
import hmac
import json
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Protocol
from urllib.parse import quote, unquote

import orjson

from .secrets import Masked, Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

__all__ = [
    "LOGIN_PATH",
    "HmacSigner",
    "RsaSigner",
    "Signer",
    "UnsafeValue",
    "body_text",
    "headers",
    "is_pem",
    "login_args",
    "prehash",
    "public_key",
    "query_string",
    "refuse_ambiguous",
    "signer",
    "verify",
    "verify_login",
]

LOGIN_PATH = "/user/verify"  # documented: method and path of the login are fixed

# Signed decoded, these would let one signature stand for two different requests.
_AMBIGUOUS = frozenset("&=#%+?")


class UnsafeValue(ValueError):
    """A value that cannot be signed or sent as it is; `field` names it, the text never quotes it whole."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class Signer(Protocol):
    """Whatever turns a prehash into the text of ACCESS-SIGN."""

    def sign(self, message: str) -> str:
        """The signature of the message's UTF-8 bytes, in base64."""
        ...


class HmacSigner:
    """HMAC-SHA256 with the secret of the API key."""

    __slots__ = ("_keyed",)

    def __init__(self, secret: str | Secret) -> None:
        # Half of the work is the key's and the same every time. The key itself is not kept.
        self._keyed = hmac.new(Secret(secret).reveal().encode(), digestmod="sha256")

    def sign(self, message: str) -> str:
        turn = self._keyed.copy()
        turn.update(message.encode())
        return binascii.b2a_base64(turn.digest(), newline=False).decode()

    def __copy__(self) -> "HmacSigner":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "HmacSigner":
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not pickled; set it where it is needed")

    def __repr__(self) -> str:
        return "HmacSigner(***)"


class RsaSigner:
    """RSA PKCS#1 v1.5 with SHA-256, with the private key that belongs to the public key registered at the venue."""

    __slots__ = ("_key",)

    def __init__(self, private_key: "str | Secret | RSAPrivateKey") -> None:
        if isinstance(private_key, str | Secret):
            private_key = _private_key(Secret(private_key))
        self._key = private_key

    def sign(self, message: str) -> str:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        return base64.b64encode(self._key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()

    def __repr__(self) -> str:
        return "RsaSigner(***)"

    def __copy__(self) -> "RsaSigner":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "RsaSigner":
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a private key is not pickled; load it from its file where it is needed")


def signer(secret: str | Secret, private_key: "str | Secret | RSAPrivateKey | None" = None) -> Signer:
    """The signer for these credentials: RSA when a private key is given or the secret is a PEM text, else HMAC."""
    if private_key is not None:
        return RsaSigner(private_key)
    return RsaSigner(secret) if is_pem(secret) else HmacSigner(secret)


def is_pem(text: str | Secret) -> bool:
    """Whether a text begins as a PEM block does."""
    return Secret(text).reveal().lstrip().startswith("-----BEGIN")


def prehash(timestamp: str | int, method: str, path: str, query: str = "", body: str = "") -> str:
    """The text that is signed; a query may come with its question mark, the documentation writes it both ways."""
    query = query.removeprefix("?")
    return f"{timestamp}{method.upper()}{path}{'?' if query else ''}{query}{body}"


def query_string(params: Mapping[str, str | int | None]) -> tuple[str, str]:
    """The query to send and the query to sign, in the mapping's order; None means absent.

    Raises UnsafeValue for what cannot be told apart once decoded, see `_AMBIGUOUS`.
    """
    encoded: list[str] = []
    decoded: list[str] = []
    for name, value in params.items():
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise UnsafeValue(name, f"a query takes texts and whole numbers, not {type(value).__name__}")
        text = str(value)
        refuse_ambiguous(name, name)
        refuse_ambiguous(name, text)
        encoded.append(f"{quote(name, safe='')}={quote(text, safe='')}")
        decoded.append(f"{name}={text}")
    return "&".join(encoded), "&".join(decoded)


def body_text(params: Mapping[str, Any]) -> str:
    """The JSON body exactly as it must be sent, without blanks, in UTF-8.

    Raises UnsafeValue for a float, whose text may carry an exponent, and for anything else JSON does not know.
    """
    if _ONLY_TEXT.issuperset(map(type, params.values())):
        try:
            return orjson.dumps(params).decode()
        except TypeError:
            pass  # below it is told what cannot be sent
    for name, value in params.items():
        _refuse_unsendable(name, value)
    return _encode(params)


def headers(
    api_key: str | Secret,
    signature: str,
    timestamp: str | int,
    passphrase: str | Secret,
    locale: str | None = None,
) -> dict[str, str]:
    """The headers of a signed request; what is secret in them is masked in a repr and true on the wire."""
    made = {
        "ACCESS-KEY": _header("apiKey", api_key),
        "ACCESS-SIGN": Masked(signature),
        "ACCESS-TIMESTAMP": str(timestamp),
        "ACCESS-PASSPHRASE": _header("password", passphrase),
        "Content-Type": "application/json",
    }
    if locale:
        made["locale"] = str(_header("locale", locale))
    return made


def login_args(
    api_key: str | Secret, passphrase: str | Secret, signer: Signer, now_seconds: int
) -> list[dict[str, str]]:
    """The `args` of a WebSocket login frame; the time is in whole seconds, unlike everywhere else."""
    return [
        {
            "apiKey": Masked(Secret(api_key).reveal()),
            "passphrase": Masked(Secret(passphrase).reveal()),
            "timestamp": str(now_seconds),
            "sign": Masked(signer.sign(prehash(now_seconds, "GET", LOGIN_PATH))),
        }
    ]


def public_key(pem: str) -> "RSAPublicKey":
    """An RSA public key read from PEM, for `verify`; raises ValueError for any other kind of key."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = load_pem_public_key(pem.strip().encode())
    if not isinstance(key, RSAPublicKey):
        raise ValueError("the public key is not an RSA key")
    return key


def verify(
    signature: str,
    timestamp: str | int,
    method: str,
    path: str,
    query: str,
    body: str | bytes,
    key: "str | Secret | RSAPublicKey",
) -> bool:
    """Whether a request was signed with the key: an HMAC secret, or an RSA public key (object or PEM).

    Path, query and body as they came over the wire. The query of a GET may be signed as sent or percent-decoded.
    """
    queries = [query]
    if method.upper() == "GET" and "%" in query:
        queries.append(unquote(query))
    tail = body if isinstance(body, bytes) else _wire_bytes(body)
    messages = [_wire_bytes(prehash(timestamp, method, path, text)) + tail for text in queries]
    if isinstance(key, str | Secret):
        key = Secret(key)
        if not is_pem(key):
            return any(_hmac_matches(signature, message, key) for message in messages)
        key = public_key(key.reveal())
    return any(_rsa_matches(signature, message, key) for message in messages)


def verify_login(arg: Mapping[str, Any], key: "str | Secret | RSAPublicKey") -> bool:
    """Whether the object in a login frame's `args` was signed with the key; its time may be a text or a number."""
    timestamp, signature = arg.get("timestamp"), arg.get("sign")
    if isinstance(timestamp, bool) or not isinstance(timestamp, str | int | float):
        return False
    return isinstance(signature, str) and verify(signature, str(timestamp), "GET", LOGIN_PATH, "", "", key)


def _hmac_matches(signature: str, message: bytes, secret: Secret) -> bool:
    wanted = base64.b64encode(hmac.digest(secret.reveal().encode(), message, "sha256"))
    return hmac.compare_digest(_wire_bytes(signature), wanted)


def _rsa_matches(signature: str, message: bytes, key: "RSAPublicKey") -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    text = _wire_bytes(signature)
    try:
        raw = base64.b64decode(text)
        key.verify(raw, message, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return base64.b64encode(raw) == text  # the decoder passes over what is not base64


def _private_key(pem: Secret) -> "RSAPrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.reveal().strip().encode(), password=None)
    except (TypeError, ValueError, UnsupportedAlgorithm):
        # from None: the cause may quote the key, and its frames hold it
        raise ValueError("not an unencrypted RSA private key in PEM form") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("the private key is not an RSA key")
    return key


def _wire_bytes(text: str) -> bytes:
    # aiohttp hands undecodable header bytes over as lone surrogates; they must fail to match, not raise
    return text.encode("utf-8", "surrogatepass")


def refuse_ambiguous(field: str, text: str) -> None:
    """Raises UnsafeValue for a text that cannot be signed in a query, see `_AMBIGUOUS`."""
    if text.isascii() and text.isalnum():
        return
    for char in text:
        if char in _AMBIGUOUS:
            raise UnsafeValue(field, f"{char!r} cannot be signed unambiguously in a query; remove it")
        # Cc control, Cs lone surrogate, Z* every kind of blank
        if char.isspace() or unicodedata.category(char) in ("Cc", "Cs", "Zs", "Zl", "Zp"):
            raise UnsafeValue(field, f"blank or control character U+{ord(char):04X} in a query; remove it")


_ONLY_TEXT = frozenset({str})

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _refuse_unsendable(field: str, value: Any) -> None:
    if isinstance(value, str):
        if not value.isascii() and any(unicodedata.category(char) == "Cs" for char in value):
            raise UnsafeValue(field, "half of a UTF-16 pair, which has no UTF-8 form; send whole characters")
    elif isinstance(value, Mapping):
        for name, part in value.items():
            _refuse_unsendable(f"{field}.{name}", part)
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_unsendable(field, part)
    elif value is not None and not isinstance(value, int):
        raise UnsafeValue(field, f"{type(value).__name__} is not sent; give a plain decimal text")


def _header(field: str, value: str | Secret) -> Masked:
    text = Masked(Secret(value).reveal())
    # requests would raise with the value in its message, aiohttp would send what the venue reads differently
    if not (text.isascii() and text.isprintable() and text == text.strip()):
        raise UnsafeValue(field, "has a line break, an outer blank or a non-ASCII character; copy it anew")
    return text
