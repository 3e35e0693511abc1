"""What a web page in somebody's browser must not reach: the checks of Host and Origin."""

from functools import lru_cache
from ipaddress import ip_address

__all__ = ["host_allowed", "is_loopback", "origin_allowed"]


def is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


@lru_cache(256)
def host_allowed(header: str | None, bound: str) -> bool:
    """Whether a request speaks to us by a name of ours: a page cannot make its own name lead here (DNS rebinding).

    Bound to this machine alone: its own names. Bound wider: also addresses, and names without a
    dot, as containers have.
    """
    name = _name(header)
    if name is None:
        return False
    if is_loopback(name) or name == bound:
        return True
    return not is_loopback(bound) and (_is_address(name) or "." not in name)


def origin_allowed(origin: str | None, host: str | None) -> bool:
    """Programs send no Origin, browsers do: only our own page's is good."""
    return origin is None or (host is not None and origin == f"http://{host}")


def _name(header: str | None) -> str | None:
    """A Host header without its port."""
    if not header or len(header) > 255:
        return None
    text = header.lower()
    if text.startswith("["):
        name, bracket, rest = text[1:].partition("]")
        return name if bracket and (not rest or rest.startswith(":")) else None
    name, _, port = text.partition(":")
    return name if name and (not port or port.isdigit()) else None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
