"""What the exchange says of itself: ccxt's `describe()`, `has` and `features`."""

from typing import Any

from ..flows.catalogue import METHODS
from ..flows.refusal import EXACT
from ..wire.endpoints import ENDPOINTS
from .address import BACKUP

__all__ = ["INHERITED", "camel_case", "describe", "not_margin"]

# ccxt's own calls that keep their meaning: public data of the pairs, and shorthands that end in `create_order`.
INHERITED = frozenset(
    {
        "createLimitOrder", "createMarketOrder", "createPostOnlyOrder", "fetchL2OrderBook", "fetchOHLCV",
        "fetchOrderBook", "fetchTicker", "fetchTickers", "fetchTrades", "margin", "privateAPI", "publicAPI", "spot",
        "watchBalance", "watchBidsAsks", "watchMyTrades", "watchOHLCV", "watchOrderBook", "watchOrderBookForSymbols",
        "watchOrders", "watchTicker", "watchTickers", "watchTrades", "watchTradesForSymbols", "ws",
    }
)  # fmt: skip

_SPECIAL = {"ohlcv": "OHLCV"}


def camel_case(name: str) -> str:
    """ccxt's second spelling of a method: fetch_ohlcv is fetchOHLCV."""
    first, *rest = name.split("_")
    return first + "".join(_SPECIAL.get(part, part.capitalize()) for part in rest)


_OURS = {camel_case(name): True for name in METHODS}


def not_margin(has: dict[str, Any]) -> list[str]:
    """What ccxt's class offers and margin trading has not."""
    return [name for name, offered in has.items() if offered and name not in _OURS and name not in INHERITED]


def describe(inherited: dict[str, Any]) -> dict[str, Any]:
    """ccxt's description of Bitget, cut down to margin and completed."""
    has = inherited["has"]
    result = {
        **inherited,
        "id": "bitgetmargin",
        "name": "Bitget Margin",
        "version": "v1",
        "certified": False,
        "has": {
            **has,
            **dict.fromkeys(not_margin(has), False),
            **_OURS,
            # From the list of pairs: ccxt's load of the markets needs no second request for it.
            "fetchCurrencies": "emulated",
        },
        "urls": {**inherited["urls"], "backup": BACKUP},
        "requiredCredentials": {**inherited["requiredCredentials"], "apiKey": True, "secret": True, "password": True},
        "exceptions": {"exact": {**inherited["exceptions"]["exact"], **EXACT}, "broad": {}},
        "features": {
            "spot": _features(),
            "swap": {"linear": None, "inverse": None},
            "future": {"linear": None, "inverse": None},
        },
    }
    result["options"] = {
        **inherited["options"],
        # Without it ccxt asks for the account's kind before its first private call.
        "uta": False,
        "dialect": "auto",
        "fetchMarkets": {"types": ["spot"]},
        "createOrder": {"timeInForce": "GTC"},
        "broker": None,
    }
    return result


def _features() -> dict[str, Any]:
    most = {
        name: max((param.most or 0) for param in ENDPOINTS[f"cross_{endpoint}"].params if param.name == field)
        for name, endpoint, field in (
            ("createOrders", "batch_place_order", "orderList"),
            ("page", "order_history", "pageSize"),
        )
    }
    listed = {
        "marginMode": True,
        "limit": most["page"],
        "daysBack": None,
        "untilDays": 90,
        "trigger": False,
        "trailing": False,
        "symbolRequired": False,
    }
    return {
        "sandbox": True,
        "createOrder": {
            "marginMode": True,
            "triggerPrice": False,
            "triggerPriceType": None,
            "triggerDirection": False,
            "stopLossPrice": False,
            "takeProfitPrice": False,
            "attachedStopLossTakeProfit": None,
            "timeInForce": {"IOC": True, "FOK": True, "PO": True, "GTD": False},
            "hedged": False,
            "trailing": False,
            "leverage": False,
            "marketBuyRequiresPrice": False,
            "marketBuyByCost": True,
        },
        "createOrders": {"max": most["createOrders"]},
        "fetchMyTrades": listed,
        "fetchOrder": {"marginMode": True, "trigger": False, "trailing": False, "symbolRequired": False},
        "fetchOpenOrders": {**listed, "limit": None},
        "fetchOrders": listed,
        "fetchClosedOrders": {**listed, "daysBackCanceled": None},
        "fetchOHLCV": {"limit": 200},
    }
