"""What `options['paper']` may say."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from ccxt.base import errors

from ..model.symbols import market_id

__all__ = ["DEFAULT_FUNDS", "Settings", "settings_of"]

DEFAULT_FUNDS = {"USDT": "10000"}


@dataclass(frozen=True)
class Settings:
    """Names and meanings are the public ones; see the README. An account of name None belongs to one object alone."""

    account: str | None = "default"
    funds: Mapping[str, Any] | None = None
    store: str | Path | None = None
    candles: Any = None
    market: Literal["candles", "live", "manual"] | None = None
    clock: Literal["wall", "virtual"] | None = None
    speed: float = 1.0
    vip: int = 0
    fees: Any = None
    rates: Mapping[str, Any] | None = None
    profile: Any = None
    fills: str | None = None

    @property
    def is_virtual(self) -> bool:
        """Unless told otherwise, time stands still when it is replayed from candles and runs when it is not."""
        return self.clock == "virtual" or (self.clock is None and self.candles is not None)

    @property
    def is_live(self) -> bool:
        return self.market == "live"

    def clash(self, other: "Settings") -> str | None:
        """The first thing that `other` asks for and this one, which came first, has otherwise.

        Funds are for a new account only, and candles may be frames, which cannot be compared: neither clashes.
        """
        for field in fields(self):
            wanted, has = getattr(other, field.name), getattr(self, field.name)
            if field.name not in ("account", "funds", "candles", "store") and wanted not in (field.default, has):
                return field.name
        return None


def settings_of(option: Any, id: str) -> Settings:
    """Raises BadRequest for what there is not."""
    if option is True:
        return Settings()
    if isinstance(option, str):
        option = {"account": option}
    if not isinstance(option, Mapping):
        raise errors.BadRequest(f"{id}: options['paper'] is True, an account's name, or a dictionary, not {option!r}")
    unknown = [name for name in option if name not in _LEGAL]
    if unknown:
        raise errors.BadRequest(f"{id}: options['paper'] has no {unknown[0]!r}, it has {', '.join(_LEGAL)}")
    for name, value in option.items():
        wanted, legal = _LEGAL[name]
        if value is not None and not legal(value):
            raise errors.BadRequest(f"{id}: paper {name} is {value!r}, it must be {wanted}")
    # None is "as if it were not written", except for the account, where it says private.
    settings = Settings(**{name: value for name, value in option.items() if value is not None or name == "account"})
    if settings.market == "candles" and settings.candles is None:
        raise errors.BadRequest(f"{id}: paper market 'candles' needs candles")
    if settings.market in ("live", "manual") and settings.candles is not None:
        raise errors.BadRequest(f"{id}: paper market {settings.market!r} takes no candles")
    return settings


def _one_of(*words: str) -> tuple[str, Callable[[Any], bool]]:
    return f"one of {', '.join(words)}", lambda value: value in words


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_speed(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf


def _is_funds(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(name, str) and _is_place(name) for name in value)


def _is_place(name: str) -> bool:
    head, _, symbol = name.partition(":")
    try:
        return not symbol or (head == "isolated" and bool(market_id(symbol)))
    except ValueError:
        return False


_LEGAL: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "account": ("a name, or None for a private account", _is_text),
    "funds": ("a dictionary such as {'USDT': '10000', 'spot': {...}, 'isolated:BTCUSDT': {...}}", _is_funds),
    "store": ("the path of a file", lambda value: _is_text(value) or isinstance(value, Path)),
    "candles": (
        "a file, a frame, rows, or a dictionary of them by symbol",
        lambda value: not isinstance(value, int | float),
    ),
    "market": _one_of("candles", "live", "manual"),
    "clock": _one_of("wall", "virtual"),
    "speed": ("a number above zero", _is_speed),
    "vip": ("a whole number, the VIP level", _is_whole),
    "fees": ("a rate, or a dictionary with taker and maker", lambda value: not isinstance(value, bool | list)),
    "rates": ("a dictionary of daily rates by coin", lambda value: isinstance(value, Mapping)),
    "profile": ("a dictionary, or the path of a JSON file", lambda value: isinstance(value, Mapping | str | Path)),
    "fills": (
        "the name of a fill policy, or a dictionary of its figures",
        lambda value: isinstance(value, Mapping | str),
    ),
}
