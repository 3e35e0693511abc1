"""Run the emulator until interrupted."""

import argparse
import json
import signal
import threading
from types import FrameType
from typing import Any

from . import Trouble

__all__ = ["SUMMARY", "arguments", "run"]

SUMMARY = "the emulator: the venue over HTTP and WebSocket on this machine"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="where to listen; anything else lets others in")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument(
        "--candles", action="append", default=[], metavar="FILE[=SYMBOL]", help="replay this file; several may be given"
    )
    parser.add_argument("--clock", choices=("wall", "virtual"), default="wall", help="virtual: stands until moved")
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster than the machine's the clock runs")
    parser.add_argument("--funds", default="USDT=10000", help="of the cross account, such as USDT=10000,BTC=1")
    parser.add_argument(
        "--limits", choices=("on", "off"), default="on", help="requests a second, as the venue has them"
    )
    parser.add_argument("--strict-replay", action="store_true", help="refuse a signed POST that comes a second time")
    parser.add_argument("--store", metavar="FILE", help="keep the accounts in this file")
    parser.add_argument("--json", action="store_true", help="the first line of the output is one JSON object")


def run(args: argparse.Namespace) -> int:
    # Not before: it brings ccxt and aiohttp.
    from ccxt.base.errors import BadRequest

    from ...collector import SERVER, seldom
    from ...emulator import Emulator

    try:
        emulator = Emulator(
            candles=_candles(args.candles),
            funds=_funds(args.funds),
            clock=args.clock,
            limits=args.limits == "on",
            store=args.store,
            host=args.host,
            port=args.port,
            speed=args.speed,
            strict_replay=args.strict_replay,
        )
        emulator.start()
    except (BadRequest, OSError, ValueError) as problem:
        raise Trouble(f"{problem}.") from None
    over = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        over.set()

    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end)
        _tell(emulator, args.json)
        with seldom(SERVER):
            over.wait()
    finally:
        emulator.stop()
    return 0


def _tell(emulator: Any, as_json: bool) -> None:
    who = emulator.credentials
    told = {
        "url": emulator.url,
        "ws_url": emulator.ws_url,
        "api_key": who["apiKey"],
        "secret": who["secret"],
        "passphrase": who["password"],
        "control_token": emulator.control_token,
    }
    if as_json:
        print(json.dumps(told), flush=True)
        return
    width = max(map(len, told))
    for name, value in told.items():
        print(f"{name:<{width}}  {value}")
    print(f"\nOpen {emulator.url}/ in a browser to watch. Ctrl-C ends it.", flush=True)


def _candles(files: list[str]) -> Any:
    """One path, or several by their symbols; one that is not named is in the file's name."""
    if not files:
        return None
    from ...candles import symbol_of

    if len(files) == 1 and "=" not in files[0]:
        return files[0]
    named: dict[str, str] = {}
    for text in files:
        path, equals, symbol = text.rpartition("=")
        if equals and path:
            named[symbol] = path
        else:
            named[symbol_of(text)] = text
    return named


def _funds(text: str) -> dict[str, Any]:
    """ "USDT=10000,spot.BTC=1,isolated:BTCUSDT.USDT=5" as a paper account takes it."""
    funds: dict[str, Any] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, amount = part.partition("=")
        if not equals or not name or not amount:
            raise Trouble(f"funds are written COIN=AMOUNT,COIN=AMOUNT, not {part!r}.")
        place, dot, coin = name.rpartition(".")
        if dot:
            funds.setdefault(place, {})[coin] = amount
        else:
            funds[name] = amount
    return funds
