"""The shapes that readers hand on: a grid as it stands in the file, and a raw table with named columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Literal

import polars as pl

LINE = "__line__"
BLOCK = 2**23  # bytes that are read at once
_LAST_SPACE = "\u3000\U0010ffff"  # no white space begins a text after it

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
class Variable:
    """What a file says about one of its columns.

    Attributes
    ----------
    name : of the variable, as its makers call it ("Q1_3")
    wording : its label, else its name
    options : (code, text in the cells) in the order of the codes; empty without value labels
    missing : texts in the cells that count as missing by the author's rule
    rule : that rule in the author's codes: "98–99、-1", or ""
    measure : "nominal", "ordinal", "scale", or "" where the file does not say
    """

    name: str
    wording: str
    options: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    rule: str = ""
    measure: str = ""


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """Columns that hold the answers to one question; ``counted`` is the text of a ticked cell, or None."""

    name: str
    wording: str
    columns: tuple[str, ...]
    counted: str | None


@dataclass(frozen=True, slots=True)
class Codebook:
    """What a file of a statistics package says about its columns, by column of the raw table."""

    variables: Mapping[str, Variable]
    sets: tuple[AnswerSet, ...] = ()

    def of(self, column: str) -> Variable:
        """What is said about a column; one that the file says nothing about is called by its header."""
        return self.variables.get(column) or Variable(column, column)


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
    codebook : what the file itself says about its columns (SPSS), else None
    format : what the file is ("xlsx", "xls", "csv", "html", "parquet", …)
    encoding : of a text file, as Python calls it; "" where there is none
    header_row : line of the header in the file [1-based], None where there is none
    """

    name: str
    kind: Literal["table", "transcript"]
    frame: pl.DataFrame
    notes: tuple[str, ...]
    issues: pl.DataFrame
    codebook: Codebook | None = None
    format: str = ""
    encoding: str = ""
    header_row: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An upload: its bytes or where they lie, the name to show in messages, and what the user asked for."""

    content: bytes | Path
    name: str
    sheet: str | None = None
    encoding: str | None = None

    @property
    def data(self) -> bytes:
        """All bytes at once."""
        return self.content.read_bytes() if isinstance(self.content, Path) else self.content

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return self.content.stat().st_size if isinstance(self.content, Path) else len(self.content)

    def opened(self) -> BinaryIO:
        """The bytes as an open file; for a ``with`` statement."""
        return self.content.open("rb") if isinstance(self.content, Path) else BytesIO(self.content)

    def head(self, n: int, *, after: int = 0) -> bytes:
        """The first ``n`` bytes after the first ``after``."""
        with self.opened() as file:
            file.seek(after)
            return file.read(n)

    def blocks(self, size: int) -> Iterator[tuple[bytes, bool]]:
        """The bytes in blocks of ``size``, each with whether it is the last; at least one."""
        with self.opened() as file:
            block = file.read(size)
            while following := file.read(size):
                yield block, False
                block = following
            yield block, True

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
    frame : ``__line__`` and String columns named by position, "0", "1", …; cells that hold nothing
        but white space are null; wholly blank rows may be absent
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

    @property
    def is_empty(self) -> bool:
        """Whether no row is there."""
        return self.frame.is_empty()


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
    frame = without_blanks(pl.DataFrame(columns, schema={name: pl.String for name in columns}))
    return frame.insert_column(0, pl.Series(LINE, [line for line, _ in pairs], dtype=pl.UInt32))


def without_blanks(frame: pl.DataFrame) -> pl.DataFrame:
    """The same cells, those null that hold nothing but white space."""
    texts = frame.select(pl.col(pl.String))
    beyond_ascii = pl.all().is_between(pl.lit("\x7f"), pl.lit(_LAST_SPACE))
    low = texts.select(((pl.all() < "!") | beyond_ascii).any())
    spaced = [name for name in texts.columns if low[name].item()]
    cells = pl.col(spaced)  # seldom any: most cells begin with a letter, digit or ideograph
    return frame.with_columns(pl.when(cells.str.strip_chars() != "").then(cells))
