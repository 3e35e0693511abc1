"""Random days through the synchronous and the asyncio paper account: the journals must be the same, byte for byte.

python benchmarks/prove_scenarios.py --scenarios 1000
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from record import ROOT, keep

sys.path.insert(0, str(ROOT))

from tests.conformance import test_random_scenarios as scenarios  # found by the line above


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", type=int, default=1_000)
    wanted: int = parser.parse_args().scenarios
    started, lines, different = time.perf_counter(), 0, []
    for seed in range(wanted):
        with tempfile.TemporaryDirectory() as folder:
            first, second = Path(folder) / "sync.sqlite", Path(folder) / "async.sqlite"
            same = scenarios.run_sync(seed, first) == scenarios.run_async(seed, second)
            journal = scenarios.journal(first)
            lines += len(journal)
            if not same or journal != scenarios.journal(second):
                different.append(seed)
    seconds = round(time.perf_counter() - started, 1)
    keep("scenarios", {"scenarios": wanted, "journal_lines": lines, "different": different, "seconds": seconds})
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
