"""How fast backtests are, beside peers in one run: fills and equity stand beside every speed.

    python benchmarks/backtest_speed.py [--bars N] [--peers NAME,...] [--reference FOLDER CANDLES]

Writes results/backtest_speed.json and .md. Each peer has an environment of its own, made under .peers/ at the first
run; one that cannot be installed is left out, and said to be. `--peers none` leaves all of them out. With --reference
also freqtrade's reference trades, if you have them.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from peers.workload import CASH, FAST, FEE, SLOW, Watch, candles
from record import RESULTS, ROOT, keep

HERE = Path(__file__).parent
MONEY = {"USDT": f"{CASH:.0f}"}
QUOTE: dict[str, Any] = {"fees": "quote", "fee": FEE, "position_amount": 1.0}
VENUE: dict[str, Any] = {"position_amount": 1.0}
REPEATS = 7


class Peer(NamedTuple):
    name: str
    requirement: str
    runner: str
    bars: int
    """As many as it plays in some seconds."""


PEERS = (
    Peer("vectorbt", "vectorbt==1.2.0", "run_vectorbt.py", 1_000_000),
    Peer("backtesting.py", "backtesting==0.6.6", "run_backtesting_py.py", 100_000),
    Peer("freqtrade", "freqtrade==2026.9", "run_freqtrade.py", 20_000),
    Peer(
        "ccxt-backtesting-exchange", "ccxt-backtesting-exchange==0.1.0", "run_ccxt_backtesting_exchange.py", 1_000
    ),
)  # fmt: skip


class Cross:
    timeframe = "1m"
    stoploss = -0.99
    minimal_roi = {"0": 1000}

    def populate_indicators(self, dataframe: Any, metadata: Any) -> Any:
        dataframe["fast"] = dataframe["close"].rolling(FAST).mean()
        dataframe["slow"] = dataframe["close"].rolling(SLOW).mean()
        return dataframe

    def populate_entry_trend(self, dataframe: Any, metadata: Any) -> Any:
        dataframe.loc[dataframe["fast"] > dataframe["slow"], "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: Any, metadata: Any) -> Any:
        dataframe.loc[dataframe["fast"] < dataframe["slow"], "exit_long"] = 1
        return dataframe


class BothWays(Cross):
    can_short = True

    def populate_entry_trend(self, dataframe: Any, metadata: Any) -> Any:
        dataframe.loc[dataframe["fast"] < dataframe["slow"], "enter_short"] = 1
        return super().populate_entry_trend(dataframe, metadata)

    def populate_exit_trend(self, dataframe: Any, metadata: Any) -> Any:
        dataframe.loc[dataframe["fast"] > dataframe["slow"], "exit_short"] = 1
        return super().populate_exit_trend(dataframe, metadata)


class Column(Cross):
    """One of a grid, whose averages are worked out once for all of them, from one running sum."""

    means: dict[int, Any] = {}

    def __init__(self, fast: int, slow: int) -> None:
        self.fast, self.slow = fast, slow

    def populate_indicators(self, dataframe: Any, metadata: Any) -> Any:
        return dataframe

    def _mean(self, dataframe: Any, window: int) -> Any:
        if window not in self.means:
            if 0 not in self.means:
                self.means[0] = np.concatenate(([0.0], np.cumsum(dataframe["close"].to_numpy())))
            sums, mean = self.means[0], np.full(len(dataframe), np.nan)
            mean[window - 1 :] = (sums[window:] - sums[:-window]) / window
            self.means[window] = mean
        return self.means[window]

    def populate_entry_trend(self, dataframe: Any, metadata: Any) -> Any:
        dataframe["enter_long"] = self._mean(dataframe, self.fast) > self._mean(dataframe, self.slow)
        return dataframe

    def populate_exit_trend(self, dataframe: Any, metadata: Any) -> Any:
        dataframe["exit_long"] = self._mean(dataframe, self.fast) < self._mean(dataframe, self.slow)
        return dataframe


class Lean:
    """A ccxt bot: running sums, one order at each cross."""

    def on_start(self, exchange: Any) -> None:
        self.ring = [0.0] * SLOW
        self.count = self.position = 0
        self.fast = self.slow = 0.0

    def on_candle(self, exchange: Any, symbol: str, candle: list[float]) -> None:
        close, count, ring = candle[4], self.count, self.ring
        if count >= FAST:
            self.fast -= ring[(count - FAST) % SLOW]
        if count >= SLOW:
            self.slow -= ring[count % SLOW]
        ring[count % SLOW] = close
        self.fast += close
        self.slow += close
        self.count = count + 1
        if count < SLOW - 1:
            return
        wanted = 1 if self.fast * SLOW > self.slow * FAST else 0
        if wanted != self.position:
            exchange.create_order(symbol, "market", "buy" if wanted else "sell", 1.0)
            self.position = wanted


def framed(rows: Any) -> pd.DataFrame:
    frame = pd.DataFrame(rows[:, 1:], columns=["open", "high", "low", "close", "volume"])
    frame.insert(0, "timestamp", rows[:, 0].astype(np.int64))
    return frame


def memory() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def played(bot: Any, frame: pd.DataFrame, config: dict[str, Any], repeats: int) -> dict[str, Any]:
    """End to end and simulation only; the median run by its processor's time."""
    from unittest.mock import patch

    import bitget_margin_adapter as bma
    from bitget_margin_adapter.backtest.signals import venue

    first = time.perf_counter()
    result = bma.backtest.run(bot, frame, funds=MONEY, config=config, progress=False)
    first = time.perf_counter() - first
    inside: list[tuple[float, float]] = []
    play = venue.run_compact

    def watched(*given: Any) -> Any:
        watch = Watch()
        done = play(*given)
        inside.append(watch.read())
        return done

    runs = []
    with patch.object(venue, "run_compact", watched):
        for _ in range(repeats):
            watch = Watch()
            result = bma.backtest.run(bot, frame, funds=MONEY, config=config, progress=False)
            equity = result.final_equity
            runs.append(watch.read())
    bars = len(frame)
    wall, own = sorted(runs, key=lambda run: run[1])[len(runs) // 2]
    row = {
        "bars": bars, "bars_a_second": round(bars / wall), "bars_a_cpu_second": round(bars / own),
        "fills": len(result.fills), "equity": round(equity, 4), "rss_mib": memory(),
    }  # fmt: skip
    if inside:
        wall, own = sorted(inside, key=lambda run: run[1])[len(inside) // 2]
        row |= {"simulation_bars_a_second": round(bars / wall), "simulation_bars_a_cpu_second": round(bars / own)}
        row |= {"loans": int((result.loans["type"] == "autoLoan").sum()), "liquidations": len(result.liquidations)}
        row |= {"interest_paid": round(result.stats["interest_paid"], 4), "first_call_seconds": round(first, 2)}
    return row


def columns(rows: Any) -> dict[str, Any]:
    """A hundred columns: indicators, signals and the kernel."""
    import bitget_margin_adapter as bma

    frame = framed(rows)
    grid = [Column(fast, slow) for fast in range(5, 15) for slow in range(20, 50, 3)]
    bma.backtest.run_columns(grid[:2], frame, funds=MONEY, config=QUOTE)
    runs = []
    for _ in range(3):
        Column.means.clear()
        watch = Watch()
        table = bma.backtest.run_columns(grid, frame, funds=MONEY, config=QUOTE)
        runs.append(watch.read())
    wall, own = sorted(runs)[1]
    work = len(frame) * len(grid)
    alone = bma.backtest.run(Column(14, 47), frame, funds=MONEY, config=QUOTE, progress=False)
    return {
        "columns": len(grid), "bars": len(frame), "threads": os.cpu_count(),
        "bar_columns_a_second": round(work / wall), "bar_columns_a_cpu_second": round(work / own),
        "fills": int(table["fills"].sum()), "rss_mib": memory(),
        "last_column_as_alone": bool(table["final_equity"].iloc[-1] == alone.final_equity),
    }  # fmt: skip


def references(folder: Path, data: Path) -> dict[str, Any]:
    """Trades that differ in time, rate, amount or reason, for each run of freqtrade."""
    import bitget_margin_adapter as bma

    found = {}
    for run in sorted(path for path in folder.iterdir() if (path / "trades.csv.gz").exists()):
        config = json.loads((run / "config.json").read_text())
        pairs = {f"{base}/USDT": data / f"{base}USDT-1h.csv.gz" for base in ("ETH", "BTC")}
        made = bma.backtest.run(run / "strategy.py", pairs, config=config, rules="freqtrade").trades
        theirs = pd.read_csv(run / "trades.csv.gz", keep_default_na=False, parse_dates=["open_date", "close_date"])
        order = ["open_date", "pair"]
        ours, theirs = (part.sort_values(order, kind="stable").reset_index(drop=True) for part in (made, theirs))
        wrong = pd.Series(len(ours) != len(theirs), index=theirs.index)
        for name in ("pair", "open_date", "close_date", "exit_reason", "enter_tag"):
            wrong |= ours[name].reindex(theirs.index) != theirs[name]
        for name in ("open_rate", "close_rate", "amount"):
            wrong |= (ours[name].reindex(theirs.index) - theirs[name]).abs() > 1e-9
        found[run.name] = {"trades": len(theirs), "different": int(wrong.sum())}
    return found


OURS: dict[str, tuple[Any, dict[str, Any]]] = {
    "signals, fees from quote": (Cross, QUOTE),
    "signals, the venue's fees": (Cross, VENUE),
    "signals, long and short, the venue's fees": (BothWays, VENUE),
    "ccxt bot, lean": (Lean, QUOTE),
}


def part(name: str, path: Path) -> None:
    """One measurement in a process of its own, so that its memory is its own as well."""
    rows = np.load(path)
    if name == "columns":
        print(json.dumps(columns(rows)))
    elif name == "start":
        import bitget_margin_adapter as bma

        result = bma.backtest.run(Cross, framed(rows), funds=MONEY, config=QUOTE, progress=False)
        print(json.dumps({"fills": len(result.fills), "equity": round(result.final_equity, 4)}), flush=True)
    else:
        bot, config = OURS[name]
        print(json.dumps(played(bot, framed(rows), config, 1 if bot is Lean else REPEATS)))


def asked(command: list[str], **more: Any) -> list[dict[str, Any]]:
    """What a process said, a line each; what went wrong, if it did."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    if done.returncode:
        last = (done.stderr.strip() or "no word").splitlines()[-1]
        return [{"error": f"{Path(command[1]).name}: {last}"}]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def environment(peer: Peer) -> str | None:
    """The peer's own Python, made and filled at the first time; None when it cannot be installed."""
    place = ROOT / ".peers" / peer.name
    python = place / "bin" / "python"
    ready = place / "ready"
    if ready.exists() and ready.read_text() == peer.requirement:
        return str(python)
    venv.create(place, with_pip=True, clear=True)
    done = subprocess.run([str(python), "-m", "pip", "install", "--quiet", peer.requirement], check=False)
    if done.returncode:
        return None
    ready.write_text(peer.requirement)
    return str(python)


def beside(peer: Peer, rows: Any, folder: Path) -> dict[str, Any]:
    """The peer's figures, and ours on the same candles."""
    import bitget_margin_adapter as bma

    python = environment(peer)
    if python is None:
        return {"error": f"{peer.requirement} could not be installed"}
    path = folder / "some.npy"
    some = rows[: peer.bars]
    np.save(path, some)
    said = asked([python, str(HERE / "peers" / peer.runner), str(path)])
    ours = bma.backtest.run(Cross, framed(some), funds=MONEY, config=QUOTE, progress=False)
    row = {**said[0], "our_fills": len(ours.fills), "our_equity": round(ours.final_equity, 4)}
    return {**row, "grid": said[1]} if len(said) > 1 else row


def started(command: list[str]) -> dict[str, Any]:
    """Seconds from the process to the result, with everything cached, bytecode too; the median of five."""
    cached = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    asked(command, env=cached)
    runs = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=cached) as process:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            wall = time.perf_counter() - wall
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        runs.append((wall, own, said))
    wall, own, said = sorted(runs, key=lambda run: run[0])[2]
    return {"seconds": round(wall, 2), "cpu_seconds": round(own, 2), **said}


def floor(path: Path) -> dict[str, Any]:
    """The least that such a pass costs on this machine, by this Python."""
    command = [sys.executable, str(HERE / "peers" / "run_floor.py"), str(path)]
    said = asked(command)
    return {**said[0], "grid": said[-1], "start": started([*command, "start"])} if len(said) > 1 else said[0]


def table(figures: dict[str, Any]) -> str:
    """Speeds by the processor's time, since the machine may have had other work; ratios to ours, end to end."""
    ours = figures["ours"]["signals, fees from quote"]
    unit = ours["bars_a_cpu_second"]
    lines = [
        "| | bars | bars a CPU second | ours is faster | fills | equity | ours on the same bars |",
        "|---|" + "---:|" * 6,
    ]
    for name, row in figures["ours"].items():
        speed = row["bars_a_cpu_second"]
        lines.append(f"| **{name}** | {row['bars']:,} | {speed:,} | | {row['fills']:,} | {row['equity']:,.4f} | |")
        if "simulation_bars_a_cpu_second" in row:
            lines.append(f"| {name}: simulation only | | {row['simulation_bars_a_cpu_second']:,} | | | | |")
    for name, row in figures["peers"].items():
        if "error" in row:
            lines.append(f"| {name} | left out: {row['error']} | | | | | |")
            continue
        speed = row["bars_a_cpu_second"]
        same = f"{row['our_fills']:,} fills, {row['our_equity']:,.4f}"
        lines.append(
            f"| {name} {row['version']} | {row['bars']:,} | {speed:,} | {unit / speed:,.1f} x | {row['fills']:,} | "
            f"{row['equity']:,.4f} | {same} |"
        )
    grid, start, least = figures["columns"], figures["start"], figures["floor"]
    lines += [
        "",
        f"The floor, one compiled pass that knows no loans' rules: {least['bars_a_cpu_second']:,} bars a CPU second, "
        f"{least['grid']['bar_columns_a_second']:,} bar-columns a second, {least['start']['seconds']} s from start to "
        f"result. Of it we reach {ours['simulation_bars_a_cpu_second'] / least['bars_a_cpu_second']:.0%} by simulation "
        f"alone, {unit / least['bars_a_cpu_second']:.0%} end to end, and "
        f"{grid['bar_columns_a_second'] / least['grid']['bar_columns_a_second']:.0%} with columns.",
        "",
        f"{grid['columns']} columns of {grid['bars']:,} bars on {grid['threads']} threads: "
        f"{grid['bar_columns_a_second']:,} bar-columns a second ({grid['bar_columns_a_cpu_second']:,} a CPU second), "
        f"{grid['rss_mib']} MiB. Process start to result: {start['seconds']} s ({start['cpu_seconds']} s of CPU).",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bars", type=lambda text: int(float(text)), default=1_000_000)
    parser.add_argument("--peers", default=",".join(peer.name for peer in PEERS))
    parser.add_argument("--reference", nargs=2, type=Path)
    parser.add_argument("--part", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        part(options.part[0], Path(options.part[1]))
        return
    rows = candles(options.bars)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "candles.npy"
        np.save(path, rows)
        call = [sys.executable, __file__, "--part"]
        figures: dict[str, Any] = {
            "ours": {title: asked([*call, title, str(path)])[0] for title in OURS},
            "columns": asked([*call, "columns", str(path)])[0],
            "start": started([*call, "start", str(path)]),
            "floor": floor(path),
            "peers": {peer.name: beside(peer, rows, folder) for peer in PEERS if peer.name in options.peers.split(",")},
        }
    if options.reference:
        figures["freqtrade's references"] = references(*options.reference)
    keep("backtest_speed", figures)
    (RESULTS / "backtest_speed.md").write_text(table(figures), encoding="utf-8")
    print(table(figures))


if __name__ == "__main__":
    main()
