"""How orders fill: when a resting price is reached, what a taker pays, how much of the volume is his, how late he is.

Each question is a small object that can be replaced; a policy is one of each, and `PRESETS` names five of them, from
frictionless to brutal. Figures out of range are refused, never bent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Protocol

from ..model.decimals import MONEY_SCALE, ZERO, Numeric, exact, half_up, plain

__all__ = [
    "PRESETS",
    "FillPolicy",
    "Latency",
    "Slippage",
    "Through",
    "Touch",
    "Trigger",
    "VolumeShare",
    "WalkBook",
    "policy_of",
]

_ONE = Decimal(1)


class Trigger(Protocol):
    def reached(self, buys: bool, price: Decimal, market: Decimal, tick: Decimal) -> bool:
        """Whether an order resting at `price` fills when the market trades at `market`."""
        ...


@dataclass(frozen=True, slots=True)
class Touch:
    """A resting order fills as soon as its price trades."""

    def reached(self, buys: bool, price: Decimal, market: Decimal, tick: Decimal) -> bool:
        return market <= price if buys else market >= price


@dataclass(frozen=True, slots=True)
class Through:
    """A resting order fills when the market has gone past its price: others stood before it in the queue."""

    ticks: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.ticks <= 1_000_000:
            raise ValueError(f"ticks must be from 1 to 1000000, not {self.ticks}")

    def reached(self, buys: bool, price: Decimal, market: Decimal, tick: Decimal) -> bool:
        gap = price - market if buys else market - price
        return gap >= tick * self.ticks


@dataclass(frozen=True, slots=True)
class Slippage:
    """A taker pays this share of the price more, or gets it less."""

    rate: Decimal = ZERO

    def __post_init__(self) -> None:
        if not ZERO <= self.rate < _ONE:
            raise ValueError(f"slippage must be at least 0 and under 1, not {self.rate}")

    def price(self, buys: bool, market: Decimal) -> Decimal:
        if not self.rate:
            return market
        return half_up(market * (_ONE + self.rate if buys else _ONE - self.rate), MONEY_SCALE)


@dataclass(frozen=True, slots=True)
class VolumeShare:
    """All orders of a pair together trade at most this share of a candle's volume; the rest waits for the next."""

    share: Decimal

    def __post_init__(self) -> None:
        if not ZERO < self.share <= _ONE:
            raise ValueError(f"a volume share must be over 0 and at most 1, not {self.share}")

    def allowance(self, volume: Decimal) -> Decimal:
        return volume * self.share


@dataclass(frozen=True, slots=True)
class WalkBook:
    """Takers eat the levels of a book, when there is one, and never more than it holds."""

    levels: int = 1000

    def __post_init__(self) -> None:
        if not 1 <= self.levels <= 1000:
            raise ValueError(f"levels must be from 1 to 1000, not {self.levels}")


@dataclass(frozen=True, slots=True)
class Latency:
    """An order reaches the market this much later."""

    ms: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.ms <= 3_600_000:
            raise ValueError(f"latency must be from 0 to 3600000 ms, not {self.ms}")


@dataclass(frozen=True, slots=True)
class FillPolicy:
    name: str = "custom"
    trigger: Trigger = Touch()
    slippage: Slippage = Slippage()
    share: VolumeShare | None = None
    book: WalkBook = WalkBook()
    latency: Latency = Latency()

    def figures(self) -> dict[str, str]:
        """What `policy_of` makes an equal policy of. Raises ValueError for objects that are not from this module."""
        if isinstance(self.trigger, Touch):
            ticks = "0"
        elif isinstance(self.trigger, Through):
            ticks = str(self.trigger.ticks)
        else:
            raise ValueError(f"{self.trigger!r} cannot be written down")
        return {
            "name": self.name,
            "through": ticks,
            "slippage": plain(self.slippage.rate),
            "volume_share": plain(self.share.share) if self.share else "none",
            "levels": str(self.book.levels),
            "latency_ms": str(self.latency.ms),
        }


def _preset(name: str, trigger: Trigger, slippage: str, share: str | None, ms: int) -> FillPolicy:
    volume = None if share is None else VolumeShare(Decimal(share))
    return FillPolicy(name, trigger, Slippage(Decimal(slippage)), volume, latency=Latency(ms))


PRESETS: Mapping[str, FillPolicy] = MappingProxyType(
    {
        policy.name: policy
        for policy in (
            _preset("frictionless", Touch(), "0", None, 0),
            _preset("gentle", Touch(), "0.0002", "0.25", 0),
            _preset("realistic", Through(1), "0.0005", "0.1", 100),
            _preset("harsh", Through(2), "0.002", "0.03", 500),
            _preset("brutal", Through(5), "0.01", "0.01", 2000),
        )
    }
)


def policy_of(choice: FillPolicy | str | Mapping[str, Numeric]) -> FillPolicy:
    """A policy from its name, or from figures: slippage, volume_share, through (ticks), latency_ms, levels, preset."""
    if isinstance(choice, FillPolicy):
        return choice
    if isinstance(choice, str):
        if choice not in PRESETS:
            raise ValueError(f"no fill policy is called {choice!r}; there are {', '.join(PRESETS)}")
        return PRESETS[choice]
    known = {"name", "preset", "slippage", "volume_share", "through", "latency_ms", "levels"}
    if unknown := set(choice) - known:
        raise ValueError(f"a fill policy has no {sorted(unknown)}; it has {sorted(known)}")
    base = policy_of(str(choice.get("preset", "frictionless")))
    return FillPolicy(
        str(choice.get("name", "custom")),
        _trigger(choice["through"]) if "through" in choice else base.trigger,
        Slippage(exact(choice["slippage"])) if "slippage" in choice else base.slippage,
        _share(choice["volume_share"]) if "volume_share" in choice else base.share,
        WalkBook(_whole(choice["levels"])) if "levels" in choice else base.book,
        Latency(_whole(choice["latency_ms"])) if "latency_ms" in choice else base.latency,
    )


def _trigger(ticks: Numeric) -> Trigger:
    return Through(_whole(ticks)) if _whole(ticks) else Touch()


def _share(share: Numeric) -> VolumeShare | None:
    return None if share == "none" else VolumeShare(exact(share))


def _whole(value: Numeric) -> int:
    number = exact(value)
    if number != int(number):
        raise ValueError(f"{value!r} is not a whole number")
    return int(number)
