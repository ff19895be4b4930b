"""Raw table to proposal to typed canonical table, with every dropped or changed line listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import polars as pl

from insight.clean.cleaned import DROPPED, Cleaned
from insight.clean.contents import Profile, number_share, profile
from insight.clean.mapping import Match, complete, match
from insight.clean.orders import clean_orders
from insight.clean.people import clean_customers
from insight.clean.proposal import Proposal, known_roles, missing, with_roles
from insight.clean.recognise import platform_label, table_of
from insight.clean.survey import clean_responses
from insight.clean.twins import merge_twins
from insight.clean.verbatims import clean_texts
from insight.errors import BadMapping, NothingLeft, NoUsableColumn, UnknownName
from insight.readers import RawTable
from insight.schema import TABLES, UNDECIDED, Decisions

__all__ = ["Cleaned", "Proposal", "clean", "known_roles", "merge_twins", "propose", "with_roles"]

_CLEANERS: Mapping[str, Callable[..., Cleaned]] = MappingProxyType(
    {
        "orders": clean_orders,
        "customers": clean_customers,
        "responses": clean_responses,
        "texts": clean_texts,
    }
)


def propose(
    raw: RawTable,
    *,
    table: str | None = None,
    decisions: Decisions = UNDECIDED,
) -> Proposal:
    """Propose which canonical table a raw table is, and the role of each of its columns.

    Parameters
    ----------
    raw : as read
    table : canonical table, where the user knows; else headers and values decide
    decisions : what else the user decided about the file

    Raises
    ------
    NoUsableColumn : ``table`` is not given and nothing fits any canonical table.
    UnknownName : there is no such canonical table.
    """
    if table is not None and table not in TABLES:
        raise UnknownName("数据表", table, tuple(TABLES))
    columns = [c for c in raw.frame.columns if c != "__line__"]
    seen = {c: profile(raw.frame[c]) for c in columns}
    found = {name: match(seen, t) for name, t in TABLES.items()}
    if raw.kind == "transcript":
        found["texts"] = _turns(seen)
        likely = "texts" if found["texts"].roles else None
    else:
        likely = table_of(seen, found)
    chosen = table or likely
    if chosen is None:
        raise NoUsableColumn(raw.name, _ANY_TABLE, _LEAST)
    final = complete(found[chosen], seen, table=TABLES[chosen])
    label = platform_label(seen, chosen)
    return Proposal(chosen, final.roles, final.evidence, label, decisions)


_ANY_TABLE = "订单、客户、问卷或文本"
_LEAST = ("订单的下单时间和实付金额", "或客户的客户编号", "或问卷的题目", "或文本的内容")


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
    cleaned = _CLEANERS[proposal.table](raw, proposal, secret=secret)
    if cleaned.frame.is_empty() and not raw.frame.is_empty():
        raise NothingLeft(raw.name, raw.frame.height, _commonest(cleaned.issues))
    return cleaned


def _commonest(issues: pl.DataFrame) -> str:
    """The reason why most lines were dropped, with their number."""
    lines = issues.filter(pl.col("line").is_not_null(), action=DROPPED)
    counts = lines.group_by("reason").agg(n=pl.col("line").n_unique())
    reason, n = counts.sort("n", "reason", descending=[True, False]).row(0)
    return f"{reason}（{n:,} 行）"
