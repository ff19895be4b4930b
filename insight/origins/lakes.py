"""Parquet, csv or Delta on a path or object-store URI, to one Parquet file, streamed."""

from __future__ import annotations

import re
from pathlib import Path

import deltalake.exceptions
import polars as pl

from insight.errors import FileTooLarge, SourceFailed
from insight.origins.connections import Connection
from insight.settings import settings

_REMOTE = re.compile(r"[a-z][a-z0-9+.-]+://")
_CSV = re.compile(r"\.(csv|tsv|txt)(\.gz|\.zst)?$", re.IGNORECASE)


def fetch(source: Connection, path: str, *, into: Path) -> int:
    """Write the files behind a path into one Parquet file; returns the number of rows.

    Parameters
    ----------
    source : a lake, whose address ``path`` is relative to; without a name ``path`` stands alone
    path : a file, a pattern (``orders/*.parquet``), a folder of Parquet files, or a Delta table;
        on disk or as s3://, gs://, az:// (credentials as the cloud's own tools find them)

    Raises
    ------
    SourceFailed : nothing is there, or it cannot be read.
    FileTooLarge : there is more than an import may be.
    """
    try:
        scan = _wall_time(_scanned(_whole(source, path)))
        scan.sink_parquet(into, compression="zstd", maintain_order=True)
        rows = pl.scan_parquet(into).select(pl.len()).collect().item()
    except FileNotFoundError:
        raise SourceFailed(source.name or path, "找不到这个位置的文件") from None
    except (pl.exceptions.PolarsError, deltalake.exceptions.DeltaError, OSError) as error:
        raise SourceFailed(source.name or path, _in_chinese(error)) from None
    if into.stat().st_size > settings().max_upload_mb * 2**20:
        raise FileTooLarge(source.name or path, "数据太大", f"{settings().max_upload_mb} MB")
    return int(rows)


def _whole(source: Connection, path: str) -> str:
    """The place to read; a path never climbs out of the lake it belongs to."""
    if not source.name:
        return path.removeprefix("file://")
    if ".." in re.split(r"[/\\]", path) or _REMOTE.match(path) or path.startswith(("/", "\\")):
        raise SourceFailed(source.name, "路径只能在这个数据湖之内")
    return f"{source.url.removeprefix('file://').rstrip('/')}/{path}"


def _scanned(place: str) -> pl.LazyFrame:
    if _is_delta(place):
        return pl.scan_delta(place)
    if _CSV.search(place):
        return pl.scan_csv(place, infer_schema=False, separator="\t" if ".tsv" in place else ",")
    if place.endswith((".parquet", ".pq")):
        return pl.scan_parquet(place)
    return pl.scan_parquet(f"{place.rstrip('/')}/**/*.parquet", hive_partitioning=True)


def _is_delta(place: str) -> bool:
    """Whether there is a Delta log: seen on disk; in the cloud asked for where no file is named."""
    if _REMOTE.match(place):
        named = re.search(r"\.\w+$|\*", place)
        return not named and deltalake.DeltaTable.is_deltatable(place)
    return (Path(place) / "_delta_log").is_dir()


def _wall_time(scan: pl.LazyFrame) -> pl.LazyFrame:
    """Times with an offset as the wall time of the shop."""
    aware = [
        n for n, t in scan.collect_schema().items() if isinstance(t, pl.Datetime) and t.time_zone
    ]
    return scan.with_columns(
        pl.col(aware).dt.convert_time_zone(settings().timezone).dt.replace_time_zone(None)
    )


def _in_chinese(error: Exception) -> str:
    said = str(error)
    if re.search(r"utf-?8", said, re.IGNORECASE):
        return "csv 不是 UTF-8 编码，请先转换，或直接上传文件"
    if re.search(r"not found|expanded paths were empty|no such file|NoSuchBucket|No files in log", said, re.IGNORECASE):  # fmt: skip
        return "找不到这个位置的文件"
    if re.search(r"credential|forbidden|403|401|access denied", said, re.IGNORECASE):
        return "没有读取的权限，请检查云存储的密钥"
    return "文件读不出来"
