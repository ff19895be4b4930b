"""A few warm children: each work gets one of its own; one that is no longer fit is replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

from insight.worker.children import Child
from insight.worker.stop import Fault, Stop


class Pool:
    """Lends children, at most ``size`` at once; all but quick work leaves one of them free.

    Parameters
    ----------
    size : children at most
    most_resident : a child that holds more memory than this after its work is replaced [bytes]
    """

    def __init__(self, size: int, *, most_resident: int) -> None:
        self._size, self._most = size, most_resident
        self._modules: frozenset[str] = frozenset()
        self._free: list[Child] = []
        self._lent: set[Child] = set()
        self._n_lent = self._n_long = 0
        self._is_closed = False
        self._changed = Condition()

    def expect(self, module: str) -> None:
        """Let the children that start from now on import ``module`` before they are asked."""
        with self._changed:
            self._modules |= {module}

    def warm(self) -> None:
        """Start a child, unless one is free."""
        with self._changed:
            if not self._free:
                self._free.append(Child(self._modules))

    @contextmanager
    def lent(self, stop: Stop, *, is_quick: bool, queued: Callable[[], None]) -> Iterator[Child]:
        """A child for one work; ``queued`` is called where it must be waited for."""
        with stop.ending(self._wake):
            self._wait(stop, is_quick=is_quick, queued=queued)
        try:
            child = self._taken()
            try:
                yield child
            finally:
                self._back(child)
        finally:
            self._leave(is_quick=is_quick)

    def _wait(self, stop: Stop, *, is_quick: bool, queued: Callable[[], None]) -> None:
        with self._changed:
            if not self._has_room(is_quick=is_quick):
                queued()
            self._changed.wait_for(lambda: stop.is_pulled or self._has_room(is_quick=is_quick))
            stop.check()
            self._check_open()
            self._n_lent += 1
            self._n_long += not is_quick

    def _check_open(self) -> None:
        if self._is_closed:
            raise Fault("the children have ended with the program")

    def _has_room(self, *, is_quick: bool) -> bool:
        if self._is_closed:
            return True
        if self._n_lent >= self._size:
            return False
        return is_quick or self._n_long < max(1, self._size - 1)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _taken(self) -> Child:
        with self._changed:
            self._check_open()
            child = self._free.pop() if self._free else Child(self._modules)
            self._lent.add(child)
            return child

    def _back(self, child: Child) -> None:
        with self._changed:
            self._lent.discard(child)
            if child.is_fit and child.resident <= self._most and not self._is_closed:
                self._free.append(child)
                return
        child.close()
        with self._changed:
            if not self._is_closed and not self._free:
                self._free.append(Child(self._modules))

    def _leave(self, *, is_quick: bool) -> None:
        with self._changed:
            self._n_lent -= 1
            self._n_long -= not is_quick
            self._changed.notify_all()

    def close(self) -> None:
        """End all children, also those at work."""
        with self._changed:
            self._is_closed = True
            free, self._free = self._free, []
            for child in self._lent:
                child.end()
            self._changed.notify_all()
        for child in free:
            child.close()
