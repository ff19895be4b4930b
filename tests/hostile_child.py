"""Read the files named on standard input under limits; one line of JSON a file, told before and after it."""

from __future__ import annotations

import json
import resource
import signal
import sys
from pathlib import Path

from benchmarks.measure import peak_kb
from insight.errors import InsightError
from insight.readers import LINE, read

SECONDS, MEGABYTES = 60, 2_048


def outcome(path: Path) -> dict[str, object]:
    """The tables of a file, or its error; and the most memory used so far [MB]."""
    try:
        tables = read(path, path.name)
        told: dict[str, object] = {
            "tables": [
                {
                    "name": table.name,
                    "kind": table.kind,
                    "columns": [c for c in table.frame.columns if c != LINE],
                    "first": [cell for cell in table.frame.drop(LINE).row(0)],
                    "n_rows": table.frame.height,
                    "notes": table.notes,
                    "issues": table.issues.rows(),
                }
                for table in tables
            ]
        }
    except InsightError as error:
        told = {"error": type(error).__name__, "said": str(error)}
    return {**told, "peak_mb": peak_kb() // 1024}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEGABYTES * 2**20,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    for line in sys.stdin:
        signal.alarm(SECONDS)
        told = outcome(Path(line.rstrip("\n")))
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
