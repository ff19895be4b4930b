"""How work stands, as a table of jobs shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["going", "done", "failed", "cancelled"]
_SAYS_LITTLE = 2.0  # seconds in which the pace of work cannot be told


@dataclass(frozen=True, slots=True)
class Told:
    """How one piece of work stands, without what it gives.

    Attributes
    ----------
    who : asked for it first
    share : done [0–1], where it is known
    seconds : it has taken so far, or took
    """

    id: str
    who: str
    about: str
    step: str
    share: float | None
    seconds: float
    state: State

    @property
    def left(self) -> float | None:
        """The seconds that it will go on for at this pace; None while that cannot be said."""
        if self.state != "going" or not self.share or self.seconds < _SAYS_LITTLE:
            return None
        return self.seconds * (1 - self.share) / self.share
