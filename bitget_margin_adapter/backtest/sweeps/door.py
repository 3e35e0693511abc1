"""`sweep`: plays one strategy at every point of a grid."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ...candles import read_columns, sources
from ..errors import StrategyError
from ..progress import Progress
from . import crews
from .grid import Grid
from .kept import Kept
from .table import Sweep
from .task import Outcome, Source, Task, packed

__all__ = ["sweep"]


def sweep(
    bot: Any,
    candles: Any,
    grid: Mapping[str, Sequence[Any]],
    *,
    symbol: str | None = None,
    funds: Mapping[str, Any] = {"USDT": "10000"},
    margin_mode: Literal["cross", "isolated"] = "cross",
    config: Mapping[str, Any] = {},
    rules: Literal["venue", "freqtrade"] = "venue",
    scheduler: Any = None,
    workers: int | None = None,
    folder: str | Path | None = None,
    progress: bool = True,
) -> Sweep:
    """Play a strategy at every point of a grid of its class attributes; the other arguments are `run`'s.

    `grid` maps names to lists of values: class attributes, or settings of the run as `config.NAME`. `bot` is a class,
    or the path of a file with one. All cores of this machine play unless `workers` says how many processes (1: this
    one), or `scheduler` where a Dask cluster is (its address or its cluster object). With a `folder` finished points
    are kept as they come, and a second call plays only the rest.

    A point that fails is a row with its error. Raises ValueError for candles, a strategy or a grid that cannot be
    used, and RuntimeError for workers that cannot be reached.
    """
    axes = Grid(grid)
    options = {"funds": dict(funds), "margin_mode": margin_mode, "config": dict(config), "rules": rules}
    sent, kind = _strategy(bot, config.get("strategy"))
    axes.check(kind)
    timeframe = config.get("timeframe") or getattr(kind, "timeframe", None) or None
    found = {str(name): read_columns(part, str(name)) for name, part in sources(candles, symbol, timeframe).items()}
    task = Task(sent, found, options)
    kept = None if folder is None else Kept(Path(folder), task)
    points = axes.points()
    outcomes: dict[int, Outcome] = {}
    if kept is not None:
        outcomes = {n: known for n, point in enumerate(points) if (known := kept.get(point)) is not None}
    left = [(n, point) for n, point in enumerate(points) if n not in outcomes]
    bar = Progress(len(points), progress, f"sweep of {kind.__name__}", least=1)
    bar.tick(len(outcomes))
    try:
        for number, outcome in _played(task, kind, left, scheduler, workers):
            outcomes[number] = outcome
            if kept is not None:
                kept.add(points[number], outcome)
            bar.tick(1)
    finally:
        bar.done()
    return Sweep(
        kind.__name__,
        axes,
        [outcomes[number] for number in range(len(points))],
        {name: len(part.ms) for name, part in found.items()},
        played=len(left),
    )


def _strategy(bot: Any, name: str | None) -> tuple[type | Source, type]:
    """As it is sent to others, and the class."""
    if isinstance(bot, type):
        return bot, bot
    if isinstance(bot, str | Path):
        source = Source.read(Path(bot), name)
        return source, source.load()
    title = getattr(bot, "__name__", type(bot).__name__)
    raise StrategyError(f"{title}: a grid varies class attributes; give the class itself, or the path of its file")


def _played(
    task: Task, kind: type, points: Sequence[crews.Numbered], scheduler: Any, workers: int | None
) -> Iterator[tuple[int, Outcome]]:
    if workers is not None and workers < 1:
        raise ValueError(f"workers is {workers}: at least one must work")
    if not points:
        return iter(())
    if scheduler is not None:
        try:
            from .cluster import on_cluster
        except ImportError as problem:
            raise RuntimeError(
                f"a Dask cluster needs two more packages ({problem}): pip install 'bitget_margin_adapter[sweep]'"
            ) from problem
        return on_cluster(packed(task), points, scheduler)
    crew = min(workers or crews.cores(), len(points))
    if crew == 1:
        return crews.alone(task._replace(bot=kind), points)
    return crews.processes(packed(task), points, crew)
