"""Random days on paper, through the emulator's v1 and v2, synchronous and asyncio: the same structures but for `info`.

python benchmarks/prove_dialects.py --scenarios 50
"""

import argparse
import sys
import time

from record import ROOT, keep

sys.path.insert(0, str(ROOT))

from tests.conformance import test_v2_emulator as doors  # found by the line above


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", type=int, default=50)
    wanted: int = parser.parse_args().scenarios
    started, calls, different = time.perf_counter(), 0, []
    for seed in range(wanted):
        calls += len(doors.days(seed)) * len(doors.DOORS)
        different += [(seed, door, call[0]) for door, call, _, _ in doors.differences(seed)]
    keep(
        "dialects",
        {
            "seconds": round(time.perf_counter() - started, 1),
            "scenarios": wanted,
            "doors": list(doors.DOORS),
            "calls": calls,
            "different": different,
        },
    )
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
