"""Files of all texts that a page asks for and does not wait for: each written by a job, in a child."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from insight import spool
from insight.access import Right
from insight.pipeline import by_right, in_batches
from insight.spool import Spooled
from insight.study import Study
from insight.worker import Job, Progress, Stop, call

RIGHT: Right = "export_rows"


class Filed(NamedTuple):
    """A file that was made, and how many rows it has."""

    file: Spooled
    n_rows: int


def code_all(study: Study) -> Job[Filed]:
    """The needs of every text (see ``in_batches.code_all``)."""
    return _filed(study, in_batches.code_all, about="编码全部文本")


def cut_all(study: Study) -> Job[Filed]:
    """The words of every text (see ``in_batches.cut_all``)."""
    return _filed(study, in_batches.cut_all, about="全部文本切词")


def _filed(study: Study, write: Callable[..., int], *, about: str) -> Job[Filed]:
    def work(tell: Progress, stop: Stop) -> Filed:
        file = spool.empty(".parquet")
        n_rows = call(write, study, file.path, about=about, progress=tell, stop=stop)
        return Filed(file, n_rows)

    return by_right.begun(work, RIGHT, about=about)
