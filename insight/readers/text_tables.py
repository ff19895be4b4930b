"""Delimited text (csv, tsv, …) as a grid: every line of the file ends up in a row or in the issues."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from insight.errors import EmptyFile
from insight.masking import mask
from insight.readers import gate
from insight.readers.encodings import Decoded
from insight.readers.header_rows import header_at
from insight.readers.layouts import ALONE, BARS, UNIT, Layout
from insight.readers.plain_text import n_line_ends
from insight.readers.raw import LINE, Grid, grid_frame, issue_table, without_blanks
from insight.readers.record_chunks import record_chunks, record_end
from insight.readers.text_records import cells_of, records_of, split, well_formed
from insight.threads import at_once

_HEAD = 2**20  # bytes that decide how many cells a row has
_LABELS = {"\t": "制表符", ";": "分号", "|": "竖线", BARS: "双竖线"}
_RAGGED = (pl.exceptions.ComputeError, pl.exceptions.SchemaError)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole records of a text, from line ``first`` on; a row has ``width`` cells, ``n_ends`` lines end here."""

    text: bytes
    separator: str
    width: int
    first: int
    n_ends: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines of a text as cells.

    Attributes
    ----------
    frame : of a grid
    long : (n) ``__line__``, record, n_cells of the records with too many cells
    repairs : issues of quotes without a partner
    """

    frame: pl.DataFrame
    long: pl.DataFrame
    repairs: pl.DataFrame


def to_grid(decoded: Decoded, found: Layout, *, stem: str, file: str) -> Grid:
    """Cut a delimited text into cells.

    Parameters
    ----------
    decoded : the text; its blocks are taken out as they are read, so that memory holds the
        text or its table, never both
    found : how the cells are separated
    stem : name of the table
    file : for messages

    Returns
    -------
    Grid with the line each row begins on. Lines in another encoding, rows with too many cells
    and the repairs of quotes without a partner are in the issues.

    Raises
    ------
    EmptyFile : only blank lines
    FileTooLarge : more columns or cells than the settings allow, or a line of more than 128 MB
    """
    pieces, n_rows, width = [], 0, 0
    for piece in at_once(_piece, _chunks(decoded, found, file=file)):
        pieces.append(piece)
        width = piece.frame.width - 1
        n_rows += piece.frame.height
        gate.refuse_area(n_rows, width, file)
    if not width:
        raise EmptyFile(file)
    long = pl.concat([piece.long for piece in pieces])
    repairs = pl.concat([piece.repairs for piece in pieces])
    issues = pl.concat([_foreign(decoded), _too_long(long, width), repairs])
    notes = (*decoded.notes, *_notes(found, long, repairs, width))
    frame = _stacked([piece.frame for piece in pieces])
    return Grid(stem, frame, notes, issues.sort("line", maintain_order=True))


def _stacked(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """The rows of all frames, which give their columns away one by one, so that there are never two of all."""

    def column(name: str) -> pl.Series:
        return pl.concat([f.drop_in_place(name) for f in frames], rechunk=True)

    return pl.DataFrame([column(name) for name in frames[0].columns])


def _chunks(decoded: Decoded, found: Layout, *, file: str) -> Iterator[Chunk]:
    """The text in chunks of whole records, and how they are to be cut."""
    separator = UNIT if found.separator == BARS else found.separator
    width, line = 0, 1
    for chunk in record_chunks(decoded.blocks, found.first - 1, file=file):
        text = _prepared(chunk, found.separator)
        width = width or _width(text, separator)
        gate.refuse_area(0, width, file)
        n_ends = n_line_ends(text)
        yield Chunk(text, separator, width, line, n_ends)
        line += n_ends


def _prepared(text: bytes, separator: str) -> bytes:
    """The text with a separator of one byte and without the = of ids that web shops write as ="00123"."""
    mark = separator.encode()
    if b'"' in text and b'="' in text:
        cell = rb'(?<![^%b\n])="([^"%b\n]*)"(?![^%b\n])' % ((re.escape(mark[:1]),) * 3)
        text = re.sub(cell, rb"\1", text)
    return text.replace(mark, UNIT.encode()) if separator == BARS else text


def _width(text: bytes, separator: str) -> int:
    """Cells of a row: as many as the header has, or more where nearly all rows agree on more; 0 if all is blank."""
    end = record_end(text[:_HEAD])
    records = records_of((text[:end] if 0 < end < len(text) else text).decode(), 1)
    if records.is_empty():
        records = records_of(text.decode(), 1)
    if records.is_empty():
        return 0
    records, _ = well_formed(records, separator)
    top = records.head(50)
    rows = [
        (line, [c or None for c in split(record, separator)])
        for line, record in top.select(LINE, "record").rows()
    ]
    at = header_at([row[1:] for row in grid_frame(rows).rows()])
    named, below = int(top["n_cells"][at]), records["n_cells"][at + 1 :]
    usual = below.value_counts(sort=True).row(0) if len(below) else (named, 0)
    return int(usual[0]) if usual[0] > named and usual[1] >= 0.9 * len(below) else named


def _piece(chunk: Chunk) -> Piece:
    """Cut some records into cells: at once where they are as they should be, else with care."""
    frame = _parsed(chunk.text, chunk.separator, chunk.width) if chunk.width else None
    n_lines = chunk.n_ends + (not chunk.text.endswith(b"\n"))
    lines = None if frame is None else _line_numbers(frame, chunk.first, n_lines=n_lines)
    if frame is None or lines is None:
        return _careful(chunk)
    return Piece(frame.insert_column(0, lines), _NO_LONG, issue_table())


def _parsed(text: bytes, separator: str, width: int) -> pl.DataFrame | None:
    """The cells, or None where the parser may have understood something else than a person.

    It has not, if no row is blank and quotes pair up and no quote remains in any cell: then
    every quote stood at the beginning or the end of a cell.
    """
    is_quoted = b'"' in text
    if is_quoted and text.count(b'"') % 2:
        return None
    names = [str(i) for i in range(width)]
    try:
        frame = pl.read_csv(
            text,
            has_header=False,
            separator=separator,
            quote_char='"' if is_quoted else None,
            infer_schema=False,
            schema=dict.fromkeys(names, pl.String),
        )
    except _RAGGED:
        return None
    quoted = pl.any_horizontal(pl.all().str.contains('"', literal=True).any())
    if is_quoted and frame.select(quoted).item():
        return None
    frame = without_blanks(frame)
    blank = pl.all_horizontal(pl.all().is_null()).any()  # may be no row but a blank line
    return None if frame.select(blank).item() else frame


def _line_numbers(frame: pl.DataFrame, first: int, *, n_lines: int) -> pl.Series | None:
    """The line each row begins on, or None where rows and lines do not add up."""
    if frame.height == n_lines:
        return pl.int_range(first, first + n_lines, dtype=pl.UInt32, eager=True).alias(LINE)
    within = pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True))
    ends = frame.select((within + 1).cum_sum().cast(pl.UInt32).alias(LINE))[LINE]
    begins = ends.shift(1, fill_value=0) + first
    return begins.cast(pl.UInt32) if len(ends) and ends[-1] == n_lines else None


def _careful(chunk: Chunk) -> Piece:
    """Every line on its own: what is too long is set aside, what leaves a quote open is mended."""
    lines = records_of(chunk.text.decode(), chunk.first)
    records, repairs = well_formed(lines, chunk.separator)
    extra = pl.col("n_cells") > chunk.width
    long = records.filter(extra).select(_NO_LONG.columns)
    frame = cells_of(records.filter(~extra), chunk.separator, chunk.width)
    repairs = repairs.filter(~pl.col("line").is_in(long[LINE].implode()))
    return Piece(without_blanks(frame), long, repairs)


_NO_LONG = pl.DataFrame(schema={LINE: pl.UInt32, "record": pl.String, "n_cells": pl.UInt32})


def _foreign(decoded: Decoded) -> pl.DataFrame:
    reason = f"这一行不是 {decoded.encoding} 编码"
    return issue_table(
        (line, "", mask(text[:200]), reason, "未导入") for line, text in decoded.bad_lines
    )


def _too_long(long: pl.DataFrame, width: int) -> pl.DataFrame:
    return issue_table(
        (line, "", mask(record[:200]), f"这一行有 {n} 格，应为 {width} 格", "未导入")
        for line, record, n in long.rows()
    )


def _notes(found: Layout, long: pl.DataFrame, repairs: pl.DataFrame, width: int) -> tuple[str, ...]:
    notes = []
    if found.separator not in (",", ALONE):
        mark = _LABELS.get(found.separator, f"“{found.separator}”")
        notes.append(f"列与列之间以{mark}分隔。")
    if not long.is_empty():
        line, _, n = long.row(0)
        notes.append(
            f"有 {long.height} 行列数不对（如第 {line} 行 {n} 列，应为 {width} 列），没有导入，见问题清单。"
        )
    if not repairs.is_empty():
        notes.append(
            f"第 {repairs['line'][0]} 行的引号没有配对{f'（共 {repairs.height} 行）' if repairs.height > 1 else ''}，"
            "已按普通文字读入，后面的行没有受影响。"
        )
    return tuple(notes)
