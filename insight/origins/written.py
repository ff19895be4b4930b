"""Arrow batches as they come, into one Parquet file of plain columns that is never larger than an import may be."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from insight.errors import FileTooLarge
from insight.settings import settings


def write(batches: Iterable[pa.RecordBatch], schema: pa.Schema, *, into: Path, name: str) -> int:
    """Write batches of one schema and count their rows.

    Times with an offset become the wall time of ``settings().timezone``; types that only one
    database knows become their text.

    Raises
    ------
    FileTooLarge : the file has grown over ``settings().max_upload_mb``.
    """
    limit, n_rows = settings().max_upload_mb * 2**20, 0
    with pq.ParquetWriter(into, _plain_schema(schema), compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(_plain(batch))
            n_rows += batch.num_rows
            if into.stat().st_size > limit:
                raise FileTooLarge(name, "查询结果太大", f"{settings().max_upload_mb} MB")
    return n_rows


def _plain_schema(schema: pa.Schema) -> pa.Schema:
    return pa.schema([(f.name, _plain_type(f.type)) for f in schema])


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if isinstance(kind, pa.BaseExtensionType):
        return pa.string()
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return pa.timestamp(kind.unit)
    return kind


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [_plain_column(column) for column in batch.columns]
    return pa.record_batch(columns, schema=_plain_schema(batch.schema))


def _plain_column(column: pa.Array) -> pa.Array:
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        if pa.types.is_string(kind.storage_type):
            return column.storage
        return pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return pc.local_timestamp(column.cast(pa.timestamp(kind.unit, settings().timezone)))
    return column
