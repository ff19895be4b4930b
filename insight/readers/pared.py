"""A raw table without some of its rows, kept as a Parquet file that reads back as that table, whatever it came from."""

from __future__ import annotations

import io
from typing import Any

import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from pydantic import TypeAdapter, ValidationError

from insight.readers import gate
from insight.readers.raw import ISSUE_SCHEMA, LINE, Codebook, RawTable, Source

_ABOUT = b"insight.raw_table"
_TOLD = TypeAdapter(dict[str, Any])
_CODEBOOK = TypeAdapter(Codebook | None)


def pared(table: RawTable, kept: pl.Series) -> bytes:
    """The table with the rows where ``kept`` (n) holds, and the issues of those; as bytes.

    Their lines keep their numbers, so that what is known of them by line stays true.
    """
    frame = table.frame.filter(kept)
    lost = table.frame.filter(~kept)[LINE]
    told = {
        "name": table.name, "kind": table.kind, "notes": table.notes, "codebook": table.codebook, "format": table.format,
        "encoding": table.encoding, "header_row": table.header_row,
        "issues": table.issues.filter(~pl.col("line").is_in(lost.implode())).to_dicts(),
    }  # fmt: skip
    arrow = frame.to_arrow().replace_schema_metadata({_ABOUT: _TOLD.dump_json(told)})
    buffer = io.BytesIO()
    pq.write_table(arrow, buffer, compression="zstd")
    return buffer.getvalue()


def read_pared(source: Source) -> RawTable | None:
    """The table that ``pared`` kept; None for any other Parquet file.

    Raises
    ------
    UnreadableFile : damaged.
    """
    try:
        with source.opened() as opened:
            file = pq.ParquetFile(opened)
            about = (file.schema_arrow.metadata or {}).get(_ABOUT)
            if about is None:
                return None
            gate.refuse_area(file.metadata.num_rows, file.metadata.num_columns, source.name)
            frame = pl.DataFrame(file.read().replace_schema_metadata(None))
        told = _TOLD.validate_json(about)
        issues = pl.DataFrame(told.pop("issues"), schema=dict(ISSUE_SCHEMA), orient="row")
        codebook = _CODEBOOK.validate_python(told.pop("codebook"))
        notes = tuple(map(str, told.pop("notes")))
        return RawTable(**told, frame=frame, issues=issues, codebook=codebook, notes=notes)
    except (
        pa.ArrowException,
        ValidationError,
        OSError,
        KeyError,
        TypeError,
        pl.exceptions.PolarsError,
    ):
        raise gate.damaged(source.name) from None
