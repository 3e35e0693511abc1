"""What of a process shows the time, or waits for it to pass, in the time of a replay.

Covered: `time` (but its CPU clocks), `datetime`, `asyncio` with its timeouts, `sched`, `threading.Event.wait`,
`logging`, `pandas.Timestamp.now`, ccxt's own clock and sleeps. Refused: `input`, and waits in other threads than the
script's (`threading.Timer` among them). Not covered: `numpy.datetime64("now")`, `pandas.Timestamp("now")`, timeouts of
queues and locks, loops of other makers; and a loop that looks at the clock without ever sleeping never ends.
"""

import asyncio
import builtins
import contextlib
import datetime as datetime_module
import sched
import threading
import time as time_module
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from .errors import StrategyError
from .loops import loop_policy
from .virtual import VirtualClock

__all__ = ["virtual_time"]

_POLL = 0.05
"""Seconds between two looks of a thread that waits for another one, whatever the time."""

Change = tuple[Any, str, Any]


@contextlib.contextmanager
def virtual_time(clock: VirtualClock) -> Iterator[None]:
    """Within it the process lives in the stage's time."""
    changes = [*_times(clock), *_dates(clock), *_waits(clock), (builtins, "input", _no_input)]
    before = [(place, name, _kept(place, name)) for place, name, _ in changes]
    with warnings.catch_warnings():
        # Policies are on their way out of Python, but nothing else reaches `get_event_loop`.
        warnings.simplefilter("ignore", DeprecationWarning)
        policy = asyncio.get_event_loop_policy()
        asyncio.set_event_loop_policy(loop_policy(clock))
    for place, name, value in changes:
        setattr(place, name, value)
    try:
        yield
    finally:
        clock.is_left = True
        for place, name, value in before:
            setattr(place, name, value)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            asyncio.set_event_loop_policy(policy)


def _kept(place: Any, name: str) -> Any:
    """What stands there; of a class not what asking for it makes of it."""
    return vars(place)[name] if isinstance(place, type) else getattr(place, name)


def _no_input(prompt: object = "") -> str:
    raise StrategyError("input(): nobody answers in a backtest; read it from sys.argv (config['arguments'])")


def _times(clock: VirtualClock) -> list[Change]:
    def instead(name: str, virtual: Callable[..., Any]) -> Change:
        real = getattr(time_module, name)

        def function(*args: Any) -> Any:
            return real(*args) if clock.is_none_of(threading.get_ident()) else virtual(*args)

        function.__name__ = function.__qualname__ = name
        return time_module, name, function

    plain = {name: getattr(time_module, name) for name in ("localtime", "gmtime", "strftime", "ctime", "asctime")}

    def at(name: str) -> Callable[..., Any]:
        return lambda secs=None: plain[name](clock.seconds() if secs is None else secs)

    return [
        *(instead(name, clock.seconds) for name in ("time", "monotonic", "perf_counter")),
        *(instead(f"{name}_ns", clock.nanoseconds) for name in ("time", "monotonic", "perf_counter")),
        *(instead(name, at(name)) for name in ("localtime", "gmtime", "ctime")),
        instead(
            "strftime",
            lambda text, t=None: plain["strftime"](text, plain["localtime"](clock.seconds()) if t is None else t),
        ),
        instead("asctime", lambda t=None: plain["asctime"](plain["localtime"](clock.seconds()) if t is None else t)),
        instead("sleep", clock.sleep),
    ]


def _dates(clock: VirtualClock) -> list[Change]:
    real = datetime_module.datetime

    def seconds() -> float:
        return time_module.time() if clock.is_left else clock.seconds()

    class Kind(type(real)):  # type: ignore[misc]  # the metaclass of a C class
        def __instancecheck__(cls, other: Any) -> bool:
            return isinstance(other, real)

        def __subclasscheck__(cls, other: Any) -> bool:
            return issubclass(other, real)

    class VirtualDatetime(real, metaclass=Kind):  # type: ignore[misc,valid-type]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return real.fromtimestamp(seconds(), tz)

        @classmethod
        def utcnow(cls) -> Any:
            return real.fromtimestamp(seconds(), datetime_module.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return real.fromtimestamp(seconds())

    VirtualDatetime.__name__ = VirtualDatetime.__qualname__ = real.__name__
    VirtualDatetime.__module__ = real.__module__
    import pandas as pd

    def now(tz: Any = None) -> Any:
        return pd.Timestamp(clock.nanoseconds(), unit="ns", tz="UTC").tz_convert(tz) if tz else local()

    def local() -> Any:
        return pd.Timestamp(real.fromtimestamp(clock.seconds()))

    return [
        (datetime_module, "datetime", VirtualDatetime),
        (pd.Timestamp, "now", staticmethod(now)), (pd.Timestamp, "today", staticmethod(now)),
        (pd.Timestamp, "utcnow", staticmethod(lambda: now("UTC"))),
    ]  # fmt: skip


def _waits(clock: VirtualClock) -> list[Change]:
    wait = threading.Event.wait

    def waited(self: threading.Event, timeout: float | None = None) -> bool:
        if clock.is_none_of(threading.get_ident()):
            return wait(self, timeout)
        if timeout is None:
            while not wait(self, _POLL):
                clock.check()
            return True
        if not self.is_set() and timeout > 0:
            clock.sleep(timeout)
        return self.is_set()

    return [
        (threading.Event, "wait", waited),
        # The scheduler's default clock and sleep were bound when it was imported.
        (sched.scheduler.__init__, "__defaults__", (clock.seconds, clock.sleep)),
    ]
