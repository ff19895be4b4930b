"""Ending a call from outside: by whoever no longer wants it, or by the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock

from insight.errors import InsightError


class Fault(RuntimeError):
    """A fault of ours in a child, by its kind; the log has the place."""


class Stop:
    """A cord: pulling it ends the call that goes on; between calls and after the last it is too late."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._why: InsightError | None = None
        self._end: Callable[[], None] | None = None
        self._is_settled = False

    def pull(self, why: InsightError) -> bool:
        """End the call, which then raises ``why``; False where it is too late for that."""
        with self._lock:
            if self._is_settled or self._why:
                return False
            self._why = why
            if self._end:
                self._end()
            return True

    @property
    def is_pulled(self) -> bool:
        """Whether somebody ended the call."""
        return self._why is not None

    @contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """While inside, pulling the cord calls ``end``; raises where it was pulled before."""
        with self._lock:
            self.check()
            self._end, self._is_settled = end, False
        try:
            yield
        finally:
            with self._lock:
                self._end = None

    def check(self) -> None:
        """Raise what the cord was pulled for, if it was."""
        if self._why:
            raise self._why

    def settle(self) -> None:
        """The call stands: raise if the cord was pulled, else it cannot be until another call begins."""
        with self._lock:
            self.check()
            self._is_settled = True
