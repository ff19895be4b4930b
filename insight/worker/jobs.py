"""Work that goes on beside the asker: asked for, watched, cancelled, fetched.

Whoever asks for the same work while it goes on gets the same one; it ends early only when the last
of them cancels it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import wait as wait_for
from contextvars import copy_context
from copy import copy
from functools import cache
from math import inf
from threading import RLock, Thread
from time import monotonic
from typing import Any, Generic, TypeVar

from insight.errors import Cancelled, InsightError
from insight.worker.going import Going, Work
from insight.worker.telling import Told

T = TypeVar("T")
Key = tuple[object, ...]
_REMEMBERED = 30  # pieces of work that are over
STILL_WAITS = 10  # seconds since the last look, after which an asker no longer keeps work alive


class Job(Generic[T]):
    """One asker's view of a piece of work; each asker gets a result of its own."""

    def __init__(self, going: Going, read: Callable[[Any], T]) -> None:
        self._going, self._read = going, read
        self._has_left = False
        self._look()

    def _look(self, until: float = 0) -> None:
        if not self._has_left:
            self._going.looks[self] = until or monotonic()

    @property
    def id(self) -> str:
        """What tells the work apart; the same for all who wait for it."""
        return self._going.id

    @property
    def left(self) -> float | None:
        """The seconds that it will go on for at this pace; None while that cannot be said."""
        return self._going.told().left

    @property
    def about(self) -> str:
        """What the work is called."""
        return self._going.about

    @property
    def step(self) -> str:
        """The step that it is at."""
        return self._going.step

    @property
    def share(self) -> float | None:
        """The share that is done [0–1], where it is known."""
        return self._going.share

    @property
    def seconds(self) -> float:
        """How long it has taken so far, or took."""
        return (self._going.ended or monotonic()) - self._going.began

    @property
    def done(self) -> bool:
        """Whether there is a result, or a reason why there is none."""
        self._look()
        return self._has_left or self._going.outcome.done()

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; whether it is done then."""
        if not self.done and seconds > 0:
            self._look(monotonic() + seconds)  # who waits cannot look, and still wants it
            wait_for([self._going.outcome], timeout=seconds)
        return self.done

    def result(self) -> T:
        """What the work gave; waits for it.

        Raises
        ------
        InsightError : the user's mistake, or Cancelled.
        """
        if self._has_left:
            raise Cancelled(self.about)
        self._look(inf)
        error = self._going.outcome.exception()
        if isinstance(error, InsightError):
            raise copy(error)  # what is raised holds the frames that it passes, and their data
        return self._read(self._going.outcome.result())

    def cancel(self) -> None:
        """Want it no more: it ends, and changes nothing, unless somebody else still waits for it."""
        self._going.looks.pop(self, None)
        since = monotonic() - STILL_WAITS
        if any(look > since for look in list(self._going.looks.values())):
            self._has_left = True
        else:
            self._going.stop.pull(Cancelled(self.about))


class _Desk:
    """The work that goes on in this process, by what was asked for."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._going: dict[Key, Going] = {}
        self._all: dict[str, Going] = {}
        self._over: deque[Told] = deque(maxlen=_REMEMBERED)

    def job(self, work: Work, *, about: str, key: Key | None, read: Callable[[Any], T]) -> Job[T]:
        with self._lock:
            going = self._going.get(key) if key else None
            if going is None or going.is_over:
                going = self._begun(work, about, key)
            return Job(going, read)

    def _begun(self, work: Work, about: str, key: Key | None) -> Going:
        going = Going(about, about)
        if key:
            self._going[key] = going
            going.outcome.add_done_callback(lambda _: self._forget(key, going))
        self._all[going.id] = going
        going.outcome.add_done_callback(lambda _: self._remember(going))
        own = copy_context()  # it is done by whoever asked for it
        # A daemon: it never delays the exit.
        Thread(target=own.run, args=[going.do, work], daemon=True).start()
        return going

    def _remember(self, going: Going) -> None:
        with self._lock:
            self._all.pop(going.id, None)
            self._over.append(going.told())

    def told(self) -> tuple[Told, ...]:
        with self._lock:
            going = tuple(one.told() for one in self._all.values())
            return (*going, *reversed(self._over))

    def end(self, id_: str) -> None:
        with self._lock:
            going = self._all.get(id_)
        if going:
            going.stop.pull(Cancelled(going.about))

    def _forget(self, key: Key, going: Going) -> None:
        with self._lock:
            if self._going.get(key) is going:
                del self._going[key]


@cache
def _desk() -> _Desk:
    return _Desk()


def start(
    work: Work,
    *,
    about: str,
    key: Key | None = None,
    read: Callable[[Any], T],
) -> Job[T]:
    """Let ``work`` go on in a thread; it calls a child, which ``stop`` ends.

    Parameters
    ----------
    about : what the work is called
    key : who asks with an equal key while it goes on gets the same work; None: nobody does
    read : makes each asker's result of what the work gave
    """
    return _desk().job(work, about=about, key=key, read=read)


def told() -> tuple[Told, ...]:
    """All work of this process: what goes on, then what is over, the last first."""
    return _desk().told()


def end(id_: str) -> None:
    """End a piece of work, whoever waits for it; it changes nothing then."""
    _desk().end(id_)


def finished(value: object, *, about: str, read: Callable[[Any], T]) -> Job[T]:
    """A job that was done before it was asked for."""
    going = Going(about, about)
    going.ended = going.began
    going.outcome.set_result(value)
    return Job(going, read)
