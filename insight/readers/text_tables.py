"""Delimited text (csv, tsv, …) as a grid: every line of the file ends up in a row or in the issues."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

import polars as pl

from insight.errors import EmptyFile, FileTooLarge
from insight.privacy import mask
from insight.readers import gate
from insight.readers.headers import header_at
from insight.readers.layouts import ALONE, HOLE, QUOTED, UNIT, Layout
from insight.readers.raw import LINE, Grid, grid_frame, issue_table

_LABELS = {"\t": "制表符", ";": "分号", "|": "竖线", UNIT: "双竖线"}
_MAX_LINE = 2**27


def to_grid(found: Layout, stem: str, file: str, *, notes: Sequence[str] = ()) -> Grid:
    """Cut a delimited text into cells.

    Parameters
    ----------
    found : the text and its separator
    stem : name of the table
    file : for messages
    notes : what was noticed before

    Returns
    -------
    Grid with the line each row begins on. Rows with too many cells and the repairs of quotes
    without a partner are in the issues.

    Raises
    ------
    EmptyFile : only blank lines
    FileTooLarge : more columns than the settings allow, or a line of more than 128 MB
    """
    records = _records(found.text, found.first)
    if records.is_empty():
        raise EmptyFile(file)
    records, repairs = _well_formed(records, found.separator)
    width = _width(records, found.separator)
    gate.refuse_area(records.height, width, file)
    if int(records["record"].str.len_bytes().max() or 0) > _MAX_LINE:  # type: ignore[arg-type]
        raise FileTooLarge(file, "有一行内容过长", f"{_MAX_LINE // 2**20} MB")
    extra = pl.col("n_cells") > width
    long = records.filter(extra)
    frame = _cells(records.filter(~extra), found.separator, width)
    repairs = repairs.filter(~pl.col("line").is_in(long[LINE].implode()))
    issues = pl.concat([_too_long(long, width), repairs]).sort("line", maintain_order=True)
    return Grid(stem, frame, (*notes, *_notes(found, long, repairs, width)), issues)


def _records(text: str, first: int) -> pl.DataFrame:
    """(n) ``__line__`` and record: lines joined while a quote is open; blank ones left out."""
    lines = pl.Series("record", [text]).str.split("\n").explode()
    frame = pl.select(pl.int_range(first, first + len(lines), dtype=pl.UInt32).alias(LINE))
    frame = frame.with_columns(lines, n_lines=pl.lit(1, dtype=pl.UInt32))
    if '"' in text:
        quotes = lines.str.count_matches('"', literal=True).cast(pl.Int64)
        begins = ((quotes.cum_sum() - quotes) % 2 == 0).alias("begins")
        if not begins.all():
            frame = _joined(frame.with_columns(begins))
    return frame.filter(pl.col("record").str.strip_chars() != "")


def _joined(lines: pl.DataFrame) -> pl.DataFrame:
    return (
        lines.group_by(pl.col("begins").cum_sum().alias("nth"), maintain_order=True)
        .agg(pl.col(LINE).first(), pl.col("record").str.join("\n"), pl.len().alias("n_lines"))
        .drop("nth")
    )


def _well_formed(records: pl.DataFrame, separator: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records whose quotes pair up, with ``n_cells``, and the issues of those that had to be mended.

    A record over several lines whose quotes do not pair up is taken apart into its lines, so
    that one stray quote never swallows what follows.
    """
    records = _measured(records, separator)
    torn = pl.col("odd") & (pl.col("n_lines") > 1)
    if records.select(torn.any()).item():
        lines = (
            records.filter(torn).with_columns(pl.col("record").str.split("\n")).explode("record")
        )
        lines = lines.with_columns(
            pl.col(LINE) + pl.int_range(pl.len(), dtype=pl.UInt32).over(LINE), n_lines=1
        ).cast({"n_lines": pl.UInt32})
        whole = pl.concat([records.filter(~torn), lines]).sort(LINE)
        records = _measured(whole.filter(pl.col("record").str.strip_chars() != ""), separator)
    return _mended(records, separator)


def _measured(records: pl.DataFrame, separator: str) -> pl.DataFrame:
    """Add ``n_cells`` and ``odd``: whether a quote stands where none may stand (RFC 4180)."""
    frame = records.select(LINE, "record", "n_lines")
    mark = separator if separator.isspace() or separator.isalnum() else f"\\{separator}"
    if not frame["record"].str.contains('"', literal=True).any():
        cells = pl.col("record").str.count_matches(separator, literal=True) + 1
        return frame.with_columns(cells.alias("n_cells"), odd=pl.lit(False))
    rest = pl.col("record").str.replace_all(QUOTED, HOLE)
    frame = frame.with_columns(rest.alias("rest"))
    stray = pl.col("rest").str.contains(rf'"|[^{mark}]{HOLE}|{HOLE}[^{mark}]')
    cells = pl.col("rest").str.count_matches(separator, literal=True) + 1
    return frame.with_columns(cells.alias("n_cells"), stray.alias("odd")).drop("rest")


