"""The npm package bitget-api, unchanged, against the emulator: every named margin method of API v2 and its streams.

npm install bitget-api@3 somewhere, name that folder in BITGET_API_MODULES, then: python benchmarks/prove_bitget_api.py
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from record import ROOT, keep

sys.path.insert(0, str(ROOT))

import bitget_margin_adapter as bma  # found by the line above

SCRIPT = ROOT / "benchmarks" / "foreign" / "bitget_api_v2.mjs"

# Of the package's source: a method of the client, and the quote in which its path of the margin API stands.
METHOD = re.compile(r"^    (\w+)\([^)]*\) \{\n(?:[^}]*\n)*?[^}\n]*(['`])(/api/v2/margin/.*?)\2", re.MULTILINE)


def methods(modules: Path) -> tuple[set[str], set[str]]:
    """The package's named margin methods, and those that can work nowhere.

    A path with "${marginType}" in plain quotes is no template: JavaScript sends these very letters to any venue.
    """
    source = (modules / "node_modules" / "bitget-api" / "dist" / "cjs" / "rest-client-v2.js").read_text("utf-8")
    found = METHOD.findall(source)
    return {name for name, _, _ in found}, {name for name, quote, path in found if quote == "'" and "${" in path}


def main() -> int:
    modules = Path(os.environ["BITGET_API_MODULES"]).resolve()
    named, broken = methods(modules)
    funds: Any = {"spot": {"USDT": "10000"}, "USDT": "10000"}
    with bma.Emulator(funds=funds, limits=False) as venue:
        venue.control("market", {"symbol": "BTC/USDT", "price": "30000"})
        keys = venue.credentials
        done = subprocess.run(
            ["node", str(SCRIPT)],
            env={
                **os.environ, "MODULES": str(modules), "VENUE_URL": venue.url, "VENUE_KEY": keys["apiKey"],
                "VENUE_SECRET": keys["secret"], "VENUE_PASS": keys["password"], "VENUE_CONTROL": venue.control_token,
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
    by_path = {row["name"] for row in calls if row["name"].endswith(", by path")}
    unexpected = [row for row in failed if row["name"].split()[0] not in broken or row["name"] in by_path] + [
        row for row in calls if row["ok"] and row["name"].split()[0] in broken and row["name"] not in by_path
    ]
    never_called = named - {row["name"].split()[0] for row in calls}
    keep(
        "foreign_bitget_api",
        {
            "package": f"bitget-api {next(row['version'] for row in rows if 'version' in row)} (npm)",
            "named_methods": len(named),
            "calls": len(calls),
            "succeeded": len(calls) - len(failed),
            "broken_in_the_package": sorted({row["name"] for row in failed} - {row["name"] for row in unexpected}),
            "the_same_by_their_right_paths": len(by_path) - sum(row["name"] in by_path for row in failed),
            "unexpected": unexpected,
            "never_called": sorted(never_called),
            "pushes": next((row["heard"] for row in rows if "heard" in row), {}),
        },
    )
    return 1 if unexpected or never_called else 0


if __name__ == "__main__":
    sys.exit(main())
