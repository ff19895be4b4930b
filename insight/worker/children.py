"""The caller's side of one child: start it, ask it, end it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress

from insight.worker.messages import Answer, Failed, Progress, Step, Task, receive, send

# The allocator of polars: memory that was freed goes back to the system after a tenth of a second.
GIVES_BACK = {"_RJEM_MALLOC_CONF": "background_thread:true,dirty_decay_ms:100,muzzy_decay_ms:0"}


class Child:
    """A process that waits for tasks.

    Attributes
    ----------
    is_fit : whether it can be asked again
    resident : memory it held after its last task [bytes]
    """

    def __init__(self, modules: Iterable[str]) -> None:
        self.is_fit = True
        self.resident = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "insight.worker", *sorted(modules)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a library's last words may quote the data
            env=GIVES_BACK
            | os.environ
            | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            creationflags=_flags(),
        )

    def ask(self, task: Task, tell: Progress) -> Answer | None:
        """Do a task, telling how far it is; None where the child ended without an answer."""
        self.is_fit = False
        assert self._process.stdin
        with suppress(OSError):  # it ended before it read all: its pipe says so below
            send(self._process.stdin, task)
        while isinstance(message := self._heard(), Step):
            tell(message.step, message.share)
        if message is not None and not isinstance(message, Failed):
            self.is_fit, self.resident = True, message.resident
        return message

    def _heard(self) -> Step | Answer | None:
        assert self._process.stdout
        try:
            message: Step | Answer = receive(self._process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            return None
        return message

    def end(self) -> None:
        """End the process at once, whatever it does."""
        self.is_fit = False
        self._process.kill()

    def close(self) -> None:
        """End the process and give back what it held of this one."""
        self.end()
        with suppress(OSError):  # what it had not read is lost with it
            self._process.communicate()


def _flags() -> int:
    """Windows: low priority, no console window."""
    if sys.platform != "win32":
        return 0
    return subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
