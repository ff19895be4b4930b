"""A file like one the user has mapped before: its roles are those of last time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from insight.clean.contents import Profile
from insight.clean.drift import Drift, closest, drift, likeness, same_columns
from insight.clean.proposal import IGNORED, Proposal, with_roles
from insight.presets import OwnPreset
from insight.schema import Decisions


@dataclass(frozen=True, slots=True)
class Before:
    """An own preset and how much of it the file has [0..1]."""

    preset: OwnPreset
    confidence: float


def before(
    seen: Mapping[str, Profile], *, own: Sequence[OwnPreset], table: str | None, preset: str | None
) -> Before | None:
    """The own preset to use: the one the user names, else the closest of those for ``table``.

    Parameters
    ----------
    seen : raw column -> profile
    own : the user's presets
    table : canonical table, where the user knows
    preset : what the user chose: a name, a key of a platform, "" = none, None = nothing
    """
    if preset is not None:
        named = next((o for o in own if o.name == preset), None)
        return Before(named, likeness(named, seen)) if named else None
    found = closest([o for o in own if table in {None, o.table}], seen)
    return Before(*found) if found else None


def taken_over(own: OwnPreset, decisions: Decisions) -> Decisions:
    """The decisions of an own preset; what the user decided now comes before them."""
    now = {name: getattr(decisions, name) for name in decisions.model_fields_set}
    return own.decisions.model_copy(update=now | {"preset": own.base})


def as_before(proposal: Proposal, mine: Before, seen: Mapping[str, Profile]) -> Proposal:
    """Give columns the roles they had; renamed ones are proposed with their former name.

    Parameters
    ----------
    proposal : what headers and values say
    mine : the own preset
    seen : raw column -> profile
    """
    own, changed = mine.preset, drift(mine.preset, seen)
    former = {**same_columns(own, list(seen)), **changed.renamed}
    roles = {column: own.columns[was] for column, was in former.items()}
    given = with_roles(proposal, roles)
    evidence = {**proposal.evidence, **{c: _reason(own, c, changed) for c in roles}}
    lost = {
        c for c in given.roles if c not in roles and given.roles[c] == IGNORED != proposal.roles[c]
    }
    evidence |= dict.fromkeys(lost, "这个角色上次给了另一列")
    return replace(
        given,
        evidence=evidence,
        recognised=f"我的预设“{own.name}”（{_said(own, changed)}）",
        confidence=mine.confidence,
        marks=(),
        preset=own.base,
        own=own.name,
        drift=changed,
    )


def _reason(own: OwnPreset, column: str, changed: Drift) -> str:
    if was := changed.renamed.get(column):
        return f"上次叫“{was}”"
    return f"我的预设“{own.name}”"


def _said(own: OwnPreset, changed: Drift) -> str:
    if not changed:
        return f"{len(own.columns)} 列与上次完全相同"
    n = len(own.columns) - len(changed.missing)
    return f"{n} 列对得上，{len(changed.new)} 列新增，{len(changed.missing)} 列缺少"
