"""A grid: values for some of a strategy's class attributes, or of the run's settings, and the strategy at one point.

>>> [point for point in Grid({"fast": [5, 10], "config.leverage": [1, 2]}).points()][1]
{'fast': 5, 'config.leverage': 2}
"""

import copy
import difflib
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from ..errors import StrategyError

__all__ = ["Grid", "Point", "applied"]

Point = Mapping[str, Any]

_SETTING = "config."
"""Names that begin so are settings of the run, not attributes of the class."""


class Grid:
    """`values` by name; the last name varies fastest. Raises ValueError for a grid without points."""

    def __init__(self, values: Mapping[str, Sequence[Any]]) -> None:
        if not values:
            raise ValueError("the grid is empty: name class attributes and their values, such as {'fast': [5, 10, 20]}")
        for name, choices in values.items():
            if isinstance(choices, str) or not isinstance(choices, Sequence) or not len(choices):
                raise ValueError(f"grid[{name!r}] is {choices!r}: write a list of the values to try, such as [5, 10]")
        self.values = {name: list(choices) for name, choices in values.items()}

    @property
    def names(self) -> list[str]:
        return list(self.values)

    def points(self) -> list[dict[str, Any]]:
        return [dict(zip(self.values, chosen, strict=True)) for chosen in product(*self.values.values())]

    def check(self, kind: type) -> None:
        """Raises StrategyError for an attribute that the class does not have: it would change nothing."""
        known = {name for name in dir(kind) if not name.startswith("_")} | _read_from(kind)
        for name in self.values:
            if name.startswith(_SETTING) or name in known:
                continue
            near = difflib.get_close_matches(name, known, 1)
            raise StrategyError(
                f"{kind.__name__} has no attribute {name} that a grid could vary"
                + (f"; do you mean {near[0]}?" if near else "")
                + f" Give it a default in the class, or write {_SETTING}{name} for a setting of the run"
            )


def _read_from(kind: type) -> set[str]:
    """What the rules of freqtrade-style strategies read, whether the class sets it or not."""
    if not (hasattr(kind, "populate_entry_trend") or hasattr(kind, "populate_buy_trend")):
        return set()
    from ..signals.plan import Plan

    return set(Plan.__dataclass_fields__)


def applied(kind: type, config: Mapping[str, Any], point: Point) -> tuple[type, dict[str, Any]]:
    """The class and the settings at a point. A setting of an attribute's name, which would win over it, is dropped."""
    attributes = {name: value for name, value in point.items() if not name.startswith(_SETTING)}
    settings = {name.removeprefix(_SETTING): value for name, value in point.items() if name.startswith(_SETTING)}
    inside = {name: _like(getattr(kind, name, None), value) for name, value in attributes.items()}
    made = type(kind.__name__, (kind,), {**inside, "__module__": kind.__module__, "__doc__": kind.__doc__})
    return made, {**{name: value for name, value in config.items() if name not in attributes}, **settings}


def _like(present: Any, value: Any) -> Any:
    """Freqtrade's parameters (IntParameter and so on) are objects that hold their value."""
    if type(present).__name__.endswith("Parameter") and hasattr(present, "value"):
        present = copy.copy(present)
        present.value = value
        return present
    return value
