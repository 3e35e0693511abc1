"""schemathesis on the emulator's own OpenAPI description: no 5xx, and no answer that the description does not know.

    python benchmarks/prove_openapi.py --schemathesis /path/to/st [--requests 100000]

`st` comes from an environment of its own (pip install schemathesis). Every request is signed, so that it reaches the
engine. It goes in rounds, each on a fresh venue with a seed of its own, until there are enough requests or one failed;
the figures in benchmarks/results/emulator_openapi.json are written anew after each round.
"""

import argparse
import os
import re
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path

from record import keep

import bitget_margin_adapter as bma

CHECKS = "not_a_server_error,status_code_conformance,response_schema_conformance,content_type_conformance"
HOOKS = Path(__file__).parent / "foreign"
FUNDS = {"USDT": "1000000", "isolated:BTCUSDT": {"USDT": "100000"}}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--schemathesis", required=True)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--examples", type=int, default=100, help="of each operation in each round")
    args = parser.parse_args()
    started, rounds, operations = time.monotonic(), 0, 0
    counts: Counter[str] = Counter()
    while counts["generated"] < args.requests:
        rounds += 1
        done = play(args.schemathesis, args.examples, seed=rounds)
        counts.update(
            {word: int(number) for number, word in re.findall(r"(\d+) (generated|passed|failed|errored)", done.stdout)}
        )
        tested = re.search(r"Tested: (\d+)", done.stdout)
        operations = int(tested[1]) if tested else 0
        figures = {
            "operations": operations,
            "checks": CHECKS.split(","),
            "examples_each": args.examples,
            "rounds_and_seeds": rounds,
            "requests": dict(counts),
            "exit_code": done.returncode,
            "seconds": round(time.monotonic() - started),
        }
        keep("emulator_openapi", figures)
        if done.returncode:
            print(done.stdout[-6000:])
            return done.returncode
    return 0


def play(schemathesis: str, examples: int, seed: int) -> subprocess.CompletedProcess[str]:
    """One round on a venue of its own."""
    with bma.Emulator(clock="virtual", limits=False, funds=FUNDS) as venue:
        for symbol, price in (("BTCUSDT", "30000"), ("ETHUSDT", "2000")):
            venue.control("market", {"symbol": symbol, "price": price})
        who = venue.credentials
        env = {
            **os.environ,
            "PYTHONPATH": str(HOOKS),
            "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
            "SANDBOX_KEY": who["apiKey"],
            "SANDBOX_SECRET": who["secret"],
            "SANDBOX_PASSPHRASE": who["password"],
        }
        options = ["--phases", "examples,fuzzing", "--workers", "1", "--seed", str(seed), "--no-color"]
        options += ["--max-examples", str(examples), "--checks", CHECKS, "--generation-database", "none"]
        command = [schemathesis, "run", f"{venue.url}/openapi.json", *options]
        # It leaves a folder of its own wherever it runs.
        with tempfile.TemporaryDirectory() as folder:
            return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True)


if __name__ == "__main__":
    raise SystemExit(main())
