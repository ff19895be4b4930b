"""Who is a member, with which role: everywhere, or in one study."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from sqlite3 import Connection

from insight.access.acting import actor, refusal
from insight.access.register import note, reading, writing
from insight.access.rights import ROLE_LABELS, Role, has
from insight.access.rows import Rows
from insight.access.sessions import end_all
from insight.errors import BadMember, BadRows, LastAdmin
from insight.settings import settings

EVERYWHERE = "*"
_PERSON = re.compile(r"[^\s@]+@[^\s@]+|[\w.\-]{2,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who has a role, or has signed in without one.

    Attributes
    ----------
    person : e-mail address, or whatever else names people here
    name : as the identity provider calls them; "": never signed in
    roles : study id, or ``EVERYWHERE`` -> role
    rows : study id -> the customers they may see there; absent: all
    is_fixed : administrator by the settings of the server, whatever the register says
    """

    person: str
    name: str = ""
    seen: float | None = None
    roles: Mapping[str, Role] = field(default_factory=dict)
    rows: Mapping[str, Rows] = field(default_factory=dict)
    is_fixed: bool = False


def normal(person: str) -> str:
    """A person as the register writes them: one writing, however the provider spells it.

    Raises
    ------
    BadMember : nothing that could name a person.
    """
    told = person.strip().casefold()
    if not _PERSON.fullmatch(told):
        raise BadMember(person.strip(), "不像邮箱或账号")
    return told


def first_admins() -> frozenset[str]:
    """Those whom the settings of the server make administrators."""
    return frozenset(normal(one) for one in settings().admin.split(",") if one.strip())


def has_admin() -> bool:
    """Whether anybody can give roles."""
    with reading() as db:
        return bool(first_admins() or db.execute(_ADMINS).fetchone())


def met(person: str, name: str, *, now: float | None = None) -> None:
    """Remember who signed in, and what they are called."""
    at = time.time() if now is None else now
    with writing() as db:
        db.execute(
            "INSERT INTO people VALUES (?, ?, ?) ON CONFLICT (person) DO UPDATE SET name = excluded.name, seen = excluded.seen",
            (person, name, at),
        )


def role_of(person: str, study: str = EVERYWHERE) -> Role | None:
    """The role of a person in a study: the one given for it, else the one given everywhere."""
    return role_in(roles_of(person), study)


def role_in(given: Mapping[str, Role], study: str) -> Role | None:
    """The role in a study of somebody who was given these."""
    return given.get(study) or given.get(EVERYWHERE)


def roles_of(person: str) -> dict[str, Role]:
    """Study id, or ``EVERYWHERE`` -> role."""
    with reading() as db:
        found: dict[str, Role] = dict(
            db.execute("SELECT study, role FROM roles WHERE person = ?", (person,))
        )
    return {EVERYWHERE: "admin"} if person in first_admins() else found


def rows_of(person: str, study: str) -> Rows | None:
    """The customers that a person may see in a study (its id); None: all."""
    if person in first_admins():
        return None
    asked = "SELECT audience, pin FROM roles WHERE person = ? AND study = ? AND audience != ''"
    with reading() as db:
        found = db.execute(asked, (person, study)).fetchone()
    return Rows(*found) if found else None


def grant(
    person: str, role: Role, *, study: str = EVERYWHERE, rows: Rows | None = None, by: str
) -> None:
    """Give a person a role in one study or everywhere, in place of the one they had there, with its row rule.

    Parameters
    ----------
    rows : the customers that a viewer of one study may see there; whoever is narrowed has to sign in anew

    Raises
    ------
    NotAllowed : whoever acts does not manage members.
    BadMember : nothing that could name a person, or one whom the settings make administrator.
    BadRows : who shall see some customers only is no viewer of one study, or manages everything.
    LastAdmin : nobody would be left who can give roles.
    """
    _demand_all()
    known = _changeable(person)
    _check_rows(known, role, study=study, rows=rows)
    with writing() as db:
        if study == EVERYWHERE and role != "admin":
            _keep_an_admin(db.execute(_ADMINS).fetchall(), known)
        _give(db, known, role, study=study, rows=rows, by=by)
    if rows:
        end_all(known, by=by)


