"""The shapes that readers hand on: a grid as it stands in the file, and a raw table with named columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import polars as pl

LINE = "__line__"

ISSUE_SCHEMA: Mapping[str, pl.DataType | type[pl.DataType]] = MappingProxyType(
    {
        "line": pl.UInt32,
        "column": pl.String,
        "value": pl.String,
        "reason": pl.String,
        "action": pl.String,  # "未导入" | "已置空" | "已更正" | "保留"
    }
)


@dataclass(frozen=True, slots=True)
class RawTable:
    """What a file says, as text, before anybody decides what it means.

    Attributes
    ----------
    name : sheet name, or file stem
    kind : a table, or the turns of a conversation (speaker, role, said_at, text)
    frame : ``__line__`` (UInt32, 1-based row in the file) and String columns; null = empty cell
    notes : Chinese sentences on what was noticed
    issues : ISSUE_SCHEMA; the rows and cells that were set aside or changed
    """

    name: str
    kind: Literal["table", "transcript"]
    frame: pl.DataFrame
    notes: tuple[str, ...]
    issues: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Source:
    """An upload: its bytes, the name to show in messages, and what the user asked for."""

    data: bytes
    name: str
    sheet: str | None = None
    encoding: str | None = None

    @property
    def stem(self) -> str:
        """The name without its last suffix."""
        return self.name.rpartition(".")[0] or self.name

    @property
    def suffix(self) -> str:
        """The last suffix in lower case, without the dot; a hint only, never the judge."""
        return self.name.rpartition(".")[2].lower() if "." in self.name else ""


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range: lines are 1-based as in the file, columns are positions from 0; both ends count."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet before its header is known.

    Attributes
    ----------
    frame : ``__line__`` and String columns named by position, "0", "1", …; wholly blank rows may be absent
    issues : ISSUE_SCHEMA with positions as column names
    merged : merged ranges, whose value stands in the top left cell
    n_blank : blank rows between the rows of ``frame``
    """

    name: str
    frame: pl.DataFrame
    notes: tuple[str, ...] = ()
    issues: pl.DataFrame | None = None
    merged: tuple[Merge, ...] = ()
    n_blank: int = 0


def issue_table(rows: Iterable[tuple[int, str, str | None, str, str]] = ()) -> pl.DataFrame:
    """An issues table from (line, column, value, reason, action) rows."""
    return pl.DataFrame(list(rows), schema=dict(ISSUE_SCHEMA), orient="row")


def grid_frame(rows: Iterable[tuple[int, list[str | None]]]) -> pl.DataFrame:
    """The frame of a grid from (line, cells) rows of any lengths."""
    pairs = list(rows)
    width = max((len(cells) for _, cells in pairs), default=0)
    columns: dict[str, list[str | None]] = {
        str(i): [cells[i] if i < len(cells) else None for _, cells in pairs] for i in range(width)
    }
    frame = pl.DataFrame(columns, schema={name: pl.String for name in columns})
    return frame.insert_column(0, pl.Series(LINE, [line for line, _ in pairs], dtype=pl.UInt32))
