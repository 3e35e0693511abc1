"""The long run of the engine against the model in Fractions: a Hypothesis machine, until enough operations are done.

After every operation both must agree on every amount, every debt, the risk rate and the open orders; the books must
balance; at the end of each example the journal, done again, must give the same state and the same records.

    python benchmarks/prove_engine.py --operations 1000000
"""

import argparse
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from record import ROOT, keep

EXAMPLES, STEPS = 100, 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=1_000_000)
    parser.add_argument("--result", type=Path)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests.venue.machine import VenueAgainstModel as Machine

    random_examples = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    started, told = time.perf_counter(), 0
    while Machine.operations < options.operations:
        run_state_machine_as_test(Machine, settings=random_examples)
        if Machine.operations - told >= 50_000:
            told = Machine.operations
            print(f"{told} operations, {Machine.liquidations} liquidations", flush=True)
    figures = {
        "operations": Machine.operations,
        "refused_by_both": Machine.refusals,
        "liquidations": Machine.liquidations,
        "disagreements": 0,
        "seconds": round(time.perf_counter() - started, 1),
    }
    keep("engine", figures, options.result)


if __name__ == "__main__":
    main()
