"""Unmodified scripts: whatever shows the time shows the replay's, whatever waits moves it; it ends with the data."""

import asyncio
import datetime
import sys
import threading
import time
from pathlib import Path
from textwrap import indent
from typing import Any

import pandas as pd
import pytest

import bitget_margin_adapter as bma
from bitget_margin_adapter.backtest.errors import BacktestError

from .conftest import walk_candles

START = 1_640_995_200
LENGTH = 30
END = START + LENGTH * 3600


def play(folder: Path, text: str, **config: Any) -> Any:
    path = folder / "live.py"
    path.write_text(text)
    return bma.backtest.run(path, walk_candles(LENGTH), symbol="ETH/USDT", config=config)


CLOCKS = {
    "time": """
import time, calendar
before = time.time()
assert before == {start}, before
time.sleep(61.5)
assert time.time() == before + 61.5
assert time.time_ns() == int((before + 61.5) * 1e9)
assert time.monotonic() == time.perf_counter() == time.time()
assert time.monotonic_ns() == time.perf_counter_ns() == time.time_ns()
assert calendar.timegm(time.gmtime()) == int(time.time())
assert time.mktime(time.localtime()) == int(time.time())
assert time.strftime("%Y", time.gmtime()) == time.strftime("%Y")[:4] == "2022"
assert time.strftime("%Y", time.gmtime(0)) == "1970"
assert "2022" in time.ctime() and "2022" in time.asctime() and "1970" in time.ctime(100000)
""",
    "datetime": """
import datetime as dt, time
from datetime import date, datetime, timezone
time.sleep(3600)
utc = dt.timezone.utc
assert datetime.now(utc).timestamp() == datetime.now().timestamp() == time.time() == {start} + 3600
assert datetime.utcnow() == datetime(2022, 1, 1, 1)
assert datetime.now(dt.timezone(dt.timedelta(hours=2))).hour == 3
assert datetime.today() == datetime.now()
assert date.today() == datetime.now().date()
assert isinstance(datetime.now(), datetime) and isinstance(dt.datetime(2020, 1, 1), datetime)
assert datetime.fromisoformat("2022-01-01T01:00:00+00:00") == datetime.now(utc)
""",
    "pandas": """
import pandas as pd, time
time.sleep(90)
assert pd.Timestamp.now("UTC") == pd.Timestamp.now(tz="UTC") == pd.Timestamp.utcnow()
assert pd.Timestamp.now("UTC").timestamp() == time.time()
assert pd.Timestamp.now().tz is None and pd.Timestamp.today() == pd.Timestamp.now()
""",
    "exchange": """
import time, ccxt
exchange = ccxt.bitget({{"enableRateLimit": True}})
exchange.set_sandbox_mode(False)
exchange.load_markets()
for pause in (0.25, 59.75, 3600):
    time.sleep(pause)
    assert exchange.milliseconds() == exchange.fetch_time() == int(time.time() * 1000)
    assert exchange.seconds() == int(time.time())
    assert exchange.fetch_ticker("ETH/USDT")["timestamp"] == exchange.milliseconds()
exchange.sleep(500)
assert exchange.milliseconds() == {start}000 + 3_660_500
""",
    "sched": """
import sched, time
done = []
plan = sched.scheduler()
plan.enter(120, 1, lambda: done.append(time.time()))
plan.enter(60, 1, lambda: done.append(time.time()))
plan.run()
assert done == [{start} + 60, {start} + 120], done
""",
    "event": """
import threading, time
stop = threading.Event()
assert stop.wait(60) is False and time.time() == {start} + 60
stop.set()
assert stop.wait(60) is True and time.time() == {start} + 60
""",
    "logging": """
import io, logging, time
text = io.StringIO()
handler = logging.StreamHandler(text)
handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
handler.formatter.converter = time.gmtime
logger = logging.getLogger("of a script")
logger.addHandler(handler)
time.sleep(7200)
logger.warning("hello")
assert text.getvalue().startswith("2022-01-01 02:00:00,000 hello"), text.getvalue()
logger.removeHandler(handler)
""",
    "asyncio": """
import asyncio, time
import ccxt.async_support as ccxt

async def later(seconds):
    await asyncio.sleep(seconds)
    return time.time()

async def main():
    loop = asyncio.get_running_loop()
    assert loop.time() == time.time() == {start}
    assert await asyncio.gather(later(60), later(30)) == [{start} + 60, {start} + 30]
    try:
        await asyncio.wait_for(later(3600), 5)
    except asyncio.TimeoutError:
        assert time.time() == {start} + 65
    else:
        raise AssertionError
    async with ccxt.bitget() as exchange:
        assert exchange.milliseconds() == await exchange.fetch_time() == {start}000 + 65_000
        assert (await exchange.fetch_balance())["free"]["USDT"] == 10000
        await exchange.sleep(1000)
        assert exchange.milliseconds() == {start}000 + 66_000
    # What is at work in a thread takes no time.
    before = loop.time()
    assert await asyncio.wait_for(asyncio.to_thread(sum, [1, 2]), 5) == 3
    assert loop.time() == before

asyncio.run(main())
""",
    "an event loop by hand": """
import asyncio, time
loop = asyncio.new_event_loop()
loop.run_until_complete(asyncio.sleep(100))
loop.close()
assert time.time() == {start} + 100
""",
}


@pytest.mark.parametrize("name", CLOCKS)
def test_one_time(tmp_path: Path, name: str) -> None:
    play(tmp_path, CLOCKS[name].format(start=START))


