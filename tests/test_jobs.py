"""Work beside the page: shared by those who ask for the same, cancelled without a trace, read in a child only."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
import weakref
from concurrent import futures
from threading import Event, Thread
from time import monotonic

import child_work
import polars as pl
import pytest

from insight import pipeline, readers, worker
from insight import study as store
from insight.errors import (
    AlreadyAdded,
    BadParameter,
    Cancelled,
    Conflict,
    UnreadableFile,
    WorkDied,
)
from insight.pipeline import Hints, Upload, intake, jobs, offering
from insight.pipeline.people import worked_out_to_open
from insight.settings import settings
from insight.worker import Job

ORDERS = "单号,会员号,下单时间,实付金额,备用金额\n" + "".join(
    f"{i},M{i % 15},2025-03-{1 + i % 28:02d},{10 + i},1\n" for i in range(60)
)
PICTURE = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def filled(study):
    pipeline.add(study, ORDERS.encode(), "三月.csv")
    return study


class Door:
    """Work that waits until it is let through, and counts how often it was begun."""

    def __init__(self) -> None:
        self.n_begun, self.open = 0, Event()

    def __call__(self, tell, stop):
        self.n_begun += 1
        tell("在门口", 0.25)
        with stop.ending(self.open.set):
            assert self.open.wait(60)
        stop.settle()
        return [self.n_begun]

    def asked(self) -> Job[list[int]]:
        return worker.start(self, about="过门", key=("door", id(self)), read=list)


def until(job: Job, step: str) -> None:
    """Wait for a step of the work."""
    while step not in job.step:
        assert not job.wait(0.02), job.result()


def test_two_who_ask_for_the_same_share_one_run_and_get_a_result_each():
    door = Door()
    first, second = door.asked(), door.asked()
    until(second, "在门口")
    assert (first.step, first.share, first.done) == ("在门口", 0.25, False)
    door.open.set()
    assert first.result() == second.result() == [1]
    assert first.result() is not second.result()
    assert door.n_begun == 1


def test_who_asks_after_the_end_begins_anew():
    door = Door()
    door.open.set()
    assert door.asked().result() == [1]
    assert door.asked().result() == [2]


def test_one_of_two_who_cancels_leaves_the_other_its_result():
    door = Door()
    first, second = door.asked(), door.asked()
    first.cancel()
    assert first.done
    assert not second.done
    with pytest.raises(Cancelled, match="“过门”已取消"):
        first.result()
    door.open.set()
    assert second.result() == [1]


def test_the_last_one_who_cancels_ends_the_work():
    door = Door()
    first, second = door.asked(), door.asked()
    until(first, "在门口")
    first.cancel()
    second.cancel()
    with pytest.raises(Cancelled):
        second.result()
    assert door.asked() is not None
    assert not door.n_begun > 2


def test_who_has_not_looked_for_long_does_not_keep_cancelled_work_alive(monkeypatch):
    door = Door()
    left, here = door.asked(), door.asked()
    until(left, "在门口")
    later = monotonic() + 2 * worker.STILL_WAITS
    monkeypatch.setattr("insight.worker.jobs.monotonic", lambda: later)
    here.cancel()
    with pytest.raises(Cancelled):
        here.result()


def test_who_waits_for_long_keeps_the_work_alive_without_looking(monkeypatch):
    door = Door()
    waiting, leaving = door.asked(), door.asked()
    until(waiting, "在门口")
    sleeps, real = Event(), futures.wait
    monkeypatch.setattr(
        "insight.worker.jobs.wait_for", lambda *a, **k: sleeps.set() or real(*a, **k)
    )
    waiter = Thread(target=waiting.wait, args=[3 * worker.STILL_WAITS])
    waiter.start()
    assert sleeps.wait(60)
    later = monotonic() + 2 * worker.STILL_WAITS
    monkeypatch.setattr("insight.worker.jobs.monotonic", lambda: later)
    leaving.cancel()
    door.open.set()
    waiter.join(60)
    assert waiting.result() == [1]


def test_the_time_of_work_stands_still_when_it_is_over():
    door = Door()
    door.open.set()
    job = door.asked()
    job.result()
    assert job.seconds == job.seconds >= 0


def test_an_analysis_of_two_sessions_is_worked_out_once_and_no_frame_is_shared(filled, monkeypatch):
    begun, through = [], Event()
    real = jobs.call

    def counted(function, *args, **named):
        begun.append(function)
        assert through.wait(60)
        return real(function, *args, **named)

    monkeypatch.setattr(jobs, "call", counted)
    first, second = (jobs.analysis(filled, "rfm") for _ in range(2))
    through.set()
    one, other = first.result(), second.result()
    assert begun == [worked_out_to_open]
    assert one.findings == other.findings == pipeline.run(filled, "rfm").findings
    assert one.tables["customers"].equals(other.tables["customers"])
    assert one.tables["customers"] is not other.tables["customers"]


def test_other_parameters_are_other_work(filled):
    names = [
        jobs.analysis(filled, "rfm", changes=changes).result().tables["segments"]["segment"][0]
        for changes in ({"names": "eleven"}, None)
    ]
    assert names[0] != names[1]


def test_what_is_kept_needs_no_child(filled, monkeypatch):
    result = pipeline.run(filled, "rfm")
    monkeypatch.setattr(jobs, "call", None)
    job = jobs.analysis(filled, "rfm")
    assert job.done
    assert job.result().findings == result.findings


def test_a_wrong_parameter_is_told_before_anything_begins(filled):
    with pytest.raises(BadParameter):
        jobs.analysis(filled, "rfm", changes={"window_days": -1})


def test_a_report_of_a_job_has_the_bytes_of_the_report(filled):
    told = []
    job = jobs.report(filled, "html")
    while not job.wait(0.01):
        told.append((job.step, job.share))
    assert job.result() == pipeline.build_report(filled, "html")
    assert any(share for _, share in told)
    with pytest.raises(BadParameter):
        jobs.report(filled, "exe")


def test_the_state_of_a_study_comes_from_a_child(filled):
    assert jobs.status(filled).result() == pipeline.status(filled)


def test_a_file_that_cannot_be_read_gives_its_sentence_as_often_as_it_is_asked():
    job = jobs.preview(PICTURE, "照片.png")
    for _ in range(2):
        with pytest.raises(UnreadableFile, match="这是图片"):
            job.result()


def test_what_cannot_be_done_holds_no_table_of_who_did_it_or_asked():
    held: list[weakref.ref[set[str]]] = []

    def table() -> set[str]:
        class Table(set[str]):
            """Something large."""

        made = Table()
        held.append(weakref.ref(made))
        return made

    def work(_tell, _stop):
        rows = table()
        try:
            rows.remove("没有的一行")
        except KeyError:
            raise UnreadableFile("照片.png", "这是图片", "请换一个文件。") from None

    def ask() -> str:
        rows = table()
        try:
            return job.result()
        except UnreadableFile as error:
            return f"{error.message}{len(rows)}"

    job = worker.start(work, about="读取", read=str)
    assert [ask(), ask()] == 2 * [ask()]
    gc.collect()
    assert len(held) == 4
    assert [one() for one in held] == 4 * [None]


def test_a_preview_carries_the_first_rows_and_what_was_seen_in_all():
    rows = "".join(f"{i},M{i},2025-03-01,5,{'末' if i == 999 else ''}\n" for i in range(1000))
    data = ("单号,会员号,下单时间,实付金额,渠道\n" + rows).encode()
    (item,), passed = jobs.preview(data, "三月.csv").result()
    assert (item.n_rows, item.raw.frame.height, passed) == (1000, 200, ())
    assert {c.name: c.samples for c in item.columns}["渠道"] == ("末",)


def _state(study) -> tuple[object, ...]:
    """Everything a user could notice: the newest revision, and the objects by name."""
    return store.head(study), sorted(p for p in (study.path / "objects").rglob("*") if p.is_file())


def test_an_import_that_is_cancelled_leaves_the_study_as_it_was(filled, monkeypatch):
    before = _state(filled)
    april = Upload(ORDERS.replace("2025-03", "2025-04").encode(), "四月.csv")
    with monkeypatch.context() as patch:
        patch.setattr(intake, "prepared", child_work.stuck)
        job = jobs.add_all(filled, [april])
        while not job.step.isdigit():
            assert not job.wait(0.02)
        job.cancel()
        with pytest.raises(Cancelled, match="没有被改动"):
            job.result()
    assert _state(filled) == before
    jobs.add_all(filled, [april]).result()
    assert pipeline.status(filled).tables == {"orders": 120}


def test_a_new_study_whose_import_is_cancelled_is_not_there(own_folders, monkeypatch):
    path, keys = own_folders / "studies" / "取消了", set((own_folders / "keys").glob("*"))
    monkeypatch.setattr(intake, "prepared", child_work.stuck)
    job = jobs.add_to_new(path, [Upload(ORDERS.encode(), "三月.csv")])
    while not job.step.isdigit():
        assert not job.wait(0.02)
    assert path.exists()
    job.cancel()
    with pytest.raises(Cancelled):
        job.result()
    assert not path.exists()
    assert set((own_folders / "keys").glob("*")) == keys


def test_a_new_study_holds_its_files(own_folders):
    path = own_folders / "studies" / "新的"
    (added,) = jobs.add_to_new(path, [Upload(ORDERS.encode(), "三月.csv")]).result()
    assert added.n_rows == (60,)
    assert pipeline.status(pipeline.opened(path)).tables == {"orders": 60}
    shutil.rmtree(path)


def test_a_correction_that_is_cancelled_leaves_the_study_as_it_was(filled, monkeypatch):
    before = _state(filled)
    door = Event()
    monkeypatch.setattr(intake, "remapped", child_work.stuck)
    job = jobs.remap(filled, 0, {"备用金额": "amount"}, parent=before[0].id)
    assert not door.wait(0.05)
    job.cancel()
    with pytest.raises(Cancelled):
        job.result()
    assert _state(filled) == before


def test_a_correction_is_a_revision_on_what_was_seen(filled):
    seen = store.head(filled).id
    assert jobs.remap(filled, 0, {"备用金额": "discount"}, parent=seen).result().parent == seen
    with pytest.raises(Conflict):
        jobs.remap(filled, 0, {"备用金额": ""}, parent=seen).result()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_child_that_dies_while_importing_leaves_the_study_as_it_was(filled, monkeypatch):
    before = _state(filled)
    monkeypatch.setattr(intake, "prepared", child_work.stuck)
    with pytest.raises(WorkDied, match="四月"):
        pipeline.add_all(
            filled,
            [Upload(b"x", "四月.csv")],
            progress=lambda step, _: os.kill(int(step), signal.SIGKILL),
        )
    assert _state(filled) == before


@pytest.fixture
def blind(monkeypatch):
    """A process in which nobody may read a file; its children may."""

    def never(*_args, **_named):
        raise AssertionError("a file was read in this process")

    holders = [m for name, m in list(sys.modules.items()) if name.startswith("insight.")]
    real = readers.read
    for module in holders:
        if getattr(module, "read", None) is real:
            monkeypatch.setattr(module, "read", never)
    monkeypatch.setattr(readers, "read", never)


@pytest.mark.usefixtures("blind")
def test_no_file_is_read_outside_a_child(study, own_folders):
    data = ORDERS.encode()
    (item,), _ = pipeline.preview(data, "三月.csv")
    assert item.proposal.table == "orders"
    assert pipeline.check(data, "三月.csv")["table"] == "orders"
    pipeline.add(study, data, "三月.csv")
    with pytest.raises(AlreadyAdded):
        pipeline.add(study, data, "三月.csv")
    assert len(offering.columns_of(study, 0)) == 5
    pipeline.remap(study, 0, {"备用金额": "discount"}, parent=store.head(study).id)
    with pytest.raises(UnreadableFile):
        pipeline.add(study, PICTURE, "照片.png", hints=Hints(table="orders"))


def test_the_columns_of_a_file_are_read_once(study, monkeypatch):
    pipeline.add(study, ORDERS.encode(), "三月.csv")
    first = offering.columns_of(study, 0)
    monkeypatch.setattr(offering, "call", None)
    assert offering.columns_of(study, 0) == first
    pipeline.remap(study, 0, {"备用金额": "discount"}, parent=store.head(study).id)
    with pytest.raises(TypeError):  # it would be asked again
        offering.columns_of(study, 0)


@pytest.mark.usefixtures("blind")
def test_a_lost_table_is_replayed_in_a_child(study):
    pipeline.add(study, ORDERS.encode(), "三月.csv")
    (source,) = store.head(study).recipe.sources
    for path in (study.path / "objects").rglob("*"):
        if path.is_file() and path.name != source.file:
            path.unlink()
    orders = pipeline.load(study).orders
    assert orders is not None
    assert orders.lines.collect().to_native().select(pl.col("amount").sum()).item() == 2370.0


def test_the_author_of_a_change_is_whoever_runs_this_process(study, monkeypatch):
    monkeypatch.setenv("INSIGHT_AUTHOR", "韩梅梅")
    settings.cache_clear()
    pipeline.add(study, ORDERS.encode(), "三月.csv")
    assert store.head(study).author == "韩梅梅"
    monkeypatch.undo()
    settings.cache_clear()
