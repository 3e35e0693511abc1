"""Reads a request's parameters by the rows of the endpoint table: present, of their kind, of their size.

Unknown ones are ignored, an empty text means absent, and a pair may carry the suffix that one channel gives it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from ..model.decimals import plain, whole
from ..model.refusals import Reason, Refusal
from ..wire.endpoints import ENDPOINTS, Kind, Param
from ..wire.v2.endpoints import TRANSLATIONS

__all__ = ["read", "read_entry"]

_CAPITAL = re.compile("[A-Z]")
_SUFFIX = "_SPBL"


def _amount(text: str, param: Param) -> Decimal:
    # No exponents: the venue takes plain decimals only.
    if len(text) > 40 or not text.isascii() or not text.removeprefix("-").replace(".", "", 1).isdigit():
        raise Refusal(Reason.BAD_PARAMETER, param.name)
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Refusal(Reason.BAD_PARAMETER, param.name) from None


def _whole(text: str, param: Param) -> int:
    number = whole(text)
    if number is None:
        raise Refusal(Reason.BAD_PARAMETER, param.name)
    return number


def _count(text: str, param: Param) -> int:
    number = _whole(text, param)
    if number < 1 or (param.most is not None and number > param.most):
        raise Refusal(Reason.ODD_PARAMETER, param.name)
    return number


def _text(text: str, param: Param) -> str:
    if param.most is not None and len(text) > param.most:
        if param.name == "clientOid":
            raise Refusal(Reason.CLIENT_OID_TOO_LONG)
        raise Refusal(Reason.BAD_PARAMETER, param.name)
    if not text.isprintable():
        raise Refusal(Reason.BAD_PARAMETER, param.name)
    return text


def _symbol(text: str, param: Param) -> str:
    if text.isalnum() and text.isupper() and len(text) <= 30:
        return text
    plain_text = text.upper().removesuffix(_SUFFIX)
    if not plain_text.isalnum() or len(plain_text) > 30:
        raise Refusal(Reason.BAD_PARAMETER, param.name)
    return plain_text


def _choice(text: str, param: Param) -> str:
    if param.name == "marginType":
        # The documentation spells these kinds both ways.
        text = _CAPITAL.sub(lambda found: "_" + found.group().lower(), text)
    if text not in param.choices:
        raise Refusal(Reason.BAD_PARAMETER, param.name)
    return text


_READERS: dict[Kind, Callable[[str, Param], Any]] = {
    Kind.TEXT: _text,
    Kind.COIN: _symbol,
    Kind.SYMBOL: _symbol,
    Kind.AMOUNT: _amount,
    Kind.PRICE: _amount,
    Kind.TIME: _whole,
    Kind.ID: _whole,
    Kind.COUNT: _count,
    Kind.CHOICE: _choice,
}


class _Step(NamedTuple):
    """How one parameter is read."""

    name: str
    known: dict[str, Any]
    """Answers that need no reading; an empty text means absent, whatever it is for."""
    read: Callable[[str, Param], Any] | None
    """None: a list of entries."""
    param: Param


class _Plan(NamedTuple):
    """An endpoint's rows, made ready."""

    absent: dict[str, Any]
    words: tuple[_Step, ...]
    """Those of few values, such as pairs, sides and kinds: the same ones come again and again, all together."""
    names: tuple[str, ...]
    """Of the words."""
    figures: tuple[_Step, ...]
    """All others."""
    required: tuple[str, ...]
    required_figures: tuple[str, ...]
    seen: dict[tuple[str | None, ...], dict[str, Any]]
    """What the words of earlier requests meant, where none was wrong or missing."""


_WORDS = frozenset({Kind.CHOICE, Kind.COIN, Kind.SYMBOL})
_MOST_SEEN = 1_000


def _plan(params: Sequence[Param]) -> _Plan:
    steps = [
        _Step(param.name, {"": None} | {str(word): word for word in param.choices}, _READERS.get(param.kind), param)
        for param in params
    ]
    words = tuple(step for step in steps if step.param.kind in _WORDS)
    figures = tuple(step for step in steps if step.param.kind not in _WORDS)
    return _Plan(
        dict.fromkeys(step.name for step in steps),
        words,
        tuple(step.name for step in words),
        figures,
        tuple(step.name for step in steps if step.param.required),
        tuple(step.name for step in figures if step.param.required),
        {},
    )


# The dialects' requests meet here: what v2 narrows its lists by, beside v1's own names for it, is read as well.
_PLANS = {
    row.name: _plan(
        (*row.params, *(param for param in TRANSLATIONS[row.name].added if param.kind in (Kind.TIME, Kind.ID)))
    )
    for row in ENDPOINTS.values()
}
_LINES = {
    row.name: _plan(param.fields) for row in ENDPOINTS.values() for param in row.params if param.kind is Kind.ORDERS
}


def read(endpoint: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Every parameter of the endpoint by name, None when absent. Raises Refusal."""
    return _read(_PLANS[endpoint], params)


def read_entry(endpoint: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    """One line of a batch."""
    return _read(_LINES[endpoint], entry)


def _read(plan: _Plan, params: Mapping[str, Any]) -> dict[str, Any]:
    """Words first, then figures; what is missing is told last."""
    absent, words, names, figures, required, required_figures, seen = plan
    said = tuple(map(params.get, names))
    try:
        known = seen.get(said)
    except TypeError:
        known = None  # a list where a word belongs
    if known is not None:
        values = known.copy()
        _take(values, figures, params)
        required = required_figures
    else:
        values = absent.copy()
        _take(values, words, params)
        kept = values.copy()
        _take(values, figures, params)
    for name in required:
        if values[name] is None:
            raise Refusal(Reason.MISSING_PARAMETER, name)
    if known is None and len(seen) < _MOST_SEEN and all(word is None or type(word) is str for word in said):
        seen[said] = kept
    return values


def _take(values: dict[str, Any], steps: tuple[_Step, ...], params: Mapping[str, Any]) -> None:
    for name, known, reader, param in steps:
        value = params.get(name)
        if value is None:
            continue
        if type(value) is not str:
            values[name] = _entries(value, param) if reader is None else reader(_plain_text(value, param), param)
        elif value in known:
            values[name] = known[value]
        elif reader is not None:
            values[name] = reader(value, param)
        else:
            raise Refusal(Reason.BAD_PARAMETER, name)


def _plain_text(value: Any, param: Param) -> str:
    """Callers in this process may pass numbers; the wire has text."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, float)):
        raise Refusal(Reason.BAD_PARAMETER, param.name)
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise Refusal(Reason.BAD_PARAMETER, param.name)
    return plain(number)


def _entries(value: Any, param: Param) -> list[Any]:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Sequence):
        raise Refusal(Reason.BAD_PARAMETER, param.name)
    if param.most is not None and len(value) > param.most:
        raise Refusal(_CROWDED.get(param.name, Reason.BAD_PARAMETER), param.name)
    if param.kind is Kind.ORDERS:
        if not all(isinstance(entry, Mapping) for entry in value):
            raise Refusal(Reason.BAD_PARAMETER, param.name)
        return list(value)
    return [
        _text(entry if isinstance(entry, str) else _plain_text(entry, param), param) for entry in value if entry != ""
    ]


_CROWDED = {
    "orderList": Reason.TOO_MANY_ORDERS_IN_BATCH,
    "orderIds": Reason.TOO_MANY_CANCELS_IN_BATCH,
    "clientOids": Reason.TOO_MANY_CANCELS_IN_BATCH,
}
