"""Who asks, and whether they may: the checks of a signed request and of a WebSocket login, in the venue's order.

Pure: the times that count as now are passed in. Nothing secret is in a refusal.
"""

import hmac
from collections.abc import Mapping
from typing import Any, Final

from ..model.decimals import whole
from ..model.refusals import Reason, Refusal
from ..wire.secrets import Secret
from ..wire.signing import verify, verify_login
from .keyring import Key, Keyring

__all__ = ["WINDOW_MS", "Times", "authenticate", "is_recent", "login_code"]

WINDOW_MS: Final = 30_000
"""How far a timestamp may be off, either way."""

Times = tuple[int, ...]
"""The venue's time and the machine's: a timestamp close to one of them will do, since a virtual clock is far away."""

_SECONDS = 1e11
"""Beyond the year 5000 as seconds; as milliseconds it is March 1973."""

_LONGEST = 15  # digits of a time in ms until the year 33658


def authenticate(
    keyring: Keyring,
    headers: Mapping[str, str],
    method: str,
    path: str,
    query: str,
    body: bytes,
    address: str,
    permission: str,
    times: Times,
) -> Key:
    """The key of a request, path and query as they came over the wire. Raises Refusal."""
    name, signature = headers.get("ACCESS-KEY"), headers.get("ACCESS-SIGN")
    passphrase, timestamp = headers.get("ACCESS-PASSPHRASE"), headers.get("ACCESS-TIMESTAMP")
    if not name:
        raise Refusal(Reason.NO_KEY)
    if not signature:
        raise Refusal(Reason.NO_SIGNATURE)
    if not passphrase:
        raise Refusal(Reason.NO_PASSPHRASE)
    stamp = _milliseconds(timestamp)
    if timestamp is None or stamp is None:
        raise Refusal(Reason.BAD_TIMESTAMP)
    key = keyring.find(name)
    if key is None:
        raise Refusal(Reason.UNKNOWN_KEY)
    if not is_recent(stamp, times):
        raise Refusal(Reason.EXPIRED)
    if not verify(signature, timestamp, method, path, query, body, key.verifier):
        raise Refusal(Reason.BAD_SIGNATURE)
    if not _same(passphrase, key.passphrase):
        raise Refusal(Reason.WRONG_PASSPHRASE)
    if permission not in key.permissions:
        raise Refusal(Reason.NO_PERMISSION)
    if key.addresses and address not in key.addresses:
        raise Refusal(Reason.WRONG_IP)
    return key


def login_code(keyring: Keyring, argument: Mapping[str, Any], times: Times) -> str | None:
    """The WebSocket code with which a login is refused, None when it is right.

    Its time is in seconds; the text of v2's page has milliseconds (the sample on it seconds), so those will do as well.
    """
    key = keyring.find(str(argument.get("apiKey") or ""))
    passphrase, timestamp = argument.get("passphrase"), argument.get("timestamp")
    if key is None:
        return "30011"
    if not isinstance(passphrase, str) or not _same(passphrase, key.passphrase):
        return "30012"
    try:
        # Clients send whole seconds, seconds with a fraction, as text or as a number.
        seconds = float(str(timestamp))
        stamp = int(seconds if seconds > _SECONDS else seconds * 1000)
    except (OverflowError, ValueError):
        return "30013"
    if isinstance(timestamp, bool):
        return "30013"
    if not is_recent(stamp, times):
        return "30014"
    return None if verify_login(argument, key.verifier) else "30015"


def is_recent(stamp: int, times: Times) -> bool:
    """Whether a timestamp is within the window of one of the times."""
    # A loop: this is asked with every request, and a generator would cost more than the comparison.
    for time in times:  # noqa: SIM110
        if -WINDOW_MS <= stamp - time <= WINDOW_MS:
            return True
    return False


def _milliseconds(text: str | None) -> int | None:
    return None if text is None or len(text) > _LONGEST else whole(text)


def _same(given: str, wanted: Secret) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.reveal().encode())
