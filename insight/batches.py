"""Work through a table on disk batch by batch: memory holds one batch at a time, here or in the tasks of Spark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, filterwarnings

import polars as pl

from insight.engines import Engine, spark_session
from insight.spark_job import watched

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]
    from pyspark.sql import DataFrame, SparkSession

ROWS = 10_000  # of a batch
_PARTS = 100  # of the work on Spark at most, so that each tells a hundredth; more where there are many cores
_PARTS_A_CORE = 4
_ARROW: dict[Any, str] = {
    pl.String: "string",
    pl.Float64: "float64",
    pl.Int64: "int64",
    pl.Boolean: "bool",
}
_SPARK: dict[Any, str] = {
    pl.String: "string",
    pl.Float64: "double",
    pl.Int64: "bigint",
    pl.Boolean: "boolean",
}
Work = Callable[[pl.DataFrame], pl.DataFrame]
Done = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Task:
    """What is done to every batch.

    Attributes
    ----------
    make : gives the work; called once here, once in each task of Spark, to which it is pickled
    takes : columns that the work reads
    gives : columns of what it returns, with their types
    """

    make: Callable[[], Work]
    takes: Sequence[str]
    gives: Mapping[str, pl.DataType | type[pl.DataType]]


def work_through(source: Path, target: Path, task: Task, *, engine: Engine = "polars", done: Done = lambda _n, _of: None) -> int:  # fmt: skip
    """Write what the work makes of every batch of a Parquet file to another; it is there whole or not at all.

    Parameters
    ----------
    target : a file; on Spark a folder of files, one for each part of the work
    done : told after each batch how many rows are done, of how many; on Spark a few times a second, by the parts of
        the work that are done. What it raises ends the work, on Spark too, and leaves the target as it was

    Returns
    -------
    how many rows were written

    Raises
    ------
    EngineMissing : Spark is asked for where there is no PySpark or no Java.
    """
    return (_on_spark if engine == "spark" else _here)(source, target, task, done)


def batches_of(source: Path, columns: Sequence[str], *, done: Done = lambda _n, _of: None) -> Iterator[pl.DataFrame]:  # fmt: skip
    """The rows of a Parquet file, one batch in memory at a time.

    Parameters
    ----------
    done : told after each batch was worked on how many rows are done, of how many
    """
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    n = 0
    with pq.ParquetFile(source, pre_buffer=False) as rows:
        for batch in rows.iter_batches(ROWS, columns=list(columns), use_threads=False):
            yield _frame(batch)
            n += batch.num_rows
            done(n, rows.metadata.num_rows)


def _here(source: Path, target: Path, task: Task, done: Done) -> int:
    import pyarrow.parquet as pq

    work, part = task.make(), target.with_name(f".{target.name}.part")
    n_written = 0
    try:
        with pq.ParquetWriter(part, _schema(task), compression="zstd") as made:
            for batch in batches_of(source, task.takes, done=done):
                table = _arrow(work(batch), task)
                made.write_table(table)
                n_written += table.num_rows
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return n_written


def _on_spark(source: Path, target: Path, task: Task, done: Done) -> int:
    session, part = _own_session(), target.with_name(f".{target.name}.part")
    n_rows = _n_rows(source)
    made = _mapped(_in_parts(session, source, task, n_rows), task)
    try:
        watched(
            session.sparkContext,
            lambda: made.write.mode("overwrite").parquet(str(part.absolute())),
            told=lambda share: done(int(share * n_rows), n_rows),
        )
        done(n_rows, n_rows)
        n_written = _n_rows(part / "*.parquet")
        _cleared(target)
        part.replace(target)
    finally:
        rmtree(part, ignore_errors=True)
    return n_written


def _own_session() -> SparkSession:
    """A session whose work is one job, the last stage of it the work: not planned anew on the way, as adaptively."""
    session = spark_session().newSession()
    session.conf.set("spark.sql.adaptive.enabled", value=False)
    session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", ROWS)
    return session


def _n_rows(files: Path) -> int:
    return int(pl.scan_parquet(files).select(pl.len()).collect().item())


def _in_parts(session: SparkSession, source: Path, task: Task, n_rows: int) -> DataFrame:
    """The rows in even parts: those of a file are as few as its row groups, however many cores there are."""
    most = max(_PARTS, _PARTS_A_CORE * session.sparkContext.defaultParallelism)
    n_parts = max(1, min(most, ceil(n_rows / ROWS)))
    return session.read.parquet(str(source.absolute())).select(*task.takes).repartition(n_parts)


def _cleared(target: Path) -> None:
    """Make room for a folder."""
    if target.is_file():
        target.unlink()
    rmtree(target, ignore_errors=True)


def _mapped(read: DataFrame, task: Task) -> DataFrame:
    """The work on every batch; what Spark says of pandas does not matter where there is Arrow only."""
    types = ", ".join(f"`{name}` {_spark_type(kind)}" for name, kind in task.gives.items())
    with catch_warnings():
        filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        return read.mapInArrow(_in_a_task(task), types)


def _in_a_task(task: Task) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def through(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        work = task.make()
        for batch in batches:
            yield from _arrow(work(_frame(batch)), task).to_batches()

    return through


def _spark_type(kind: Any) -> str:  # noqa: ANN401 (a type of polars, or its class)
    return f"array<{_SPARK[kind.inner]}>" if isinstance(kind, pl.List) else _SPARK[kind]


def _frame(batch: pa.RecordBatch) -> pl.DataFrame:
    frame = pl.from_arrow(batch)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _arrow(made: pl.DataFrame, task: Task) -> pa.Table:
    return made.select(*task.gives).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(_schema(task))  # fmt: skip


def _schema(task: Task) -> pa.Schema:
    """Types that Spark and old readers of Parquet know, too: no large lists, no views of strings."""
    import pyarrow as pa

    def plain(kind: Any) -> Any:  # noqa: ANN401 (a type of polars, or its class; a type of Arrow)
        return (
            pa.list_(plain(kind.inner))
            if isinstance(kind, pl.List)
            else pa.type_for_alias(_ARROW[kind])
        )

    return pa.schema([(name, plain(kind)) for name, kind in task.gives.items()])
