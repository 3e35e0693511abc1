"""ccxt's tables of markets and currencies, made in one pass: equal to those of ccxt's `set_markets`, sooner.

ccxt merges every market with its defaults field by field and sorts a structure for each coin of each pair. Here the
defaults are made once, and a coin's structure once for each way in which pairs name it.
"""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

__all__ = ["set_markets"]

Structure = dict[str, Any]


def set_markets(exchange: Any, markets: Any, currencies: Mapping[str, Any] | None = None) -> Structure:
    """Fill the exchange's tables; `currencies` are taken as they are, without them the pairs' coins are."""
    rows = exchange.sort_by(exchange.to_array(markets), "spot", True, True)
    by_id: dict[str, list[Structure]] = {}
    for row in rows:
        by_id.setdefault(row["id"], []).append(row)
    defaults = _Defaults(
        exchange.deep_extend(
            exchange.safe_market_structure(),
            {"precision": exchange.precision, "limits": exchange.limits},
            exchange.fees["trading"],
        )
    )
    values = [defaults.under(row) for row in rows]
    exchange.markets = {value["symbol"]: value for value in values}
    exchange.markets_by_id = by_id
    exchange.symbols = sorted(exchange.markets)
    exchange.ids = sorted(by_id)
    if currencies:
        exchange.currencies = _added(exchange.currencies, currencies)
    else:
        _set_coins(exchange, values)
    exchange.currencies_by_id = exchange.index_by_safe(exchange.currencies, "id")
    exchange.codes = sorted(exchange.currencies)
    return exchange.markets  # type: ignore[no-any-return]  # ccxt's attribute


class _Defaults:
    """What a market is by default, taken apart once."""

    def __init__(self, defaults: Structure) -> None:
        self._all = defaults
        self._flat = {name: value for name, value in defaults.items() if value is not None}
        self._parts = {
            name: (part, [inner for inner, value in part.items() if isinstance(value, dict)])
            for name, part in defaults.items()
            if isinstance(part, dict)
        }
        for name in self._parts:
            del self._flat[name]
        self._keys: tuple[str, ...] = ()
        self._complete = False
        self._extra: list[str] = []

    def under(self, row: Structure) -> Structure:
        """The row over the defaults; a None in it counts as unsaid, but not further inside."""
        keys = tuple(row)
        if keys != self._keys:
            # Rows of one maker have the same keys: they are looked at once.
            self._keys, self._complete = keys, self._all.keys() <= row.keys()
            self._extra = [name for name in keys if name not in self._all]
        value = row.copy() if self._complete else self._all | row
        for name, default in self._flat.items():
            if value[name] is None:
                value[name] = default
        for name, (part, inside) in self._parts.items():
            own = row.get(name) or {}
            if own.keys() == part.keys():
                for inner in inside:
                    said = own[inner]
                    if said.__class__ is not dict or said.keys() != part[inner].keys():
                        break
                else:
                    # It says all there is, and is this market's own already.
                    continue
            # A copy even of what nobody said: users change the limits of single markets.
            value[name] = merged = part | own
            for inner in inside:
                said = own.get(inner, {})
                if said.__class__ is dict and said.keys() != part[inner].keys():
                    merged[inner] = _over(part[inner], said)
        for name in self._extra:
            if row[name] is None:
                del value[name]
        value["subType"] = "linear" if value["linear"] is True else "inverse" if value["inverse"] is True else None
        return value


def _over(lower: Structure, upper: Structure) -> Structure:
    merged = lower | upper
    for name, value in lower.items():
        if value.__class__ is dict:
            own = upper.get(name, {})
            merged[name] = _over(value, own) if own.__class__ is dict else own
    return merged


def _set_coins(exchange: Any, values: list[Structure]) -> None:
    known: dict[tuple[Any, ...], Structure] = {}

    def coin(market: Structure, side: str, id_name: str, numeric: str, step: str) -> Structure:
        steps = market["precision"] or {}
        precision = steps.get(side)
        if precision is None:
            precision = steps.get(step)
        key = (market[id_name], market[side], market.get(numeric), precision)
        found = known.get(key)
        if found is None:
            id_, code, number, _ = key
            found = known[key] = blank.copy()
            found["id"], found["numericId"], found["code"] = id_ or code, number, code
            found["precision"] = default if precision is None else precision
            found["fees"], found["networks"] = {}, {}
            found["limits"] = {name: limits.copy() for name, limits in blank["limits"].items()}
        return found

    default = exchange.parse_number("1e-8")
    blank = exchange.safe_currency_structure({})
    code_of = itemgetter("code")
    bases = sorted((coin(row, "base", "baseId", "baseNumericId", "amount") for row in values), key=code_of)
    quotes = sorted((coin(row, "quote", "quoteId", "quoteNumericId", "price") for row in values), key=code_of)
    exchange.baseCurrencies = {row["code"]: row for row in bases}
    exchange.quoteCurrencies = {row["code"]: row for row in quotes}
    finest: dict[str, Structure] = {}
    for row in (*bases, *quotes):
        best = finest.setdefault(row["code"], row)
        if row is not best:
            # Read as ccxt reads it, which makes nothing of a Decimal: then the first one stays.
            step, finest_step = exchange.safe_number(row, "precision"), exchange.safe_number(best, "precision")
            if step is not None and finest_step is not None and step < finest_step:
                finest[row["code"]] = row
    exchange.currencies = _added(exchange.currencies, {code: finest[code] for code in sorted(finest)})


def _added(known: Structure | None, new: Mapping[str, Any]) -> Structure:
    """What was known of a currency stays where the new row does not say it, as in ccxt."""
    if not known:
        return dict(new)
    return known | {code: _over(known[code], row) if code in known else row for code, row in new.items()}
