"""python-bitget 1.0.8, REST and WebSocket, unchanged but for its address; run in an environment that has it."""

import json
import os
import sys
import threading

config = json.loads(sys.argv[1])

import pybitget.client  # type: ignore[import-not-found]  # noqa: E402
from pybitget.stream import BitgetWsClient, SubscribeReq  # type: ignore[import-not-found]  # noqa: E402

pybitget.client.API_URL = config["url"]
client = pybitget.client.Client(config["apiKey"], config["secret"], config["password"])
margin = "/api/margin/v1"

told = {
    "time": client.spot_get_server_time()["code"],
    "symbols": len(client.spot_get_symbols()["data"]),
    "symbol": client.spot_get_symbol("BTCUSDT")["data"]["symbolName"],
    "ticker": client.spot_get_ticker("BTCUSDT_SPBL")["data"]["close"],
    "tickers": len(client.spot_get_tickers()["data"]),
    "depth": len(client.spot_get_depth("BTCUSDT_SPBL")["data"]["bids"]),
}
heard: list[str] = []
enough = threading.Event()


def listen(message: str) -> None:
    heard.append(message)
    if sum('"cross_' in one for one in heard) >= 3:
        enough.set()


stream = BitgetWsClient(config["apiKey"], config["secret"], config["password"], config["ws_url"]).build()
stream.subscribe([SubscribeReq("mabl", "cross_account", "default")], listen)
stream.subscribe([SubscribeReq("mabl", "cross_orders", "BTCUSDT_SPBL")], listen)

borrow = client._request_with_params("POST", f"{margin}/cross/account/borrow", {"coin": "USDT", "borrowAmount": "10"})
order = {
    "symbol": "BTCUSDT", "side": "buy", "orderType": "limit", "price": "20000", "baseQuantity": "0.01",
    "loanType": "normal", "timeInForce": "gtc",
}  # fmt: skip
told["borrow"] = borrow["code"]
told["order"] = client._request_with_params("POST", f"{margin}/cross/order/placeOrder", order)["code"]
told["open"] = len(
    client._request_with_params("GET", f"{margin}/cross/order/openOrders", {"symbol": "BTCUSDT"})["data"]["orderList"]
)
told["heard"] = enough.wait(15)
print(json.dumps(told), flush=True)
# Its timer threads never end by themselves.
os._exit(0)
