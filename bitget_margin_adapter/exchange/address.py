"""Where a request goes: base addresses, the dialect spoken there, and the host to read from when one is down."""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from ccxt.base import errors

from ..wire.channels import STREAM_PATH
from ..wire.endpoints import Endpoint
from ..wire.v2.channels import PRIVATE_PATH, PUBLIC_PATH

__all__ = ["BACKUP", "StreamAddresses", "backup_of", "base_of", "check_scheme", "dialect_of", "streams_of"]

_OWN_DOMAINS = ("bitget.com",)

BACKUP = "https://capi.{hostname}"
"""The documentation's second host."""


def base_of(urls: Mapping[str, Any], hostname: str, row: Endpoint) -> str:
    """The address before the path: ccxt's `urls.api` has one for each product."""
    api = urls["api"]
    base = api if isinstance(api, str) else api.get(_section(row.path)) or api.get("margin") or ""
    return _filled(base, hostname)


@lru_cache(maxsize=256)
def _section(path: str) -> str:
    return path.split("/")[2]


@lru_cache(maxsize=256)
def _filled(base: str, hostname: str) -> str:
    return base.replace("{hostname}", hostname).rstrip("/")


def backup_of(urls: Mapping[str, Any], hostname: str, base: str) -> str | None:
    """Where reads go when `base` cannot be reached; Bitget's second host stands in for Bitget's first one only."""
    backup = str(urls.get("backup") or "")
    if not backup or (backup == BACKUP and not _own(base)):
        return None
    backup = backup.replace("{hostname}", hostname).rstrip("/")
    return None if backup == base else backup


def dialect_of(id: str, call: str, dialect: Any, base: str) -> Literal["v1", "v2"]:
    """What is spoken there: v2 on Bitget's own hosts, which announced the end of v1 for 28 November 2025."""
    if dialect == "auto":
        return "v2" if _own(base) else "v1"
    if dialect == "v1":
        return "v1"
    if dialect == "v2":
        return "v2"
    raise errors.BadRequest(f"{id} {call}: options['dialect'] is {dialect!r}, choose of 'auto', 'v1', 'v2'")


class StreamAddresses(NamedTuple):
    """Where the channels are to be had; in v1 at one address."""

    public: str
    private: str


def streams_of(
    id: str, urls: Mapping[str, Any], hostname: str, dialect: Literal["v1", "v2"], base: str
) -> StreamAddresses:
    """Beside the REST address `base`: what `urls.api.ws` names (a text, or ccxt's `public` and `private`).

    Raises NotSupported where that is no address of the same venue, and where keys would travel unencrypted.
    """
    api = urls["api"]
    given = api.get("ws") if isinstance(api, Mapping) else None
    named = {"public": given, "private": given} if isinstance(given, str) else dict(given or {})
    found = []
    for kind, path in (("public", PUBLIC_PATH), ("private", PRIVATE_PATH)):
        address = str(named.get(kind) or "").replace("{hostname}", hostname)
        # ccxt's own list names the addresses of v2, also where v1 was asked for.
        if _own(base) and (not address or _own(address)):
            address = f"wss://ws.{hostname}{STREAM_PATH if dialect == 'v1' else path}"
        if _own(base) != _own(address):
            raise errors.NotSupported(
                f"{id} streams: the address of the REST API is {base!r} but that of the streams {address!r}; name the "
                "venue's own one in urls['api']['ws']"
            )
        check_scheme(id, "streams", address.replace("ws", "http", 1))
        found.append(address)
    return StreamAddresses(*found)


def check_scheme(id: str, call: str, base: str) -> None:
    """Raises NotSupported before a signed request would leave the machine unencrypted."""
    if _closed_to_others(base):
        return
    raise errors.NotSupported(
        f"{id} {call}: signed requests go over https (http only to this machine), but the address is {base!r}"
    )


@lru_cache(maxsize=256)
def _closed_to_others(base: str) -> bool:
    parts = urlsplit(base)
    return parts.scheme == "https" or (parts.scheme == "http" and _loopback(parts.hostname or ""))


@lru_cache(maxsize=256)
def _own(base: str) -> bool:
    host = urlsplit(base).hostname or ""
    return any(host == domain or host.endswith(f".{domain}") for domain in _OWN_DOMAINS)


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
