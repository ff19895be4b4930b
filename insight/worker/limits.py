"""What a child may use: low priority and, where the system has them, limits of memory, time and files."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import psutil

from insight.settings import Settings

NICENESS = 10
_MB = 2**20


def stand_back() -> None:
    """Let the caller's other work go first (on Windows the caller sets the priority at the start)."""
    if sys.platform != "win32":
        os.nice(NICENESS)


def confine(chosen: Settings) -> None:
    """Limit memory, processor time and file size from now on; what is in use already is not counted.

    Memory is what can be written to (RLIMIT_DATA): RLIMIT_AS also counts what is only reserved, and
    the engine that draws the charts of a report reserves more than any machine has.
    """
    if sys.platform == "win32":
        return
    import resource

    own = psutil.Process()
    used, held = own.cpu_times(), own.memory_info()
    most = {
        resource.RLIMIT_DATA: getattr(held, "data", held.vms) + chosen.worker_memory_mb * _MB,
        resource.RLIMIT_CPU: used.user + used.system + chosen.worker_seconds * (os.cpu_count() or 1),
        resource.RLIMIT_FSIZE: chosen.worker_file_mb * _MB,
    }  # fmt: skip
    for kind, limit in most.items():
        _, hard = resource.getrlimit(kind)
        soft = int(limit) + 1
        with suppress(ValueError, OSError):  # a system that knows the limit only by name
            resource.setrlimit(kind, (min(soft, hard) if hard >= 0 else soft, hard))


def relax() -> None:
    """Give memory back to the child, so that it can still say what went wrong."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def resident() -> int:
    """The memory this process holds now [bytes]."""
    return int(psutil.Process().memory_info().rss)
