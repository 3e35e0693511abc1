"""Who plays the points of a grid: this process, one process a core, or a Dask cluster. All give the same outcomes.

On one machine it is the standard library's pool: no package to install, and workers that are there within a second
where a local Dask cluster takes several. What the pool does not do is survive the death of a process; that is here.
"""

import os
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import current_process, get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from .grid import Point
from .task import Outcome, Task, play, unpacked

__all__ = ["Numbered", "alone", "cores", "processes"]

Numbered = tuple[int, Point]

_DIED = (
    "the process that played it died, alone, without an answer: it may have run out of memory, or called something "
    "that ends the process; play this combination with bma.backtest.run"
)
_GUARD = (
    "the worker processes do not start. In a script, what calls sweep must stand under `if __name__ == '__main__':`, "
    "since each of them imports the script; or set workers=1"
)


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def alone(task: Task, points: Sequence[Numbered]) -> Iterator[tuple[int, Outcome]]:
    """`task` is an opened one."""
    for number, point in points:
        yield number, play(task, point)


def processes(payload: bytes, points: Sequence[Numbered], workers: int) -> Iterator[tuple[int, Outcome]]:
    """As they finish. Points that were being played when a process died are played again, each by itself.

    Raises RuntimeError when no process starts at all.
    """
    if getattr(current_process(), "_inheriting", False):
        # A worker that is still importing the script: a pool made here would wait for ever.
        raise RuntimeError(_GUARD)
    waiting, suspects = deque(points), deque[Numbered]()
    with TemporaryDirectory() as folder:
        # Through a file: a process that dies while it starts leaves whoever writes to its pipe waiting for ever.
        place = Path(folder) / "task"
        place.write_bytes(payload)
        while waiting:
            suspects += yield from _pool(place, waiting, min(workers, len(waiting)))
        for suspect in suspects:
            lost = yield from _pool(place, deque([suspect]), 1)
            if lost:
                yield suspect[0], Outcome(None, _DIED, lasting=False)


def _pool(place: Path, waiting: deque[Numbered], workers: int) -> Generator[tuple[int, Outcome], None, list[Numbered]]:
    """Takes points until all are played or a process has died; those under way then are what it returns."""
    lost: list[Numbered] = []
    flying: dict[Future[Outcome], Numbered] = {}
    # Not fork: numba's and the user's threads do not survive it.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _settle, (place,))
    try:
        try:
            pool.submit(_ready).result()
        except BrokenProcessPool:
            raise RuntimeError(_GUARD) from None
        while (waiting and not lost) or flying:
            while waiting and not lost and len(flying) < workers:
                try:
                    flying[pool.submit(_play, waiting[0][1])] = waiting[0]
                except BrokenProcessPool:
                    break
                waiting.popleft()
            for future in wait(flying, return_when=FIRST_COMPLETED).done:
                point = flying.pop(future)
                try:
                    outcome = future.result()
                except BrokenProcessPool:
                    lost.append(point)
                else:
                    yield point[0], outcome
    finally:
        pool.shutdown(wait=not flying, cancel_futures=True)
    return lost


# In a worker process: the candles are read once, when they are first needed.
_place: Path | None = None
_opened: Task | None = None


def _settle(place: Path) -> None:
    global _place
    _place = place


def _ready() -> None:
    """Fails here, once, if the strategy cannot be made in another process."""
    _task()


def _play(point: Point) -> Outcome:
    return play(_task(), point)


def _task() -> Task:
    global _opened
    if _opened is None:
        if _place is None:
            raise RuntimeError("a worker is settled when it starts")
        _opened = unpacked(_place.read_bytes())
    return _opened
