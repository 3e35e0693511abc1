"""The store: held by one, readable by nobody else, and whole after SIGKILL."""

import importlib.util
import random
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bitget_margin_adapter.engine.store import Store, StoreBusy
from bitget_margin_adapter.venue.recall import recall
from bitget_margin_adapter.venue.service import Venue

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "paper.sqlite"


def test_lines_outlive_the_object(path: Path) -> None:
    with Store(path) as store:
        for line in ("1\ta", "2\tb"):
            store.append(line)
        assert (list(store.lines()), len(store)) == (["1\ta", "2\tb"], 2)
    with Store(path, durable=True) as store:
        store.append("3\tc")
        assert list(store.lines()) == ["1\ta", "2\tb", "3\tc"]


def test_only_the_owner_may_read_it(path: Path) -> None:
    path.touch(0o644)
    with Store(path):
        for file in path.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_one_at_a_time(path: Path) -> None:
    with Store(path) as store:
        with pytest.raises(StoreBusy, match="held"):
            Store(path)
        code = (
            "import sys; from bitget_margin_adapter.engine.store import *\n"
            "try: Store(sys.argv[1])\nexcept StoreBusy: print('busy')"
        )
        said = subprocess.check_output([sys.executable, "-c", code, str(path)], text=True, cwd=ROOT)  # noqa: S603
        assert said.strip() == "busy"
        store.append("still mine")
    Store(path).close()


def test_other_files_are_left_alone(path: Path) -> None:
    path.write_text("not a database, but somebody's notes" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        Store(path)
    assert path.read_text().startswith("not a database")
    newer = path.with_name("newer.sqlite")
    with sqlite3.connect(newer) as db:
        db.execute("pragma user_version = 7")
    db.close()
    with pytest.raises(ValueError, match="format 7"):
        Store(newer)


def test_a_venue_goes_on_where_its_store_ended(path: Path) -> None:
    with Store(path) as store:
        venue = Venue(journal=store)
        venue.open_account("a", {"USDT": "1000"}, 0)
        venue.set_price("BTCUSDT", "30000", 0)
        venue.handle("a", "cross_borrow", {"coin": "USDT", "borrowAmount": "100"}, 5)
        wanted = venue.state(10**8)
    with Store(path) as store:
        again = recall(store.lines())
        assert again.state(10**8) == wanted
        again.journal = store
        again.handle("a", "cross_repay", {"coin": "USDT", "repayAmount": "50"}, 10**8)
        wanted = again.state(10**8)
    with Store(path) as store:
        assert recall(store.lines()).state(10**8) == wanted


def proof(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    spec = importlib.util.spec_from_file_location("prove_store", ROOT / "benchmarks" / "prove_store.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_killed_writers_lose_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A short form of `benchmarks/prove_store.py`."""
    prove, rng = proof(monkeypatch), random.Random(5)
    assert sum(prove.kill_once(path, kill, rng) for kill in range(3)) > 3
