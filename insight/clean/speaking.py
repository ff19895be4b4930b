"""Who is who in a conversation as the user decided it: other roles, and speakers whose words do not count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from insight.clean.cleaned import DROPPED, flag, note, together
from insight.clean.proposal import Proposal
from insight.readers import RawTable

INTERVIEWER, PARTICIPANT, LEFT_OUT = "interviewer", "participant", ""
NOBODY = ""  # stands for the turns that nobody is named for
_ROLE = "__role__"


def with_decided_roles(raw: RawTable, proposal: Proposal) -> tuple[RawTable, Proposal]:
    """The turns (n) with the roles that the user gave to their speakers; others keep theirs.

    Parameters
    ----------
    raw : turns, with a column that plays "speaker"; any other table comes back as it is
    proposal : its decisions name speakers as the file shows them, "" for turns without one
    """
    roles = {who: role for who, role in proposal.decisions.speakers.items() if role != LEFT_OUT}
    speaker = proposal.column_of("speaker")
    if speaker is None or not roles:
        return raw, proposal
    before = proposal.column_of("role")
    held = before or _ROLE
    own = pl.col(before) if before else pl.lit(None, pl.String)
    decided = spoken_by(speaker).replace_strict(roles, default=None, return_dtype=pl.String)
    frame = raw.frame.with_columns(pl.coalesce(decided, own).alias(held))
    return replace(raw, frame=frame), replace(proposal, roles={**proposal.roles, held: "role"})


def without_left_out(raw: RawTable, proposal: Proposal) -> tuple[RawTable, pl.DataFrame]:
    """The turns of everybody whose words count, and issues of the others and of unknown names."""
    speaker = proposal.column_of("speaker")
    decided = proposal.decisions.speakers
    if speaker is None or not decided:
        return raw, together([])
    known = set(raw.frame[speaker].unique().fill_null(NOBODY))
    unknown = [who for who in decided if who not in known]
    silent = [who for who, role in decided.items() if role == LEFT_OUT]
    out = raw.frame.select(spoken_by(speaker).is_in(silent)).to_series()
    said = flag(raw.frame, out, column=speaker, reason="指定为不计入的说话人", action=DROPPED)
    notes = [note(f"没有说话人“{who}”，为其指定的身份没有用上") for who in unknown if who]
    return replace(raw, frame=raw.frame.filter(~out)), together([*notes, said])


def spoken_by(speaker: str) -> pl.Expr:
    """The speaker of each turn, ``NOBODY`` where none is named."""
    return pl.col(speaker).str.strip_chars().fill_null(NOBODY)


def spoken_roles(written: Mapping[str, str]) -> dict[str, str]:
    """Roles as people write them (主持人, 受访者, 不计入) by their names; unknown words stay."""
    return {who: _SPELT.get(role.strip().lower(), role.strip()) for who, role in written.items()}


ROLE_LABELS: Mapping[str, str] = {INTERVIEWER: "访问员", PARTICIPANT: "受访者", LEFT_OUT: "不计入"}
_SPELT: Mapping[str, str] = {
    **{label: role for role, label in ROLE_LABELS.items()},
    "主持人": INTERVIEWER, "采访者": INTERVIEWER, "访谈员": INTERVIEWER, "被访者": PARTICIPANT, "用户": PARTICIPANT,
    "客户": PARTICIPANT, "忽略": LEFT_OUT, "none": LEFT_OUT,
}  # fmt: skip
