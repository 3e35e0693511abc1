"""Records cassettes/emulator and cassettes/v2/emulator anew, from this project's emulator: `tox -e record`."""

import tempfile
from pathlib import Path

from tests.conformance.doors import CASSETTES, CASSETTES_V2, on_emulator
from tests.conformance.scenarios import SCENARIOS
from tests.conformance.stream_recording import PATHS, record
from tests.conformance.test_v2_scenarios import RECORDED


def main() -> None:
    for place, dialect, scenarios in ((CASSETTES, "v1", SCENARIOS), (CASSETTES_V2, "v2", RECORDED)):
        place.mkdir(exist_ok=True)
        for scenario in scenarios:
            path = place / f"{scenario.name}.yaml"
            path.unlink(missing_ok=True)
            with tempfile.TemporaryDirectory() as folder:
                on_emulator(scenario, "sync", Path(folder) / "store", path, dialect)
            print(f"{dialect} {path.name}: {path.stat().st_size:,} bytes")
    for dialect, path in PATHS.items():
        record(path, dialect)
        print(f"{dialect} {path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
