"""What the tests let a child do; imported there by name."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from threading import Event

import psutil

from insight import access, worker
from insight.errors import SheetNotFound
from insight.settings import settings

PHONE = "13800138000"


def steps(progress):
    progress("第一步", None)
    progress("第二步", 0.5)
    return "好"


def for_ever(progress):
    """Tell who works here, then never end."""
    progress(str(os.getpid()), None)
    Event().wait()


def stuck(*_args, progress=None):
    """Stand in for any work: tell who works here, if somebody listens, then never end."""
    for_ever(progress or (lambda *_: None))


def crash(progress):
    progress("正要崩溃", None)
    os.kill(os.getpid(), signal.SIGSEGV)


def mistake():
    raise SheetNotFound("簿.xlsx", "三月", ["一月", "二月"])


def fault():
    raise ValueError(PHONE)


def odd():
    """A result that cannot travel."""
    return lambda: None


def fill(megabytes):
    return len(bytearray(megabytes * 2**20))


def write(path, megabytes):
    Path(path).write_bytes(bytes(megabytes * 2**20))


def chatter():
    os.write(1, b"printed by a library")
    print("printed by Python")  # noqa: T201
    return "好"


def priority():
    return psutil.Process().nice()


def author():
    return settings().author, str(Path.cwd())


def nested():
    """Who works when a child asks for a child."""
    return os.getpid(), worker.call(os.getpid, about="里面"), worker.inside()


def acts():
    """Whom this work is done for, with which role."""
    return access.actor().name, access.actor().role
