"""Work on several cores at the same time, its results in the order in which it was given.

For work that lets go of the interpreter: data frames, hashing, compression. It is done by whoever asked for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

import polars as pl

T = TypeVar("T")
R = TypeVar("R")
S = TypeVar("S")


def at_once(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """``map(work, items)`` on all cores; items are taken only as fast as results are fetched.

    The first error of ``work``, in the order of the items, is raised here.
    """
    n_cores = pl.thread_pool_size()
    running: deque[Future[R]] = deque()
    with ThreadPoolExecutor(n_cores) as pool:
        for item in items:
            running.append(pool.submit(copy_context().run, work, item))
            if len(running) > n_cores:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def both(work: Callable[[], R], beside: Callable[[], S]) -> tuple[R, S]:
    """What two calls return, made at the same time; an error of ``work`` goes before one of ``beside``."""
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(copy_context().run, beside)
        return work(), other.result()
