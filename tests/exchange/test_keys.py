"""Private keys from files and texts; what cannot be used is refused with advice and without a word of the key."""

from pathlib import Path

import pytest
from ccxt.base.errors import AuthenticationError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from bitget_margin_adapter.exchange.keys import load_pem
from bitget_margin_adapter.wire.secrets import Masked, Secret
from bitget_margin_adapter.wire.signing import signer, verify

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM, OLD = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
PKCS8, CLEAR = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
PRIVATE = KEY.private_bytes(PEM, PKCS8, CLEAR).decode()
TRADITIONAL = KEY.private_bytes(PEM, OLD, CLEAR).decode()
LOCK = serialization.BestAvailableEncryption(b"canary-pw")
ENCRYPTED = KEY.private_bytes(PEM, PKCS8, LOCK).decode()
OLD_ENCRYPTED = KEY.private_bytes(PEM, OLD, LOCK).decode()
PUBLIC = KEY.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
CURVE = ec.generate_private_key(ec.SECP256R1()).private_bytes(PEM, PKCS8, CLEAR).decode()


def works(pem: str) -> bool:
    return verify(signer(pem).sign("5GET/p"), "5", "GET", "/p", "", b"", KEY.public_key())


@pytest.mark.parametrize("text", [PRIVATE, TRADITIONAL], ids=["pkcs8", "traditional"])
def test_a_key_comes_from_a_text_a_path_or_the_name_of_one(text: str, tmp_path: Path) -> None:
    file = tmp_path / "private.pem"
    file.write_text(text)
    for given in (text, Secret(text), "\n  " + text, text.replace("\n", "\r\n"), file, str(file)):
        loaded = load_pem(given)
        assert works(loaded)
        assert isinstance(loaded, Masked)


def test_a_text_may_spell_its_line_breaks() -> None:
    assert works(load_pem(PRIVATE.replace("\n", "\\n")))
    assert works(load_pem(PRIVATE.replace("\n", "\\r\\n")))


def test_a_home_directory_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "private.pem").write_text(PRIVATE)
    assert works(load_pem("~/private.pem"))


@pytest.mark.parametrize("text", [ENCRYPTED, OLD_ENCRYPTED], ids=["pkcs8", "traditional"])
def test_an_encrypted_key_opens_with_its_password(text: str) -> None:
    opened = load_pem(text, "canary-pw")
    assert works(opened)
    assert "ENCRYPTED" not in opened
    assert works(load_pem(text, Secret("canary-pw")))
    assert works(load_pem(PRIVATE, "not needed"))


# texts of a key, refused alike when they stand in a file
UNUSABLE = [
    pytest.param(PUBLIC, None, "is a public key; give the private key", id="public"),
    pytest.param(ENCRYPTED, None, "encrypted and no password was given; pass the password", id="encrypted"),
    pytest.param(OLD_ENCRYPTED, None, "encrypted and no password", id="encrypted-traditional"),
    pytest.param(ENCRYPTED, "canary-no", "the password is wrong", id="wrong-password"),
    pytest.param(CURVE, None, "not an RSA key; create an RSA key pair", id="curve"),
    pytest.param(PRIVATE[:500] + PRIVATE[600:], None, "damaged or cut", id="damaged"),
    pytest.param("-----BEGIN CERTIFICATE-----\nAAAA", None, "not a private key", id="certificate"),
    pytest.param("-----BEGIN", None, "not a private key", id="begin-only"),
]


def refusal(given: str | Path, password: str | None = None) -> str:
    with pytest.raises(AuthenticationError) as refused:
        load_pem(given, password)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__ or refused.value.__context__ is None  # a cause may quote the key
    message = str(refused.value)
    assert message.startswith("private key: ")
    return message


@pytest.mark.parametrize("as_file", [False, True], ids=["text", "file"])
@pytest.mark.parametrize(("text", "password", "advice"), UNUSABLE)
def test_an_unusable_key_is_refused_with_advice_and_not_quoted(
    text: str, password: str | None, advice: str, as_file: bool, tmp_path: Path
) -> None:
    file = tmp_path / "key.pem"
    file.write_text(text)
    message = refusal(file if as_file else text, password)
    assert advice in message
    assert not [line for line in text.splitlines()[1:] if len(line) > 8 and line in message]
    assert "canary" not in message


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("nowhere/private.pem", "'nowhere/private.pem' does not exist; give the path"),
        ("", "what was given as a path"),
        ("canary\0.pem", "cannot be read"),
        ("~canary-nobody/private.pem", "cannot be read"),
        ("canary" * 2_000, "what was given as a path"),
    ],
    ids=["missing", "empty", "nul", "no-such-home", "endless"],
)
def test_a_path_that_leads_nowhere_is_refused(name: str, advice: str) -> None:
    assert advice in refusal(name)


@pytest.mark.parametrize("pasted", ["0123456789abcdef" * 4, PRIVATE.replace("\n", "")[27:300], "My.Pass+phrase"])
def test_a_secret_in_the_place_of_a_path_is_not_repeated(pasted: str) -> None:
    message = refusal(pasted)
    assert pasted not in message
    assert "what was given as a path" in message


@pytest.mark.parametrize(
    ("content", "advice"),
    [(b"\x30\x82\xff\xfe", "openssl pkcs8"), (b"hello", "does not begin"), (b"x" * 70_000, "far too long")],
    ids=["der", "text", "long"],
)
def test_a_file_that_is_no_pem_is_refused(content: bytes, advice: str, tmp_path: Path) -> None:
    file = tmp_path / "key.der"
    file.write_bytes(content)
    with pytest.raises(AuthenticationError, match=advice):
        load_pem(file)


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuthenticationError, match="cannot be read"):
        load_pem(tmp_path)
