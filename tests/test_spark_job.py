"""Work on Spark tells how far it is while it runs, and ends with whoever waits for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from insight import batches
from insight.batches import Task, Work, work_through
from insight.engines import spark_session
from insight.errors import Cancelled

ROWS = 20  # of a part
LIMIT = 60  # seconds after which a test has failed
SAID = pl.DataFrame({"text_id": [f"t{i}" for i in range(55)]})


@pytest.fixture
def source(tmp_path, monkeypatch):
    """55 rows in one row group, which are three parts."""
    pytest.importorskip("pyspark.sql", reason="PySpark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, which is not here")
    monkeypatch.setattr(batches, "ROWS", ROWS)
    SAID.write_parquet(tmp_path / "in.parquet")
    return tmp_path / "in.parquet"


def _waiting(first: Path, go: Path) -> Callable[[], Work]:
    """Work whose first part is done at once, all others when there is a file to go on."""

    def make() -> Work:
        from time import sleep

        def work(batch: pl.DataFrame) -> pl.DataFrame:
            try:
                first.touch(exist_ok=False)
            except FileExistsError:
                until = monotonic() + LIMIT
                while not go.exists() and monotonic() < until:
                    sleep(0.05)
                (go.parent / "went_on").touch()
            return batch

        return work

    return make


def _task(make: Callable[[], Work]) -> Task:
    return Task(make, ["text_id"], {"text_id": pl.String})


def test_the_parts_that_are_done_are_told_while_the_others_wait(source, tmp_path):
    told: list[tuple[int, int]] = []

    def done(n: int, of: int) -> None:
        told.append((n, of))
        if n:
            (tmp_path / "go").touch()

    make = _waiting(tmp_path / "first", tmp_path / "go")
    out = tmp_path / "out.parquet"
    assert work_through(source, out, _task(make), engine="spark", done=done) == 55
    shares = [n for n, _ in told]
    assert next(n for n in shares if n) == 55 // 3  # one part of three
    assert shares == sorted(shares)
    assert told[-1] == (55, 55)
    assert_frame_equal(pl.read_parquet(out / "*.parquet"), SAID, check_row_order=False)
    assert len(list(out.glob("*.parquet"))) == 3


def _active() -> list[int]:
    return spark_session().sparkContext.statusTracker().getActiveJobsIds()


@pytest.mark.parametrize("why", [Cancelled("切词"), KeyboardInterrupt()], ids=["stop", "Ctrl+C"])
def test_who_leaves_takes_the_job_along_and_what_was_there_stays(source, tmp_path, why):
    out, running = tmp_path / "out.parquet", []
    out.write_text("before")

    def done(n: int, _of: int) -> None:
        if n:
            running.extend(_active())
            raise why

    make = _waiting(tmp_path / "first", tmp_path / "go")
    with pytest.raises(type(why)):
        work_through(source, out, _task(make), engine="spark", done=done)
    assert len(running) == 1
    assert _active() == []
    assert out.read_text() == "before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["first", "in.parquet", "out.parquet"]


def test_a_failure_on_spark_is_raised_and_leaves_nothing(source, tmp_path):
    from pyspark.errors import PySparkException

    def make() -> Work:
        raise ValueError

    with pytest.raises(PySparkException, match="ValueError"):
        work_through(source, tmp_path / "out.parquet", _task(make), engine="spark")
    assert [p.name for p in tmp_path.iterdir()] == ["in.parquet"]


def test_a_source_without_rows_is_done_when_it_is_written(source, tmp_path):
    SAID.clear().write_parquet(source)
    told: list[tuple[int, int]] = []
    task = _task(_waiting(tmp_path / "first", tmp_path / "go"))
    n = work_through(source, tmp_path / "out", task, engine="spark", done=lambda *at: told.append(at))  # fmt: skip
    assert n == 0
    assert set(told) == {(0, 0)}
