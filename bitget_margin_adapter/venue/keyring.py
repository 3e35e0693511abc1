"""The keys that the emulator gave out: whose they are, what they may do, and how their signatures are checked.

Only names that begin with `sbx_` are ever known here, so a real key is a stranger whatever it says.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from ..wire.secrets import Secret
from ..wire.signing import public_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

__all__ = ["PERMISSIONS", "PREFIX", "Key", "Keyring"]

PREFIX = "sbx_"
PERMISSIONS = ("read", "trade")


class Key(NamedTuple):
    name: str
    passphrase: Secret
    account: str
    verifier: "Secret | RSAPublicKey"
    """The secret of an HMAC key, or the public half of an RSA key."""
    permissions: frozenset[str] = frozenset(PERMISSIONS)
    addresses: frozenset[str] = frozenset()
    """Where requests may come from; empty: from anywhere."""


class Keyring:
    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, name: str) -> Key | None:
        return self._keys.get(name)

    def add(
        self,
        name: str,
        passphrase: str | Secret,
        account: str,
        *,
        secret: str | Secret | None = None,
        public_pem: str | None = None,
        permissions: Iterable[str] = PERMISSIONS,
        addresses: Iterable[str] = (),
    ) -> Key:
        """Raises ValueError for a name without the prefix, unknown permissions, and unless there is one verifier."""
        allowed = frozenset(permissions)
        if not name.startswith(PREFIX):
            raise ValueError(f"the emulator's keys begin with {PREFIX}; it never takes another venue's")
        if name in self._keys:
            raise ValueError("there is a key of that name already")
        if not allowed <= set(PERMISSIONS):
            raise ValueError(f"permissions are of {', '.join(PERMISSIONS)}, not {sorted(allowed)}")
        if (secret is None) == (public_pem is None):
            raise ValueError("a key has either a secret or a public RSA key")
        verifier = public_key(public_pem) if public_pem is not None else Secret(secret or "")
        key = Key(name, Secret(passphrase), account, verifier, allowed, frozenset(addresses))
        self._keys[name] = key
        return key
