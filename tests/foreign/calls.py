"""One good call of every v1 endpoint of margin, in the order of the table: a loan comes before its repayment."""

from typing import Any, NamedTuple

from bitget_margin_adapter.wire.endpoints import MARGIN_ENDPOINTS, Endpoint

__all__ = ["CALLS", "FUNDS", "Call"]

FUNDS: Any = {"USDT": "10000", "isolated:BTCUSDT": {"USDT": "5000"}}
"""What they need, with a price for BTCUSDT."""

_NOW = 1_577_836_800_000
_ORDER = {
    "side": "buy", "orderType": "limit", "price": "20000", "baseQuantity": "0.01", "loanType": "normal",
    "timeInForce": "gtc",
}  # fmt: skip
_VALUES: dict[str, Any] = {
    "coin": "USDT", "symbol": "BTCUSDT", "borrowAmount": "10", "repayAmount": "5", "startTime": str(_NOW),
    "idList": ["1"], "orderList": [_ORDER], "orderId": "1", "symbols": ["BTCUSDT"], **_ORDER,
}  # fmt: skip
_NEEDED = {
    "cancel_order": ["orderId"],
    "place_order": ["price", "baseQuantity", "timeInForce"],
    "flash_repay": ["symbols", "coin"],
}


class Call(NamedTuple):
    row: Endpoint
    params: dict[str, Any]
    code: str
    """There is no such order to cancel: that request is good, too, and refused for what it asks."""


def _call(row: Endpoint) -> Call:
    short = row.name.removeprefix(f"{row.mode}_")
    params = {
        param.name: _VALUES[param.name]
        for param in row.params
        if param.required or param.name in _NEEDED.get(short, [])
    }
    if short == "batch_cancel_order":
        params["orderIds"] = ["1"]
    return Call(row, params, "43001" if short == "cancel_order" else "00000")


CALLS = tuple(map(_call, MARGIN_ENDPOINTS))
