"""What a flow sees of the exchange object that runs it."""

from collections.abc import Mapping, MutableMapping
from typing import Any, Protocol

__all__ = ["Context", "Market", "Params"]

Market = Mapping[str, Any]
Params = Mapping[str, Any]


class Context(Protocol):
    """Data only. ccxt's exchanges have all of it; a test builds one of five dictionaries."""

    id: str
    options: MutableMapping[str, Any]
    markets: Mapping[str, Any] | None
    markets_by_id: Mapping[str, Any] | None
    currencies: Mapping[str, Any]
    commonCurrencies: Mapping[str, str]
    number: type
