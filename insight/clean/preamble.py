"""Whose interview it is: lines such as 会员号：M000123 above the first turn of a transcript."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import polars as pl

from insight.clean.cleaned import KEPT, flag
from insight.clean.headers import alias_rank
from insight.clean.proposal import Proposal
from insight.readers import RawTable
from insight.schema import IDENTITIES

_REASON = "访谈对象的标识，用于匹配，不计入文本"
_LINE = re.compile(r"\s*([^:：\s]{1,12})\s*[:：]\s*(\S.{0,40}?)\s*")


@dataclass(frozen=True, slots=True)
class Named:
    """A transcript whose participants carry the identity that stood above it.

    Attributes
    ----------
    raw, proposal : with one column a key, filled for participants alone; the lines are taken out
    issues : the lines that were taken out
    """

    raw: RawTable
    proposal: Proposal
    issues: pl.DataFrame


def named(raw: RawTable, proposal: Proposal) -> Named:
    """Read the identities above the first turn; a key that is given twice stays text (a focus group)."""
    frame = raw.frame
    found = _above_the_first_turn(frame)
    kinds = [kind for kind, _, _ in found]
    single = [item for item in found if kinds.count(item[0]) == 1]
    lines = pl.col("__line__").is_in([line for _, line, _ in single])
    taken = frame.filter(lines)
    issues = flag(taken, pl.lit(True), column="", reason=_REASON, action=KEPT)
    speaks = pl.col("role").ne_missing("interviewer")
    columns = {f"__{kind}__": pl.when(speaks).then(pl.lit(value)) for kind, _, value in single}
    roles = {**proposal.roles, **{f"__{kind}__": kind for kind, _, _ in single}}
    kept = frame.filter(~lines).with_columns(**columns)
    return Named(replace(raw, frame=kept), replace(proposal, roles=roles), issues)


def _above_the_first_turn(frame: pl.DataFrame) -> list[tuple[str, int, str]]:
    """(kind, line, value) of every identity before anybody speaks."""
    spoken = (frame["speaker"].is_not_null().arg_max() or 0) if frame["speaker"].count() else 0
    found = []
    for line, text in frame.head(spoken).select("__line__", "text").iter_rows():
        match = _LINE.fullmatch(text or "")
        kind = match and next(
            (c.name for c in IDENTITIES if alias_rank(match[1], c) is not None), None
        )
        if match and kind:
            found.append((kind, line, match[2]))
    return found
