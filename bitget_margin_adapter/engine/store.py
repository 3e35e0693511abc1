"""The journal in a file: append-only SQLite that survives kill -9, held by one process at a time.

A line is in the database file or its write-ahead log, and so with the operating system, before `append` returns;
`durable` also waits for the disk, against loss of power.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final

__all__ = ["Store", "StoreBusy", "StoreFailed"]

_FORMAT: Final = 1


class StoreBusy(Exception):
    """Another process, or another object of this one, holds the store."""


class StoreFailed(Exception):
    """The store could not be written, and takes nothing more: what it misses would make nonsense of what follows."""


class Store:
    """A journal (`engine.journal.Journal`) with a place on disk. Close it, or use it in a `with` statement.

    Not for two threads at once; the host that owns the venue holds a lock.
    """

    def __init__(self, path: str | os.PathLike[str], durable: bool = False) -> None:
        self.path = Path(path)
        self.failure: StoreFailed | None = None
        """Why nothing more is written here. The file is whole up to there; opened anew it goes on from there."""
        # Created here, because SQLite would make it readable for everybody. A file that exists is never opened and
        # closed: that would drop the lock of a store that this process already has on it.
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        self.path.chmod(0o600)
        self._db = sqlite3.connect(self.path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            self._hold(durable)
        except sqlite3.OperationalError as error:
            self._db.close()
            if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise StoreBusy(f"{self.path} is held by another process") from None
            raise
        except BaseException:
            self._db.close()
            raise

    def _hold(self, durable: bool) -> None:
        run = self._db.execute
        # With an exclusive lock the index of the write-ahead log lives in memory: no other process can join.
        run("pragma locking_mode = exclusive")
        run("pragma journal_mode = wal")
        run(f"pragma synchronous = {'full' if durable else 'normal'}")
        run("begin immediate")
        version = run("pragma user_version").fetchone()[0]
        if version == 0:
            run("create table if not exists journal (place integer primary key, line text not null)")
            run(f"pragma user_version = {_FORMAT}")
        elif version != _FORMAT:
            run("rollback")
            raise ValueError(f"{self.path} has format {version}, this version reads {_FORMAT}")
        run("commit")

    def append(self, line: str) -> None:
        """Raises StoreFailed, now and from then on, when the line cannot be kept."""
        if self.failure is not None:
            raise self.failure
        try:
            self._db.execute("insert into journal (line) values (?)", (line,))
        except sqlite3.Error as problem:
            self.failure = StoreFailed(f"{self.path} cannot be written ({problem})")
            raise self.failure from problem

    def lines(self) -> Iterator[str]:
        """Every line, oldest first."""
        for (line,) in self._db.execute("select line from journal order by place"):
            yield line

    def __len__(self) -> int:
        count: int = self._db.execute("select count(*) from journal").fetchone()[0]
        return count

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
