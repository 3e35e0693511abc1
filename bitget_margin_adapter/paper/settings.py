"""What `options['paper']` may say."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from ccxt.base import errors

__all__ = ["DEFAULT_FUNDS", "Settings", "settings_of"]

DEFAULT_FUNDS = {"USDT": "10000"}

_CHOICES: Mapping[str, tuple[str, ...]] = {"market": ("candles", "live", "manual"), "clock": ("wall", "virtual")}


@dataclass(frozen=True)
class Settings:
    """Names and meanings are the public ones; see the README. An account of name None belongs to one object alone."""

    account: str | None = "default"
    funds: Mapping[str, Any] | None = None
    store: str | None = None
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


def settings_of(option: Any, id: str) -> Settings:
    """Raises BadRequest for what there is not."""
    if option is True:
        return Settings()
    if isinstance(option, str):
        return Settings(account=option)
    if not isinstance(option, Mapping):
        raise errors.BadRequest(f"{id}: options['paper'] is True, an account's name, or a dictionary, not {option!r}")
    known = [field.name for field in fields(Settings)]
    unknown = [name for name in option if name not in known]
    if unknown:
        raise errors.BadRequest(f"{id}: options['paper'] has no {unknown[0]!r}, it has {', '.join(known)}")
    for name, choices in _CHOICES.items():
        value = option.get(name)
        if value is not None and value not in choices:
            raise errors.BadRequest(f"{id}: paper {name} is {value!r}, choose of {', '.join(choices)}")
    settings = Settings(**option)
    if settings.market == "candles" and settings.candles is None:
        raise errors.BadRequest(f"{id}: paper market 'candles' needs candles")
    if settings.market in ("live", "manual") and settings.candles is not None:
        raise errors.BadRequest(f"{id}: paper market {settings.market!r} takes no candles")
    if not settings.speed > 0:
        raise errors.BadRequest(f"{id}: paper speed must be above zero, got {settings.speed!r}")
    return settings