def test_afterwards_all_is_as_before(tmp_path: Path) -> None:
    def now() -> list[Any]:
        import sched

        return [
            time.time, time.sleep, time.monotonic, time.strftime, datetime.datetime, threading.Event.wait,
            vars(pd.Timestamp)["now"], sched.scheduler.__init__.__defaults__, asyncio.get_event_loop_policy(),
            sys.argv, sys.gettrace(), input,
        ]  # fmt: skip

    before = now()
    kept: dict[str, Any] = {}
    helper = tmp_path / "helper_of_a_live_script.py"
    helper.write_text("from time import time, sleep\nfrom datetime import datetime\n")
    play(tmp_path, "import helper_of_a_live_script as helper\nassert helper.time() < 1_700_000_000\n")
    assert now() == before
    # Who kept a function of the run has the machine's time again.
    kept = vars(sys.modules.pop(helper.stem))
    assert abs(kept["time"]() - time.time()) < 60
    assert abs(kept["datetime"].now().timestamp() - time.time()) < 60
    kept["sleep"](0)


ENDLESS = {
    "plain": "while True:\n    turn()\n    time.sleep(60)\n",
    "cares for exceptions": (
        "while True:\n    try:\n        turn()\n        time.sleep(60)\n    except Exception:\n        pass\n"
    ),
    "catches everything": "while True:\n    try:\n        turn()\n        time.sleep(60)\n    except:\n        pass\n",
    "waits outside": "import threading\nstop = threading.Event()\nwhile not stop.wait(60):\n    turn()\n",
    "never waits long": "while True:\n    turn()\n    time.sleep(0) or time.sleep(59.999)\n",
    "asyncio": (
        "import asyncio\nasync def main():\n    while True:\n        turn()\n        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    ),
    "asyncio that catches everything": (
        "import asyncio\nasync def main():\n    while True:\n        try:\n            turn()\n"
        "            await asyncio.sleep(60)\n        except Exception:\n            pass\nasyncio.run(main())\n"
    ),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_it_ends_with_the_data(tmp_path: Path, name: str) -> None:
    out = tmp_path / "turns.txt"
    text = (
        f"import time\nturns = []\ndef turn():\n    turns.append(time.time())\ntry:\n{indent(ENDLESS[name], '    ')}"
        f"finally:\n    import pathlib\n    pathlib.Path({str(out)!r}).write_text(' '.join(map(str, turns)))\n"
    )
    result = play(tmp_path, text)
    turns = [float(line) for line in out.read_text().split()]
    assert len(result.equity) == LENGTH
    # Not a turn after the last candle has closed, but for what a loop that catches everything does before it sleeps.
    assert max(turns) <= END
    assert END - 60 <= turns[-1]
    assert len(turns) == pytest.approx(LENGTH * 60, abs=6)


def test_finally_blocks_run(tmp_path: Path) -> None:
    out = tmp_path / "left.txt"
    play(
        tmp_path,
        f"import pathlib, time\ntry:\n    time.sleep(10**9)\nfinally:\n"
        f"    pathlib.Path({str(out)!r}).write_text(str(time.time()))\n",
    )
    assert float(out.read_text()) == END


def test_finally_blocks_may_wait(tmp_path: Path) -> None:
    """As `close()` of ccxt's waiting classes does."""
    out = tmp_path / "left.txt"
    play(
        tmp_path,
        f"""
import asyncio, pathlib, time
import ccxt.async_support

async def main():
    exchange = ccxt.async_support.bitget()
    try:
        while True:
            await exchange.fetch_balance()
            await asyncio.sleep(60)
    finally:
        await asyncio.sleep(2)
        await exchange.close()
        pathlib.Path({str(out)!r}).write_text(str(time.time()))

asyncio.run(main())
""",
    )
    assert float(out.read_text()) == END


REFUSED = {
    "input": ("input('continue? ')", "input"),
    "a thread that sleeps": (
        "import threading, time\nt = threading.Thread(target=lambda: time.sleep(5), name='w')\nt.start()\nt.join()\n",
        "thread w",
    ),
    "a timer": (
        "import threading\nt = threading.Timer(60, print)\nt.name = 'later'\nt.start()\nt.join()\n",
        "thread later",
    ),
    "waiting for a thread that sleeps": (
        "import threading, time\nn = threading.Event()\nt = threading.Thread(target=lambda: time.sleep(5), name='w')\n"
        "t.start()\nn.wait()\n",
        "thread w",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_cannot_be_had_is_refused(tmp_path: Path, name: str) -> None:
    text, words = REFUSED[name]
    with pytest.raises(BacktestError, match=words) as caught:
        play(tmp_path, text)
    assert caught.value.result is not None


def test_an_interrupt_of_the_user_is_not_swallowed(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        play(tmp_path, "raise KeyboardInterrupt")
    assert time.time() > END


def test_a_script_that_leaves_early_is_valued_to_the_end(tmp_path: Path) -> None:
    text = (
        "import sys, time, ccxt\nccxt.bitget().create_order('ETH/USDT', 'market', 'buy', 1)\ntime.sleep(60)\nsys.exit()"
    )
    result = play(tmp_path, text, fees="quote")
    candles = walk_candles(LENGTH)
    change = float(candles["close"].iloc[-1] - candles["open"].iloc[0] * 1.001)
    assert result.final_equity == pytest.approx(10000 + change)
