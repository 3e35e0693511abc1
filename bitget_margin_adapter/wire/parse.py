"""The venue's JSON, decoded, into rows of the model: what the tables of `wire.shapes` say, compiled once.

Unknown fields are kept in `info`, which is the raw row itself. The envelope's code is not looked at: whoever received
the body knows already that it is no error.

    >>> parse("risk", {"code": "00000", "data": {"riskRate": "0.50000000"}}).rate
    Decimal('0.50000000')
"""

from functools import partial
from operator import call
from typing import Any

from ..model.rows import Batch, Page
from .fields import TEXT, Absent, Field, Part, Reader, Rows, Shape
from .shapes import ANSWERS, Answer, Listed, One, Paged, Plain, Split

__all__ = ["Malformed", "body_reader", "parse", "row_reader", "rows_reader"]

_SHOWN = 40
"""Characters of an unreadable value that an error shows."""


class Malformed(ValueError):
    """A body that is not what the endpoint answers: which answer, where in it, and what stands there."""

    def __init__(self, answer: str, path: str, problem: str) -> None:
        super().__init__(answer, path, problem)
        self.answer, self.path, self.problem = answer, path, problem

    def __str__(self) -> str:
        return f"the venue's answer {self.answer!r} cannot be understood: {self.path or 'body'} {self.problem}"

    def within(self, step: str) -> "Malformed":
        """The same, seen from a step further out."""
        inner = self.path if not self.path or self.path.startswith("[") else f".{self.path}"
        return Malformed(self.answer, step + inner, self.problem)


def _problem(value: Any, what: str) -> Malformed:
    if value is None:
        return Malformed("", "", f"is missing or null, not {what}")
    shown = f" {value!r:.{_SHOWN}}" if isinstance(value, str | bool | float) else ""
    return Malformed("", "", f"is not {what} but {type(value).__name__}{shown}")


def parse(answer: str, body: Any) -> Any:
    """The value of a successful body; `answer` is the `Endpoint.answer`.

    Raises Malformed, and nothing else, whatever the body.
    """
    return _READERS[answer](body)


def body_reader(name: str, answer: Answer) -> Reader:
    """Reads a whole body of this form; `name` is what errors call it."""
    read = _body_reader(answer)

    def read_body(body: Any) -> Any:
        try:
            if body.__class__ is not dict:
                raise _problem(body, "an object")
            return read(body)
        except Malformed as fault:
            raise Malformed(name, fault.path, fault.problem) from None

    return read_body


def row_reader(shape: Shape) -> Reader:
    """Reads one raw row of this shape; raises Malformed with the path inside the row."""
    read = _flat_reader(shape)
    if not shape.nested:
        return read
    nested = tuple(shape.nested.items())
    make = partial(tuple.__new__, shape.row)

    def read_nested(raw: Any) -> Any:
        if raw.__class__ is not dict:
            raise _problem(raw, "an object")
        flat = dict(raw)
        for outer, inner in nested:
            part = raw.get(outer)
            if part.__class__ is dict:
                for name in inner:
                    if name in part:
                        flat[name] = part[name]
        return make((*read(flat)[:-1], raw))  # info is the row as it came

    return read_nested


def _flat_reader(shape: Shape) -> Reader:
    columns: tuple[str, ...] = shape.row._fields  # type: ignore[attr-defined]  # every row is a NamedTuple
    make = partial(tuple.__new__, shape.row)  # what _make does, without asking how many there are
    fields = tuple(shape.fields.values())
    keeps_info = columns[-1] == "info"
    if (*shape.fields, *(["info"] if keeps_info else [])) != columns:
        raise TypeError(f"the shape of {shape.row.__name__} does not have its fields in their order")
    first_names = tuple(field.names[0] if field.names else "" for field in fields)
    readers = tuple(_field_reader(field) for field in fields)
    # Their value may stand elsewhere in the row.
    unsure = tuple(name for name, field in zip(first_names, fields, strict=True) if len(field.names) > 1)
    # A part without a name stands in the row itself.
    has_parts = "" in first_names
    plan = tuple(zip(fields, readers, strict=True))

    def read_slowly(raw: dict[str, Any]) -> Any:
        values: list[Any] = []
        for field, read_field in plan:
            value = next((raw[name] for name in field.names if raw.get(name) is not None), None)
            step = field.names[0] if field.names else ""
            try:
                values.append(read_field(value if step else raw))
            except Malformed as fault:
                raise (fault.within(step) if step else fault) from None
            except _UNREADABLE:
                raise _problem(value, getattr(field.codec, "what", "readable")).within(step) from None
        return make([*values, raw] if keeps_info else values)

    def read(raw: Any) -> Any:
        if raw.__class__ is not dict:
            raise _problem(raw, "an object")
        get = raw.get
        for name in unsure:
            if get(name) is None:
                return read_slowly(raw)
        try:
            given = [get(name) if name else raw for name in first_names] if has_parts else map(get, first_names)
            values = map(call, readers, given)
            return make([*values, raw] if keeps_info else values)
        except _UNREADABLE:
            return read_slowly(raw)  # which finds the field

    return read


