"""What a report shows, as plain data: times in milliseconds since 1970, numbers of any kind, texts to be read as is."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

__all__ = ["Column", "Figure", "HeatMap", "Layer", "Level", "Line", "Mark", "Panel", "Report", "Span", "Table"]

Number = Decimal | float | int


@dataclass(frozen=True)
class Figure:
    """One of the key figures at the top."""

    label: str
    value: str
    note: str = ""
    mood: Literal["", "good", "bad"] = ""


@dataclass(frozen=True)
class Mark:
    """A trade on the price."""

    ms: int
    price: Number
    side: Literal["buy", "sell"]
    text: str


@dataclass(frozen=True)
class Span:
    """A time in which a position was held."""

    start: int
    end: int
    side: Literal["long", "short"]


@dataclass(frozen=True)
class Line:
    """One value for each of the report's times. `colour` is one of the page's names."""

    name: str
    values: Sequence[Number]
    colour: Literal["blue", "orange", "violet", "grey"]
    filled: bool = False


@dataclass(frozen=True)
class Level:
    """A horizontal line that means something."""

    value: Number
    text: str
    colour: Literal["orange", "red"]


@dataclass(frozen=True)
class Panel:
    """A plot below the price, on the same time axis. `format` is d3's, of the numbers under the pointer."""

    title: str
    lines: Sequence[Line]
    levels: Sequence[Level] = ()
    format: str = ",.2f"


@dataclass(frozen=True)
class Column:
    """Numbers stand to the right; long texts may take several lines."""

    name: str
    kind: Literal["number", "word", "long"] = "number"


@dataclass(frozen=True)
class Table:
    """Rows of texts, as they are to be read. A folded one is opened by a click."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    note: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Report:
    """`candles` are ccxt's lists; `times` belong to the lines of all panels."""

    title: str
    summary: str
    statement: Sequence[str]
    figures: Sequence[Figure]
    symbol: str
    candles: Sequence[Sequence[Any]]
    marks: Sequence[Mark]
    spans: Sequence[Span]
    times: Sequence[int]
    panels: Sequence[Panel]
    tables: Sequence[Table]
    footer: str = ""


@dataclass(frozen=True)
class Layer:
    """One figure for all cells, rows from below, None where there is none; `texts` stand at the pointer."""

    name: str
    values: Sequence[Sequence[float | None]]
    texts: Sequence[Sequence[str]]
    smaller_is_better: bool = False
    format: str = ",.4g"


@dataclass(frozen=True)
class HeatMap:
    """`layers` are chosen one at a time, the first to begin with."""

    title: str
    summary: str
    figures: Sequence[Figure]
    x: str
    y: str
    xs: Sequence[str]
    ys: Sequence[str]
    layers: Sequence[Layer]
    note: str
    tables: Sequence[Table]
    footer: str = ""
