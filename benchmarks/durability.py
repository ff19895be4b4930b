"""Kill whoever writes to a study at random moments, and see that nothing acknowledged is lost.

Run: python -m benchmarks.durability [--kills N]. A child puts objects, commits revisions and says each when it
is done; it is killed with SIGKILL up to a third of a second after its first change. Beside it
the same is done the naive way, a Parquet file that is written over: how often that one is damaged.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import polars as pl

from insight import study as store
from insight.study import Source

ROOT = Path(__file__).parents[1]
WRITE, OVERWRITE = "--write", "--overwrite"
LONGEST = 0.3  # seconds a writer lives after it began


def write(path: Path, name: str) -> None:
    """Change a study again and again; every change that is acknowledged is printed."""
    study = store.open_study(path)
    for i in range(1_000_000):
        data = f"{name} {i}".encode() * 2_000
        before = store.head(study)
        source = Source(file=store.put(study, data), name="a.csv", sheet="", table="orders", roles={})  # fmt: skip
        recipe = before.recipe.model_copy(update={"sources": (source,)})
        after = store.commit(study, recipe, parent=before.id, author="a", note=name)
        print(after.id, source.file, flush=True)


def overwrite(path: Path, name: str) -> None:
    """Write one Parquet file over and over."""
    for i in range(1_000_000):
        pl.DataFrame({"n": range(200_000), "who": [f"{name} {i}"] * 200_000}).write_parquet(path)
        print(i, flush=True)


def killed(way: str, path: Path, name: str, *, after: float) -> list[str]:
    """What a writer acknowledged before it was killed, ``after`` seconds after its first line."""
    command = [sys.executable, "-m", "benchmarks.durability", way, str(path), name]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(after)
        writer.send_signal(signal.SIGKILL)
        return [line for line in (first, *writer.stdout) if line.endswith("\n")]


def survived(study: store.Study, kills: int, *, seed: int) -> Counter[str]:
    """Kill a writer of the study so often; how many changes were acknowledged, lost, how much is damaged."""
    rng, acknowledged = random.Random(seed), dict[str, str]()
    for kill in range(kills):
        lines = killed(WRITE, study.path, str(kill), after=rng.random() * LONGEST)
        acknowledged |= dict(line.split() for line in lines)
    kept = {str(r.id): r.recipe.sources[0].file for r in store.history(study) if r.recipe.sources}
    lost = sum(kept.get(number) != file for number, file in acknowledged.items())
    damaged = len(store.verify(study).damaged)
    return Counter(kills=kills, acknowledged=len(acknowledged), lost=lost, damaged=damaged)


def damaged_files(folder: Path, kills: int, *, seed: int) -> int:
    """How often a Parquet file that is written over is damaged after a kill."""
    rng, path, broken = random.Random(seed), folder / "naive.parquet", 0
    for kill in range(kills):
        killed(OVERWRITE, path, str(kill), after=rng.random() * LONGEST)
        try:
            pl.read_parquet(path)
        except (pl.exceptions.PolarsError, OSError):
            broken += 1
    return broken


def main() -> None:
    """Print what is left after the kills."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder)
        study = store.create(own / "study", author="a", keys_dir=own / "keys")
        found = survived(study, args.kills, seed=args.seed)
        print(f"study: {found['kills']} kills, {found['acknowledged']} changes acknowledged, {found['lost']} lost, {found['damaged']} damaged")  # fmt: skip
        n = max(args.kills // 10, 1)
        print(f"naive: {n} kills, {damaged_files(own, n, seed=args.seed)} left a damaged file")


if __name__ == "__main__":
    if sys.argv[1:2] in ([WRITE], [OVERWRITE]):
        {WRITE: write, OVERWRITE: overwrite}[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
    else:
        main()
