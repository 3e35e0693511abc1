"""Client ids: of the documented form, never the same twice, in threads and in processes."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from bitget_margin_adapter.exchange.fresh_ids import fresh_id


def test_32_hex_digits_each_time_others() -> None:
    ids = [fresh_id() for _ in range(1_000)]
    assert len(set(ids)) == 1_000
    assert all(len(id_) == 32 and int(id_, 16) >= 0 for id_ in ids)


def test_threads_never_share_one() -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = [id_ for part in pool.map(lambda _: [fresh_id() for _ in range(500)], range(16)) for id_ in part]
    assert len(set(ids)) == 8_000


# In a process without threads of others, which a fork would not survive in order.
FORKED = """
import os
from bitget_margin_adapter.exchange.fresh_ids import fresh_id

fresh_id()  # so that there is a stock to inherit
child = os.fork()
if child:
    os.waitpid(child, 0)
for _ in range(64):
    os.write(1, f"{fresh_id()} ".encode())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_has_its_own() -> None:
    run = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=True, timeout=120)  # noqa: S603
    assert len(set(run.stdout.split())) == 128