def _mended(records: pl.DataFrame, separator: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Quote the cells of odd records anew, so that the fast parser reads what a person would."""
    odd = records.filter("odd")
    if odd.is_empty():
        return records, issue_table()
    cells = [_split(record, separator) for record in odd["record"]]
    anew = odd.with_columns(
        pl.Series("record", [separator.join(_quoted(c) for c in row) for row in cells]),
        pl.Series("n_cells", [len(row) for row in cells], dtype=records.schema["n_cells"]),
    )
    unpaired = odd.filter(pl.col("record").str.count_matches('"', literal=True) % 2 == 1)
    repairs = issue_table(
        (line, "", mask(record[:200]), "引号没有配对，已按普通文字读入", "已更正")
        for line, record in unpaired.select(LINE, "record").rows()
    )
    return pl.concat([records.filter(~pl.col("odd")), anew]).sort(LINE), repairs


def _split(record: str, separator: str) -> list[str]:
    reader = csv.reader([record, ""], delimiter=separator, skipinitialspace=True)
    try:
        cells = next(reader)
    except csv.Error:  # a cell longer than the module allows
        return record.split(separator)
    return _plain(record, separator) if reader.line_num > 1 else cells


def _plain(record: str, separator: str) -> list[str]:
    """Cells of a record that leaves a quote open: that quote goes, whole quoted cells stay whole."""
    mark = re.escape(separator)
    cells = re.findall(rf'(?:^|{mark})("(?:[^"]|"")*"(?={mark}|$)|[^{mark}]*)', record)
    return [_unquoted(cell) for cell in cells]


def _unquoted(cell: str) -> str:
    whole = len(cell) > 1 and cell.endswith('"')
    return (
        cell[1:-1].replace('""', '"') if cell.startswith('"') and whole else cell.removeprefix('"')
    )


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _width(records: pl.DataFrame, separator: str) -> int:
    """Cells of a row: as many as the header has, or more where nearly all rows agree on more."""
    top = records.head(50)
    rows = [
        (line, [c or None for c in _split(record, separator)])
        for line, record in top.select(LINE, "record").rows()
    ]
    frame = grid_frame(rows)
    at = header_at([row[1:] for row in frame.rows()])
    named, below = int(top["n_cells"][at]), records["n_cells"][at + 1 :]
    usual = below.value_counts(sort=True).row(0) if len(below) else (named, 0)
    return int(usual[0]) if usual[0] > named and usual[1] >= 0.9 * len(below) else named


def _cells(records: pl.DataFrame, separator: str, width: int) -> pl.DataFrame:
    """The frame of a grid; rows with too few cells are filled up with empty ones."""
    missing = (width - pl.col("n_cells").cast(pl.Int64)).clip(0)
    padded = records.select(pl.col("record") + pl.lit(separator).repeat_by(missing).list.join(""))
    text = padded["record"].str.join("\n").item()
    names = [str(i) for i in range(width)]
    frame = pl.read_csv(
        text.encode(),
        has_header=False,
        separator=separator,
        infer_schema=False,
        schema=dict.fromkeys(names, pl.String),
    )
    if frame.height != records.height:
        raise AssertionError("the parser disagrees with the records")
    if '="' in text:  # ="000123", how web shops keep a spreadsheet from shortening ids
        frame = frame.with_columns(pl.all().str.replace(r'^="([^"]*)"$', "$1"))
    return frame.insert_column(0, records[LINE])


def _too_long(long: pl.DataFrame, width: int) -> pl.DataFrame:
    return issue_table(
        (line, "", mask(record[:200]), f"这一行有 {n} 格，应为 {width} 格", "未导入")
        for line, record, n in long.select(LINE, "record", "n_cells").rows()
    )


def _notes(found: Layout, long: pl.DataFrame, repairs: pl.DataFrame, width: int) -> tuple[str, ...]:
    notes = []
    if found.separator not in (",", ALONE):
        mark = _LABELS.get(found.separator, f"“{found.separator}”")
        notes.append(f"列与列之间以{mark}分隔。")
    if not long.is_empty():
        line, n = long.row(0, named=True)[LINE], long["n_cells"][0]
        notes.append(
            f"有 {long.height} 行列数不对（如第 {line} 行 {n} 列，应为 {width} 列），没有导入，见问题清单。"
        )
    if not repairs.is_empty():
        notes.append(
            f"第 {repairs['line'][0]} 行的引号没有配对{f'（共 {repairs.height} 行）' if repairs.height > 1 else ''}，"
            "已按普通文字读入，后面的行没有受影响。"
        )
    return tuple(notes)
