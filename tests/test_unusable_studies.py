"""Studies that cannot be used, in the app: each has its sentence and its way on, and nothing of it is changed."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from shown_study import shown
from streamlit.testing.v1 import AppTest

from insight import pipeline
from insight import study as store
from insight.study import revisions

ROOT = Path(__file__).parents[1]
NAME = "有毛病的研究"


@pytest.fixture
def study(own_folders):
    with shown(NAME) as made:
        yield made


def page() -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=300)
    app.query_params["study"] = NAME
    app.run()
    assert not app.exception
    return app


def error_of(app: AppTest) -> str:
    (error,) = app.error
    return str(error.value)


def contents(path: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in path.rglob("*") if p.is_file() and p.suffix == ""}


def test_a_study_from_a_newer_version_asks_for_an_upgrade(study):
    with closing(sqlite3.connect(study.path / "study.db")) as db:
        db.execute("PRAGMA user_version=99")
    assert "由更新的版本（99）建立" in error_of(app := page())
    assert "打开最近的研究" in [b.label for b in app.button] or app.get("page_link")


def test_a_damaged_object_is_named_and_the_backup_is_pointed_to(study):
    source = store.head(study).recipe.sources[0]
    with closing(sqlite3.connect(study.path / "study.db")) as db:
        db.execute("DELETE FROM derived")
        db.commit()
    store.object_path(study, source.file).write_bytes(b"x")
    told = error_of(page())
    assert "内容与校验值不符" in told
    assert "请从备份恢复" in told


@pytest.mark.skipif(os.name != "posix", reason="folders are locked by their mode")
def test_a_folder_that_cannot_be_written_is_said_to_be(study, monkeypatch):
    """The tests may run as root, to whom no folder is locked: SQLite is told so by a missing log."""
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **kept: real(path, mode, **kept) if NAME not in str(path) else False)  # fmt: skip

    def refuses(path: Path):
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(revisions, "connected", refuses)
    before = contents(study.path)
    told = error_of(page())
    assert "不能写入" in told
    assert "复制到可以写入的地方" in told
    assert contents(study.path) == before


def test_a_network_drive_is_refused(study, monkeypatch):
    monkeypatch.setattr(revisions, "is_remote", lambda path: True)
    told = error_of(page())
    assert "在网络盘上" in told
    assert "团队版" in told


def test_a_folder_that_is_no_study_and_one_that_is_gone_lead_back(study):
    (study.path / "study.db").write_bytes(b"no database at all, only words that fill a page")
    assert "不是研究文件夹" in error_of(page())
    shutil.rmtree(study.path)
    told = error_of(page())
    assert NAME in told
    study.path.mkdir()


_WRITER = """
import sys
from pathlib import Path
from insight import pipeline
from insight.errors import Conflict

def saved(act):
    try:
        act()
    except Conflict as error:
        unsaved = pipeline.read_unsaved(error.unsaved)
        saved(lambda: pipeline.redo(study, unsaved))

study = pipeline.opened(Path(sys.argv[1]))
for n in range(10):
    saved(lambda: pipeline.save_banner(study, f"{sys.argv[2]}{n}", ["rfm"]))
"""


def test_two_servers_on_one_folder_lose_nothing(study):
    """Each opens the study for itself; what both save is there, and each sees what the other did."""
    command = [sys.executable, "-c", _WRITER, str(study.path)]
    both = [subprocess.Popen([*command, who], cwd=ROOT, stderr=subprocess.PIPE, text=True) for who in "甲乙"]  # fmt: skip
    told = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert set(pipeline.banners(study)) == {f"{who}{n}" for who in "甲乙" for n in range(10)}
    assert len(store.history(study)) == 2 + 20
    assert store.broken_line(study) is None
    assert store.verify(study).damaged == ()


_PUT_AND_COMMIT = """
import sys
from pathlib import Path
from insight import study as store
study = store.open_study(Path(sys.argv[1]))
head = store.head(study)
store.put(study, b"bytes that nobody has stored before")
store.commit(study, head.recipe, parent=head.id, author="a", note="b")
"""


def test_bytes_reach_the_disk_before_their_name_and_the_name_before_the_commit(study, tmp_path):
    """temp -> fsync -> rename -> fsync of the folder -> fsync of the log of the database, as the kernel saw it."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed here")
    log = tmp_path / "calls"
    watch = [strace, "-f", "-y", "-o", str(log), "-e", "trace=fsync,fdatasync,rename,renameat,renameat2"]  # fmt: skip
    done = subprocess.run([*watch, sys.executable, "-c", _PUT_AND_COMMIT, str(study.path)], cwd=ROOT, capture_output=True, text=True)  # fmt: skip
    if "ptrace" in done.stderr.lower():
        pytest.skip("strace may not watch here")
    assert done.returncode == 0, done.stderr
    seen = [step for line in log.read_text().splitlines() if (step := _step(line))]
    at = [seen.index(step) for step in ("fsync temp", "rename", "fsync folder")]
    assert at == sorted(at)
    assert "fsync log" in seen[at[-1] :]


def _step(line: str) -> str:
    """What one call was about; "" for others."""
    if re.search(r"fsync\(\d+<.*/objects/\.[0-9a-f]{16}>\)", line):
        return "fsync temp"
    if re.search(r"rename\w*\(.*/objects/\.[0-9a-f]{16}\"", line):
        return "rename"
    if re.search(r"fsync\(\d+<.*/objects/[0-9a-f]{2}>\)", line):
        return "fsync folder"
    return "fsync log" if re.search(r"f(data)?sync\(\d+<.*/study\.db-wal>\)", line) else ""
