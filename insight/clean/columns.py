"""Raw text columns to the typed columns of their roles; every cell that cannot be read is listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

from insight.clean.cleaned import EMPTIED, flag, note, together
from insight.clean.contents import is_like_id
from insight.clean.proposal import ATTRIBUTE, Proposal
from insight.clean.regions import cities, provinces
from insight.clean.times import times
from insight.clean.values import (
    believable,
    codes,
    durations,
    nothing,
    numbers,
    plain,
    quantities,
    words,
)
from insight.identifiers import lost, repaired
from insight.masking import mask_series
from insight.schema import TABLES, Column, Kind
from insight.threads import at_once

_RESERVED = frozenset({"customer_id", "match_status", "is_conflict", "ordered_month", "__line__"})
_MOSTLY_NUMBERS = 0.95


@dataclass(frozen=True, slots=True)
class Typed:
    """Typed columns under their canonical names (n_rows), and the issues of unreadable cells.

    ``why`` says of each column of times or numbers (n_rows) why a filled cell is none, null where
    it is one; columns without such a cell may be absent.
    """

    frame: pl.DataFrame
    issues: pl.DataFrame
    why: Mapping[str, pl.Series] = field(default_factory=dict)


def _refunds(values: pl.Series) -> pl.Series:
    """Refunded money; words without a digit ("无退款申请") mean none."""
    none = words(values).str.contains(r"^\D+$").fill_null(value=False)
    return numbers(values.set(none, "0"))


def _reasons(values: pl.Series) -> pl.Series:
    """Why something came back, which buyers may have written themselves: personal data hidden."""
    return mask_series(words(values))


_BY_NAME: Mapping[str, Callable[[pl.Series], pl.Series]] = MappingProxyType({
    "order_id": codes, "line_id": codes, "sku": codes, "respondent_id": codes, "text_id": codes, "refund": _refunds,
    "refund_reason": _reasons,
    "quantity": quantities, "duration_s": durations, "region": provinces,
})  # fmt: skip
_TIES_ROWS = frozenset({"order_id", "line_id", "sku"})  # a damaged one would tie strangers together
_TOO_LARGE = "超过 100 亿，多半是列对应错了（如把编号当成了数字）"
_LOST = "末尾数字已丢失（科学计数法，或超过 15 位后全是 0），不可恢复，请按文本重新导出"


@dataclass(frozen=True, slots=True)
class Parsed:
    """The values of one role, typed (n); why cells are none, where a reason is known; notes on the column."""

    values: pl.Series
    why: pl.Series | None = None
    notes: tuple[str, ...] = ()


def parsed(values: pl.Series, role: Column, *, day_first: bool | None = None) -> Parsed:
    """Type the values of one role."""
    if role.kind is Kind.TIME:
        read = times(values, day_first=day_first)
        notes = tuple(filter(None, (read.doubt, read.zone)))
        return Parsed(read.seconds.alias(role.name), read.why, notes)
    parse = _BY_NAME.get(role.name, numbers if role.kind is Kind.NUMBER else words)
    found = parse(values)
    read_values = found.alias(role.name)
    if role.kind is Kind.NUMBER:
        return _number(read_values, role)
    if role.name not in _TIES_ROWS:
        return Parsed(read_values)
    mended = () if found is values else _mended(values, role)
    gone = lost(read_values)
    if not gone.any():
        return Parsed(read_values, nothing(read_values), mended)
    why = pl.select(pl.when(gone).then(pl.lit(f"{role.label}{_LOST}"))).to_series()
    return Parsed(read_values.set(gone, None), why, mended)


def _number(read: pl.Series, role: Column) -> Parsed:
    """The numbers of a role without those beyond belief."""
    kept = believable(read)
    if kept is read:
        return Parsed(read)
    gone = kept.is_null() & read.is_not_null()
    why = pl.select(pl.when(gone).then(pl.lit(f"{role.label}{_TOO_LARGE}"))).to_series()
    return Parsed(kept, why)


def _mended(values: pl.Series, role: Column) -> tuple[str, ...]:
    """What was undone about identifiers, if it was more than spaces and ".0"."""
    known = plain(values.drop_nulls().unique()).drop_nulls()
    undone = known.filter((repaired(known) != known) & ~known.str.contains(r"^\d+\.0+$")).sort()
    if undone.is_empty():
        return ()
    return (f"{role.label}带有表格软件的痕迹，已还原，如 {undone[0]}",)


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
    columns, issues, why = [], [], {}
    played = [
        (role, header)
        for role in TABLES[proposal.table].columns
        if role.kind not in {Kind.IDENTITY, Kind.NETWORK}
        and (header := proposal.column_of(role.name))
    ]

    def read_as(pair: tuple[Column, str]) -> Parsed:
        return parsed(frame[pair[1]], pair[0], day_first=proposal.decisions.day_first)

    for (role, header), read in zip(played, at_once(read_as, played), strict=True):
        columns.append(read.values)
        issues += [note(said, column=header) for said in read.notes]
        if read.why is not None:
            why[role.name] = read.why
        if role.name == "region" and proposal.column_of("city") is None:
            columns += _cities_of(frame[header], read.values)
        if role.name not in essential and (role.kind in _READ or read.why is not None):
            issues.append(_unreadable(frame.select("__line__", header), read, label=role.label))
    return Typed(pl.DataFrame(columns), together(issues), why)


def _cities_of(regions: pl.Series, provinces: pl.Series) -> list[pl.Series]:
    """The column of cities that addresses in the place of regions name, if they are addresses."""
    if provinces.equals(regions):  # of an address it would be a part
        return []
    named = cities(regions).alias("city")
    return [] if named.is_null().all() else [named]


_READ = frozenset({Kind.NUMBER, Kind.TIME})


def _unreadable(frame: pl.DataFrame, read: Parsed, *, label: str) -> pl.DataFrame:
    header = frame.columns[1]
    empty = read.values.is_null()
    if not empty.any():
        return together([])
    why = [] if read.why is None else [read.why.alias("__why__")]
    rows = frame.with_columns(why).filter(empty)
    reason = pl.coalesce(*(w.name for w in why), pl.lit(f"无法识别为{label}"))
    lost = words(rows[header]).is_not_null()
    return flag(rows, lost, column=header, reason=reason, action=EMPTIED)


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
        if numeric and is_numeric(values) and not is_like_id(values.drop_nulls(), header=header):
            number = numbers(values)
            issues.append(
                _unreadable(frame.select("__line__", header), Parsed(number), label="数字")
            )
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
