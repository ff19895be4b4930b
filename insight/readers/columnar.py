"""Parquet files as tables of text."""

from __future__ import annotations

import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from insight.errors import FileTooLarge, HeaderOnly
from insight.readers import gate
from insight.readers.cell_text import number_text
from insight.readers.headers import clean_name
from insight.readers.raw import LINE, RawTable, Source, issue_table, without_blanks


def read_parquet(source: Source) -> RawTable:
    """Read a Parquet file; ``__line__`` counts a header as row 1, as if it were a sheet.

    Raises
    ------
    UnreadableFile : damaged
    HeaderOnly : no rows
    FileTooLarge : more cells, columns or bytes than the settings allow
    """
    try:
        with source.opened() as opened:
            file = pq.ParquetFile(opened)
            _refuse_large(file.metadata, source.name)
            frame = pl.from_arrow(_checked(file.read()))
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError):
        raise gate.damaged(source.name) from None
    if not isinstance(frame, pl.DataFrame) or frame.is_empty():
        raise HeaderOnly(source.name)
    nested = [name for name, kind in frame.schema.items() if kind.is_nested() or kind == pl.Binary]
    texts = [_text(frame[name]) for name in frame.columns if name not in nested]
    lines = pl.Series(LINE, range(2, frame.height + 2), dtype=pl.UInt32)
    notes = (f"列 {'、'.join(nested)} 不是表格数据，没有读入。",) if nested else ()
    table = without_blanks(pl.DataFrame([lines, *texts]))
    return RawTable(source.stem, "table", table, notes, issue_table())


def _checked(table: pa.Table) -> pa.Table:
    """The table with its text proved to be UTF-8 and without metadata: polars would panic on either."""
    table.validate(full=True)
    fields = [pa.field(field.name, field.type) for field in table.schema]
    return pa.Table.from_arrays(table.columns, schema=pa.schema(fields))


def _refuse_large(metadata: pq.FileMetaData, name: str) -> None:
    gate.refuse_area(metadata.num_rows, metadata.num_columns, name)
    groups = (metadata.row_group(i) for i in range(metadata.num_row_groups))
    size = sum(group.total_byte_size for group in groups)
    if size > 2 * gate.MAX_INFLATED:
        limit = f"{2 * gate.MAX_INFLATED // 2**20} MB"
        raise FileTooLarge(name, f"解压后有 {size / 2**20:.0f} MB", limit)


def _text(values: pl.Series) -> pl.Series:
    kind = values.dtype
    if kind == pl.Datetime:
        texts = values.dt.strftime("%Y-%m-%d %H:%M:%S")
    elif kind == pl.Date:
        texts = values.dt.strftime("%Y-%m-%d 00:00:00")
    elif kind.is_float():
        texts = _float_text(values.fill_nan(None))
    else:
        texts = values.cast(pl.String)
    return texts.alias(clean_name(values.name))


def _float_text(values: pl.Series) -> pl.Series:
    known = values.is_not_null()
    texts = number_text(values.filter(known).cast(pl.String))
    return values.clear(len(values)).cast(pl.String).scatter(known.arg_true(), texts)
