"""The figures of the emulated venue: pairs, rates, tiers, fees. A mapping, such as a JSON file, can replace parts.

What is documented or was captured is said beside it; the rest is assumed (`venue.rules` has the evidence).

    >>> Profile.from_mapping({"liquidation_fee": "0.01"}).liquidation_fee
    Decimal('0.01')
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from ..engine.terms import CoinTerms, PairTerms, Phase, Terms, Tier
from ..model.decimals import exact, plain

__all__ = ["DEFAULT", "Profile"]


@dataclass(frozen=True)
class Profile(Terms):
    """The engine's terms, made from data."""

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any], base: "Profile | None" = None) -> "Profile":
        """The default (or `base`) with the given parts replaced. Raises ValueError for unknown keys and bad figures.

        `pairs` and `coins` map names to the fields that differ; a new pair starts as ETHUSDT, a new coin as ETH.
        `only` lists the pairs to keep. `fees` (one rate, or taker and maker) and `rates` (by coin) are short forms.
        """
        base = DEFAULT if base is None else base
        _known(data, {*_FIGURES, "pairs", "coins", "only", "fees", "rates"}, "a profile")
        coins, pairs = dict(base.coins), dict(base.pairs)
        for name, part in data.get("coins", {}).items():
            coins[name] = _coin(name, part, coins.get(name, replace(coins["ETH"], coin=name)))
        for name, part in data.get("pairs", {}).items():
            pairs[name] = _pair(name, part, pairs)
        if "only" in data:
            pairs = {name: pairs[name] for name in data["only"]}
        if "fees" in data:
            taker, maker = _fees(data["fees"])
            pairs = {name: replace(pair, taker_fee=taker, maker_fee=maker) for name, pair in pairs.items()}
        for name, rate in data.get("rates", {}).items():
            if name not in coins:
                raise ValueError(f"rates: no coin {name}")
            coins[name] = replace(coins[name], daily_rate=_within(rate, f"rates.{name}", 0, 10))
        for pair in pairs.values():
            for coin in (pair.base, pair.quote):
                coins.setdefault(coin, replace(coins["ETH"], coin=coin))
        figures = {name: check(data[name], name) for name, check in _FIGURES.items() if name in data}
        made = replace(base, pairs=MappingProxyType(pairs), coins=MappingProxyType(coins), **figures)
        if not made.recovery_ratio < made.liquidation_ratio or made.warning_ratio > made.liquidation_ratio:
            raise ValueError(
                f"recovery_ratio {made.recovery_ratio} must be below liquidation_ratio {made.liquidation_ratio}, and "
                f"warning_ratio {made.warning_ratio} not above it"
            )
        return made

    def as_mapping(self) -> dict[str, Any]:
        """What `from_mapping` makes an equal profile of, in plain JSON types."""
        return {
            **{name: _plain(getattr(self, name)) for name in _FIGURES},
            "pairs": {row.symbol: {name: _plain(getattr(row, name)) for name in _PAIR} for row in self.pairs.values()},
            "coins": {row.coin: {name: _plain(getattr(row, name)) for name in _COIN} for row in self.coins.values()},
            "only": list(self.pairs),
        }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Tier):
        return {name: _plain(item) for name, item in value._asdict().items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


# Reading data. Every figure has a range; outside it there is a refusal, never a silent bend.


def _known(data: Mapping[str, Any], names: set[str], what: str) -> None:
    if not isinstance(data, Mapping):
        raise ValueError(f"{what} must be a mapping, not {data!r}")
    if unknown := set(data) - names:
        raise ValueError(f"{what} has no {', '.join(sorted(map(str, unknown)))}; it has {', '.join(sorted(names))}")


def _within(value: Any, name: str, low: int | str, high: int | str) -> Decimal:
    number = exact(value)
    if not Decimal(low) <= number <= Decimal(high):
        raise ValueError(f"{name} must be from {low} to {high}, not {value}")
    return number


def _number(low: int | str, high: int | str) -> Callable[[Any, str], Decimal]:
    return lambda value, name: _within(value, name, low, high)


def _whole(low: int, high: int) -> Callable[[Any, str], int]:
    def check(value: Any, name: str) -> int:
        number = _within(value, name, low, high)
        if number != int(number):
            raise ValueError(f"{name} must be a whole number, not {value}")
        return int(number)

    return check


def _flag(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be true or false, not {value!r}")
    return value


def _word(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value.isalnum():
        raise ValueError(f"{name} must be a word, not {value!r}")
    return value


def _fee_coin(value: Any, name: str) -> str:
    if value not in ("received", "quote"):
        raise ValueError(f"{name} must be received or quote, not {value!r}")
    return str(value)


def _discounts(value: Any, name: str) -> tuple[Decimal, ...]:
    if not value:
        raise ValueError(f"{name} must name at least one level")
    return tuple(_within(item, f"{name}[{place}]", 0, 1) for place, item in enumerate(value))


def _tiers(value: Any, name: str, sides: int) -> tuple[Tier, ...]:
    tiers: list[Tier] = []
    for place, row in enumerate(value):
        where = f"{name}[{place}]"
        _known(row, {"leverage", "maintain_margin_rate", "caps", "init_rate"}, where)
        caps = row["caps"] if isinstance(row["caps"], (list, tuple)) else [row["caps"]]
        if len(caps) != sides:
            raise ValueError(f"{where} needs {sides} caps, not {len(caps)}")
        tier = Tier(
            _within(row["leverage"], f"{where}.leverage", 1, 1000),
            _within(row["maintain_margin_rate"], f"{where}.maintain_margin_rate", 0, 1),
            tuple(_within(cap, f"{where}.caps", 0, 10**18) for cap in caps),
            _within(row.get("init_rate", 0), f"{where}.init_rate", 0, 1),
        )
        if tiers and any(cap <= before for cap, before in zip(tier.caps, tiers[-1].caps, strict=True)):
            raise ValueError(f"{where} must reach further than the tier before it")
        tiers.append(tier)
    return tuple(tiers)


def _cross_tiers(value: Any, name: str) -> tuple[Tier, ...]:
    return _tiers(value, name, 1)


def _pair_tiers(value: Any, name: str) -> tuple[Tier, ...]:
    return _tiers(value, name, 2)


def _pool(value: Any, name: str) -> Decimal | None:
    return None if value is None else _within(value, name, 0, 10**18)


def _phase(value: Any, name: str) -> Phase:
    try:
        return Phase(value)
    except ValueError:
        raise ValueError(f"{name} must be one of {', '.join(Phase)}, not {value!r}") from None


def _fees(value: Any) -> tuple[Decimal, Decimal]:
    if isinstance(value, Mapping):
        _known(value, {"taker", "maker"}, "fees")
        taker = value.get("taker", value.get("maker"))
        value = (taker, value.get("maker", taker))
    elif not isinstance(value, (list, tuple)):
        value = (value, value)
    taker, maker = value
    return _within(taker, "fees.taker", 0, "0.5"), _within(maker, "fees.maker", 0, "0.5")


_AMOUNT = _number(0, 10**18)
_LEVERAGE, _SCALE = _number(0, 1000), _whole(0, 12)
_FIGURES: dict[str, Callable[[Any, str], Any]] = {
    "vip_discounts": _discounts,
    "warning_ratio": _number("0.01", 1),
    "liquidation_ratio": _number("0.01", 1),
    "recovery_ratio": _number(0, "0.99"),
    "liquidation_fee": _number(0, "0.5"),
    "fee_coin": _fee_coin,
    "liquidation_ms": _whole(0, 86_400_000),
    "flash_repay_ms": _whole(0, 86_400_000),
    "strict_history": _flag,
    "client_oid_ms": _whole(0, 30 * 86_400_000),
}
_COIN: dict[str, Callable[[Any, str], Any]] = {
    "daily_rate": _number(0, 10),
    "max_borrowable": _AMOUNT,
    "tiers": _cross_tiers,
    "cross": _flag,
    "isolated": _flag,
    "transferable": _flag,
    "borrowable": _flag,
    "pool": _pool,
}
_PAIR: dict[str, Callable[[Any, str], Any]] = {
    "base": _word,
    "quote": _word,
    "price_scale": _SCALE,
    "quantity_scale": _SCALE,
    "min_amount": _AMOUNT,
    "max_amount": _AMOUNT,
    "min_value": _AMOUNT,
    "taker_fee": _number(0, "0.5"),
    "maker_fee": _number(0, "0.5"),
    "cross_leverage": _LEVERAGE,
    "isolated_leverage": _LEVERAGE,
    "base_max_borrowable": _AMOUNT,
    "quote_max_borrowable": _AMOUNT,
    "tiers": _pair_tiers,
    "borrowable": _flag,
    "user_min_borrow": _AMOUNT,
    "phase": _phase,
    "max_open_orders": _whole(1, 100_000),
    "lowest_price": _number(0, 1),
    "highest_price": _number(1, 10**9),
}


def _coin(name: str, part: Mapping[str, Any], base: CoinTerms) -> CoinTerms:
    _known(part, set(_COIN), f"coin {name}")
    return replace(base, **{key: _COIN[key](value, f"{name}.{key}") for key, value in part.items()})


def _pair(name: str, part: Mapping[str, Any], pairs: Mapping[str, PairTerms]) -> PairTerms:
    _known(part, set(_PAIR), f"pair {name}")
    base = pairs.get(name)
    if base is None:
        quote = part.get("quote", "USDT")
        if not name.endswith(quote) or name == quote:
            raise ValueError(f"pair {name} does not end in its quote coin {quote}")
        base = replace(pairs["ETHUSDT"], symbol=name, base=name[: -len(quote)], quote=quote)
    return replace(base, **{key: _PAIR[key](value, f"{name}.{key}") for key, value in part.items()})


# The default.


def _default() -> Profile:
    d = Decimal
    vip = tuple(map(d, ("1", "0.97", "0.92", "0.86", "0.75")))

    def coin(name: str, rate: str, most: str) -> CoinTerms:
        # Maintenance and leverage of a coin's first tier: captured for BTC, documented for USDT.
        return CoinTerms(name, d(rate), d(most), (Tier(d(3), d("0.1"), (d(most),)),))

    def pair(base: str, scales: tuple[int, int], least: str, most: str, base_most: str, tier_base: str) -> PairTerms:
        return PairTerms(
            symbol=base + "USDT", base=base, quote="USDT", price_scale=scales[0], quantity_scale=scales[1],
            min_amount=d(least), max_amount=d(most), min_value=d(5), taker_fee=d("0.001"), maker_fee=d("0.001"),
            cross_leverage=d(3), isolated_leverage=d(10), base_max_borrowable=d(base_most),
            quote_max_borrowable=d(200_000),
            tiers=(Tier(d(10), d("0.05"), (d(tier_base), d(20_000)), d("0.1111")),),
        )  # fmt: skip

    coins = (
        coin("USDT", "0.000126279", "143000"),
        coin("BTC", "0.00007", "35"),
        coin("ETH", "0.0001", "500"),
        coin("SOL", "0.0001", "10000"),
        coin("XRP", "0.0001", "500000"),
        coin("BNB", "0.0001", "2000"),
        coin("LTC", "0.0001", "5000"),
        coin("ADA", "0.0001", "500000"),
        coin("DOGE", "0.0001", "2000000"),
    )
    pairs = (
        pair("BTC", (2, 6), "0.000001", "10000", "35", "3"),
        pair("ETH", (4, 4), "0.0001", "10000", "500", "50"),
        pair("SOL", (4, 4), "0.0001", "100000", "10000", "1000"),
        pair("XRP", (4, 4), "0.0001", "10000000", "500000", "50000"),
        pair("BNB", (4, 4), "0.0001", "100000", "2000", "200"),
        pair("LTC", (4, 4), "0.0001", "100000", "5000", "500"),
        pair("ADA", (4, 4), "0.0001", "10000000", "500000", "50000"),
        pair("DOGE", (5, 3), "0.001", "100000000", "2000000", "200000"),
    )
    return Profile(
        pairs=MappingProxyType({row.symbol: row for row in pairs}),
        coins=MappingProxyType({row.coin: row for row in coins}),
        vip_discounts=vip,
        warning_ratio=d("0.80"),
        liquidation_ratio=d("1.00"),
        recovery_ratio=d("0.50"),
        liquidation_fee=d("0.02"),
    )


DEFAULT = _default()
