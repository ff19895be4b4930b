"""A file like one the user has mapped before: its roles are those of last time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from insight.clean.contents import Profile
from insight.clean.drift import Drift, closest, drift, likeness, same_columns
from insight.clean.grids import part_ids
from insight.clean.proposal import IGNORED, QUESTION, Proposal, with_roles
from insight.clean.questions import Block, blocks
from insight.clean.recognise import recognise
from insight.presets import OwnPreset
from insight.schema import Decisions


@dataclass(frozen=True, slots=True)
class Before:
    """An own preset and how much of it the file has [0..1]."""

    preset: OwnPreset
    confidence: float


def before(
    frame: pl.DataFrame,
    seen: Mapping[str, Profile],
    *,
    own: Sequence[OwnPreset],
    table: str | None,
    preset: str | None,
) -> Before | None:
    """The own preset to use: the one the user names, else the closest of those for ``table``.

    Parameters
    ----------
    frame : (n) raw text columns
    seen : raw column -> profile
    own : the user's presets; of those that are equally close the first one counts
    table : canonical table, where the user knows
    preset : what the user chose: a name, a key of a platform, "" = none, None = nothing
    """
    if preset is not None:
        named = next((o for o in own if o.name == preset), None)
        return Before(named, likeness(named, seen)) if named else None
    found = closest(_of_the_same_exporter(own, frame, seen, table=table), seen)
    return Before(*found) if found else None


def _of_the_same_exporter(
    own: Sequence[OwnPreset],
    frame: pl.DataFrame,
    seen: Mapping[str, Profile],
    *,
    table: str | None,
) -> list[OwnPreset]:
    """The presets that may be meant; two exports of the same answers have the same columns."""
    those = [o for o in own if table in {None, o.table}]
    if all(o.exporter is None for o in those):
        return those
    wrote = recognise(frame, seen)
    by = {wrote.preset.table: wrote.preset.key} if wrote else {}
    return [o for o in those if o.exporter in {None, by.get(o.table, "")}]


def taken_over(before: Decisions, now: Decisions) -> Decisions:
    """What was decided before; what the user decides now comes first, question by question."""
    told = {name: getattr(now, name) for name in now.model_fields_set}
    both = {n: {**getattr(before, n), **v} if isinstance(v, dict) else v for n, v in told.items()}
    return before.model_copy(update=both)


def as_before(
    proposal: Proposal, mine: Before, *, seen: Mapping[str, Profile], now: Decisions
) -> Proposal:
    """Give columns the roles they had; renamed ones are proposed with their former name.

    Parameters
    ----------
    proposal : what headers and values say
    mine : the own preset
    seen : raw column -> profile
    now : what the user decides about this file; it comes before what the preset says
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
        recognised=f"{_recognised(own)}（{_said(own, changed)}）",
        decisions=taken_over(_followed(own, given, former), now),
        confidence=mine.confidence,
        marks=(),
        preset=own.base,
        own=own.name,
        drift=changed,
    )


def _followed(own: OwnPreset, given: Proposal, former: Mapping[str, str]) -> Decisions:
    """What was decided about questions, under the ids they have now; a question that is gone is let go."""
    moved = _renumbered(own, given, former=former)
    kept = {
        name: {new: what for id_, what in decided.items() if (new := moved.get(id_, id_)) is not None}
        for name in ("kinds", "separators", "options", "missing")
        if (decided := getattr(own.decisions, name))
    }  # fmt: skip
    return own.decisions.model_copy(update=kept)


def _renumbered(
    own: OwnPreset, given: Proposal, *, former: Mapping[str, str]
) -> dict[str, str | None]:
    """Id of a question, or of a part of it, last time -> its id now; None where none of its columns is left."""
    moved: dict[str, str | None] = {}
    for ids in (_whole, _parts):
        now = {former[c]: id_ for c, id_ in ids(given.roles).items() if c in former}
        for column, id_ in ids(own.columns).items():
            moved[id_] = moved.get(id_) or now.get(column)
    return moved


def _asked(roles: Mapping[str, str]) -> tuple[Block, ...]:
    return blocks([column for column, role in roles.items() if role == QUESTION])


def _whole(roles: Mapping[str, str]) -> dict[str, str]:
    """Question column -> the id of its question."""
    return {column: block.id for block in _asked(roles) for column in block.columns}


def _parts(roles: Mapping[str, str]) -> dict[str, str]:
    """Question column -> the id it has where it is a question of its own."""
    several = (block for block in _asked(roles) if block.parts)
    return {c: i for block in several for c, i in zip(block.columns, part_ids(block), strict=True)}


def _recognised(own: OwnPreset) -> str:
    return f"与{own.label}相同的表，按它的映射" if own.of_study else own.label


def _reason(own: OwnPreset, column: str, changed: Drift) -> str:
    if was := changed.renamed.get(column):
        return f"上次叫“{was}”"
    return f"按{own.label}映射" if own.of_study else own.label


def _said(own: OwnPreset, changed: Drift) -> str:
    if not changed:
        return f"{len(own.columns)} 列与上次完全相同"
    n = len(own.columns) - len(changed.missing)
    return f"{n} 列对得上，{len(changed.new)} 列新增，{len(changed.missing)} 列缺少"
