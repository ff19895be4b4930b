"""Delimited text whose quotes or lengths need care: every line ends up in a row or is set aside."""

from __future__ import annotations

import csv
import re

import polars as pl

from insight.masking import mask
from insight.readers.layouts import HOLE, QUOTED
from insight.readers.raw import LINE, issue_table


def records_of(text: str, first: int) -> pl.DataFrame:
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


def well_formed(records: pl.DataFrame, separator: str) -> tuple[pl.DataFrame, pl.DataFrame]:
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
    cells = [split(record, separator) for record in odd["record"]]
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


def split(record: str, separator: str) -> list[str]:
    """The cells of one record as a person would read them."""
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


def cells_of(records: pl.DataFrame, separator: str, width: int) -> pl.DataFrame:
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
    if '="' in text:  # a web shop's ="00123", quoted once more
        frame = frame.with_columns(pl.all().str.replace(r'^="([^"]*)"$', "$1"))
    return frame.insert_column(0, records[LINE])
