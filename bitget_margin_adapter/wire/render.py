"""Rows of the model into the venue's JSON, by the tables of `wire.shapes`, compiled once: the way back of `parse`.

Numbers are plain text without exponent and trimmed, as real answers have them; ids and times are text, None is null.

    >>> render("risk", Risk(None, Decimal("0.50")), 1698352496622)["data"]
    {'riskRate': '0.5'}
"""

from collections.abc import Mapping
from typing import Any

from ..model.rows import Batch, Page, Receipt
from .fields import Absent, Field, Part, Rows, Shape, Writer
from .shapes import ANSWERS, Answer, Listed, One, Paged, Plain, Split

__all__ = ["SUCCESS", "data_writer", "render", "render_row", "row_writer"]

SUCCESS = "00000"

_OMITTED, _ZERO = Absent.OMITTED, Absent.ZERO


def render(answer: str, value: Any, request_time: int) -> dict[str, Any]:
    """The whole body of a success; `answer` is the `Endpoint.answer`, `value` what `parse` makes of such a body."""
    return {"code": SUCCESS, "msg": "success", "requestTime": request_time, "data": _WRITERS[answer](value)}


def render_row(row: Any, answer: str | None = None) -> dict[str, Any]:
    """One row, as it stands in the answer that brings it.

    Receipts and Ceilings come by two answers each, with the amount under another name: `answer` says which. Without it
    a Receipt that knows the debt left is a repay's; a Ceiling cannot tell, and ValueError asks.
    """
    write = _ROW_WRITERS[answer] if answer else _ONLY_WRITERS.get(type(row))
    if write is None and isinstance(row, Receipt):
        write = _ROW_WRITERS["borrowed" if row.remain_debt is None else "repaid"]
    if write is None:
        raise ValueError(f"a {type(row).__name__} needs the name of the answer that it is rendered for")
    return write(row)  # type: ignore[no-any-return]


def row_writer(shape: Shape) -> Writer:
    """Writes one row of this shape."""
    # A part has no names and stands in the row itself; a field that is only read has none to write.
    plan = [
        (field.written, None if field.names and not field.written else _field_writer(field), field.absent)
        for field in shape.fields.values()
    ]
    fixed, nested = shape.fixed, shape.nested
    if not nested and all(write is not None and names for names, write, _ in plan):
        return _flat_writer([(names[0], names[1:], write, absent) for names, write, absent in plan], fixed)

    def write_row(row: Any) -> dict[str, Any]:
        raw: dict[str, Any] = dict(fixed)
        # A row's `info` comes last and has no field in the plan.
        for value, (names, write, absent) in zip(row, plan, strict=False):
            if write is None or (value is None and absent is Absent.OMITTED):
                continue
            if not names:
                raw.update(write(value))
            else:
                if value is not None:
                    value = write(value)
                elif absent is Absent.ZERO:
                    value = "0"
                for name in names:
                    raw[name] = value
        for outer, inner in nested.items():
            raw[outer] = {name: raw.pop(name) for name in inner if name in raw}
        return raw

    return write_row


def _flat_writer(plan: list[tuple[str, tuple[str, ...], Any, Absent]], fixed: Mapping[str, Any]) -> Writer:
    """For rows whose every value has a name, and few of them a second one: most rows."""

    def write_row(row: Any) -> dict[str, Any]:
        raw: dict[str, Any] = {**fixed}
        for value, (name, others, write, absent) in zip(row, plan, strict=False):
            if value is not None:
                raw[name] = value = write(value)
            elif absent is _OMITTED:
                continue
            else:
                raw[name] = value = "0" if absent is _ZERO else None
            if others:
                for other in others:
                    raw[other] = value
        return raw

    return write_row


def _field_writer(field: Field) -> Writer:
    match field.codec:
        case Part(shape):
            return row_writer(shape)
        case Rows(shape):
            return _rows_writer(shape)
        case codec:
            return codec.write


def _rows_writer(shape: Shape) -> Writer:
    write = row_writer(shape)
    return lambda rows: [write(row) for row in rows]


def _page_writer(answer: Paged) -> Writer:
    write = _rows_writer(answer.shape)

    def write_page(page: Page[Any]) -> dict[str, Any]:
        rows = write(page.rows)
        return {**dict.fromkeys(answer.keys, rows), **dict(zip(answer.ids, page[1:], strict=True))}

    return write_page


def _split_writer(answer: Split) -> Writer:
    (took, accepted), (left, refused) = answer.accepted, answer.refused
    write_accepted, write_refused = _rows_writer(accepted), _rows_writer(refused)

    def write_batch(batch: Batch) -> dict[str, Any]:
        return {took: write_accepted(batch.accepted), left: write_refused(batch.refused)}

    return write_batch


def data_writer(answer: Answer) -> Writer:
    """Writes the `data` of an answer of this form."""
    match answer:
        case One():
            return row_writer(answer.shape)
        case Listed():
            return _rows_writer(answer.shape)
        case Paged():
            return _page_writer(answer)
        case Split():
            return _split_writer(answer)
        case Plain(codec, key, keyed):
            return (lambda value: {key: codec.write(value)}) if keyed else codec.write


def _only_writers() -> dict[type, Writer | None]:
    """By the type of the row; None where answers differ in how they write it."""
    shapes: dict[type, list[Shape]] = {}
    for answer in ANSWERS.values():
        match answer:
            case Split():
                found = [answer.accepted[1], answer.refused[1]]
            case Plain():
                found = []
            case _:
                found = [answer.shape]
        for shape in found:
            known = shapes.setdefault(shape.row, [])
            if shape not in known:
                known.append(shape)
    return {row: row_writer(known[0]) if len(known) == 1 else None for row, known in shapes.items()}


_WRITERS = {name: data_writer(answer) for name, answer in ANSWERS.items()}
_ROW_WRITERS = {
    name: row_writer(answer.shape) for name, answer in ANSWERS.items() if isinstance(answer, One | Listed | Paged)
}
_ONLY_WRITERS = _only_writers()
