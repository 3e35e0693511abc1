"""Runs the three example strategies over the years of `candles/` and writes a report of each.

    python examples/reports.py [FOLDER]

One HTML page for each strategy and pair, and what came of it on the screen.
"""

import sys
import time
from pathlib import Path
from typing import Any

import bitget_margin_adapter as bma

HERE = Path(__file__).parent
CANDLES = {"ETH/USDT": HERE / "candles" / "ETHUSDT-1h.csv.xz", "BTC/USDT": HERE / "candles" / "BTCUSDT-1h.csv.xz"}
EXAMPLES: dict[str, dict[str, Any]] = {
    "breakout_bot": {},
    "trend_script": {},
    "momentum_signals": {"leverage": 1.5},
}
SHOWN = ("total_return", "cagr", "sharpe", "max_drawdown", "trades", "interest_paid", "peak_risk_rate", "liquidations")


def play(name: str, symbol: str, candles: Any = None) -> Any:
    """The result of one example on one pair; `candles` instead of the whole years."""
    config = {**EXAMPLES[name], "arguments": [symbol]}
    source = CANDLES[symbol] if candles is None else candles
    return bma.backtest.run(HERE / f"{name}.py", {symbol: source}, config=config)


def main(folder: Path) -> None:
    for name in EXAMPLES:
        for symbol in CANDLES:
            started = time.perf_counter()
            result = play(name, symbol)
            spent = time.perf_counter() - started
            path = result.report(folder / f"{name}-{symbol.replace('/', '')}.html")
            figures = ", ".join(f"{key.replace('_', ' ')} {result.stats[key]:.4g}" for key in SHOWN)
            print(f"{name} {symbol}: {figures}; {spent:.1f} s, {path}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "reports")