def _give(db: Connection, person: str, role: Role, *, study: str, rows: Rows | None, by: str) -> None:  # fmt: skip
    told = (rows.audience, rows.pin) if rows else ("", "")
    db.execute(
        "INSERT OR REPLACE INTO roles (person, study, role, audience, pin) VALUES (?, ?, ?, ?, ?)",
        (person, study, role, *told),
    )
    only = {"rows": rows.audience} if rows else {}
    note(db, "grant", who=by, what={"person": person, "role": ROLE_LABELS[role], "study": study} | only)  # fmt: skip


def _check_rows(person: str, role: Role, *, study: str, rows: Rows | None) -> None:
    """Whoever changes or manages sees all customers; and who sees some only manages nothing."""
    given = roles_of(person)
    if rows is None:
        narrowed = [one for one in given if one != EVERYWHERE and rows_of(person, one)]
        if (role, study) == ("admin", EVERYWHERE) and narrowed:
            raise BadRows(person, "在有的研究里只看一部分客户，不能管理全部研究")
        return
    if role != "viewer":
        raise BadRows(person, f"的角色是“{ROLE_LABELS[role]}”，要看全部客户")
    if study == EVERYWHERE:
        raise BadRows(person, "没有限定在一个研究里")
    if has(given.get(EVERYWHERE), "manage"):
        raise BadRows(person, "管理全部研究，要看全部客户")


def withdraw(person: str, *, study: str = EVERYWHERE, by: str) -> None:
    """Take a role away; who loses the one for everywhere loses all of them, and every session (LastAdmin)."""
    _demand_all()
    known = _changeable(person)
    is_all = study == EVERYWHERE
    with writing() as db:
        if is_all:
            _keep_an_admin(db.execute(_ADMINS).fetchall(), known)
        which = ("person = ?", (known,)) if is_all else ("person = ? AND study = ?", (known, study))
        db.execute(f"DELETE FROM roles WHERE {which[0]}", which[1])
        note(db, "withdraw", who=by, what={"person": known, "study": study})
    if is_all:
        end_all(known, by=by)


def carry_over(study: str, *, of: str) -> None:
    """Let everybody have in a copy the role that they have in the study ``of`` which it is one; its maker, too.

    A row rule goes along. A role for everywhere reaches into the copy by itself. One for a single study would not: its maker could not
    open what they made, and who may only look at this study but change others could change the copy.
    """
    with writing() as db:
        asked = "SELECT person, role, audience, pin FROM roles WHERE study = ? ORDER BY person"
        given: list[tuple[str, Role, str, str]] = db.execute(asked, (of,)).fetchall()
        for person, role, *told in given:
            rows = Rows(*told) if told[0] else None
            _give(db, person, role, study=study, rows=rows, by=actor().name)


_ADMINS = f"SELECT person FROM roles WHERE role = 'admin' AND study = '{EVERYWHERE}'"


def _demand_all() -> None:
    """Roles are given by whoever manages everything; an administrator of one study would give them to themselves."""
    role = roles_of(actor().name).get(EVERYWHERE)
    if not (actor().at_terminal or has(role, "manage")):
        raise refusal("manage", role)


def _changeable(person: str) -> str:
    known = normal(person)
    if known in first_admins():
        raise BadMember(known, "由服务器设置 INSIGHT_ADMIN 指定为管理员，不能在这里改")
    return known


def _keep_an_admin(admins: list[tuple[str]], person: str) -> None:
    if admins == [(person,)] and not first_admins():
        raise LastAdmin


def members() -> tuple[Member, ...]:
    """Everybody with a role, and everybody who signed in and waits for one; by name of the person."""
    with reading() as db:
        met_ones = {p: (name, seen) for p, name, seen in db.execute("SELECT person, name, seen FROM people")}  # fmt: skip
        given: dict[str, dict[str, Role]] = {}
        rows: dict[str, dict[str, Rows]] = {}
        for person, study, role, *told in db.execute("SELECT person, study, role, audience, pin FROM roles"):  # fmt: skip
            given.setdefault(person, {})[study] = role
            if told[0]:
                rows.setdefault(person, {})[study] = Rows(*told)
    fixed = first_admins()
    given |= {person: {EVERYWHERE: "admin"} for person in fixed}
    return tuple(
        Member(
            p,
            *met_ones.get(p, ("", None)),
            given.get(p, {}),
            {} if p in fixed else rows.get(p, {}),
            p in fixed,
        )
        for p in sorted(met_ones.keys() | given.keys())
    )
