"""A job of Spark that tells how far it is while it runs, and that ends when whoever waits for it leaves."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from secrets import token_hex
from time import sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark import SparkContext, SparkStageInfo

_LOOK = 0.2  # seconds between two looks at a job
_LOOKS_AT_THE_END = 50  # at tasks that are slow to end; then they are left to Spark


def watched(context: SparkContext, act: Callable[[], None], *, told: Callable[[float], None]) -> None:  # fmt: skip
    """Let ``act`` make one job of Spark, and wait for it.

    Parameters
    ----------
    act : called in a thread of its own
    told : called here with the share of the tasks of the last stage that are done [0–1]; what it raises, or Ctrl+C
        meanwhile, ends the job on Spark before it is raised here

    Notes
    -----
    Spark knows a job by the group of the thread that asks for it, see ``SparkContext.setJobGroup``.
    """
    group = f"insight-{token_hex(8)}"

    def grouped() -> None:
        context.setJobGroup(group, "insight", interruptOnCancel=True)
        act()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(grouped)
        try:
            while not running.done():
                wait([running], timeout=_LOOK)
                told(_share(_stage(context, group)))
        except BaseException:
            _end(context, group, running)
            raise
        running.result()


def _end(context: SparkContext, group: str, running: Future[None]) -> None:
    """Cancel until nothing runs: what had not reached Spark yet could not be cancelled before."""
    while not running.done():
        context.cancelJobGroup(group)
        wait([running], timeout=_LOOK)
    for _ in range(_LOOKS_AT_THE_END):
        stage = _stage(context, group)
        if stage is None or not stage.numActiveTasks:
            return
        sleep(_LOOK)


def _stage(context: SparkContext, group: str) -> SparkStageInfo | None:
    """The last stage of the last job of a group, once Spark knows it."""
    tracker = context.statusTracker()
    job = tracker.getJobInfo(max(tracker.getJobIdsForGroup(group), default=-1))
    return tracker.getStageInfo(max(job.stageIds)) if job else None


def _share(stage: SparkStageInfo | None) -> float:
    return stage.numCompletedTasks / stage.numTasks if stage and stage.numTasks else 0.0
