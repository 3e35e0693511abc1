"""Runs every benchmark of this folder (`*_speed.py`), one after the other, each in a process of its own.

    python benchmarks/run.py [NAME ...]

Results stand in `results/`; the exit code is that of the first one that was slower than it may be.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(names: list[str]) -> int:
    wanted = [
        path for path in sorted(HERE.glob("*_speed.py")) if not names or path.stem.removesuffix("_speed") in names
    ]
    codes = []
    for path in wanted:
        print(f"== {path.name}", flush=True)
        codes.append(subprocess.run([sys.executable, str(path)], check=False).returncode)
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
