"""Texts that must not be seen: a holder that hides its value, header values that hide in a repr, and a scrubber.

`Secret` is for keeping, `Masked` is for the moment of sending, `mask` is for texts that are about to leave the
process (an error message, a log line). Nothing here encrypts: whoever runs code in this process can call `reveal`.

    key = Secret("abc123")
    repr(key), f"{key}"                       # no value in either
    mask("bad key abc123", [key])             # 'bad key ***'
"""

import base64
import hmac
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import quote_from_bytes

__all__ = ["MASK", "Masked", "Secret", "mask"]

MASK = "***"

# Of a longer text, which is a PEM key, only its lines are looked for in every spelling: the pattern would be huge.
_LONG = 512

_SHORTEST = 4


class Secret:
    """A text that shows itself only to `reveal()`.

    Two secrets are compared in constant time; a secret never equals a plain text, so that nobody compares by accident
    with `==` what came from outside. JSON encoders refuse it, as any object they do not know.
    """

    __slots__ = ("_value",)

    def __init__(self, value: "str | Secret") -> None:
        if isinstance(value, Secret):
            value = value.reveal()
        if not isinstance(value, str):
            raise TypeError(f"a secret is a text, not {type(value).__name__}; decode it first")
        self._value = str.__str__(value)

    def reveal(self) -> str:
        """The value itself; the only way to it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self._value), _bytes(other._value))

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK  # a width would be harmless, a precision would cut the mask to something that looks like a value

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Secret":
        return self  # it never changes, and one copy in memory is better than two

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "a Secret is not pickled, its value would stand in the pickle in clear; "
            "pass the name of an environment variable or file and build the Secret over there"
        )


class Masked(str):
    """A real text for requests and aiohttp whose repr is masked: ccxt logs the dict of headers at DEBUG level.

    `str()`, formatting and JSON give the true value, since the HTTP libraries go through them; never put one into a
    message. Its pickle carries the mask only: a signed header is of no use elsewhere, but ccxt keeps the last headers
    on the exchange object, which must stay picklable.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)

    def __copy__(self) -> "Masked":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Masked":
        return self

    def __reduce_ex__(self, protocol: object) -> tuple[type["Masked"], tuple[str]]:
        return Masked, (MASK,)


def mask(text: str, secrets: Iterable[str | Secret | None]) -> str:
    """Replace every occurrence of the secrets in a text, also percent-encoded, in base64 or escaped as in JSON.

    Mixed spellings count as well (half of it percent-encoded). Of a secret with several lines, such as a PEM key,
    each line counts for itself. None and secrets of less than four characters are passed over.
    """
    # Shorter ones are no secrets, and would tear holes into every word.
    held = (Secret(secret) for secret in secrets if secret)
    wanted = frozenset(secret for secret in held if len(secret.reveal().strip()) >= _SHORTEST)
    return _pattern(wanted).sub(MASK, text) if wanted else text


@lru_cache(maxsize=16)
def _pattern(secrets: frozenset[Secret]) -> re.Pattern[str]:
    forms: set[str] = set()
    for secret in secrets:
        value = secret.reveal()
        lines = [line for line in value.splitlines() if len(line) >= 8 and not line.startswith("-----")]
        for part in (value, value.strip(), *lines):
            forms |= _disguises(part)
    forms = {form for form in forms if form.strip()}  # or every blank of a text would be masked
    # longest first: of two secrets that begin alike, the tail of the longer one must not stay
    return re.compile("|".join(map(_spelt, sorted(forms, key=lambda form: (-len(form), form)))))


def _spelt(form: str) -> str:
    if len(form) > _LONG:
        return re.escape(form)
    return "".join(map(_spellings, form))


def _disguises(value: str) -> set[str]:
    raw = _bytes(value)
    encoded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    return {value} | encoded | {form.rstrip("=") for form in encoded}


def _spellings(char: str) -> str:
    """A pattern for the ways in which one character is written by URLs, JSON and Python's repr of text or bytes."""
    raw = _bytes(char)
    forms = {
        re.escape(char),
        f"(?i:{'%'.join(['', *(f'{byte:02x}' for byte in raw)])})",
        re.escape(quote_from_bytes(raw)),
        re.escape(json.dumps(char, ensure_ascii=False)[1:-1]),
        re.escape(repr(char)[1:-1]),
        # UTF-16 halves, as JSON spells what is not ASCII; some encoders do so with every character
        "(?i:" + "".join(rf"\\u{unit:04x}" for unit in _utf16(char)) + ")",
    }
    if not char.isascii():
        forms.add("(?i:" + "".join(rf"\\x{byte:02x}" for byte in raw) + ")")
    if char in "/'\"":
        forms.add(re.escape("\\" + char))
    if char == " ":
        forms.add(r"\+")
    return "(?:" + "|".join(sorted(forms, key=lambda form: (-len(form), form))) + ")"


def _utf16(char: str) -> list[int]:
    raw = char.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw), 2)]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
