"""ccxt's own class, unchanged: every v1 endpoint of margin by its implicit method, signed by ccxt, answered by us."""

from typing import Any

import ccxt
import pytest

from bitget_margin_adapter.emulator import Emulator
from bitget_margin_adapter.wire.endpoints import MARGIN_ENDPOINTS, Endpoint

NOW = 1_577_836_800_000
ORDER = {
    "side": "buy", "orderType": "limit", "price": "20000", "baseQuantity": "0.01", "loanType": "normal",
    "timeInForce": "gtc",
}  # fmt: skip
VALUES: dict[str, Any] = {
    "coin": "USDT", "symbol": "BTCUSDT", "borrowAmount": "10", "repayAmount": "5", "startTime": str(NOW),
    "idList": ["1"], "orderList": [ORDER], "orderId": "1", "symbols": ["BTCUSDT"], **ORDER,
}  # fmt: skip
NEEDED = {
    "cancel_order": ["orderId"],
    "place_order": ["price", "baseQuantity", "timeInForce"],
    "flash_repay": ["symbols", "coin"],
    "batch_cancel_order": [],
}


def implicit(row: Endpoint) -> str:
    """ccxt's name for the path: privateMarginPostMarginV1CrossAccountBorrow."""
    words = [row.method.capitalize(), *row.path.removeprefix("/api/").split("/")]
    access = "private" if row.private else "public"
    return f"{access}Margin{''.join(word[0].upper() + word[1:] for word in words)}"


@pytest.fixture(scope="module")
def venue() -> Any:
    with Emulator(clock="virtual", limits=False, funds={"USDT": "10000", "isolated:BTCUSDT": {"USDT": "5000"}}) as made:
        made.control("market", {"symbol": "BTCUSDT", "price": "30000"})
        yield made


@pytest.fixture(scope="module")
def exchange(venue: Emulator) -> Any:
    config = venue.config()
    config["options"] = {}
    config["urls"]["api"].pop("ws")
    return ccxt.bitget(config)


# In the order of the table, a loan comes before its repayment.
@pytest.mark.parametrize("row", MARGIN_ENDPOINTS, ids=lambda row: row.name)
def test_all_45(exchange: Any, row: Endpoint) -> None:
    short = row.name.removeprefix(f"{row.mode}_")
    names = [param.name for param in row.params if param.required or param.name in NEEDED.get(short, [])]
    params = {name: VALUES[name] for name in names}
    if short == "batch_cancel_order":
        params["orderIds"] = ["1"]
    call = getattr(exchange, implicit(row))
    if short == "cancel_order":
        # There is no such order: the request itself was good.
        with pytest.raises(ccxt.BaseError, match='"43001"'):
            call(params)
    else:
        assert call(params)["code"] == "00000"
