"""Raw table to proposal to typed canonical table, with every dropped or changed line listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import polars as pl

from insight.clean.cleaned import DROPPED, Cleaned, together
from insight.clean.codebook import asked_by, is_questionnaire, without_missing
from insight.clean.contents import Profile, number_share, profiles
from insight.clean.designs import clean_designs
from insight.clean.detail_lines import clean_detail_lines
from insight.clean.drift import NO_DRIFT, Drift, content
from insight.clean.events import clean_events
from insight.clean.hiding import hidden
from insight.clean.mapping import Match, complete, match
from insight.clean.orders import clean_orders
from insight.clean.people import clean_customers
from insight.clean.proposal import QUESTION, Proposal, known_roles, missing, with_roles
from insight.clean.recognise import exporter_of, recognise, table_of
from insight.clean.repeated import as_before, before
from insight.clean.returns import clean_returns
from insight.clean.survey import clean_responses
from insight.clean.twins import merge_twins
from insight.clean.unclear import unclear_dates
from insight.clean.verbatims import clean_texts
from insight.errors import BadMapping, NothingLeft, NoUsableColumn, UnknownName
from insight.presets import OwnPreset
from insight.readers import RawTable
from insight.schema import TABLES, UNDECIDED, Decisions

__all__ = [
    "NO_DRIFT",
    "Cleaned",
    "Drift",
    "Proposal",
    "clean",
    "contents_of",
    "known_roles",
    "merge_twins",
    "propose",
    "unclear_dates",
    "with_roles",
]

_CLEANERS: Mapping[str, Callable[..., Cleaned]] = MappingProxyType(
    {
        "orders": clean_orders,
        "order_lines": clean_detail_lines,
        "order_returns": clean_returns,
        "customers": clean_customers,
        "responses": clean_responses,
        "texts": clean_texts,
        "designs": clean_designs,
        "events": clean_events,
    }
)


def propose(
    raw: RawTable,
    *,
    table: str | None = None,
    decisions: Decisions = UNDECIDED,
    own: Sequence[OwnPreset] = (),
) -> Proposal:
    """Propose which canonical table a raw table is, and the role of each of its columns.

    Parameters
    ----------
    raw : as read
    table : canonical table, where the user knows; else headers and values decide
    decisions : what else the user decided about the file; ``decisions.preset`` may name one of ``own``
    own : the user's own presets, which are tried before the platforms

    Raises
    ------
    NoUsableColumn : ``table`` is not given and nothing fits any canonical table.
    UnknownName : there is no such canonical table or preset.
    BadParameter : the preset is one of another table.
    """
    if table is not None and table not in TABLES:
        raise UnknownName("数据表", table, tuple(TABLES))
    seen = profiles(raw.frame)
    mine = before(raw.frame, seen, own=own, table=table, preset=decisions.preset)
    if mine is None:
        return _by_platform(raw, seen, table=table, decisions=decisions)
    mapped = mine.preset
    read_as = mapped.decisions.model_copy(update={"preset": mapped.base})
    fresh = _by_platform(raw, seen, table=mapped.table, decisions=read_as)
    again = as_before(fresh, mine, seen=seen, now=decisions)
    chosen = mapped.decisions.preset if decisions.preset is None else mapped.base
    return replace(again, decisions=again.decisions.model_copy(update={"preset": chosen}))


def _by_platform(
    raw: RawTable, seen: Mapping[str, Profile], *, table: str | None, decisions: Decisions
) -> Proposal:
    """What headers and values say, read the way of the platform that exported the file."""
    exporter = exporter_of(raw.frame, seen, table=table, preset=decisions.preset)
    preset = exporter.preset if exporter else None
    found = {name: match(seen, t, preset=preset) for name, t in TABLES.items()}
    if decisions.preset and preset:
        likely: str | None = preset.table
    elif raw.kind == "transcript":
        found["texts"] = _turns(seen)
        likely = "texts" if found["texts"].roles else None
    else:
        wrote = exporter if decisions.preset is None else recognise(raw.frame, seen)
        likely = table_of(seen, found, exporter=wrote)
        if likely != "orders" and is_questionnaire(raw.codebook):
            likely = "responses"
    chosen = table or likely
    if chosen is None:
        raise NoUsableColumn(raw.name, _ANY_TABLE, _LEAST)
    final = complete(found[chosen], seen, table=TABLES[chosen], preset=preset)
    if chosen == "responses":
        final = asked_by(raw.codebook, final)
    proposal = Proposal(chosen, final.roles, final.evidence, decisions=decisions)
    if exporter is None or exporter.preset.table != chosen:
        return proposal
    return replace(
        proposal,
        recognised=exporter.said,
        preset=exporter.preset.key,
        confidence=exporter.confidence,
        marks=exporter.marks,
    )


def contents_of(raw: RawTable) -> dict[str, str]:
    """What the values of each column are ("time", "number", …), by raw column; no value is told."""
    return {c: content(seen) for c, seen in profiles(raw.frame).items()}


_ANY_TABLE = "订单、客户、问卷、文本或行为记录"
_LEAST = (
    "订单的下单时间和实付金额",
    "或客户的客户编号",
    "或问卷的题目",
    "或文本的内容",
    "或行为记录的行为和发生时间",
)


def _turns(seen: Mapping[str, Profile]) -> Match:
    """The columns of a transcript have their roles from the reader; only the words must be words."""
    if number_share(seen["text"]) >= 0.5:
        return Match()
    roles = ("speaker", "role", "said_at", "text")
    return Match(dict(zip(roles, roles, strict=True)), dict.fromkeys(roles, "逐字稿"))


def clean(raw: RawTable, proposal: Proposal, *, secret: bytes) -> Cleaned:
    """Make the typed canonical table; every dropped or changed line is in the issues.

    Parameters
    ----------
    raw : as read
    proposal : what its columns are, proposed and corrected
    secret : key of the identity tokens; identities never survive in the clear

    Raises
    ------
    NoUsableColumn : a required role is played by no column.
    BadMapping : the proposal names a column the table does not have.
    NothingLeft : there are rows, and none of them survives.
    """
    for column, role in proposal.roles.items():
        if role and column not in raw.frame.columns:
            raise BadMapping(column, role, "表里没有这一列")
    in_order = {c: proposal.roles[c] for c in raw.frame.columns if c in proposal.roles}
    proposal = replace(proposal, roles=in_order)
    if lacks := missing(proposal):
        raise NoUsableColumn(raw.name, TABLES[proposal.table].label, lacks)
    asked = proposal.columns_of(QUESTION)
    raw = replace(raw, frame=without_missing(raw.frame, raw.codebook, asked=asked))
    cleaned = _CLEANERS[proposal.table](raw, proposal, secret=secret)
    cleaned = replace(cleaned, issues=together([hidden(raw, proposal), cleaned.issues]))
    if cleaned.frame.is_empty() and not raw.frame.is_empty():
        raise NothingLeft(raw.name, raw.frame.height, _commonest(cleaned.issues))
    return cleaned


def _commonest(issues: pl.DataFrame) -> str:
    """The reason why most lines were dropped, with their number."""
    lines = issues.filter(pl.col("line").is_not_null(), action=DROPPED)
    counts = lines.group_by("reason").agg(n=pl.col("line").n_unique())
    reason, n = counts.sort("n", "reason", descending=[True, False]).row(0)
    return f"{reason}（{n:,} 行）"
