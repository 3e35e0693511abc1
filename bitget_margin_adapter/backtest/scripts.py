"""Unmodified live scripts under virtual time: what sleeps moves the clock, what asks Bitget asks the replay.

While the script runs, `time`, `datetime`, new event loops and ccxt's Bitget classes are ours; afterwards they are as
before. It ends when a sleep leads past the last candle, in the script's own frame, so that its `finally` blocks run.
"""

import contextlib
import runpy
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..exchange.sync import bitgetmargin
from .bots import open_exchange
from .counter import Counter
from .exchange import ReplayExchange, Staged, WaitingReplayExchange
from .failure import failure, last_closed
from .feeds import Feed, profile_of
from .played import played_result
from .pretence import virtual_time
from .result import Result
from .stage import Stage
from .virtual import EndOfData, VirtualClock

__all__ = ["run_script"]


def run_script(
    path: Path, feeds: Sequence[Feed], funds: Mapping[str, Any], margin_mode: str, config: Mapping[str, Any]
) -> Result:  # fmt: skip
    stage = Stage(feeds, profile_of(feeds, config), funds, config)
    clock = VirtualClock(stage, feeds)
    problem: BaseException | None = None
    tracer = sys.gettrace()
    arguments, sys.argv = sys.argv, [str(path), *config.get("arguments", ())]
    sys.path.insert(0, str(path.resolve().parent))
    try:
        with _our_classes(stage, margin_mode, config.get("options", {})), virtual_time(clock):
            runpy.run_path(str(path), run_name="__main__")
    except EndOfData:
        pass
    except SystemExit as left:
        if left.code not in (None, 0):
            problem = left
    except Exception as raised:
        problem = raised
    finally:
        sys.settrace(tracer)
        sys.argv = arguments
        sys.path.remove(str(path.resolve().parent))
    problem = problem or clock.refused
    if problem is not None:
        error = failure(path.name, problem, stage.moment, *last_closed(feeds, stage.moment))
        error.result = played_result(path.stem, stage, feeds, until=stage.moment)
        raise error from problem
    if stage.moment < clock.end:
        # The script left early; what it holds is valued to the end.
        clock.move_to(clock.end)
    else:
        clock.settle()
    return played_result(path.stem, stage, feeds)


@contextlib.contextmanager
def _our_classes(stage: Stage, margin_mode: str, options: Mapping[str, Any]) -> Iterator[None]:
    """`ccxt.bitget(...)`, `bitgetmargin(...)` in all flavours make objects that trade on the stage."""
    import ccxt
    import ccxt.async_support
    import ccxt.pro

    from ..exchange import aio, sync

    def bound(kind: type[Any]) -> type[Any]:
        class Scripted(kind):  # type: ignore[misc]  # one for each of ccxt's flavours
            def __init__(self, config: Mapping[str, Any] | None = None) -> None:
                given = dict(config or {})
                mine = {**options, **given.get("options", {})}
                mine.pop("paper", None)
                mode = mine.get("marginMode") or margin_mode
                super().__init__({**given, "options": {**mine, "marginMode": mode}, "enableRateLimit": False})
                other = open_exchange(stage, mode)
                self.options["paper"], self._paper = other.options["paper"], other._paper
                self._counter = Counter(self, stage)

        Scripted.__name__ = Scripted.__qualname__ = kind.__name__
        return Scripted

    from ..exchange import pro

    class Streaming(Staged, pro.bitgetmargin):
        pass

    Streaming.__name__ = Streaming.__qualname__ = pro.bitgetmargin.__name__
    # The package itself, by name: a part of it may not import it.
    package = sys.modules[__name__.partition(".")[0]]
    plain, waiting, streaming = bound(ReplayExchange), bound(WaitingReplayExchange), bound(Streaming)
    for kind in (plain, waiting):
        kind.__name__ = kind.__qualname__ = bitgetmargin.__name__
    places: list[tuple[Any, str, Any]] = [
        (ccxt, "bitget", plain), (ccxt, "bitgetmargin", plain), (sync, "bitgetmargin", plain),
        (package, "bitgetmargin", plain), (ccxt.async_support, "bitget", waiting),
        (ccxt.async_support, "bitgetmargin", waiting), (aio, "bitgetmargin", waiting),
        (ccxt.pro, "bitget", streaming), (ccxt.pro, "bitgetmargin", streaming), (pro, "bitgetmargin", streaming),
    ]  # fmt: skip
    missing = object()
    before = [(place, name, vars(place).get(name, missing)) for place, name, _ in places]
    for place, name, kind in places:
        setattr(place, name, kind)
    try:
        yield
    finally:
        for place, name, kind in before:
            if kind is missing:
                delattr(place, name)
            else:
                setattr(place, name, kind)
