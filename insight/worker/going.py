"""One piece of work: how far it is, who looked last, and what it gave."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from copy import copy
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from insight import access
from insight.errors import Cancelled, InsightError
from insight.worker.messages import Progress
from insight.worker.stop import Stop
from insight.worker.telling import State, Told

Work = Callable[[Progress, Stop], Any]


@dataclass(eq=False)
class Going:
    """One piece of work: how far it is, when each asker looked last, and what it gave."""

    about: str
    step: str
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    who: str = field(default_factory=lambda: access.actor().name)
    share: float | None = None
    began: float = field(default_factory=monotonic)
    ended: float | None = None
    stop: Stop = field(default_factory=Stop)
    looks: WeakKeyDictionary[object, float] = field(default_factory=WeakKeyDictionary)
    outcome: Future[Any] = field(default_factory=Future)

    def tell(self, step: str, share: float | None) -> None:
        """Note how far the work is."""
        self.step, self.share = step, share

    def do(self, work: Work) -> None:
        """Do the work, in a thread of its own; whatever it ends in is for those who ask."""
        with ExitStack() as ending:
            ending.push(self._end)
            value = work(self.tell, self.stop)
            self.ended = monotonic()
            self.outcome.set_result(value)

    def _end(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if error is not None:
            self.ended = monotonic()
            # A mistake is told in a sentence: its frames would only hold data.
            self.outcome.set_exception(copy(error) if isinstance(error, InsightError) else error)
        return True

    @property
    def is_over(self) -> bool:
        """Whether nobody can join it any more."""
        return self.outcome.done() or self.stop.is_pulled

    def told(self) -> Told:
        """What a table of jobs shows of it."""
        seconds = (self.ended or monotonic()) - self.began
        return Told(self.id, self.who, self.about, self.step, self.share, seconds, self._state())

    def _state(self) -> State:
        if not self.outcome.done():
            return "going"
        error = self.outcome.exception()
        if error is None:
            return "done"
        return "cancelled" if isinstance(error, Cancelled) else "failed"
