"""An SPSS file of 100,000 answers x 202 variables: this product's reader against pyreadstat.

Run: python -m benchmarks.sav. Prints medians of three rounds, each round one run of every reader in
turn in a process of its own. The like for like is "labels": cells as the texts of their labels, which
is what our reader gives. "numbers" is what pyreadstat gives by default, without labels; for our side
it is the reading of the numbers alone, before they are written as text.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import measure

ROWS, FEW, QUESTIONS, RULED, ROUNDS = 100_000, 500, 200, 40, 3
LABELS = {1.0: "很不满意", 2.0: "不满意", 3.0: "一般", 4.0: "满意", 5.0: "很满意", 99.0: "拒答"}


def make(path: Path, rows: int) -> None:
    """A seeded file: a number, a text, and labelled questions, some with a user-missing code."""
    import pandas as pd
    import pyreadstat

    rng = np.random.default_rng(0)
    names = [f"Q{i}" for i in range(1, QUESTIONS + 1)]
    answers = rng.integers(1, 6, (rows, QUESTIONS)).astype(float)
    answers[rng.random(answers.shape) < 0.1] = np.nan
    answers[:, :RULED][rng.random((rows, RULED)) < 0.03] = 99
    frame = pd.DataFrame(answers, columns=names)
    frame.insert(0, "id", np.arange(1.0, rows + 1))
    frame.insert(1, "open", [f"说明{i % 977}" for i in range(rows)])
    pyreadstat.write_sav(
        frame,
        path,
        variable_value_labels=dict.fromkeys(names, LABELS),
        missing_ranges={name: [99] for name in names[:RULED]},
        row_compress=True,
    )


def ours_labels(path: Path) -> int:
    from insight.readers import read

    return read(path.read_bytes(), path.name)[0].frame.height


def ours_numbers(path: Path) -> int:
    from insight.readers.raw import Source
    from insight.readers.sav import stored

    return stored(Source(path.read_bytes(), path.name)).height


def peer_labels(path: Path) -> int:
    import pyreadstat

    return len(pyreadstat.read_sav(path, user_missing=True, apply_value_formats=True)[0])


def peer_numbers(path: Path) -> int:
    import pyreadstat

    return len(pyreadstat.read_sav(path, user_missing=True)[0])


READERS: dict[str, Callable[[Path], int]] = {
    "ours, labels": ours_labels,
    "pyreadstat, labels": peer_labels,
    "ours, numbers": ours_numbers,
    "pyreadstat, numbers": peer_numbers,
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, small = Path(folder) / "answers.sav", Path(folder) / "few.sav"
        make(path, ROWS)
        make(small, FEW)
        print(f"{ROWS:,} x {QUESTIONS + 2}, {path.stat().st_size / 1e6:.0f} MB")
        runs = measure.race("benchmarks.sav", tuple(READERS), str(path), str(small), rounds=ROUNDS)
        for what in ("labels", "numbers"):
            peer = f"pyreadstat, {what}"
            pair = {name: runs[name] for name in (f"ours, {what}", peer)}
            print(what, *measure.table(pair, peer=peer), sep="\n")


if __name__ == "__main__":
    match sys.argv[1:]:
        case [measure.ONE, reader, path, small]:
            read = READERS[reader]
            measure.report(measure.run(lambda: read(Path(path)), warm=lambda: read(Path(small))))
        case _:
            main()
