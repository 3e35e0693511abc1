"""schemathesis on the emulator's own OpenAPI description: no 5xx, and no answer that the description does not know.

    python benchmarks/prove_openapi.py --schemathesis /path/to/st [--examples 50]

`st` comes from an environment of its own (pip install schemathesis). Every request is signed, so that it reaches the
engine; how many that were, and what was found, goes to benchmarks/results/emulator_openapi.json.
"""

import argparse
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

from record import keep

import bitget_margin_adapter as bma

CHECKS = "not_a_server_error,status_code_conformance,response_schema_conformance,content_type_conformance"
HOOKS = Path(__file__).parent / "foreign"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--schemathesis", required=True)
    parser.add_argument("--examples", type=int, default=50, help="of each operation")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    started = time.monotonic()
    funds = {"USDT": "1000000", "isolated:BTCUSDT": {"USDT": "100000"}}
    with bma.Emulator(clock="virtual", limits=False, funds=funds) as venue:
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
        options = ["--phases", "examples,fuzzing", "--workers", "1", "--seed", str(args.seed), "--no-color"]
        options += ["--max-examples", str(args.examples), "--checks", CHECKS, "--generation-database", "none"]
        command = [args.schemathesis, "run", f"{venue.url}/openapi.json", *options]
        # It leaves a folder of its own wherever it runs.
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True)
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (generated|passed|failed|errored)", done.stdout)}
    tested = re.search(r"Tested: (\d+)", done.stdout)
    figures = {
        "operations": int(tested[1]) if tested else 0,
        "checks": CHECKS.split(","),
        "examples_each": args.examples,
        "seed": args.seed,
        "requests": counts,
        "exit_code": done.returncode,
        "seconds": round(time.monotonic() - started),
    }
    keep("emulator_openapi", figures)
    if done.returncode:
        print(done.stdout[-6000:])
    raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
