"""Raw tables written by hand, as the readers would give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from insight.clean import Cleaned, clean, propose, with_roles
from insight.readers import ISSUE_SCHEMA, RawTable

SECRET = b"0123456789abcdef0123456789abcdef"


def raw_table(
    columns: Mapping[str, Sequence[str | None]], *, name: str = "手写", kind: str = "table"
) -> RawTable:
    """A raw table from its columns; the first row is line 2, below the header."""
    frame = pl.DataFrame(dict(columns), schema=dict.fromkeys(columns, pl.String))
    lines = pl.int_range(2, frame.height + 2, dtype=pl.UInt32, eager=True).alias("__line__")
    issues = pl.DataFrame(schema=dict(ISSUE_SCHEMA))
    return RawTable(name, kind, frame.insert_column(0, lines), (), issues)


def cleaned(raw: RawTable, *, table: str | None = None, **roles: str) -> Cleaned:
    """Propose, correct and clean in one go."""
    return clean(raw, with_roles(propose(raw, table=table), roles), secret=SECRET)


def reasons(result: Cleaned) -> list[tuple[int | None, str, str]]:
    """Line, reason and action of every issue."""
    return result.issues.select("line", "reason", "action").rows()