# What codecs raise for values that are not theirs, of whatever type.
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)


def _field_reader(field: Field) -> Reader:
    match field.codec:
        case Part(shape):
            return row_reader(shape)
        case Rows(shape):
            return rows_reader(shape)
        case codec:
            return codec.read if field.absent is Absent.NEVER else codec.read_optional


def rows_reader(shape: Shape) -> Reader:
    """Reads a list of rows; null is an empty one."""
    read = row_reader(shape)

    def read_all(raws: Any) -> tuple[Any, ...]:
        if raws is None:
            return ()
        if raws.__class__ is not list:
            raise _problem(raws, "a list")
        found: list[Any] = []
        append = found.append
        try:
            for raw in raws:
                append(read(raw))
        except Malformed as fault:
            raise fault.within(f"[{len(found)}]") from None
        return tuple(found)

    return read_all


def _within(name: str, read: Reader, value: Any) -> Any:
    try:
        return read(value)
    except Malformed as fault:
        raise fault.within(name) from None


def _data_reader(read: Reader) -> Reader:
    def read_body(body: Any) -> Any:
        data = body.get("data")
        # A success that brings nothing is not an empty list: nobody may conclude from it that there are no orders.
        if data is None:
            raise _problem(None, "data").within("data")
        try:
            return read(data)
        except Malformed as fault:
            raise fault.within("data") from None

    return read_body


def _page_reader(answer: Paged) -> Reader:
    read = rows_reader(answer.shape)
    keys, (max_id, min_id) = answer.keys, answer.ids

    def read_body(body: Any) -> Page[Any]:
        data = body.get("data")
        if data.__class__ is list:
            found, holder, prefix = _within("data", read, data), body, ""
        elif data.__class__ is dict:
            for key in keys:
                raws = data.get(key)
                if raws is not None:
                    break
            if raws is None and not any(key in data for key in keys):
                raise _problem(None, "a list").within(f"data.{keys[0]}")
            found, holder, prefix = _within(f"data.{key}", read, raws), data, "data."
        else:
            raise _problem(data, "a page").within("data")
        largest = _page_id(holder.get(max_id), prefix + max_id, not found)
        return Page(found, largest, _page_id(holder.get(min_id), prefix + min_id, not found))

    return read_body


def _page_id(value: Any, path: str, empty: bool) -> str:
    if empty and (value is None or value == ""):
        return "0"
    try:
        return TEXT.read(value)  # type: ignore[no-any-return]
    except ValueError:
        # Without it the next page cannot be asked for, and what is missing would look as if it did not exist.
        raise _problem(value, TEXT.what).within(path) from None


def _split_reader(answer: Split) -> Reader:
    (took, accepted), (left, refused) = answer.accepted, answer.refused
    read_accepted, read_refused = rows_reader(accepted), rows_reader(refused)

    def read(data: Any) -> Batch:
        if data.__class__ is not dict:
            raise _problem(data, "an object")
        if took not in data and left not in data:
            raise _problem(None, "a list").within(took)
        return Batch(_within(took, read_accepted, data.get(took)), _within(left, read_refused, data.get(left)))

    return read


def _plain_reader(answer: Plain) -> Reader:
    codec, key = answer.codec, answer.key

    def read(data: Any) -> Any:
        value = data.get(key) if data.__class__ is dict else data
        try:
            return codec.read(value)
        except _UNREADABLE:
            raise _problem(value, codec.what) from None

    return read


def _body_reader(answer: Answer) -> Reader:
    match answer:
        case One():
            return _data_reader(row_reader(answer.shape))
        case Listed():
            return _data_reader(rows_reader(answer.shape))
        case Paged():
            return _page_reader(answer)
        case Split():
            return _data_reader(_split_reader(answer))
        case Plain():
            return _data_reader(_plain_reader(answer))


_READERS = {name: body_reader(name, answer) for name, answer in ANSWERS.items()}
