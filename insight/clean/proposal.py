"""Which canonical table a raw table is, and which role each of its columns plays: proposed, then corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from insight.clean.drift import NO_DRIFT, Drift
from insight.errors import BadMapping
from insight.schema import TABLES, UNDECIDED, Decisions, Kind

QUESTION, ATTRIBUTE, IGNORED = "question", "attribute", ""
_SPOKEN: Mapping[str, str] = MappingProxyType(
    {"题目": QUESTION, "属性": ATTRIBUTE, "忽略": IGNORED, "不导入": IGNORED}
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the columns of a raw table are taken for.

    Attributes
    ----------
    table : "orders", "order_lines", "order_returns", "customers", "responses", "texts", "designs" or "events"
    roles : raw column -> role of ``schema.TABLES[table]``, "question" (responses only),
        "attribute" (kept under its own name), or "" (left out)
    evidence : raw column -> Chinese reason for its role
    recognised : "问卷星·按文本（依据：序号、提交答卷时间）", or "" where no platform was recognised
    decisions : what the user decided beyond the roles
    preset : key of the platform preset that says how to read the file; "" = none
    confidence : how sure the recognition is [0..1]
    marks : the headers it rests on
    own : the user's own preset that the roles come from; "" = none
    drift : how the columns differ from those of ``own``
    """

    table: str
    roles: Mapping[str, str]
    evidence: Mapping[str, str]
    recognised: str = ""
    decisions: Decisions = UNDECIDED
    preset: str = ""
    confidence: float = 0.0
    marks: tuple[str, ...] = ()
    own: str = ""
    drift: Drift = NO_DRIFT

    def column_of(self, role: str) -> str | None:
        """The raw column that plays ``role``, or None."""
        return next((c for c, r in self.roles.items() if r == role), None)

    def columns_of(self, role: str) -> tuple[str, ...]:
        """Every raw column that plays ``role``, in the order of the file."""
        return tuple(c for c, r in self.roles.items() if r == role)

    def identities(self) -> Mapping[str, str]:
        """Identity role -> raw column, in the order of the schema."""
        roles = (c.name for c in TABLES[self.table].columns if c.kind is Kind.IDENTITY)
        return {r: column for r in roles if (column := self.column_of(r)) is not None}


def known_roles(table: str) -> tuple[str, ...]:
    """Every role a column of ``table`` may play, the way ``Proposal.roles`` writes it."""
    questions = (QUESTION,) if table == "responses" else ()
    return (*(c.name for c in TABLES[table].columns), *questions, ATTRIBUTE, IGNORED)


def with_roles(proposal: Proposal, changes: Mapping[str, str]) -> Proposal:
    """Correct a proposal; a column that loses its role to another one is left out.

    Parameters
    ----------
    proposal : what was proposed
    changes : raw column -> role, by its name ("ordered_at") or its Chinese label ("下单时间")

    Raises
    ------
    BadMapping : no such column, no such role, or one role for two columns.
    """
    named = {c: _role(proposal, column=c, written=r) for c, r in changes.items()}
    single = [r for r in named.values() if r not in {QUESTION, ATTRIBUTE, IGNORED}]
    for column, role in named.items():
        if single.count(role) > 1:
            raise BadMapping(column, role, "一个角色只能给一列")
    kept = {c: IGNORED if r in single else r for c, r in proposal.roles.items()}
    evidence = {**proposal.evidence, **dict.fromkeys(named, "由用户指定")}
    return replace(proposal, roles=kept | named, evidence=evidence)


def _role(proposal: Proposal, *, column: str, written: str) -> str:
    table = TABLES[proposal.table]
    if column not in proposal.roles:
        raise BadMapping(column, written, "表里没有这一列")
    labels = {c.label: c.name for c in table.columns}
    role = labels.get(written) or _SPOKEN.get(written, written)
    if role not in known_roles(proposal.table):
        known = "、".join(r for r in known_roles(proposal.table) if r)
        raise BadMapping(column, written, f"“{table.label}”没有这个角色，可选：{known}")
    return role


def missing(proposal: Proposal) -> tuple[str, ...]:
    """What the table still lacks, in the words of the screen; empty where it can be cleaned."""
    table = TABLES[proposal.table]
    played = frozenset(proposal.roles.values())
    if proposal.table == "customers":
        return () if proposal.identities() else ("客户编号（或手机号、邮箱）",)
    if proposal.table == "responses":
        return () if QUESTION in played else ("题目",)
    if proposal.table == "designs":
        return () if {ATTRIBUTE, "item"} & played else ("展示的内容（项目，或产品的各个属性）",)
    lacks = [r for r in table.required if r not in played]
    if "amount" in lacks and ({"quantity", "unit_price"} <= played or "order_paid" in played):
        lacks.remove("amount")
    labels = {c.name: c.label for c in table.columns}
    return tuple(labels[r] for r in lacks)
