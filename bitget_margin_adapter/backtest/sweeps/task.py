"""What a worker needs to play any point of a grid, and what it answers. Goes from process to process as bytes."""

import pickle
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..door import run
from ..errors import BacktestError, StrategyError
from ..files import load_class
from .grid import Point, applied

__all__ = ["Outcome", "Source", "Task", "packed", "play", "unpacked"]


class Source(NamedTuple):
    """A strategy's file, which is there again for a worker on another machine."""

    path: str
    name: str | None
    text: str

    @classmethod
    def read(cls, path: Path, name: str | None) -> "Source":
        if not path.exists():
            raise StrategyError(f"{path}: there is no such file")
        return cls(str(path.resolve()), name, path.read_text(encoding="utf-8"))

    def load(self) -> type:
        path = Path(self.path)
        if path.exists() and path.read_text(encoding="utf-8") == self.text:
            return _class_of(path, self.name)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / path.name
            copy.write_text(self.text, encoding="utf-8")
            return _class_of(copy, self.name)


class Task(NamedTuple):
    """`options` are `run`'s own."""

    bot: type | Source
    candles: Mapping[str, Any]
    options: Mapping[str, Any]

    def opened(self) -> "Task":
        """With the class itself."""
        return self._replace(bot=self.bot.load()) if isinstance(self.bot, Source) else self


class Outcome(NamedTuple):
    """Statistics, or what went wrong. Only what the next run would find again is `lasting`, and may be kept."""

    stats: dict[str, Any] | None
    error: str = ""
    lasting: bool = True


def play(task: Task, point: Point) -> Outcome:
    """Whatever fails, the other points are worth playing: an error is an outcome. `task` is an opened one."""
    if isinstance(task.bot, Source):
        raise TypeError("open the task first")
    options = dict(task.options)
    try:
        bot, options["config"] = applied(task.bot, options.get("config", {}), point)
        stats = run(bot, task.candles, progress=False, **options).stats
        # How long it took is the machine's affair, and another time at every try.
        return Outcome({name: value for name, value in stats.items() if not name.startswith("seconds_")})
    except (BacktestError, StrategyError) as problem:
        return Outcome(None, str(problem))
    except (Exception, SystemExit) as problem:
        return Outcome(None, f"{type(problem).__name__}: {problem}", lasting=False)


def packed(task: Task) -> bytes:
    """Raises StrategyError for a class that cannot be sent to another process."""
    if isinstance(task.bot, Source):
        return pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL)
    try:
        import cloudpickle
    except ImportError:
        raise StrategyError(
            f"{task.bot.__name__}: to send a class to other processes, pip install 'bitget_margin_adapter[backtest]'; "
            "or give the path of its file, or workers=1"
        ) from None
    module = sys.modules.get(task.bot.__module__)
    # By value: other processes need not find the module, and a notebook has none.
    by_value = module is not None and module.__name__ not in ("__main__", "builtins")
    if by_value:
        cloudpickle.register_pickle_by_value(module)
    try:
        return bytes(cloudpickle.dumps(task))
    except (TypeError, pickle.PicklingError) as problem:
        raise StrategyError(
            f"{task.bot.__name__}: it cannot be sent to other processes ({problem}); put it into a file of its own "
            "and give the path, or set workers=1"
        ) from problem
    finally:
        if by_value:
            cloudpickle.unregister_pickle_by_value(module)


def unpacked(payload: bytes) -> Task:
    from ..signals.shim import install

    # Before the class is made: its module may name freqtrade.
    install()
    task: Task = pickle.loads(payload)  # noqa: S301  # made by `packed` in the process that leads
    return task.opened()


def _class_of(path: Path, name: str | None) -> type:
    found = load_class(path, name)
    if not isinstance(found, type):
        raise StrategyError(f"{path}: {found.__name__} is a function; a grid needs a class whose attributes it can set")
    return found
