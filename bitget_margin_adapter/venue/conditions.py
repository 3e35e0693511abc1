"""The venue's public figures: pairs, rates and limits, tiers."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..engine.state import State
from ..engine.terms import CoinTerms, PairTerms, Phase, Tier
from ..model.refusals import Reason, Refusal
from ..model.rows import CoinRate, CoinTier, Pair, PairRate, PairTier, VipRate
from ..model.words import Mode

__all__ = ["pairs", "rates", "tiers"]

_YEAR = Decimal(365)
_STATUS = {Phase.OPEN: "1", Phase.MAINTENANCE: "2"}


def pairs(state: State, account: str, mode: Mode | None, values: Mapping[str, Any], now: int) -> tuple[Pair, ...]:
    terms = state.terms
    return tuple(
        Pair(
            pair.symbol,
            pair.base,
            pair.quote,
            pair.cross_leverage,
            pair.isolated_leverage,
            terms.warning_ratio,
            terms.liquidation_ratio,
            pair.min_amount,
            pair.max_amount,
            pair.taker_fee,
            pair.maker_fee,
            pair.price_scale,
            pair.quantity_scale,
            pair.min_value,
            pair.borrowable,
            pair.user_min_borrow,
            _STATUS.get(pair.phase, "0"),
        )
        for pair in terms.pairs.values()
    )


def rates(
    state: State, account: str, mode: Mode | None, values: Mapping[str, Any], now: int
) -> tuple[CoinRate, ...] | tuple[PairRate, ...]:
    if mode is Mode.CROSS:
        coin = _cross_coin(state, values["coin"])
        leverage = coin.tiers[0].leverage if coin.tiers else Decimal(0)
        return (_rate(state, coin, leverage, coin.max_borrowable, coin.borrowable),)
    pair = isolated_pair(state, values["symbol"])
    base, quote = state.coin(pair.base), state.coin(pair.quote)
    lends = pair.borrowable
    return (
        PairRate(
            pair.symbol,
            pair.isolated_leverage,
            _rate(state, base, pair.isolated_leverage, pair.base_max_borrowable, lends and base.borrowable),
            _rate(state, quote, pair.isolated_leverage, pair.quote_max_borrowable, lends and quote.borrowable),
        ),
    )


def tiers(
    state: State, account: str, mode: Mode | None, values: Mapping[str, Any], now: int
) -> tuple[CoinTier, ...] | tuple[PairTier, ...]:
    if mode is Mode.CROSS:
        coin = _cross_coin(state, values["coin"])
        return tuple(
            CoinTier(number, coin.coin, tier.leverage, tier.caps[0], tier.maintain_margin_rate)
            for number, tier in enumerate(coin.tiers, 1)
        )
    pair = isolated_pair(state, values["symbol"])
    return tuple(_pair_tier(pair, number, tier) for number, tier in enumerate(pair.tiers, 1))


def _pair_tier(pair: PairTerms, number: int, tier: Tier) -> PairTier:
    return PairTier(
        number,
        pair.symbol,
        pair.base,
        pair.quote,
        tier.leverage,
        tier.caps[0],
        tier.caps[1],
        tier.maintain_margin_rate,
        tier.init_rate,
    )


def isolated_pair(state: State, symbol: str) -> PairTerms:
    """A pair that has isolated accounts."""
    pair = state.pair(symbol)
    if not pair.isolated_leverage:
        raise Refusal(Reason.SYMBOL_NOT_ISOLATED if pair.cross_leverage else Reason.SYMBOL_NOT_MARGIN, symbol)
    return pair


def _cross_coin(state: State, name: str) -> CoinTerms:
    coin = state.coin(name)
    if not coin.cross:
        raise Refusal(Reason.COIN_NOT_CROSS, name)
    if not coin.tiers:
        raise Refusal(Reason.NO_LOAN_CONFIGURATION, name)
    return coin


def _rate(state: State, coin: CoinTerms, leverage: Decimal, most: Decimal, lends: bool) -> CoinRate:
    daily = state.rates[coin.coin]
    vips = tuple(
        VipRate(str(level), daily * discount, daily * discount * _YEAR, discount)
        for level, discount in enumerate(state.terms.vip_discounts)
    )
    return CoinRate(coin.coin, leverage, coin.transferable, lends, daily, daily * _YEAR, most, vips)
