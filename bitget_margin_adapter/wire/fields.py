"""How one value of the venue's JSON is read and written: numbers, ids, times, words.

A `Codec` is both directions of a kind of value, a `Field` says under which names a row has it on the wire, a `Shape`
is all fields of a row.
Reading is tolerant, as the venue is not consistent: numbers come padded, trimmed, as "0E-8" or bare, ids as integers.
What a codec cannot read it refuses with whatever its conversion raises; `wire.parse` makes of that where it was.

    >>> NUMBER.read("0E-8"), NUMBER.write(Decimal("1E+3"))
    (Decimal('0E-8'), '1000')
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, StrEnum, auto
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from ..model.decimals import exact, plain
from ..model.symbols import market_id

__all__ = [
    "AMOUNT",
    "COIN",
    "COUNT",
    "FIGURE",
    "FLAG",
    "MESSAGE",
    "NUMBER",
    "SYMBOL",
    "TEXT",
    "TIME",
    "Absent",
    "Codec",
    "Field",
    "Part",
    "Reader",
    "Rows",
    "Shape",
    "Writer",
    "word",
]

# Beyond these powers of ten nothing is an amount, and printing it in full could take all memory.
_LEAST, _MOST = -40, 40

_END_OF_TIME = 253_402_300_800_000
"""The year 10000: no calendar of Python's goes further. The documentation's own samples reach the year 2486."""


Reader = Callable[[Any], Any]
Writer = Callable[[Any], Any]


class Codec:
    """Both directions of one kind of value; `what` completes "is not ..." in messages.

    `read` refuses null and the empty text, `read_optional` makes None of them.
    """

    __slots__ = ("read", "read_optional", "what", "words", "write")

    def __init__(
        self,
        what: str,
        read: Reader,
        write: Writer = str,
        read_optional: Reader | None = None,
        words: type[StrEnum] | None = None,
    ) -> None:
        self.what = what
        self.read = read
        self.write = write
        self.read_optional = read_optional or _optional(read)
        self.words = words


class Absent(Enum):
    """What it means on the wire that a row has no such value."""

    NEVER = auto()
    """The value is required: a row without it is malformed."""
    NULL = auto()
    OMITTED = auto()
    """The key is left out, as `symbol` is from every row of the cross account."""
    ZERO = auto()
    """Written as "0": real rows have `"fillPrice": "0"` before anything is filled. Null is read as well."""


class Field:
    """One value of a row. All `names` are read, the first that is not null counts; `written` of them are written.

    With `written` 0 the value is read where it stands and never written.
    """

    __slots__ = ("absent", "codec", "names", "written")

    def __init__(
        self, codec: "Codec | Rows | Part", *names: str, absent: Absent = Absent.NEVER, written: int = 1
    ) -> None:
        self.codec = codec
        self.names = names
        self.absent = absent
        self.written = names[:written]


@dataclass(frozen=True, slots=True)
class Shape:
    """A row's type, and each of its fields (`info` aside, which is the raw row itself).

    `nested` are objects inside the raw row whose values are fields like all others: {"feeDetail": ("feeCoin",)}.
    `fixed` is written in every row and not read.
    """

    row: type[tuple[Any, ...]]
    fields: Mapping[str, Field]
    nested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rows:
    """In place of a codec: the value is a list of rows; null is an empty one."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class Part:
    """In place of a codec: the value has no name of its own, its fields stand in the same row."""

    shape: Shape


def _optional(read: Reader) -> Reader:
    def read_optional(value: Any) -> Any:
        return None if value is None or value == "" else read(value)

    return read_optional


def _read_text(value: Any) -> str:
    if value.__class__ is str and value:
        return value
    # Ids are documented as text; as bare integers they go beyond 2**53, which Python's JSON keeps exactly.
    # A float has lost digits already, and True is an int only to Python.
    if value.__class__ is int:
        return str(value)
    raise ValueError


