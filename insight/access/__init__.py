"""Who may do what: people and their roles, the sessions they are signed in with, and the log of both."""

from __future__ import annotations

from insight.access.acting import (
    Actor,
    acting,
    actor,
    demand,
    demand_all,
    environment,
    named,
    refusal,
)
from insight.access.identity import Identity, identified, named_by_proxy
from insight.access.members import (
    EVERYWHERE,
    Member,
    carry_over,
    first_admins,
    grant,
    has_admin,
    members,
    met,
    role_in,
    role_of,
    roles_of,
    rows_of,
    withdraw,
)
from insight.access.register import broken_line, log, noted
from insight.access.rights import EDIT, RIGHT_LABELS, RIGHTS, ROLE_LABELS, Right, Role, has
from insight.access.rows import Rows, at_the_door, is_at_the_door
from insight.access.serving import is_behind_proxy, is_own, is_proxy, is_stranger, refuse_unsafe
from insight.access.sessions import (
    Session,
    begin,
    end,
    end_all,
    hashed,
    is_live,
    signed_in,
    take_up,
)

__all__ = [
    "EDIT", "EVERYWHERE", "RIGHTS", "RIGHT_LABELS", "ROLE_LABELS", "Actor", "Identity", "Member", "Right", "Role", "Rows", "Session",
    "acting", "actor", "at_the_door", "begin", "broken_line", "carry_over", "demand", "demand_all", "end", "end_all", "environment", "first_admins", "grant", "has", "has_admin", "hashed",
    "identified", "is_at_the_door", "is_behind_proxy", "is_live", "is_own", "is_proxy", "is_stranger", "log", "members", "met", "named", "named_by_proxy", "noted",
    "refusal", "refuse_unsafe", "role_in", "role_of", "roles_of", "rows_of", "signed_in", "take_up", "withdraw",
]  # fmt: skip
