"""Call a function in a child and wait for it; its mistakes come back as they are."""

from __future__ import annotations

import atexit
import logging
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Timer
from typing import Any, TypeVar

from insight import access
from insight.errors import WorkDied, WorkTooLarge, WorkTooLong
from insight.settings import settings
from insight.worker.messages import Answer, Done, Failed, Progress, Refused, Task, silent
from insight.worker.pool import Pool
from insight.worker.serving import PREFIX
from insight.worker.stop import Fault, Stop

_log = logging.getLogger("insight.worker")
_QUEUED = "排队等候，前面还有别的计算"
T = TypeVar("T")


def call(
    function: Callable[..., T],
    *args: object,
    about: str,
    progress: Progress | None = None,
    stop: Stop | None = None,
    is_quick: bool = False,
) -> T:
    """What ``function(*args)`` gives, worked out in a child; at once where this is a child itself.

    Parameters
    ----------
    function : importable by its name; with ``progress`` it is called with ``progress=``, too
    about : what the sentence about a failure calls the work
    stop : ends the call from another thread
    is_quick : may take the child that longer work leaves free

    Raises
    ------
    InsightError : the mistake of the function, or whatever ``stop`` was pulled for.
    WorkDied, WorkTooLarge, WorkTooLong : the child crashed, or used more than the settings allow.
    Fault : the function failed in a way that nobody expected.
    """
    told = {"progress": progress} if progress else {}
    if inside():
        return function(*args, **told)
    cord, tell = stop or Stop(), progress or silent
    task = _task(function, args, is_told=bool(told))
    _pool().expect(function.__module__)
    with (
        _pool().lent(cord, is_quick=is_quick, queued=lambda: tell(_QUEUED, None)) as child,
        _clock(cord, about),
        cord.ending(child.end),
    ):
        answer = child.ask(task, tell)
    cord.settle()
    value: T = _value(answer, about)
    return value


def inside() -> bool:
    """Whether this process is a child that works for another one."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return spec is not None and spec.name == f"{__package__}.__main__"


def warm(module: str) -> None:
    """Start a child before it is needed, and let it import ``module``."""
    _pool().expect(module)
    _pool().warm()


def close() -> None:
    """End the children; the next call starts others."""
    _pool().close()
    _pool.cache_clear()


@cache
def _pool() -> Pool:
    """The children of this process."""
    chosen = settings()
    pool = Pool(chosen.workers, most_resident=chosen.worker_keep_mb * 2**20)
    atexit.register(pool.close)
    return pool


def _task(function: Callable[..., object], args: tuple[object, ...], *, is_told: bool) -> Task:
    environment = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    return Task(function, args, is_told, str(Path.cwd()), environment | access.environment())


@contextmanager
def _clock(stop: Stop, about: str) -> Iterator[None]:
    """Pull the cord when the work takes too long."""
    seconds = settings().worker_seconds
    timer = Timer(seconds, stop.pull, [WorkTooLong(about, seconds)])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _value(answer: Answer | None, about: str) -> Any:  # noqa: ANN401 (what the function gave)
    match answer:
        case Done(value=value):
            return pickle.loads(value)
        case Refused(error=error):
            raise pickle.loads(error)
        case Failed():
            raise _failure(answer, about)
        case None:
            _log.error("a child died")
            raise WorkDied(about)


def _failure(answer: Failed, about: str) -> Exception:
    """A fault by its kind; the log gets the place too, and nothing of the data."""
    if answer.is_out_of_room:
        return WorkTooLarge(about)
    _log.error("%s in a child\n%s", answer.kind, answer.place)
    return WorkDied(about) if answer.kind == "PanicException" else Fault(answer.kind)
