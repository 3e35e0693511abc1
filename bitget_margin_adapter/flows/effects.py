"""What a flow may ask of its host."""

from collections.abc import Generator
from typing import Any, NamedTuple, TypeVar

__all__ = ["Effect", "Flow", "Inherit", "LastPrice", "LoadMarkets", "NewId", "Now", "Send", "Sleep", "Together"]


class Send(NamedTuple):
    """Call the endpoint of that name; the reply is its answer as model rows (`wire.shapes`).

    Parameters are the venue's, amounts and times plain text.
    """

    endpoint: str
    params: dict[str, Any]


class LastPrice(NamedTuple):
    """The last traded price of a pair, by its unified symbol and the venue's; None where nothing was traded."""

    symbol: str
    market_id: str


class LoadMarkets(NamedTuple):
    """See to it that the context's markets are there."""


class Now(NamedTuple):
    """The venue's time, ms."""


class NewId(NamedTuple):
    """A fresh client order id."""


class Sleep(NamedTuple):
    ms: int


class Inherit(NamedTuple):
    """Call ccxt's own method of that name: public data that the margin API does not have."""

    method: str
    args: tuple[Any, ...]


class Together(NamedTuple):
    """Run several flows, at the same time where the host can; the reply is the list of their results."""

    flows: tuple["Flow[Any]", ...]


Effect = Send | LastPrice | LoadMarkets | Now | NewId | Sleep | Inherit | Together

R = TypeVar("R")
Flow = Generator[Any, Any, R]
"""Yields `Effect`s. (Replies depend on the effect, which the type cannot say.)"""
