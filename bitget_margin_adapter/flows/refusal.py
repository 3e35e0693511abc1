"""What the venue refuses, as ccxt exceptions: what happened, on which endpoint, what to do next."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from ccxt.base import errors

from ..model.refusals import Refusal
from ..wire import codes
from ..wire.endpoints import BY_ROUTE
from ..wire.reasons import CODE_OF
from ..wire.secrets import mask
from ..wire.v2 import ROUTES_V2

__all__ = ["EXACT", "answer_error", "refusal_error", "route_name"]

EXACT: dict[str, type[Exception]] = {
    code: getattr(errors, row.exception) for code, row in {**codes.REST, **codes.UNLISTED}.items() if row.exception
}
"""Code to ccxt class, in the form of ccxt's `exceptions['exact']`."""


def route_name(method: str, url: str) -> str:
    """The endpoint's name, or method and path where the table has none."""
    path = urlsplit(url).path
    row = BY_ROUTE.get((method, path)) or ROUTES_V2.get((method, path))
    return row.name if row is not None else f"{method} {path}"


def answer_error(
    id: str, method: str, url: str, status: int, response: Any, secrets: Iterable[str]
) -> Exception | None:
    """The exception that an HTTP answer means, None for a success (and for what is no envelope of the venue's)."""
    where = route_name(method, url)
    if not isinstance(response, dict) or "code" not in response:
        if status == 429:
            return EXACT["429"](f"{id} {where}: {_sentence('429', '', '')}")
        return None
    given = response["code"]
    code = str(given)
    if code == codes.SUCCESS and status < 400:
        return None
    if status != 429 and (code in (codes.SUCCESS, "") or isinstance(given, bool) or not isinstance(given, str | int)):
        # A proxy's work, or half an answer: nobody may take it for a refusal.
        broken: Exception = errors.BadResponse(
            f"{id} {where}: HTTP status {status} with the code {code!r:.40}, which is neither a success nor a refusal; "
            "the outcome is unknown: look for the order or loan before sending it again"
        )
        return broken
    message = str(response.get("msg") or response.get("message") or "")
    if status == 429:
        code = "429"
    unlisted: type[Exception] = errors.ExchangeNotAvailable if status >= 500 else errors.ExchangeError
    kind = EXACT.get(code, unlisted)
    return kind(mask(f"{id} {where}: {_sentence(code, message, '')}", list(secrets)))


def refusal_error(id: str, endpoint: str, refusal: Refusal) -> Exception:
    """The same exception for a refusal that was given in process."""
    code = CODE_OF[refusal.reason]
    kind = EXACT[code]
    return kind(f"{id} {endpoint}: {_sentence(code, '', ', '.join(refusal.details))}")


def _sentence(code: str, message: str, details: str) -> str:
    row = codes.describe(code)
    said = f", the venue says {message!r}" if message else ""
    which = f" ({details})" if details else ""
    return f"refused with code {code}: {row.meaning}{which}{said}; {row.advice}"
