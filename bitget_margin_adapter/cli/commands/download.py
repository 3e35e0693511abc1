"""Fetch candles from the public market data, for users with a network."""

import argparse
from pathlib import Path
from typing import Any

from . import Trouble

__all__ = ["SUMMARY", "arguments", "fetch_all", "run"]

SUMMARY = "fetches candles through ccxt's public calls"

_PAGE = 200


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("symbols", nargs="+", metavar="SYMBOL", help="such as BTC/USDT")
    parser.add_argument("--timeframe", default="1h")
    parser.add_argument("--since", required=True, metavar="DATE", help="such as 2024-01-01, UTC")
    parser.add_argument("--until", metavar="DATE", help="the present when left out")
    parser.add_argument("--exchange", default="bitget", help="any exchange of ccxt with candles")
    parser.add_argument("--folder", default=".", help="where SYMBOL-TIMEFRAME.csv.gz is written")


def run(args: argparse.Namespace) -> int:
    import ccxt
    import pandas as pd

    kind = getattr(ccxt, args.exchange, None)
    if kind is None:
        raise Trouble(f"ccxt has no exchange {args.exchange!r}")
    exchange = kind({"enableRateLimit": True})
    since = _moment(args.since)
    until = exchange.milliseconds() if args.until is None else _moment(args.until)
    for symbol in args.symbols:
        try:
            rows = fetch_all(exchange, symbol, args.timeframe, since, until)
        except ccxt.BaseError as problem:
            raise Trouble(f"{symbol}: {problem}") from None
        if not rows:
            raise Trouble(f"{symbol}: there are no {args.timeframe} candles between these dates")
        path = Path(args.folder) / f"{symbol.replace('/', '')}-{args.timeframe}.csv.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        frame = pd.DataFrame(rows, columns=["timestamp", "open", "high", "low", "close", "volume"])
        frame.to_csv(path, index=False)
        print(f"{path}: {len(frame)} candles")
    return 0


def fetch_all(exchange: Any, symbol: str, timeframe: str, since: int, until: int) -> list[list[float]]:
    """Page by page, each candle once, without the one that is still forming."""
    span = exchange.parse_timeframe(timeframe) * 1000
    rows: dict[int, list[float]] = {}
    start = since
    while start < until:
        page = exchange.fetch_ohlcv(symbol, timeframe, start, _PAGE)
        fresh = [row for row in page if row[0] not in rows and start <= row[0] and row[0] + span <= until]
        rows |= {int(row[0]): list(row[:6]) for row in fresh}
        # An empty page may be a hole in the history: step over it.
        start = max((int(row[0]) for row in page), default=start + (_PAGE - 1) * span) + span
    return [rows[time] for time in sorted(rows)]


def _moment(text: str) -> int:
    import pandas as pd

    try:
        found = pd.Timestamp(text)
    except ValueError as problem:
        raise Trouble(f"{text}: {problem}") from None
    stamped = found.tz_localize("UTC") if found.tz is None else found.tz_convert("UTC")
    return int(stamped.as_unit("ms").value)
