"""The tables of shapes: complete against the endpoints and the rows, and without two meanings for one name."""

from collections.abc import Iterator

import pytest

from bitget_margin_adapter.model import rows
from bitget_margin_adapter.wire.endpoints import ENDPOINTS
from bitget_margin_adapter.wire.fields import Part, Rows, Shape
from bitget_margin_adapter.wire.parse import row_reader
from bitget_margin_adapter.wire.shapes import ANSWERS, Plain, Split


def shapes_of(answer: str) -> Iterator[Shape]:
    match ANSWERS[answer]:
        case Plain():
            return
        case Split(accepted=(_, accepted), refused=(_, refused)):
            yield from (accepted, refused)
        case other:
            yield other.shape


def deep(shape: Shape) -> Iterator[Shape]:
    yield shape
    for field in shape.fields.values():
        if isinstance(field.codec, Part | Rows):
            yield from deep(field.codec.shape)


ALL = [(name, shape) for name in ANSWERS for outer in shapes_of(name) for shape in deep(outer)]


def test_every_answer_of_an_endpoint_has_a_shape_and_every_shape_an_endpoint() -> None:
    assert set(ANSWERS) == {endpoint.answer for endpoint in ENDPOINTS.values()}


def test_every_row_type_of_the_model_has_a_shape() -> None:
    containers_and_types = {"Batch", "Info", "Page"}
    assert {shape.row.__name__ for _, shape in ALL} == set(rows.__all__) - containers_and_types


@pytest.mark.parametrize(("answer", "shape"), ALL, ids=[f"{name}-{shape.row.__name__}" for name, shape in ALL])
def test_a_shape_has_the_fields_of_its_row_in_their_order(answer: str, shape: Shape) -> None:
    columns = getattr(shape.row, "_fields")  # noqa: B009  # NamedTuples are only tuples to the type checker
    assert tuple(shape.fields) == columns[: len(shape.fields)]
    assert columns[len(shape.fields) :] in ((), ("info",))


@pytest.mark.parametrize(("answer", "shape"), ALL, ids=[f"{name}-{shape.row.__name__}" for name, shape in ALL])
def test_no_name_on_the_wire_stands_for_two_fields(answer: str, shape: Shape) -> None:
    names = [name for field in shape.fields.values() for name in field.names]
    assert len(names) == len(set(names))


def test_a_shape_that_forgets_a_field_is_refused_when_it_is_compiled() -> None:
    (shape,) = shapes_of("risk")
    with pytest.raises(TypeError, match="Risk"):
        row_reader(Shape(shape.row, {"rate": shape.fields["rate"]}))
