"""Who acts: the name that revisions and logs carry, and what this person may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from insight.access.rights import RIGHT_LABELS, ROLE_LABELS, Right, Role, has
from insight.access.rows import Rows, is_at_the_door, read_rows
from insight.errors import NotAllowed, OnlyOwnCustomers
from insight.settings import settings


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at work.

    Attributes
    ----------
    name : what revisions and logs carry
    role : in the study that is worked on; None: no right at all
    at_terminal : at the command line of the server, which asks for no sign-in: whoever reaches the folder may do all
    rows : the customers they may see in the study that is worked on; None: all
    """

    name: str
    role: Role | None
    at_terminal: bool = False
    rows: Rows | None = None


_ACTOR: ContextVar[Actor | None] = ContextVar("actor", default=None)


@contextmanager
def acting(who: Actor) -> Iterator[None]:
    """Everything inside is done by ``who``."""
    token = _ACTOR.set(who)
    try:
        yield
    finally:
        _ACTOR.reset(token)


def actor() -> Actor:
    """Who acts now: whoever ``acting`` names, else whoever the settings name.

    One's own machine has no roles; on a server for a team, work that nobody signed in for has no rights.
    """
    chosen = settings()
    own: Role | None = "admin" if chosen.mode == "local" else None
    return _ACTOR.get() or Actor(chosen.author, chosen.role or own, rows=read_rows(chosen.rows))


def named() -> bool:
    """Whether ``acting`` names somebody here."""
    return _ACTOR.get() is not None


def demand(right: Right) -> None:
    """Go on only where whoever acts has the right (NotAllowed)."""
    role = actor().role
    if not has(role, right):
        raise refusal(right, role)


def demand_all() -> None:
    """Go on only where whoever acts may see all customers, or at the door that takes out theirs (OnlyOwnCustomers)."""
    if actor().rows is not None and not is_at_the_door():
        raise OnlyOwnCustomers


def refusal(right: Right, role: Role | None, *, where: str = "") -> NotAllowed:
    """The sentence for a role that lacks a right; ``where`` says how far the role reaches."""
    told = f"{ROLE_LABELS[role]}{where}" if role else ""
    return NotAllowed(right, label=RIGHT_LABELS[right], role=told)


def environment() -> dict[str, str]:
    """What a child process must be told to act for whoever acts here."""
    who = actor()
    rows = None if is_at_the_door() else who.rows
    return {"INSIGHT_AUTHOR": who.name, "INSIGHT_ROLE": who.role or "", "INSIGHT_ROWS": rows.written() if rows else ""}  # fmt: skip
