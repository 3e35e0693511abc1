"""RSA private keys from a file or a text, checked before the first request needs them.

Every refusal is a ccxt AuthenticationError that says what to do and never quotes the key, nor the argument unless it
is plainly the name of a file: people paste keys where a path belongs.
"""

from pathlib import Path

from ccxt.base.errors import AuthenticationError

from ..wire.secrets import Masked, Secret
from ..wire.signing import is_pem

__all__ = ["load_pem"]

_MOST_BYTES = 64 * 1024  # a 16384-bit key takes 13 KiB
_FILE_NAMES = frozenset({".cer", ".crt", ".der", ".key", ".p8", ".pem", ".pk8", ".pub", ".txt"})
_CONVERT = "convert it with: openssl pkcs8 -topk8 -nocrypt -in KEY -out private.pem"


def load_pem(path_or_text: str | Path | Secret, password: str | Secret | None = None) -> str:
    """The PEM text of an RSA private key, unencrypted; its repr is masked.

    A text is recognised by its first line; line breaks may be written as backslash and n, as environment variables
    often have them. Everything else names a file.
    """
    given = Secret(str(path_or_text) if isinstance(path_or_text, Path) else path_or_text)
    if not is_pem(given):
        given = _read(given)
    pem = Secret(given.reveal().replace("\\r", "").replace("\\n", "\n").strip() + "\n")
    return _checked(pem, Secret(password) if password else None)


def _read(given: Secret) -> Secret:
    name = _shown(given)
    try:
        path = Path(given.reveal()).expanduser()
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise AuthenticationError(
            f"private key: {name} does not exist; give the path of a PEM file or the PEM text itself"
        ) from None
    except (OSError, ValueError, RuntimeError) as error:
        # RuntimeError: a home directory that is not known; ValueError: a NUL character
        reason = error.strerror if isinstance(error, OSError) else type(error).__name__
        raise AuthenticationError(
            f"private key: {name} cannot be read ({reason}); give the path of a readable PEM file"
        ) from None
    if len(raw) > _MOST_BYTES:
        raise AuthenticationError(f"private key: {name} is far too long for a key; give the path of a PEM file")
    try:
        text = Secret(raw.decode())
    except UnicodeDecodeError:
        raise AuthenticationError(f"private key: {name} is not a PEM text; {_CONVERT}") from None
    if not is_pem(text):
        raise AuthenticationError(f"private key: {name} does not begin with '-----BEGIN'; {_CONVERT}")
    return text


def _checked(pem: Secret, password: Secret | None) -> Masked:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    label = pem.reveal().split("-----")[1].removeprefix("BEGIN ").strip()
    if not label.endswith("PRIVATE KEY"):
        kind = "a public key" if label.endswith("PUBLIC KEY") else "not a private key"
        raise AuthenticationError(
            f"private key: the PEM text is {kind}; give the private key whose public half is registered at Bitget"
        )
    encrypted = "ENCRYPTED" in pem.reveal()
    if encrypted and password is None:
        raise AuthenticationError(
            "private key: it is encrypted and no password was given; pass the password, or store the key "
            "unencrypted: openssl pkcs8 -topk8 -nocrypt -in KEY -out private.pem"
        )
    try:
        key = serialization.load_pem_private_key(
            pem.reveal().encode(), password.reveal().encode() if encrypted and password else None
        )
    except (TypeError, ValueError, UnsupportedAlgorithm):
        hint = "the password is wrong or the text is damaged" if encrypted else "the text is damaged or cut"
        raise AuthenticationError(f"private key: it cannot be read, {hint}; copy the file anew") from None
    if not isinstance(key, RSAPrivateKey):
        raise AuthenticationError("private key: not an RSA key; create an RSA key pair and register its public half")
    if not encrypted:
        return Masked(pem.reveal())
    return Masked(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
    )


def _shown(given: Secret) -> str:
    path = Path(given.reveal().replace("\0", ""))
    if path.suffix.lower() in _FILE_NAMES and len(str(path)) < 512 and str(path).isprintable():
        return f"the file {str(path)!r}"
    return "what was given as a path"
