"""Our tables of markets and currencies against ccxt's own, over random pairs."""

import copy
from decimal import Decimal
from typing import Any

import ccxt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bitget_margin_adapter as bma
from bitget_margin_adapter.wire import unify

from ..flows.conftest import make_pair

TABLES = (
    "markets", "markets_by_id", "symbols", "ids", "currencies", "currencies_by_id", "codes", "baseCurrencies",
    "quoteCurrencies",
)  # fmt: skip

coins = st.sampled_from(["BTC", "ETH", "USDT", "USDC", "SHIB", "XBT", "1INCH"])


@st.composite
def pair_lists(draw: st.DrawFn) -> list[Any]:
    names = draw(st.lists(st.tuples(coins, coins).filter(lambda both: both[0] != both[1]), max_size=8))
    return [
        make_pair(base, draw(st.integers(0, 10)), draw(st.integers(0, 10)))._replace(
            symbol=base + quote,
            quote_coin=quote,
            max_cross_leverage=Decimal(draw(st.integers(0, 3))),
            max_isolated_leverage=Decimal(draw(st.integers(0, 10))),
            is_borrowable=draw(st.booleans()),
            status=draw(st.sampled_from("012")),
        )
        for base, quote in names
    ]


def tables(exchange: Any) -> dict[str, Any]:
    return {name: getattr(exchange, name) for name in TABLES}


def both(markets: list[Any], currencies: Any = None, number: type = float) -> tuple[dict[str, Any], dict[str, Any]]:
    ours, theirs = bma.bitgetmargin({"number": number}), bma.bitgetmargin({"number": number})
    ours.set_markets(copy.deepcopy(markets), copy.deepcopy(currencies))
    ccxt.Exchange.set_markets(theirs, copy.deepcopy(markets), copy.deepcopy(currencies))
    return tables(ours), tables(theirs)


@given(pair_lists(), st.sampled_from([float, str, Decimal]))
@settings(max_examples=60, deadline=None)
def test_ours_equal_ccxts(pairs: list[Any], number: type) -> None:
    ours, theirs = both([unify.market(pair, {"XBT": "BTC"}, number) for pair in pairs], number=number)
    assert ours == theirs
    assert [type(row["precision"]) for row in ours["currencies"].values()] == [
        type(row["precision"]) for row in theirs["currencies"].values()
    ]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_ours_equal_ccxts_over_incomplete_markets(data: st.DataObject) -> None:
    """Markets of other makers leave out what they like, and have None where they like."""
    markets = [unify.market(pair, {}, float) for pair in data.draw(pair_lists())]
    must = {"id", "symbol", "base", "quote"}
    for market in markets:
        for key in data.draw(st.sets(st.sampled_from(sorted(set(market) - must)))):
            if key == "spot" or data.draw(st.booleans()):
                market[key] = None
            else:
                del market[key]
    ours, theirs = both(markets)
    assert ours == theirs


def test_currencies_that_are_given_are_taken() -> None:
    markets = [unify.market(make_pair("BTC", 2, 6), {}, float)]
    currencies = {"BTC": unify.currency("BTC", "BTC", float), "EUR": unify.currency("eur", "EUR", float)}
    ours, theirs = both(markets, currencies)
    assert ours == theirs
    assert ours["codes"] == ["BTC", "EUR"]


def test_ours_equal_ccxts_on_its_own_markets() -> None:
    """Contracts and their kinds too: nothing is particular to margin pairs."""
    rows = [
        {"id": "B", "symbol": "B/C:C", "base": "B", "quote": "C", "linear": True, "contract": True, "spot": False},
        {"id": "B", "symbol": "B/C:B", "base": "B", "quote": "C", "spot": None, "inverse": True},
        {"id": "B", "symbol": "B/C", "base": "B", "quote": "C", "spot": True, "limits": {"cost": {"min": 1}}},
    ]
    ours, theirs = both(rows)
    assert ours == theirs


def test_limits_of_one_market_are_its_own() -> None:
    exchange = bma.bitgetmargin({"options": {"offlineMarkets": True}})
    markets = exchange.load_markets()
    markets["BTC/USDT"]["limits"]["price"]["min"] = 7
    assert markets["ETH/USDT"]["limits"]["price"]["min"] is None


@pytest.mark.parametrize("cls", [bma.bitgetmargin, bma.async_support.bitgetmargin, bma.pro.bitgetmargin])
def test_all_classes_have_it(cls: Any) -> None:
    exchange = cls()
    exchange.set_markets([unify.market(make_pair("BTC", 2, 6), {}, float)])
    assert exchange.symbols == ["BTC/USDT"]
