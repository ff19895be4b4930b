"""Which dates of a file only the user can tell apart, before it is cleaned."""

from __future__ import annotations

import polars as pl

from insight.clean.proposal import Proposal
from insight.clean.times import times
from insight.readers import RawTable
from insight.schema import TABLES, Kind

_YEAR_LAST = r"^\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{4}"
_SHOWN = 5


def unclear_dates(raw: RawTable, proposal: Proposal) -> tuple[str, ...]:
    """Some dates of the time columns that could be two days, the same whatever the order of the rows.

    Parameters
    ----------
    raw : as read
    proposal : roles of its columns; empty where its ``day_first`` is decided
    """
    if raw.kind == "transcript" or proposal.decisions.day_first is not None:
        return ()
    roles = [c.name for c in TABLES[proposal.table].columns if c.kind is Kind.TIME]
    columns = [c for c in map(proposal.column_of, roles) if c is not None]
    found = [_of(raw.frame[c]) for c in columns if raw.frame[c].str.contains(_YEAR_LAST).any()]
    known = pl.concat(found).unique().sort() if found else pl.Series([], dtype=pl.String)
    return tuple(known.head(_SHOWN))


def _of(values: pl.Series) -> pl.Series:
    return values.filter(times(values).unclear()).rename("date")
