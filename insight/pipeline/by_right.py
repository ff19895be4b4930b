"""Work that several people may wait for, given to each of them only by their own right.

Who asks for what somebody else is waiting for gets the same work. So the right is asked before work is joined or
begun, and once more when what it gave is fetched. Whoever may see some customers only shares it with those who see the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from insight import access
from insight.access import Right
from insight.errors import OnlyOwnCustomers
from insight.worker import Job, Work, finished, start

T = TypeVar("T")


def _same(value: Any) -> Any:  # noqa: ANN401 (whatever the work gave)
    return value


def begun(
    work: Work, right: Right, *, about: str, key: tuple[object, ...] | None = None, read: Callable[[Any], T] = _same
) -> Job[T]:  # fmt: skip
    """Begin work, or join whoever asked for it with an equal key (see ``worker.start``; NotAllowed)."""
    access.demand(right)
    own = key and (*key, access.actor().rows)
    return start(work, about=about, key=own, read=_guarded(read, right))


def done(value: object, right: Right, *, about: str, read: Callable[[Any], T] = _same) -> Job[T]:
    """Work that was done before it was asked for (NotAllowed)."""
    access.demand(right)
    return finished(value, about=about, read=_guarded(read, right))


def _guarded(read: Callable[[Any], T], right: Right) -> Callable[[Any], T]:
    rows = access.actor().rows

    def allowed(value: Any) -> T:  # noqa: ANN401 (whatever the work gave)
        access.demand(right)
        if access.actor().rows != rows:
            raise OnlyOwnCustomers
        return read(value)

    return allowed
