"""A child process does the work: whatever happens there, the caller gets a result or one sentence."""

from __future__ import annotations

import inspect
import os
import pickle
import signal
import subprocess
import sys
import types
from datetime import date
from pathlib import Path
from threading import Event, Thread
from typing import get_args, get_origin, get_type_hints

import child_work
import psutil
import pytest

from insight import errors, worker
from insight.errors import Cancelled, InsightError, WorkDied, WorkTooLarge, WorkTooLong
from insight.settings import settings
from insight.worker import Fault, Stop
from insight.worker.pool import Pool

posix = pytest.mark.skipif(sys.platform == "win32", reason="limits and signals of POSIX")
ROOT = Path(__file__).parents[1]
GB = 2**30


@pytest.fixture
def setting(monkeypatch):
    """Change settings for one test."""

    def change(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"INSIGHT_{name.upper()}", str(value))
        settings.cache_clear()

    yield change
    monkeypatch.undo()
    settings.cache_clear()


def pid() -> int:
    return worker.call(os.getpid, about="谁")


def test_work_is_done_in_another_process_which_is_kept_for_the_next():
    first = pid()
    assert first != os.getpid()
    assert pid() == first


def test_the_steps_are_told_in_order_while_the_work_goes_on():
    told = []
    done = worker.call(child_work.steps, about="x", progress=lambda *step: told.append(step))
    assert done == "好"
    assert told == [("第一步", None), ("第二步", 0.5)]


def test_a_mistake_of_the_user_comes_back_as_itself():
    with pytest.raises(errors.SheetNotFound, match="没有工作表“三月”") as caught:
        worker.call(child_work.mistake, about="簿.xlsx")
    assert caught.value.sheets == ("一月", "二月")
    assert caught.value.hint == "可选的工作表：一月、二月。"


ERRORS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, InsightError)
]


def sample(hint: object) -> object:
    """A value of that type."""
    parts = [part for part in get_args(hint) if part is not Ellipsis]
    match get_origin(hint):
        case None:
            return {str: "甲", int: 3, float: 0.5, bool: True, date: date(2026, 5, 1)}[hint]
        case types.UnionType:
            return sample(parts[0])
        case origin if origin is tuple and Ellipsis not in get_args(hint):
            return tuple(sample(part) for part in parts)
        case _:
            return (sample(parts[0]),) * 2


@pytest.mark.parametrize("kind", ERRORS, ids=lambda k: k.__name__)
def test_every_mistake_travels_with_its_sentence_its_hint_and_its_facts(kind):
    hints = get_type_hints(kind.__init__)
    told = inspect.signature(kind).parameters.values()
    named = {p.name: sample(hints[p.name]) for p in told if p.kind is p.KEYWORD_ONLY}
    made = kind(*(sample(hints[p.name]) for p in told if p.name not in named), **named)
    back = pickle.loads(pickle.dumps(made))
    assert type(back) is kind
    assert (str(back), back.message, back.hint) == (str(made), made.message, made.hint)
    assert vars(back) == vars(made)
    assert back.args == made.args


def test_a_fault_of_ours_is_logged_by_kind_and_place_and_never_with_data(caplog):
    with pytest.raises(Fault) as caught:
        worker.call(child_work.fault, about="x")
    assert str(caught.value) == "ValueError"
    assert "ValueError" in caplog.text
    assert "child_work.py" in caplog.text
    assert child_work.PHONE not in caplog.text
    assert child_work.PHONE not in repr(caught.value)


def test_a_result_that_cannot_travel_is_a_fault_and_no_hang():
    with pytest.raises(Fault):
        worker.call(child_work.odd, about="x")
    assert worker.call(abs, -3, about="x") == 3


@posix
def test_a_child_that_is_killed_at_work_gives_a_sentence_and_the_next_one_works():
    before = pid()
    with pytest.raises(WorkDied, match="“大表”没有做完") as caught:
        worker.call(
            child_work.for_ever,
            about="大表",
            progress=lambda step, _: os.kill(int(step), signal.SIGKILL),
        )
    assert "数据没有被改动" in caught.value.hint
    assert pid() != before


@posix
def test_a_crash_of_native_code_takes_only_the_child():
    with pytest.raises(WorkDied):
        worker.call(child_work.crash, about="x", progress=lambda *_: None)
    assert worker.call(abs, -3, about="x") == 3


@posix
def test_more_memory_than_allowed_is_a_sentence_and_less_is_not(setting):
    setting(worker_memory_mb=300)
    assert worker.call(child_work.fill, 200, about="小表") == 200 * 2**20
    with pytest.raises(WorkTooLarge, match="“大表”太大"):
        worker.call(child_work.fill, 400, about="大表")


@posix
def test_a_file_that_grows_beyond_its_limit_is_a_sentence(setting, tmp_path):
    setting(worker_file_mb=1)
    worker.call(child_work.write, tmp_path / "a", 1, about="a")
    with pytest.raises(WorkTooLarge):
        worker.call(child_work.write, tmp_path / "b", 2, about="b")


