"""A Dask cluster as the crew. Candles and strategy go to each worker once, as a plugin: to those that join later, too.

Dask plays a point again when its worker dies, and gives it up after `distributed.scheduler.allowed-failures` deaths.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from uuid import uuid4

from distributed import Client, WorkerPlugin, as_completed, get_worker

from .crews import Numbered
from .grid import Point
from .task import Outcome, Task, play, unpacked

__all__ = ["on_cluster"]

_PATIENCE = 30
"""Seconds to wait for a scheduler, and for its first worker."""


class _Baggage(WorkerPlugin):  # type: ignore[misc]  # distributed ships no annotations for it
    def __init__(self, name: str, payload: bytes) -> None:
        self.name = name
        self._payload = payload
        self._task: Task | None = None

    def task(self) -> Task:
        if self._task is None:
            self._task = unpacked(self._payload)
            self._payload = b""
        return self._task


def _play_there(name: str, point: Point) -> Outcome:
    return play(get_worker().plugins[name].task(), point)


def on_cluster(payload: bytes, points: Sequence[Numbered], scheduler: Any) -> Iterator[tuple[int, Outcome]]:
    """As they finish. `scheduler` is an address such as tcp://127.0.0.1:8786, or a cluster object of Dask.

    Raises RuntimeError when there is no scheduler, or nobody to work.
    """
    try:
        client = Client(scheduler, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as problem:
        raise RuntimeError(
            f"no Dask scheduler answers at {scheduler} ({problem}); start one with `dask scheduler`, and workers with "
            "`dask worker ADDRESS --nthreads 1`"
        ) from problem
    name = f"sweep-{uuid4().hex}"
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            raise RuntimeError(
                f"the Dask scheduler at {scheduler} has no workers; start some with `dask worker ADDRESS --nthreads 1`"
            ) from None
        client.register_plugin(_Baggage(name, payload))
        try:
            futures = {client.submit(_play_there, name, point, pure=False): number for number, point in points}
            for future in as_completed(futures, loop=client.loop):
                number = futures.pop(future)
                try:
                    outcome = future.result()
                except Exception as problem:  # KilledWorker, a lost scheduler: Dask's, since `play` raises nothing
                    outcome = Outcome(None, f"{type(problem).__name__}: {problem}", lasting=False)
                yield number, outcome
        finally:
            # Nobody is there to hear it when the cluster itself is what failed.
            with suppress(OSError, TimeoutError):
                client.unregister_worker_plugin(name)
