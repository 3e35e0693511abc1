"""Two verifiers of signed requests, written from the documentation, which share no code with the package.

They read the raw bytes of an HTTP request, as a server gets them. `raw_request` and `emulator_accepts` are the
package's own two halves, put beside them.
"""

import base64
import hashlib
import hmac
import http.client
import io
import urllib.parse
from collections.abc import Mapping

import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives import hmac as lib_hmac
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from yarl import URL

from bitget_margin_adapter.wire.signing import Signer, headers, prehash, query_string, verify

HOST = "http://127.0.0.1:9"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE_PEM = RSA_KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
PUBLIC_PEM = (
    RSA_KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)


# First verifier: the standard library's parsers, its hmac; RSA by the cryptography package.


def message_by_library(raw: bytes) -> tuple[bytes, bytes]:
    """The documented message and the signature of a raw request, read by the standard library."""
    stream = io.BytesIO(raw)
    method, target, _ = stream.readline().decode("ascii").split(" ")
    fields = http.client.parse_headers(stream)
    body = stream.read()
    parts = urllib.parse.urlsplit(target)
    query = urllib.parse.unquote(parts.query, errors="strict")
    text = fields["ACCESS-TIMESTAMP"] + method + parts.path + ("?" + query if query else "")
    return text.encode() + body, fields["ACCESS-SIGN"].encode()


def hmac_by_library(message: bytes, signature: bytes, secret: str) -> bool:
    """The documentation's two steps: HMAC-SHA256, then base64."""
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()) == signature


def rsa_by_library(message: bytes, signature: bytes, key: rsa.RSAPublicKey) -> bool:
    """SHA-256 with RSA, as the documentation's Java and Python examples do."""
    try:
        key.verify(base64.b64decode(signature, validate=True), message, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


# Second verifier: bytes taken apart by hand; HMAC by the cryptography package; RSA by integers.


def message_by_hand(raw: bytes) -> tuple[bytes, bytes]:
    """The same two, by partitions and a percent decoder of bytes."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    found = {name.lower(): value.strip(b" ") for name, _, value in (line.partition(b":") for line in lines)}
    method, _, rest = first.partition(b" ")
    target = rest[: rest.rindex(b" ")]
    path, mark, query = target.partition(b"?")
    decoded = bytearray()
    at = 0
    while at < len(query):
        if query[at] == ord("%"):
            decoded.append(int(query[at + 1 : at + 3], 16))
            at += 3
        else:
            decoded.append(query[at])
            at += 1
    message = found[b"access-timestamp"] + method + path + mark + bytes(decoded) + body
    return message, found[b"access-sign"]


def hmac_by_hand(message: bytes, signature: bytes, secret: str) -> bool:
    """HMAC by the other library, and the signature decoded instead of the digest encoded."""
    mac = lib_hmac.HMAC(secret.encode(), hashes.SHA256())
    mac.update(message)
    return mac.finalize() == base64.b64decode(signature, validate=True)


# RFC 8017, section 9.2, note 1: what stands before a SHA-256 digest
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def rsa_by_hand(message: bytes, signature: bytes, key: rsa.RSAPublicKey) -> bool:
    """Raise the signature to the public exponent and compare all of the padded block."""
    numbers = key.public_numbers()
    size = (numbers.n.bit_length() + 7) // 8
    number = int.from_bytes(base64.b64decode(signature, validate=True), "big")
    block = pow(number, numbers.e, numbers.n).to_bytes(size, "big")
    tail = DIGEST_INFO + hashlib.sha256(message).digest()
    return block == b"\x00\x01" + b"\xff" * (size - 3 - len(tail)) + b"\x00" + tail


def raw_request(
    method: str,
    path: str,
    params: Mapping[str, str | int | None],
    body: str,
    timestamp: int,
    signing: Signer,
) -> bytes:
    """What requests puts on the wire for a call signed by us; aiohttp's target must be the same."""
    encoded, decoded = query_string(params)
    sign = signing.sign(prehash(timestamp, method, path, decoded, body))
    url = HOST + path + ("?" + encoded if encoded else "")
    sent = requests.Request(
        method, url, headers=headers("bg_key", sign, timestamp, "phrase"), data=body.encode()
    ).prepare()
    assert sent.path_url == URL(url, encoded=True).raw_path_qs
    lines = [f"{sent.method} {sent.path_url} HTTP/1.1", *(f"{k}: {v}" for k, v in sent.headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (sent.body if isinstance(sent.body, bytes) else b"")


def accepted(raw: bytes, key: "str | rsa.RSAPublicKey") -> list[bool]:
    """What the two verifiers say."""
    pairs = [message_by_library(raw), message_by_hand(raw)]
    if isinstance(key, str):
        return [hmac_by_library(*pairs[0], key), hmac_by_hand(*pairs[1], key)]
    return [rsa_by_library(*pairs[0], key), rsa_by_hand(*pairs[1], key)]


def emulator_accepts(raw: bytes, key: "str | rsa.RSAPublicKey") -> bool:
    """What our own verifying half says about the same bytes."""
    head, _, body = raw.partition(b"\r\n\r\n")
    method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
    fields = dict(line.decode().split(": ", 1) for line in head.split(b"\r\n")[1:])
    path, _, query = target.partition("?")
    return verify(fields["ACCESS-SIGN"], fields["ACCESS-TIMESTAMP"], method, path, query, body, key)
