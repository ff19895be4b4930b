"""Raw table to proposal to typed canonical table, with every dropped or changed line listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from insight.clean.cleaned import Cleaned
from insight.clean.contents import profile
from insight.clean.mapping import complete, match
from insight.clean.orders import clean_orders
from insight.clean.people import clean_customers
from insight.clean.proposal import Proposal, known_roles, missing, with_roles
from insight.clean.recognise import platform_label, table_of
from insight.clean.survey import clean_responses
from insight.clean.twins import merge_twins
from insight.clean.verbatims import clean_texts
from insight.errors import BadMapping, NoUsableColumn, UnknownName
from insight.readers import RawTable
from insight.schema import TABLES

__all__ = ["Cleaned", "Proposal", "clean", "known_roles", "merge_twins", "propose", "with_roles"]

_CLEANERS: Mapping[str, Callable[..., Cleaned]] = MappingProxyType(
    {
        "orders": clean_orders,
        "customers": clean_customers,
        "responses": clean_responses,
        "texts": clean_texts,
    }
)


def propose(raw: RawTable, *, table: str | None = None) -> Proposal:
    """Propose which canonical table a raw table is, and the role of each of its columns.

    Parameters
    ----------
    raw : as read
    table : canonical table, where the user knows; else headers and values decide

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
    chosen = table or ("texts" if raw.kind == "transcript" else table_of(seen, found))
    if chosen is None:
        raise NoUsableColumn(raw.name, "、".join(t.label for t in TABLES.values()), _LEAST)
    final = complete(found[chosen], seen, TABLES[chosen])
    return Proposal(chosen, final.roles, final.evidence, platform_label(seen, chosen))


_LEAST = (
    "订单的下单时间和实付金额", "客户的客户编号", "问卷的题目", "文本的内容（至少满足其中一种）",
)  # fmt: skip


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
    """
    for column, role in proposal.roles.items():
        if role and column not in raw.frame.columns:
            raise BadMapping(column, role, "表里没有这一列")
    if lacks := missing(proposal):
        raise NoUsableColumn(raw.name, TABLES[proposal.table].label, lacks)
    return _CLEANERS[proposal.table](raw, proposal, secret=secret)
