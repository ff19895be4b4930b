"""Race engines against each other: each run in a process of its own, in turn; seconds, peak memory, ratios.

A benchmark is a module with a function that does one run and says ``measure.report(measure.run(...))``
when it is called with ``measure.ONE`` and the name of an engine, and that calls ``race`` otherwise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from insight.worker.children import GIVES_BACK

ROOT = Path(__file__).parents[1]
ONE = "--one"  # first argument of a process that does one run


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took.

    Attributes
    ----------
    seconds : of the wall clock, without imports
    peak_mb : the most memory of the process
    grown_mb : how much of it came on top of what was held after warming up
    told : what the run gave, so that a reader can see that the engines did the same
    """

    seconds: float
    peak_mb: float
    grown_mb: float
    told: str


def peak_kb() -> int:
    """The most memory this process itself has used [KB]; getrusage would count its parent's, too."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0])


def run(work: Callable[[], object], *, warm: Callable[[], object]) -> Run:
    """Do ``work`` once in this process, after ``warm`` has paid for imports and file caches."""
    warm()
    before = peak_kb()
    began = time.perf_counter()
    told = work()
    seconds = time.perf_counter() - began
    after = peak_kb()
    return Run(seconds, after / 1024, (after - before) / 1024, str(told))


def report(done: Run) -> None:
    """Hand a run to the process that asked for it."""
    print(json.dumps(asdict(done)))


def apart(module: str, *words: str, environment: Mapping[str, str] | None = None) -> str:
    """What ``python -m module words`` prints, run in a process of its own under the memory rules of a child."""
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=os.environ | GIVES_BACK | dict(environment or {}),
    )
    return done.stdout


def race(
    module: str,
    engines: Sequence[str],
    *words: str,
    rounds: int,
    environment: Mapping[str, str] | None = None,
) -> dict[str, list[Run]]:
    """Let the engines of a benchmark run in turn, round by round.

    Parameters
    ----------
    module : called as ``python -m module --one ENGINE *words`` for each run
    """
    done: dict[str, list[Run]] = {engine: [] for engine in engines}
    for _ in range(rounds):
        for engine in engines:
            out = apart(module, ONE, engine, *words, environment=environment)
            done[engine].append(Run(**json.loads(out.splitlines()[-1])))
    return done


def table(runs: Mapping[str, Sequence[Run]], *, peer: str) -> Iterable[str]:
    """A line an engine: median seconds, how many times as fast as the peer of its round, most memory."""
    width = max(map(len, runs))
    for engine, own in runs.items():
        ratio = median(p.seconds / o.seconds for o, p in zip(own, runs[peer], strict=True))
        yield (
            f"  {engine:{width}} {median(one.seconds for one in own):8.3f} s, {ratio:6.2f} x as fast as {peer}, "
            f"peak {max(one.peak_mb for one in own):6.0f} MB, {max(one.grown_mb for one in own):6.0f} MB of it after warming up"
        )
