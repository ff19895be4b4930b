"""What was shown in each choice task or on each product card: one typed row an alternative."""

from __future__ import annotations

import polars as pl

from insight.clean.cleaned import DROPPED, Cleaned, flag, together
from insight.clean.columns import attributes, typed
from insight.clean.proposal import Proposal
from insight.clean.records import records
from insight.readers import RawTable


def clean_designs(raw: RawTable, proposal: Proposal, *, secret: bytes) -> Cleaned:  # noqa: ARG001 (every cleaner is given it; a design holds no person)
    """Make one row per alternative shown.

    Parameters
    ----------
    raw : the design as the survey tool exports it
    proposal : roles of its columns; what plays none is an attribute of the alternatives

    Returns
    -------
    Cleaned : frame (n_rows) version, task, alternative, item where the file has them; every attribute
        under its own name, as text. Without a column of alternatives the rows are numbered within
        their task: product cards in the order of the file. Rows without any content are in the issues
    """
    facts = tuple(h for r in ("task", "item", "alternative") if (h := proposal.column_of(r)))
    frame, dropped = records(raw.frame, facts=facts) if facts else (raw.frame, together([]))
    columns = typed(frame, proposal)
    extras = attributes(frame, proposal, taken=frozenset(columns.frame.columns), numeric=False)
    result = pl.concat([columns.frame, extras.frame], how="horizontal")
    told = [c for c in result.columns if c == "item" or c in extras.frame.columns]
    empty = result.select(pl.all_horizontal(pl.col(told).is_null())).to_series()
    issue = flag(frame, empty, column="", reason="没有写展示的内容", action=DROPPED)
    if "alternative" not in result.columns:
        within = [c for c in ("version", "task") if c in result.columns]
        number = pl.int_range(1, pl.len() + 1).cast(pl.Float64)
        result = result.with_columns(alternative=number.over(within) if within else number)
    return Cleaned(result.filter(~empty), together([dropped, columns.issues, extras.issues, issue]))