def test_work_that_takes_too_long_is_ended_with_a_sentence(setting):
    before = pid()
    setting(worker_seconds=1)
    with pytest.raises(WorkTooLong, match="超过 1 秒"):
        worker.call(child_work.for_ever, about="x", progress=lambda *_: None)
    setting(worker_seconds=60)
    assert pid() != before


def test_whoever_pulls_the_cord_ends_the_work_and_the_reason_comes_back():
    stop = Stop()
    with pytest.raises(Cancelled, match="“导入”已取消"):
        worker.call(
            child_work.for_ever,
            about="导入",
            stop=stop,
            progress=lambda *_: stop.pull(Cancelled("导入")),
        )
    assert worker.call(abs, -3, about="x") == 3


def test_a_cord_that_was_pulled_before_lets_nothing_begin(tmp_path):
    stop = Stop()
    assert stop.pull(Cancelled("x"))
    with pytest.raises(Cancelled):
        worker.call(child_work.write, tmp_path / "a", 1, about="x", stop=stop)
    assert not (tmp_path / "a").exists()


def test_what_is_done_cannot_be_cancelled_any_more():
    stop = Stop()
    assert worker.call(abs, -3, about="x", stop=stop) == 3
    assert not stop.pull(Cancelled("x"))


def test_a_cord_of_several_calls_ends_whichever_goes_on():
    stop = Stop()
    assert worker.call(abs, -3, about="x", stop=stop) == 3
    with pytest.raises(Cancelled):
        worker.call(
            child_work.for_ever,
            about="x",
            stop=stop,
            progress=lambda *_: stop.pull(Cancelled("x")),
        )


def test_what_libraries_print_does_not_disturb_the_answer():
    assert worker.call(child_work.chatter, about="x") == "好"


@posix
def test_a_child_stands_back_behind_its_caller():
    expected = min(psutil.Process().nice() + 10, 19)
    assert worker.call(child_work.priority, about="x") == expected


def test_a_child_has_the_settings_and_the_folder_of_its_caller(setting, tmp_path, monkeypatch):
    setting(author="李雷")
    monkeypatch.chdir(tmp_path)
    assert worker.call(child_work.author, about="x") == ("李雷", str(tmp_path))


def test_a_child_does_by_itself_what_it_would_ask_another_child_for():
    outer, inner, inside = worker.call(child_work.nested, about="x")
    assert outer == inner
    assert inside
    assert not worker.inside()


@pytest.fixture
def pool():
    made = Pool(2, most_resident=GB)
    yield made
    made.close()


def nothing() -> None:
    """Nobody needs to know that work is queued."""


def test_long_work_leaves_one_child_free_for_short_work(pool):
    queued, had = Event(), Event()

    def second() -> None:
        with pool.lent(Stop(), is_quick=False, queued=queued.set):
            had.set()

    with pool.lent(Stop(), is_quick=False, queued=nothing):
        thread = Thread(target=second)
        thread.start()
        assert queued.wait(20)
        with pool.lent(Stop(), is_quick=True, queued=nothing):
            assert not had.is_set()
    thread.join(20)
    assert had.is_set()


def test_queued_work_that_is_cancelled_does_not_wait_for_its_turn(pool):
    stop = Stop()
    with pool.lent(Stop(), is_quick=False, queued=nothing), pytest.raises(Cancelled):  # noqa: SIM117
        with pool.lent(stop, is_quick=False, queued=lambda: stop.pull(Cancelled("x"))):
            pass
    with pool.lent(Stop(), is_quick=False, queued=nothing) as child:
        assert child.is_fit


def test_a_child_that_grew_too_large_is_replaced():
    small = Pool(1, most_resident=0)
    with small.lent(Stop(), is_quick=True, queued=nothing) as first:
        first.resident = 1
    with small.lent(Stop(), is_quick=True, queued=nothing) as second:
        assert second is not first
    small.close()


SCRIPT = """
import os, sys
from pathlib import Path
from insight import worker
with Path(sys.argv[1]).open("a") as seen:
    seen.write("started\\n")
import child_work
print(worker.call(os.getpid, about="x"), flush=True)
if sys.argv[2] == "wait":
    worker.call(child_work.for_ever, about="x", progress=lambda step, _: print(step, flush=True))
"""


def _script(tmp_path: Path, then: str) -> subprocess.Popen[str]:
    """A program without a guard around its main part, as the script of an app is."""
    path = tmp_path / "program.py"
    path.write_text(SCRIPT, "utf-8")
    env = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    command = [sys.executable, str(path), str(tmp_path / "seen"), then]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)


def _is_gone(number: str) -> bool:
    try:
        psutil.Process(int(number)).wait(20)
    except psutil.NoSuchProcess:
        return True
    return not psutil.pid_exists(int(number))


def test_the_callers_own_script_is_not_run_again_and_its_children_end_with_it(tmp_path):
    with _script(tmp_path, "end") as program:
        out, _ = program.communicate(timeout=60)
    assert program.returncode == 0
    assert (tmp_path / "seen").read_text() == "started\n"
    assert _is_gone(out)


@posix
def test_a_child_at_work_ends_when_its_caller_is_killed(tmp_path):
    with _script(tmp_path, "wait") as program:
        _, busy = program.stdout.readline(), program.stdout.readline()
        program.kill()
    assert _is_gone(busy)
