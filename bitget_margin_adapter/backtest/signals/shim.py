"""Makes `from freqtrade.strategy import IStrategy` work where freqtrade is not installed; elsewhere it does nothing."""

import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from . import freqtrade_names, timeframes
from .trade import Trade

__all__ = ["install"]


def install() -> bool:
    """Whether the shim stands in for freqtrade."""
    known = sys.modules.get("freqtrade")
    if known is not None:
        return bool(getattr(known, "__bitget_margin_shim__", False))
    try:
        if find_spec("freqtrade") is not None:
            return False
    except (ImportError, ValueError):
        pass
    _build()
    return True


def _build() -> None:
    strategy = {name: getattr(freqtrade_names, name) for name in freqtrade_names.__all__}
    strategy |= {name: getattr(timeframes, name) for name in timeframes.__all__}
    strategy["Trade"] = Trade
    persistence = {
        "Trade": Trade,
        "LocalTrade": Trade,
        "Order": freqtrade_names.Order,
        "PairLocks": freqtrade_names.PairLocks,
    }
    _module("freqtrade", {"__bitget_margin_shim__": True, "__version__": "shim"}, package=True)
    _module("freqtrade.strategy", strategy, package=True)
    _module("freqtrade.strategy.interface", {"IStrategy": freqtrade_names.IStrategy})
    _module("freqtrade.strategy.parameters", {name: strategy[name] for name in strategy if name.endswith("Parameter")})
    _module("freqtrade.persistence", persistence, package=True)
    _module("freqtrade.exchange", {name: getattr(timeframes, name) for name in timeframes.__all__}, package=True)
    _module("freqtrade.data", {}, package=True)
    _module("freqtrade.data.dataprovider", {"DataProvider": object})
    _module("freqtrade.vendor", {}, package=True)
    _module("freqtrade.vendor.qtpylib", {}, package=True)
    from . import qtpylib

    _module("freqtrade.vendor.qtpylib.indicators", {name: getattr(qtpylib, name) for name in qtpylib.__all__})


def _module(name: str, names: dict[str, Any], package: bool = False) -> None:
    module = ModuleType(name, "A stand-in of bitget_margin_adapter for the names that strategies use.")
    if package:
        module.__path__ = []
    module.__dict__.update(names)
    if name != "freqtrade":

        def missing(wanted: str) -> Any:
            raise AttributeError(
                f"{name}.{wanted} is not among the names that the stand-in for freqtrade has "
                f"({', '.join(sorted(names))}); install freqtrade, or write the strategy without it"
            )

        module.__getattr__ = missing  # type: ignore[method-assign]
    sys.modules[name] = module
    parent, _, last = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], last, module)
