"""An SPSS file of 100,000 answers x 202 variables: this product's reader against pyreadstat.

Run: python benchmarks/sav.py. Prints medians of three rounds, each round one run of every reader in
turn in a process of its own. The like for like is "labels": cells as the texts of their labels, which
is what our reader gives. "numbers" is what pyreadstat gives by default, without labels; for our side
it is the reading of the numbers alone, before they are written as text.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROWS, QUESTIONS, RULED, ROUNDS = 100_000, 200, 40, 3
LABELS = {1.0: "很不满意", 2.0: "不满意", 3.0: "一般", 4.0: "满意", 5.0: "很满意", 99.0: "拒答"}


def make(path: Path) -> None:
    """A seeded file: a number, a text, and labelled questions, some with a user-missing code."""
    import pandas as pd
    import pyreadstat

    rng = np.random.default_rng(0)
    names = [f"Q{i}" for i in range(1, QUESTIONS + 1)]
    answers = rng.integers(1, 6, (ROWS, QUESTIONS)).astype(float)
    answers[rng.random(answers.shape) < 0.1] = np.nan
    answers[:, :RULED][rng.random((ROWS, RULED)) < 0.03] = 99
    frame = pd.DataFrame(answers, columns=names)
    frame.insert(0, "id", np.arange(1.0, ROWS + 1))
    frame.insert(1, "open", [f"说明{i % 977}" for i in range(ROWS)])
    pyreadstat.write_sav(
        frame,
        path,
        variable_value_labels=dict.fromkeys(names, LABELS),
        missing_ranges={name: [99] for name in names[:RULED]},
        row_compress=True,
    )


def ours_labels(path: Path) -> object:
    from insight.readers import read

    return read(path.read_bytes(), path.name)


def ours_numbers(path: Path) -> object:
    from insight.readers.raw import Source
    from insight.readers.sav import stored

    return stored(Source(path.read_bytes(), path.name))


def peer_labels(path: Path) -> object:
    import pyreadstat

    return pyreadstat.read_sav(path, user_missing=True, apply_value_formats=True)


def peer_numbers(path: Path) -> object:
    import pyreadstat

    return pyreadstat.read_sav(path, user_missing=True)


READERS: dict[str, Callable[[Path], object]] = {
    "ours, labels": ours_labels,
    "pyreadstat, labels": peer_labels,
    "ours, numbers": ours_numbers,
    "pyreadstat, numbers": peer_numbers,
}


def once(reader: str, path: Path) -> None:
    """One run in this process; imports are paid before the clock starts."""
    import pyreadstat  # noqa: F401 (for the import)

    import insight.readers  # noqa: F401

    began = time.perf_counter()
    READERS[reader](path)
    print(time.perf_counter() - began)


def main() -> None:
    root = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.sav"
        make(path)
        print(f"{ROWS:,} x {QUESTIONS + 2}, {path.stat().st_size / 1e6:.0f} MB")
        seconds: dict[str, list[float]] = {name: [] for name in READERS}
        for _ in range(ROUNDS):
            for name in READERS:
                command = [sys.executable, __file__, name, str(path)]
                env = {**os.environ, "PYTHONPATH": str(root)}
                out = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
                seconds[name].append(float(out.stdout))
        for what in ("labels", "numbers"):
            own, peer = seconds[f"ours, {what}"], seconds[f"pyreadstat, {what}"]
            ratios = [p / o for o, p in zip(own, peer, strict=True)]
            print(
                f"{what:8} ours {statistics.median(own):.2f} s, pyreadstat {statistics.median(peer):.2f} s, "
                f"{statistics.median(ratios):.1f} x as fast"
            )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        once(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