def _read_optional_text(value: Any) -> str | None:
    if value.__class__ is str:
        return value or None
    return None if value is None else _read_text(value)


# The same coins come back in row after row.
@lru_cache(maxsize=4096, typed=True)
def _read_coin(value: Any) -> str:
    # A sample of the documentation has btc. Mixed case is kept: nothing says that no coin is spelled so.
    text = _read_text(value)
    return text.upper() if text.islower() else text


# The same few symbols come back in every row.
@lru_cache(maxsize=4096, typed=True)
def _read_symbol(value: Any) -> str:
    return market_id(_read_text(value))


def _read_message(value: Any) -> str:
    # A refused line of a batch may fail to say why; the accepted lines beside it must not be lost for that.
    return "" if value is None else str(value)


def _read_number(value: Any) -> Decimal:
    if value.__class__ is str:
        number = Decimal(value)
    elif value.__class__ is int or value.__class__ is float:
        number = exact(value)
    else:
        raise ValueError
    if _LEAST < number.adjusted() < _MOST and number.is_finite():
        return number
    raise ValueError


def _read_amount(value: Any) -> Decimal | None:
    if value.__class__ is str:
        # Most rows of a list are of orders that nobody has filled yet.
        if value == "0" or not value:
            return None
        number = Decimal(value)
        if _LEAST < number.adjusted() < _MOST and number.is_finite():
            return number or None
    return None if value is None else _read_number(value) or None


def _read_count(value: Any) -> int:
    if value.__class__ is str:
        try:
            return int(value)
        except ValueError:
            pass  # padded, as other numbers are: "4.00000000"
    number = _read_number(value)
    count = int(number)
    if count != number:
        raise ValueError
    return count


def _read_time(value: Any) -> int:
    time = int(value) if value.__class__ is str else _read_count(value)
    if 0 <= time < _END_OF_TIME:
        return time
    raise ValueError


_FLAGS = {True: True, False: False, "true": True, "false": False, "1": True, "0": False}


def _read_flag(value: Any) -> bool:
    return _FLAGS[value.lower() if isinstance(value, str) else value]


def _same(value: Any) -> Any:
    return value


def _fold(text: str) -> str:
    return text.replace("_", "").replace("-", "").lower()


def word(
    words: type[StrEnum],
    written: Callable[[str], str] = str,
    also: Mapping[str, StrEnum] = MappingProxyType({}),
) -> Codec:
    """A word of an enumeration, whatever its case, with hyphens, underscores or neither.

    `written` makes the wire's spelling of ours, `also` are further words for members. Where the word may be absent, an
    unknown one is None: a new source of orders must not cost the whole list, and it stays visible in `info`.
    """
    known: dict[str, StrEnum] = {str(member): member for member in words}
    folded = {_fold(text): member for text, member in (*known.items(), *also.items())}
    spelled = {member: written(str(member)) for member in words}

    def read(value: Any) -> StrEnum:
        member = known.get(value)
        return folded[_fold(value)] if member is None else member

    def read_optional(value: Any) -> StrEnum | None:
        return known[value] if value in known else None if value is None else folded.get(_fold(value))

    return Codec(f"one of {', '.join(words)}", read, spelled.__getitem__, read_optional, words)


TEXT = Codec("an id or a text", _read_text, str, _read_optional_text)
COIN = Codec("a coin", _read_coin)
SYMBOL = Codec("a symbol", _read_symbol)
MESSAGE = Codec("a message", _read_message)
NUMBER = Codec("a finite number", _read_number, plain)
FIGURE = Codec("a finite number", lru_cache(maxsize=4096, typed=True)(_read_number), plain)
"""The same, of a table in which few numbers stand in many rows."""
AMOUNT = Codec("a finite number", _read_number, plain, _read_amount)
"""A number of which zero says that there is none, where it may be absent."""
COUNT = Codec("a whole number", _read_count)
TIME = Codec("a time in milliseconds", _read_time)
FLAG = Codec("true or false", _read_flag, _same)
