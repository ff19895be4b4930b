"""What the columns of a file are and may be, in Chinese, with values that tell nothing of a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass

from insight import study as store
from insight.clean import Proposal
from insight.clean.personal import names_person
from insight.clean.proposal import ATTRIBUTE, IGNORED, QUESTION, known_roles
from insight.masking import mask
from insight.pipeline.changing import source_now
from insight.pipeline.kept import digest_of, proposal_of, raw_of
from insight.readers import RawTable
from insight.schema import TABLES, Kind
from insight.study import Source, Study
from insight.worker import Stop, call

SAMPLES, LONGEST = 3, 24  # values shown of a column, characters shown of a value
_SPOKEN: Mapping[str, str] = {QUESTION: "题目", ATTRIBUTE: "属性", IGNORED: "不导入"}


@dataclass(frozen=True, slots=True)
class Column:
    """One raw column: the role it plays, in Chinese, why, and some of its values [masked]."""

    name: str
    role: str
    reason: str
    samples: tuple[str, ...]


def roles_of(table: str) -> tuple[str, ...]:
    """The Chinese words of every role that a column of ``table`` may play."""
    return tuple(dict.fromkeys(_word(table, role) for role in known_roles(table)))


def required_of(table: str) -> tuple[str, ...]:
    """The Chinese words of the roles that ``table`` cannot do without."""
    return tuple(_word(table, role) for role in TABLES[table].required)


def columns_of(study: Study, index: int, *, stop: Stop | None = None) -> tuple[Column, ...]:
    """The columns of one source with their present roles; the file is read for them once.

    Raises
    ------
    InsightError : the file is gone, or damaged when it is read.
    """
    source = source_now(study, index)
    store.check_present(study, source.file)
    inputs = store.digest("columns", digest_of(study, source))
    sha = store.recall(study, inputs)
    if sha is None:
        sha = call(_keep_columns, study, source, inputs, about=source.name, is_quick=True, stop=stop)  # fmt: skip
    kept = json.loads(store.get(study, sha))
    return tuple(Column(name, role, why, tuple(samples)) for name, role, why, samples in kept)


def _keep_columns(study: Study, source: Source, inputs: str) -> str:
    """Name of the object that tells the columns of a source."""
    raw = raw_of(study, source)
    told = [astuple(one) for one in columns(raw, proposal_of(source, raw))]
    return store.remember(
        study, inputs, json.dumps(told, ensure_ascii=False).encode(), kind="columns"
    )


def columns(raw: RawTable, proposal: Proposal) -> tuple[Column, ...]:
    """The columns of a raw table as ``proposal`` takes them."""
    return tuple(
        Column(
            name,
            _word(proposal.table, role),
            proposal.evidence.get(name, ""),
            _samples(raw, name, hide=_is_identity(proposal, name)),
        )
        for name, role in proposal.roles.items()
    )


def _word(table: str, role: str) -> str:
    column = TABLES[table].column(role)
    return column.label if column else _SPOKEN.get(role, role)


def _is_identity(proposal: Proposal, name: str) -> bool:
    """Whether the values of a column tell who somebody is, be it a key or left out."""
    role = proposal.roles[name]
    column = TABLES[proposal.table].column(role)
    if column is not None and column.kind in {Kind.IDENTITY, Kind.NETWORK}:
        return True
    asked = "个人信息" in proposal.evidence.get(name, "")
    return role in {IGNORED, "region"} and (asked or names_person(name))


def _samples(raw: RawTable, name: str, *, hide: bool) -> tuple[str, ...]:
    """The first different values, short, and without what would tell who somebody is."""
    values = raw.frame[name].drop_nulls().head(200).unique(maintain_order=True).head(SAMPLES)
    return tuple(_veiled(value) if hide else mask(value)[:LONGEST] for value in values)


def _veiled(value: str) -> str:
    """Enough of an identity to know the column by, not enough to know the person."""
    if not value.isascii():
        return f"{value[:1]}***"
    return f"{value[: min(3, len(value) // 2)]}***"
