"""What a flow sees of the exchange object that runs it."""

from collections.abc import Mapping, MutableMapping
from typing import Any, Protocol

__all__ = ["Context", "Market", "Params"]

Market = Mapping[str, Any]
Params = Mapping[str, Any]


class Context(Protocol):
    """Data only, and only read (but for the options). ccxt's exchanges have all of it, a test writes it down."""

    @property
    def id(self) -> str: ...
    @property
    def options(self) -> MutableMapping[str, Any]: ...
    @property
    def markets(self) -> Mapping[str, Any] | None: ...
    @property
    def markets_by_id(self) -> Mapping[str, Any] | None: ...
    @property
    def currencies(self) -> Mapping[str, Any]: ...
    @property
    def commonCurrencies(self) -> Mapping[str, str]: ...
    @property
    def number(self) -> type: ...
