"""Raw text columns to the typed columns of their roles; every cell that cannot be read is listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from insight.clean.cleaned import EMPTIED, flag, note, together
from insight.clean.proposal import ATTRIBUTE, Proposal
from insight.clean.regions import provinces
from insight.clean.times import times
from insight.clean.values import codes, durations, numbers, words
from insight.privacy import mask_series
from insight.schema import TABLES, Column, Kind

_RESERVED = frozenset({"customer_id", "match_status", "is_conflict", "ordered_month", "__line__"})
_MOSTLY_NUMBERS = 0.95


@dataclass(frozen=True, slots=True)
class Typed:
    """Typed columns under their canonical names (n_rows), and the issues of unreadable cells."""

    frame: pl.DataFrame
    issues: pl.DataFrame


def _refunds(values: pl.Series) -> pl.Series:
    """Refunded money; words without a digit ("无退款申请") mean none."""
    none = words(values).str.contains(r"^\D+$").fill_null(value=False)
    return numbers(values.set(none, "0"))


_BY_NAME: Mapping[str, Callable[[pl.Series], pl.Series]] = MappingProxyType({
    "order_id": codes, "respondent_id": codes, "text_id": codes, "refund": _refunds, "duration_s": durations, "region": provinces,
})  # fmt: skip


def parsed(values: pl.Series, role: Column) -> tuple[pl.Series, str]:
    """The values of one role, typed, and a Chinese sentence on any doubt about them."""
    if role.kind is Kind.TIME:
        read = times(values)
        return read.seconds.alias(role.name), read.doubt
    parse = _BY_NAME.get(role.name, numbers if role.kind is Kind.NUMBER else words)
    return parse(values).alias(role.name), ""


def typed(
    frame: pl.DataFrame, proposal: Proposal, *, essential: frozenset[str] = frozenset()
) -> Typed:
    """Type every column that plays a role, except identities.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw text columns
    proposal : their roles
    essential : roles whose unreadable cells cost the line: the caller lists those
    """
    columns, issues = [], []
    for role in TABLES[proposal.table].columns:
        header = proposal.column_of(role.name)
        if header is None or role.kind is Kind.IDENTITY:
            continue
        values, doubt = parsed(frame[header], role)
        columns.append(values)
        if doubt:
            issues.append(note(doubt, column=header))
        if role.name not in essential and role.kind in {Kind.NUMBER, Kind.TIME}:
            issues.append(_unreadable(frame.select("__line__", header), values, label=role.label))
    return Typed(pl.DataFrame(columns), together(issues))


def _unreadable(frame: pl.DataFrame, values: pl.Series, *, label: str) -> pl.DataFrame:
    header = frame.columns[1]
    lost = values.is_null() & words(frame[header]).is_not_null()
    return flag(frame, lost, column=header, reason=f"无法识别为{label}", action=EMPTIED)


def attributes(
    frame: pl.DataFrame, proposal: Proposal, *, taken: frozenset[str], numeric: bool
) -> Typed:
    """Every attribute column under its own name, personal data in text masked.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw text columns
    proposal : their roles
    taken : names that other columns of the result have; "_2" is put behind an equal one
    numeric : whether columns with at least 95 % numbers become numbers
    """
    columns, issues = [], []
    for header in proposal.columns_of(ATTRIBUTE):
        values = words(frame[header])
        name = f"{header}_2" if header in taken | _RESERVED or header.startswith("key_") else header
        if numeric and is_numeric(values):
            number = numbers(values)
            issues.append(_unreadable(frame.select("__line__", header), number, label="数字"))
            columns.append(number.alias(name))
        else:
            columns.append(mask_series(values).alias(name))
    return Typed(pl.DataFrame(columns), together(issues))


def is_numeric(values: pl.Series) -> bool:
    """Whether at least 95 % of the non-empty values are numbers; "007" is a code, not a number."""
    filled = values.drop_nulls()
    if filled.is_empty() or filled.str.contains(r"^0\d+$").any():
        return False
    return 1 - numbers(filled).null_count() / len(filled) >= _MOSTLY_NUMBERS
