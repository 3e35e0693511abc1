"""Records cassettes/emulator anew, from the emulator of this project: `tox -e record`."""

import tempfile
from pathlib import Path

from tests.conformance.doors import CASSETTES, on_emulator
from tests.conformance.scenarios import SCENARIOS
from tests.conformance.stream_recording import PATH, record


def main() -> None:
    CASSETTES.mkdir(exist_ok=True)
    for scenario in SCENARIOS:
        path = CASSETTES / f"{scenario.name}.yaml"
        path.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            on_emulator(scenario, "sync", Path(folder) / "store", path)
        print(f"{path.name}: {path.stat().st_size:,} bytes")
    record(PATH)
    print(f"{PATH.name}: {PATH.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
