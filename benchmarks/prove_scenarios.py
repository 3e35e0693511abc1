"""Random days through paper and the emulator, synchronous and asyncio: the journals must be the same, byte for byte.

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
    started, lines, calls, refused = time.perf_counter(), 0, 0, 0
    different: list[tuple[int, str]] = []
    for seed in range(wanted):
        with tempfile.TemporaryDirectory() as folder:
            found = scenarios.outcomes(seed, Path(folder))
        first = next(iter(found.values()))
        assert first.journal
        lines += len(first.journal)
        calls += len(first.results)
        refused += sum(isinstance(result, str) for result in first.results)
        different += [
            (seed, door)
            for door, each in found.items()
            if each.journal != first.journal or each.results != first.results
        ]
    figures = {
        "scenarios": wanted,
        "doors": list(scenarios.DOORS),
        "calls": calls,
        "refused": refused,
        "journal_lines": lines,
        "different": different,
        "seconds": round(time.perf_counter() - started, 1),
    }
    keep("scenarios", figures)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
