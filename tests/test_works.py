"""The table of jobs: who, what, how far, how long still; cancelled; left unfinished by a server that ended; counted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from threading import Event

import psutil
import pytest
from shown_study import page_of, shown
from streamlit.testing.v1 import AppTest

from insight import pipeline, worker
from insight import study as store
from insight.errors import Cancelled
from insight.pipeline import jobs, works
from insight.pipeline.people import worked_out_to_open
from insight.settings import settings
from insight.study import Work
from insight.worker import Told
from pages.ui import places

ROOT = Path(__file__).parents[1]
NAME = "有任务的研究"


@pytest.fixture
def study(own_folders):
    with shown(NAME) as made:
        yield made


class Door:
    """Work that waits until it is let through."""

    def __init__(self) -> None:
        self.at, self.open = Event(), Event()

    def __call__(self, tell, stop):
        tell("在门口", 0.25)
        self.at.set()
        with stop.ending(self.open.set):
            assert self.open.wait(60)
        stop.settle()
        return "过了"

    def job(self, about: str = "过门"):
        job = worker.start(self, about=about, read=str)
        assert self.at.wait(60)
        return job


def page(place=places.JOBS) -> AppTest:
    return page_of(NAME, place)


def said(app: AppTest) -> str:
    kinds = ("header", "markdown", "caption", "info")
    return "\n".join(str(one.value) for kind in kinds for one in app.get(kind))


def dead() -> str:
    """The mark of a server that has ended."""
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        began = psutil.Process(process.pid).create_time()
    return f"{process.pid}@{began:.2f}"


def test_the_time_left_is_told_once_the_pace_is_known():
    def told(share, seconds, state="going"):
        return Told("a", "甲", "算", "算", share, seconds, state).left

    assert told(0.25, 30.0) == pytest.approx(90.0)
    assert (told(None, 30.0), told(0.0, 30.0), told(0.5, 1.0), told(1.0, 9.0, "done")) == (None,) * 4  # fmt: skip


def test_work_is_told_while_it_goes_on_and_after_it_is_over():
    door = Door()
    job = door.job()
    told = next(one for one in worker.told() if one.id == job.id)
    assert (told.who, told.about, told.step, told.share, told.state) == (settings().author, "过门", "在门口", 0.25, "going")  # fmt: skip
    door.open.set()
    assert job.result() == "过了"
    assert next(one for one in worker.told() if one.id == job.id).state == "done"


def test_work_is_ended_for_everybody_from_the_table():
    job = Door().job()
    worker.end(job.id)
    with pytest.raises(Cancelled):
        job.result()
    assert next(one for one in worker.told() if one.id == job.id).state == "cancelled"
    worker.end("nobody knows it")


def test_the_page_shows_who_what_and_how_far_and_cancels(study):
    door = Door()
    job = door.job("生成报告")
    works.begun(study, job, page="report", query={"study": NAME})
    app = page()
    assert "生成报告" in said(app)
    assert settings().author in said(app)
    app.button(key=f"job:end:{job.id}").click().run()
    with pytest.raises(Cancelled):
        job.result()
    assert store.works(study) == ()


def test_what_a_server_left_unfinished_is_offered_again_and_nothing_was_changed(study):
    before = store.head(study)
    lost = Work("lost", "王芳", "RFM 客户分层", "segments", {"view": "rfm"}, store.now(), dead())
    store.begin_work(study, lost)
    assert [one.id for one in works.works(study).broken] == ["lost"]
    app = page()
    assert "中断的任务" in said(app)
    assert "王芳" in said(app)
    app.button(key="job:again:lost").click().run()
    assert not app.exception
    assert app.query_params["view"] == "rfm"
    assert works.works(study).broken == ()
    assert store.head(study) == before


def test_work_of_another_server_that_lives_is_not_called_broken_off(study):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        mark = f"{other.pid}@{psutil.Process(other.pid).create_time():.2f}"
        store.begin_work(study, Work("far", "王芳", "报告", "report", {}, store.now(), mark))
        found = works.works(study)
        other.communicate(b"\n")
    assert ([one.id for one in found.elsewhere], found.broken) == (["far"], ())
    assert [one.id for one in works.works(study).broken] == ["far"]


@pytest.mark.skipif(os.name != "posix", reason="priorities are those of POSIX")
def test_children_are_niced():
    assert worker.call(os.getpriority, os.PRIO_PROCESS, 0, about="看优先级") >= 10


def test_nothing_is_worked_out_again_unless_its_inputs_changed(study, monkeypatch):
    """Three visits by two sessions: one run; another parameter: one more; back again: none."""
    begun: list[object] = []
    real = jobs.call
    monkeypatch.setattr(jobs, "call", lambda function, *args, **kept: (begun.append((function, *args[1:2])), real(function, *args, **kept))[1])  # fmt: skip

    def n_runs() -> int:
        return sum(1 for function, *key in begun if function is worked_out_to_open and key == ["rfm"])  # fmt: skip

    def visited() -> None:
        app = page(places.SEGMENTS)
        app.query_params["view"] = "rfm"
        app.run()
        assert not app.exception

    visited()
    assert n_runs() == 1
    visited()
    visited()
    assert n_runs() == 1
    first = pipeline.params_of(study, "rfm")
    pipeline.set_params(study, pipeline.params_of(study, "rfm", {"window_days": 90}), key="rfm")
    visited()
    assert n_runs() == 2
    pipeline.set_params(study, first, key="rfm")
    visited()
    assert n_runs() == 2
