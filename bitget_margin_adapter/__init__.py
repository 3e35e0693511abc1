"""Bitget margin trading (cross and isolated) behind ccxt's unified interface, live, on paper and over history.

    import bitget_margin_adapter as bma

    exchange = bma.bitgetmargin({"options": {"paper": True}})
    exchange.borrow_cross_margin("USDT", 100)

Nothing is imported before it is used: neither ccxt nor pandas costs anything until then.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .emulator import Emulator as Emulator
    from .exchange.sync import bitgetmargin as bitgetmargin
    from .registration import register as register
    from .stream.threaded import MarginStream as MarginStream

__version__ = "0.1.0"

__all__ = ["Emulator", "MarginStream", "async_support", "backtest", "bitgetmargin", "pro", "register"]

_PLACES = {
    "Emulator": ("emulator", "Emulator"),
    "MarginStream": ("stream.threaded", "MarginStream"),
    "bitgetmargin": ("exchange.sync", "bitgetmargin"),
    "register": ("registration", "register"),
    # Modules, named as ccxt names its own.
    "async_support": ("exchange.aio", None),
    "backtest": ("backtest", None),
    "pro": ("exchange.pro", None),
}


def __getattr__(name: str) -> Any:
    try:
        module, attribute = _PLACES[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    found: Any = import_module(f".{module}", __name__)
    if attribute is not None:
        found = getattr(found, attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
