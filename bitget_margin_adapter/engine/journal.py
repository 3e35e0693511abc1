"""The journal's lines: what was done to the engine, as text that says the same everywhere and can be done again.

A line is `time, verb, subjects..., name=value...`, separated by tabs; lists are spelled `name.0=value`,
rows of lists `name.0.field=value`. Tabs, line ends and backslashes in a value are
escaped with a backslash.

    >>> write(5, "call", ("alice", "cross_borrow"), {"coin": "BTC", "borrowAmount": "1"})
    '5\\tcall\\talice\\tcross_borrow\\tcoin=BTC\\tborrowAmount=1'
    >>> parse(_).pairs
    {'coin': 'BTC', 'borrowAmount': '1'}
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from ..model.decimals import exact, plain

__all__ = ["Entry", "Journal", "parse", "write"]


class Journal(Protocol):
    """Keeps lines in order; whoever appends may rely on the line when `append` returns."""

    def append(self, line: str, /) -> object: ...


class Entry(NamedTuple):
    now: int
    verb: str
    subjects: tuple[str, ...]
    pairs: dict[str, Any]


def write(
    now: int,
    verb: str,
    subjects: tuple[str, ...] = (),
    pairs: Mapping[str, Any] | None = None,
    kept: frozenset[str] | None = None,
) -> str:
    """A line; of the pairs only those that are `kept`, if that says which."""
    if not pairs:
        return "\t".join([str(now), verb, *subjects])
    try:
        # What comes over the wire is text already; anything else cannot be added to one.
        parts = [name + "=" + value for name, value in pairs.items() if kept is None or name in kept]
        line = "\t".join([str(now), verb, *subjects, *parts])
        if "\\" not in line:
            return line
    except TypeError:
        pass
    parts = []
    for name, value in pairs.items():
        if kept is None or name in kept:
            _flatten(parts, name, value)
    return "\t".join([str(now), verb, *subjects, *parts])


def _flatten(parts: list[str], name: str, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            # A line of a batch may hold fields that nobody reads, of any name.
            if isinstance(key, str) and key.isidentifier():
                _flatten(parts, f"{name}.{key}", item)
    elif isinstance(value, (list, tuple)):
        for place, item in enumerate(value):
            _flatten(parts, f"{name}.{place}", item)
    elif isinstance(value, str):
        parts.append(f"{name}={_escaped(value)}")
    else:
        try:
            parts.append(f"{name}={plain(exact(value))}")
        except (TypeError, ValueError):
            # No figure: it was refused, and will be again.
            parts.append(f"{name}={_escaped(str(value))}")


def _escaped(text: str) -> str:
    """Without the characters that end a field or a line."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


_ESCAPES = re.compile(r"\\[\\tnr]")
_MEANT = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}


def parse(line: str) -> Entry:
    now, verb, *rest = line.split("\t")
    subjects: list[str] = []
    pairs: dict[str, Any] = {}
    for part in rest:
        name, equals, value = part.partition("=")
        if "\\" in value:
            value = _ESCAPES.sub(lambda found: _MEANT[found.group()], value)
        if not equals:
            subjects.append(part)
        elif "." in name:
            _unflatten(pairs, name, value)
        else:
            pairs[name] = value
    return Entry(int(now), verb, tuple(subjects), pairs)


def _unflatten(pairs: dict[str, Any], name: str, value: str) -> None:
    """`a.0.b` goes into pairs["a"][0]["b"]; numbers make lists, which come in order."""
    first, *path = name.split(".")
    holder: Any = pairs
    key: Any = first
    for step in path:
        empty: Any = [] if step.isdigit() else {}
        if isinstance(holder, list):
            if key == len(holder):
                holder.append(empty)
        else:
            holder.setdefault(key, empty)
        holder, key = holder[key], int(step) if step.isdigit() else step
    if isinstance(holder, list):
        holder.append(value)
    else:
        holder[key] = value
