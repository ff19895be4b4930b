"""The child's side: take tasks from the pipe, do them one by one, and end when the caller is gone."""

from __future__ import annotations

import errno
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from queue import SimpleQueue
from threading import Thread
from typing import IO

from insight.errors import InsightError
from insight.logs import redact
from insight.settings import settings
from insight.worker import limits
from insight.worker.messages import Done, Failed, Refused, Step, Task, receive, send

PREFIX = "INSIGHT_"


def serve() -> None:
    """Import the modules that the work will need, then work until the pipe closes."""
    redact()
    inbox, outbox = _pipes()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the caller to decide
    limits.stand_back()
    for name in sys.argv[1:]:
        with suppress(ImportError):  # whoever needs it will be told
            import_module(name)
    tasks: SimpleQueue[Task] = SimpleQueue()
    Thread(target=_listen, args=(inbox, outbox, tasks), daemon=True).start()
    while True:
        _do(tasks.get(), outbox)


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes of the protocol; what libraries print goes nowhere instead."""
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    return inbox, outbox


def _listen(inbox: IO[bytes], outbox: IO[bytes], tasks: SimpleQueue[Task]) -> None:
    """Pass tasks on; a caller that ended, even by kill -9, has closed the pipe and ends this child too."""
    try:
        with _reported(outbox), suppress(EOFError):
            while True:
                tasks.put(receive(inbox))
    finally:
        os._exit(0)


def _do(task: Task, outbox: IO[bytes]) -> None:
    with _reported(outbox):
        _stand_where(task)
        limits.confine(settings())
        tell = {"progress": partial(_tell, outbox)} if task.is_told else {}
        try:
            value = pickle.dumps(task.function(*task.args, **tell))
        except InsightError as error:
            send(outbox, Refused(pickle.dumps(error), limits.resident()))
        else:
            send(outbox, Done(value, limits.resident()))


def _stand_where(task: Task) -> None:
    """See the same folder and the same settings as the caller."""
    os.chdir(task.folder)
    for name in [n for n in os.environ if n.startswith(PREFIX)]:
        del os.environ[name]
    os.environ.update(task.environment)
    settings.cache_clear()


def _tell(outbox: IO[bytes], step: str, share: float | None) -> None:
    send(outbox, Step(step, share))


@contextmanager
def _reported(outbox: IO[bytes]) -> Iterator[None]:
    """Say of what nobody expected only its kind and place, then let it end this child."""
    try:
        yield
    except BaseException as error:
        limits.relax()
        place = "".join(traceback.format_tb(error.__traceback__))
        is_full = isinstance(error, OSError) and error.errno == errno.EFBIG
        is_out_of_room = is_full or isinstance(error, MemoryError)
        send(outbox, Failed(type(error).__name__, place, is_out_of_room))
        raise
