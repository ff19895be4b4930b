"""Row rules: somebody sees only the customers of a saved audience, and all of a study only at its one door."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rows:
    """Whose data a member of a study sees; absent, all of it.

    Attributes
    ----------
    audience : name of a saved audience of customers
    pin : digest of that audience as it was when the rule was given; by another meaning the rule holds nobody
    """

    audience: str
    pin: str

    def written(self) -> str:
        """As the settings of a child process carry it."""
        return json.dumps([self.audience, self.pin])


def read_rows(told: str) -> Rows | None:
    """A rule as ``Rows.written`` wrote it; "" is none."""
    return Rows(*json.loads(told)) if told else None


_AT_THE_DOOR: ContextVar[bool] = ContextVar("at_the_door", default=False)


@contextmanager
def at_the_door() -> Iterator[None]:
    """Inside, all of a study may be read, to take out of it what whoever acts may see."""
    token = _AT_THE_DOOR.set(True)
    try:
        yield
    finally:
        _AT_THE_DOOR.reset(token)


def is_at_the_door() -> bool:
    """Whether this is inside ``at_the_door``."""
    return _AT_THE_DOOR.get()
