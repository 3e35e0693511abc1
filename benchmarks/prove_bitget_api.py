"""The npm package bitget-api, unchanged, against the emulator: every named margin method of API v2 and its streams.

npm install bitget-api@3 somewhere, name that folder in BITGET_API_MODULES, then: python benchmarks/prove_bitget_api.py
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from record import ROOT, keep

sys.path.insert(0, str(ROOT))

import bitget_margin_adapter as bma  # found by the line above

SCRIPT = ROOT / "benchmarks" / "foreign" / "bitget_api_v2.mjs"

# Methods of bitget-api 3.2.3 whose path is a text in plain quotes: they send the letters "${marginType}" to any venue.
BROKEN = {
    "getMarginMaxBorrowable", "getMarginMaxTransferable", "getMarginInterestRateAndMaxBorrowable", "marginFlashRepay",
    "getMarginFlashRepayResult", "marginBatchCancelOrders",
}  # fmt: skip


def main() -> int:
    modules = Path(os.environ["BITGET_API_MODULES"]).resolve()
    funds: Any = {"spot": {"USDT": "10000"}, "USDT": "10000"}
    with bma.Emulator(funds=funds, limits=False) as venue:
        venue.control("market", {"symbol": "BTC/USDT", "price": "30000"})
        keys = venue.credentials
        done = subprocess.run(
            ["node", str(SCRIPT)],
            env={
                **os.environ, "MODULES": str(modules), "VENUE_URL": venue.url, "VENUE_KEY": keys["apiKey"],
                "VENUE_SECRET": keys["secret"], "VENUE_PASS": keys["password"],
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )  # fmt: skip
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)
        return done.returncode
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    calls = [row for row in rows if "name" in row]
    failed = [row for row in calls if not row["ok"]]
    unexpected = [row for row in failed if row["name"].split()[0] not in BROKEN]
    keep(
        "foreign_bitget_api",
        {
            "package": f"bitget-api {next(row['version'] for row in rows if 'version' in row)} (npm)",
            "calls": len(calls),
            "succeeded": len(calls) - len(failed),
            "broken_in_the_package": sorted({row["name"] for row in failed} - {row["name"] for row in unexpected}),
            "unexpected": unexpected,
            "pushes": next((row["heard"] for row in rows if "heard" in row), {}),
        },
    )
    return 1 if unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
