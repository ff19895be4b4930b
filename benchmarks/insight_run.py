"""A whole study at once: everything analysed, and the report in four forms; then again with nothing changed.

Run: python -m benchmarks.insight_run [--lines 1000000] [--respondents 5000] [--comments 20000] [--home FOLDER] [--each].
The files are those of the example study, made larger: the same planted people, more of them. Each command is
a process of its own, as ``python -m insight`` is; printed are its wall clock, processor time (with all its
children) and the most memory of its processes together, and how many results it added to the store: on the
first run as many as analyses could be answered, each once; on the second none. With ``--each`` every analysis
is asked by itself, and printed are the seconds of processors that it took, the dearest first.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import psutil

from benchmarks.measure import ROOT
from insight import pipeline
from insight.analyses import catalogue
from insight.demo import files
from insight.errors import InsightError
from insight.pipeline.joined import load

LINES_A_CUSTOMER = 5.2  # of the example study
FORMS = "docx,pptx,xlsx,html"
EVERY = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Took:
    """What one command took: seconds of the wall clock and of processors, and its most memory [MB]."""

    wall: float
    cpu: float
    peak_mb: float
    code: int


def main() -> None:
    """Make the study, then run and report it twice."""
    given = _asked()
    with tempfile.TemporaryDirectory(prefix="insight-run-") as own:
        home = given.home or Path(own)
        os.environ |= {f"INSIGHT_{name}_DIR": str(home / name.lower()) for name in ("STUDIES", "KEYS", "SPOOL")}  # fmt: skip
        study = home / "studies" / "run"
        if not study.exists():
            _made(study, given)
        if given.each:
            _each(study)
            return
        for turn in ("first", "second"):
            for name, command in _commands(study).items():
                before = _results(study)
                took = _timed(command)
                told = {
                    "run": turn,
                    "command": name,
                    "wall_s": round(took.wall, 1),
                    "cpu_s": round(took.cpu, 1),
                }
                told |= {"peak_mb": round(took.peak_mb), "results_added": _results(study) - before, "code": took.code}  # fmt: skip
                print(json.dumps(told), flush=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--respondents", type=int, default=5_000)
    parser.add_argument("--comments", type=int, default=20_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--each", action="store_true", help="seconds of every analysis by itself")
    return parser.parse_args()


def _made(study: Path, given: argparse.Namespace) -> None:
    """The files of the example, as large as they are asked for, read into a new study."""
    began = time.perf_counter()
    customers = round(given.lines / LINES_A_CUSTOMER)
    said = min(given.comments, customers)
    made = files(
        n_customers=customers, n_respondents=min(given.respondents, customers), n_reviews=said
    )
    print(f"made the files in {time.perf_counter() - began:.1f} s", flush=True)
    new = pipeline.new(study)
    for one in made:
        began = time.perf_counter()
        pipeline.add(new, one.data, one.name)
        print(
            f"{one.name}: {len(one.data) / 1e6:.1f} MB in {time.perf_counter() - began:.1f} s",
            flush=True,
        )


def _each(path: Path) -> None:
    """Processor seconds of every analysis, all on the same loaded tables."""
    study = pipeline.opened(path)
    loaded = cache(partial(load, study))
    took = {"(tables)": _seconds(loaded)}
    for key in catalogue():
        with suppress(InsightError):  # the example cannot answer everything
            took[key] = _seconds(partial(pipeline.run, study, key, loaded=loaded))
    for key, seconds in sorted(took.items(), key=lambda one: -one[1]):
        print(json.dumps({"analysis": key, "cpu_s": round(seconds, 2)}), flush=True)


def _seconds(work: Callable[[], object]) -> float:
    began = os.times()
    work()
    spent = np.subtract(os.times()[:4], began[:4])  # here and in children, for users and the system
    return float(spent.sum())


def _commands(study: Path) -> dict[str, Sequence[str]]:
    insight = (sys.executable, "-m", "insight")
    return {
        "run": (*insight, "run", str(study)),
        "report": (*insight, "report", str(study), "--format", FORMS),
    }


def _timed(command: Sequence[str]) -> Took:
    began, before = time.perf_counter(), os.times()
    child = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak = 0.0
    while child.poll() is None:
        peak = max(peak, _held(child.pid))
        time.sleep(EVERY)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system  # fmt: skip
    return Took(time.perf_counter() - began, cpu, peak / 2**20, child.returncode)


def _held(pid: int) -> float:
    """Memory [bytes] that a process and its children have to themselves."""
    try:
        own = psutil.Process(pid)
        return float(sum(one.memory_info().rss for one in (own, *own.children(recursive=True))))
    except psutil.Error:
        return 0.0


def _results(study: Path) -> int:
    """How many results of analyses the store of a study holds."""
    with sqlite3.connect(study / "study.db") as db:
        (n,) = db.execute("select count(*) from derived where kind like 'result:%'").fetchone()
    return int(n)


if __name__ == "__main__":
    main()
