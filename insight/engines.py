"""The engines that run the ledger's reductions, and the ledger of a study opened on one of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
import polars as pl

from insight.errors import EngineMissing
from insight.ledger import Kept, Ledger
from insight.settings import settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Engine = Literal["polars", "duckdb", "spark"]


def ledger_on(
    engine: Engine, *, lines: Path, folded: Path, kept: Mapping[Kept, Path] = MappingProxyType({})
) -> Ledger:
    """The ledger in Parquet files: order lines, whole orders, tables kept of them; nothing is read yet.

    Raises
    ------
    EngineMissing : Spark is asked for where there is no PySpark or no Java.
    """
    tables = {name: _scan(path, engine) for name, path in kept.items()}
    return Ledger(_scan(lines, engine), _scan(folded, engine), tables)


def log_on(engine: Engine, path: Path) -> nw.LazyFrame[Any]:
    """A log of events in a Parquet file; nothing is read yet."""
    return _scan(path, engine)


def _scan(path: Path, engine: Engine) -> nw.LazyFrame[Any]:
    if engine == "spark":
        return nw.from_native(spark_session().read.parquet(str(path.absolute())))
    if engine == "duckdb":
        import duckdb

        return nw.from_native(duckdb.read_parquet(str(path)))
    return nw.from_native(pl.scan_parquet(path))


def spark_session() -> SparkSession:
    """The session of this process: Spark keeps one, and starts it when it is first asked for (EngineMissing)."""
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as missing:
        raise EngineMissing("Spark", "PySpark") from missing
    try:
        return _started(SparkSession.builder)
    except (PySparkRuntimeError, FileNotFoundError) as missing:
        raise EngineMissing("Spark", "Java") from missing


def _started(builder: SparkSession.Builder) -> SparkSession:
    """Times are whole seconds, so no time zone of the machine may turn them; one shuffle part a core.

    On this machine Spark's workers run the Python that runs here; what a cluster runs is its own affair.
    """
    master = settings().spark_master
    if master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = (
        builder.master(master)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", value=False)
        .config("spark.ui.showConsoleProgress", value=False)
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    session.conf.set("spark.sql.shuffle.partitions", session.sparkContext.defaultParallelism)
    return session
