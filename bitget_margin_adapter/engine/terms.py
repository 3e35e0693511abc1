"""The conditions of the venue as the engine reads them: pairs, coins, tiers, rates, limits. Data only, frozen.

`venue.profile` holds the values; nothing here has a default that is a fact of the exchange.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Literal, NamedTuple

from ..model.words import Mode

__all__ = ["CoinTerms", "PairTerms", "Phase", "Terms", "Tier", "tier_of"]


class Phase(StrEnum):
    """Why a pair trades or not; the documented status has only 1 (trades), 2 (maintenance) and 0 (all others)."""

    OPEN = "open"
    NOT_OPEN = "not_open"
    NOT_ENABLED = "not_enabled"
    MAINTENANCE = "maintenance"
    OFFLINE = "offline"
    UPCOMING = "upcoming"
    DELISTED = "delisted"


class Tier(NamedTuple):
    """Holds up to `caps` of debt: one figure for a coin of the cross account, base and quote for a pair."""

    leverage: Decimal
    maintain_margin_rate: Decimal
    caps: tuple[Decimal, ...]
    init_rate: Decimal = Decimal(0)


def tier_of(tiers: tuple[Tier, ...], debt: Decimal, side: int = 0) -> Tier:
    """The tier that a debt falls into; above the last one its figures hold."""
    for tier in tiers:
        if debt <= tier.caps[side]:
            return tier
    return tiers[-1]


@dataclass(frozen=True, slots=True)
class CoinTerms:
    """A coin and what the cross account may borrow of it. `tiers` empty: no loan configuration."""

    coin: str
    daily_rate: Decimal
    max_borrowable: Decimal
    tiers: tuple[Tier, ...]
    cross: bool = True
    isolated: bool = True
    transferable: bool = True
    borrowable: bool = True
    pool: Decimal | None = None
    """What the venue has to lend in all; None: no end."""


@dataclass(frozen=True, slots=True)
class PairTerms:
    """A pair and what its isolated account may borrow. A leverage of 0: not offered in that mode."""

    symbol: str
    base: str
    quote: str
    price_scale: int
    quantity_scale: int
    min_amount: Decimal
    max_amount: Decimal
    min_value: Decimal
    taker_fee: Decimal
    maker_fee: Decimal
    cross_leverage: Decimal
    isolated_leverage: Decimal
    base_max_borrowable: Decimal
    quote_max_borrowable: Decimal
    tiers: tuple[Tier, ...]
    borrowable: bool = True
    user_min_borrow: Decimal = Decimal("0.00000001")
    phase: Phase = Phase.OPEN
    max_open_orders: int = 500
    lowest_price: Decimal = Decimal("0.01")
    highest_price: Decimal = Decimal(100)
    """Bounds of a limit price, as multiples of the last price."""

    def max_borrowable(self, coin: str) -> Decimal:
        return self.base_max_borrowable if coin == self.base else self.quote_max_borrowable

    def leverage(self, mode: Mode) -> Decimal:
        return self.cross_leverage if mode is Mode.CROSS else self.isolated_leverage


@dataclass(frozen=True)
class Terms:
    pairs: Mapping[str, PairTerms]
    coins: Mapping[str, CoinTerms]
    vip_discounts: tuple[Decimal, ...]
    warning_ratio: Decimal
    liquidation_ratio: Decimal
    recovery_ratio: Decimal
    """Liquidation ends at this risk rate."""
    liquidation_fee: Decimal
    """Share of the repaid debt's value."""
    fee_coin: Literal["received", "quote"] = "received"
    liquidation_ms: int = 0
    flash_repay_ms: int = 0
    """How long these states last; 0: over before the answer."""
    strict_history: bool = False
    client_oid_ms: int = field(default=6 * 3_600_000)

    @cached_property
    def quotes(self) -> frozenset[str]:
        """Coins that something is priced in."""
        return frozenset(pair.quote for pair in self.pairs.values())
