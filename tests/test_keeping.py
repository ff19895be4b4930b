"""What a study acknowledged stays: verified byte for byte, backed up, brought back, brought up to date, logged."""

from __future__ import annotations

import hmac
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections import namedtuple
from hashlib import sha256
from pathlib import Path

import psutil
import pytest

from benchmarks import durability
from insight import pipeline
from insight import study as store
from insight.cli import main
from insight.errors import (
    DamagedStudy,
    MissingKey,
    NotABackup,
    ReadOnlyStudy,
    StudyExists,
    StudyOnNetwork,
)
from insight.pipeline.kept import secret_of
from insight.settings import settings
from insight.study import Recipe, Source
from insight.study.database import VERSION

ROOT = Path(__file__).parents[1]
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs limits of a POSIX system")


@pytest.fixture
def made(tmp_path):
    """A study with one raw file that a revision names, and one result."""
    study = store.create(tmp_path / "a", author="甲", keys_dir=tmp_path / "keys", name="试")
    raw = store.put(study, b"customer,amount\n1,2\n")
    source = Source(file=raw, name="a.csv", sheet="", table="orders", roles={})
    store.commit(study, Recipe(sources=(source,)), parent=1, author="甲", note="导入")
    table = store.put(study, b"PAR1 of a table")
    store.remember(study, "joined", json.dumps({"orders": table}).encode(), kind="joined")
    return study


def _raw(study):
    return store.head(study).recipe.sources[0].file


def test_a_study_as_it_was_written_is_whole(made):
    found = store.verify(made)
    assert (found.objects, found.verified, found.orphans, found.lost, found.damaged) == (3, 3, (), 0, ())  # fmt: skip


def test_a_byte_that_changed_is_noticed(made):
    path = store.object_path(made, _raw(made))
    path.write_bytes(b"customer,amount\n1,3\n")
    found = store.verify(made)
    assert found.verified == 2
    assert found.damaged == (f"对象 {path.name[:12]} 的内容与校验值不符",)


def test_a_raw_file_that_is_gone_is_damage_and_a_result_that_is_gone_is_made_again(made):
    (joined,) = (p for p in (made.path / "objects").rglob("*") if p.is_file() and p.read_bytes()[:1] == b"{")  # fmt: skip
    joined.unlink()
    found = store.verify(made)
    assert (found.lost, found.damaged) == (1, ())
    store.object_path(made, _raw(made)).unlink()
    assert store.verify(made).damaged == (f"缺少原始文件 {_raw(made)[:12]}",)


def test_what_a_crash_left_behind_is_swept_after_an_hour_and_nothing_else(made):
    objects = made.path / "objects"
    fresh, old = objects / ".0011", objects / "ab" / ("ab" + "0" * 62)
    old.parent.mkdir(exist_ok=True)
    for path in (fresh, old):
        path.write_bytes(b"x")
    os.utime(old, (time.time() - 4_000,) * 2)
    assert set(store.verify(made).orphans) == {fresh, old}
    assert store.sweep(made) == 1
    assert fresh.exists()
    assert not old.exists()
    assert store.verify(made).verified == 3


def test_a_backup_comes_back_with_the_same_hashes_and_revisions(made, tmp_path):
    assert store.backup(made, tmp_path / "b.zip") == 3
    again = store.restore(tmp_path / "b.zip", tmp_path / "b", keys_dir=tmp_path / "new keys")
    assert (again.id, again.name) == (made.id, "试")
    assert store.history(again) == store.history(made)
    kept = {p.name: p.read_bytes() for p in (made.path / "objects").rglob("*") if p.is_file()}
    assert kept == {p.name: p.read_bytes() for p in (again.path / "objects").rglob("*") if p.is_file()}  # fmt: skip
    assert store.get(again, store.recall(again, "joined"))


def test_the_key_travels_only_when_it_is_asked_for(made, tmp_path):
    key = store.key(made, keys_dir=tmp_path / "keys")
    store.backup(made, tmp_path / "without.zip")
    store.backup(made, tmp_path / "with.zip", secret=key)
    assert key not in (tmp_path / "without.zip").read_bytes()
    bare = store.restore(tmp_path / "without.zip", tmp_path / "b", keys_dir=tmp_path / "k2")
    with pytest.raises(MissingKey):
        store.key(bare, keys_dir=tmp_path / "k2")
    whole = store.restore(tmp_path / "with.zip", tmp_path / "c", keys_dir=tmp_path / "k3")
    assert store.key(whole, keys_dir=tmp_path / "k3") == key


def test_one_key_file_of_the_machine_serves_every_new_study(tmp_path, monkeypatch):
    monkeypatch.setenv("INSIGHT_KEY_FILE", str(tmp_path / "machine.key"))
    settings.cache_clear()
    try:
        first, second = pipeline.new(tmp_path / "1"), pipeline.new(tmp_path / "2")
        keys = [secret_of(study) for study in (first, second, first)]
        assert keys[0] == keys[2] != keys[1]
        machine = (tmp_path / "machine.key").read_bytes()
        assert keys[0] == hmac.new(machine, first.id.encode(), "sha256").digest()
        assert not store.key_path(first, settings().keys_dir).exists()
    finally:
        settings.cache_clear()


def test_a_backup_of_a_damaged_study_is_refused_and_leaves_no_file(made, tmp_path):
    store.object_path(made, _raw(made)).write_bytes(b"other")
    with pytest.raises(DamagedStudy, match="校验值"):
        store.backup(made, tmp_path / "b.zip")
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".zip" or p.name[0] == "."] == []


def test_a_backup_never_replaces_what_stands_where_it_is_restored_to(made, tmp_path):
    store.backup(made, tmp_path / "b.zip")
    with pytest.raises(StudyExists):
        store.restore(tmp_path / "b.zip", made.path, keys_dir=tmp_path)


def _with(file, changed, target):
    """The archive again, some of its members replaced, left out (None) or added."""
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w") as new:
        for name in dict.fromkeys([*old.namelist(), *changed]):
            data = changed.get(name, old.read(name) if name in old.namelist() else b"")
            if data is not None:
                new.writestr(name, data)
    return target


def test_an_archive_that_was_changed_is_refused_and_nothing_is_left(made, tmp_path):
    store.backup(made, tmp_path / "b.zip")
    one = f"objects/{_raw(made)[:2]}/{_raw(made)}"
    climbing = "objects/../" + "a" * 64
    cases = [{one: b"other"}, {one: None}, {climbing: b"x"}, {"manifest.json": b"{}"}, {"manifest.json": b"["}, {"study.db": b"no"}, {"study.db": None}]  # fmt: skip
    for case in cases:
        file = _with(tmp_path / "b.zip", case, tmp_path / "c.zip")
        with pytest.raises(NotABackup):
            store.restore(file, tmp_path / "c", keys_dir=tmp_path)
        assert not (tmp_path / "c").exists()
        assert not [p for p in tmp_path.iterdir() if p.name[0] == "."]


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_an_archive_that_was_cut_off_is_refused(made, tmp_path, share):
    store.backup(made, tmp_path / "b.zip")
    data = (tmp_path / "b.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(NotABackup):
        store.restore(tmp_path / "cut.zip", tmp_path / "c", keys_dir=tmp_path)


# What version 1 of the product wrote, as it stood in its code.
_VERSION_1 = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE revisions (
    id INTEGER PRIMARY KEY, parent INTEGER REFERENCES revisions (id),
    author TEXT NOT NULL, at TEXT NOT NULL, note TEXT NOT NULL, recipe TEXT NOT NULL);
CREATE TABLE derived (
    digest TEXT PRIMARY KEY, object TEXT NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL);
INSERT INTO facts VALUES ('id', '00ff'), ('name', '旧');
INSERT INTO revisions VALUES (1, NULL, '甲', '2025-01-01T00:00:00+08:00', '新建研究', '{"sources": []}');
PRAGMA user_version=1;
"""


def _old(path, more=""):
    (path / "objects").mkdir(parents=True)
    with sqlite3.connect(path / "study.db") as db:
        db.executescript(_VERSION_1 + more)
    db.close()
    return path


def test_a_study_of_the_first_version_opens_and_a_copy_of_it_stays(tmp_path):
    path = _old(tmp_path / "old")
    study = store.open_study(path)
    assert (study.id, study.name, store.head(study).id) == ("00ff", "旧", 1)
    store.commit(study, Recipe(), parent=1, author="乙", note="改")
    assert [e.act for e in store.audit(study)] == ["change"]
    with sqlite3.connect(path / "study.v1.db") as kept:
        assert kept.execute("PRAGMA user_version").fetchone() == (1,)
        assert kept.execute("SELECT count(*) FROM revisions").fetchone() == (1,)
    kept.close()


def test_codes_of_the_first_version_are_kept(tmp_path):
    codes = """CREATE TABLE codes (
        id INTEGER PRIMARY KEY, text_id TEXT NOT NULL, coder TEXT NOT NULL, purpose TEXT NOT NULL,
        needs TEXT NOT NULL, polarity TEXT NOT NULL, at TEXT NOT NULL, is_undone INTEGER NOT NULL DEFAULT 0);
        INSERT INTO codes VALUES (1, 't', '甲', 'code', '["n"]', '', '2025', 0);"""
    study = store.open_study(_old(tmp_path / "old", codes))
    assert [c.text_id for c in store.codes_of(study)] == ["t"]


def test_a_step_that_fails_leaves_the_old_version(tmp_path):
    path = _old(tmp_path / "old", "CREATE TABLE audit (x);")
    with pytest.raises(sqlite3.OperationalError):
        store.open_study(path)
    with sqlite3.connect(path / "study.db") as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        assert not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'codes'").fetchall()
    db.close()


def test_two_who_open_an_old_study_at_once_both_get_it(tmp_path):
    path = _old(tmp_path / "old")
    opener = f"from pathlib import Path; from insight import study; print(study.open_study(Path({str(path)!r})).id)"
    both = [subprocess.Popen([sys.executable, "-c", opener], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]  # fmt: skip
    assert [one.communicate(timeout=60)[0].strip() for one in both] == ["00ff", "00ff"]
    with sqlite3.connect(path / "study.db") as db:
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    db.close()


def test_the_log_names_who_did_what_and_only_grows(made):
    store.noted(made, "export", who="乙", file="report.docx")
    assert [(e.who, e.act) for e in store.audit(made)] == [("甲", "create"), ("甲", "change"), ("乙", "export")]  # fmt: skip
    assert store.audit(made)[-1].what == {"file": "report.docx"}
    for order in ("UPDATE audit SET who = '丙'", "DELETE FROM audit"):
        with sqlite3.connect(made.path / "study.db") as db, pytest.raises(sqlite3.IntegrityError):
            db.execute(order)
        db.close()


@pytest.mark.parametrize(
    ("order", "line"),
    [
        ("UPDATE audit SET who = '丙' WHERE id = 2", 2),
        ("DELETE FROM audit WHERE id = 1", 1),
        ("DELETE FROM audit WHERE id = 2", 2),
        ("UPDATE audit SET previous = hash WHERE id = 3", 3),
    ],
)
def test_a_line_that_was_changed_behind_its_back_is_found(made, order, line):
    store.noted(made, "export", who="乙", file="report.docx")
    with sqlite3.connect(made.path / "study.db") as db:
        db.executescript("DROP TRIGGER audit_is_not_rewritten; DROP TRIGGER audit_is_not_shortened;")  # fmt: skip
        db.execute(order)
    db.close()
    assert store.broken_line(made) == line
    assert store.verify(made).damaged == (f"审计记录从第 {line} 条起被改动",)


def test_a_folder_on_a_network_drive_is_refused(made, tmp_path, monkeypatch):
    mount = namedtuple("mount", "mountpoint fstype opts")
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: [mount("/", "ext4", "rw"), mount(str(tmp_path), "nfs4", "rw")])  # fmt: skip
    there = tmp_path / "there"  # a folder is looked at once, until another device is mounted there
    shutil.copytree(made.path, there)
    with pytest.raises(StudyOnNetwork):
        store.open_study(there)
    with pytest.raises(StudyOnNetwork):
        store.create(tmp_path / "n", author="甲", keys_dir=tmp_path)


@POSIX
def test_a_folder_that_cannot_be_written_is_said_to_be(made):
    if os.geteuid() == 0:
        pytest.skip("root writes everywhere")
    made.path.chmod(0o500)
    try:
        with pytest.raises(ReadOnlyStudy):
            store.open_study(made.path)
    finally:
        made.path.chmod(0o700)


_FILLING = """
import resource, signal, sys
from pathlib import Path
from insight import study as store
from insight.errors import DiskFull
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
study = store.open_study(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    for i in range(4):
        store.remember(study, f"{sys.argv[2]} {i}", bytes([i]) * 20_000, kind="test")
        store.noted(study, "export", who="甲", file=f"{sys.argv[2]} {i}")
        print(i, flush=True)
except DiskFull as error:
    print(error)
"""


@POSIX
def test_a_full_disk_is_said_and_keeps_what_was_acknowledged(made):
    said = 0
    for limit in range(0, 300_000, 30_000):
        out = subprocess.run([sys.executable, "-c", _FILLING, str(made.path), str(limit)], cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
        assert out.returncode == 0, out.stderr
        done = [line for line in out.stdout.splitlines() if line.isdigit()]
        assert all(store.recall(made, f"{limit} {i}") for i in done)
        said += "磁盘满了" in out.stdout
        assert store.verify(made).damaged == ()
    assert said >= 2


def test_forty_kills_lose_no_acknowledged_change_and_damage_nothing(made):
    """Each at a random moment; the benchmark does it 500 times and more."""
    found = durability.survived(made, 40, seed=0)
    assert (found["lost"], found["damaged"]) == (0, 0)
    assert found["acknowledged"] > 100


def test_the_commands_verify_back_up_restore_and_tell_the_log(made, tmp_path, capsys):
    assert main(["verify", str(made.path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {k: told[k] for k in ("objects", "verified", "orphans", "damaged")} == {"objects": 3, "verified": 3, "orphans": 0, "damaged": 0}  # fmt: skip
    assert main(["backup", str(made.path), str(tmp_path / "b.zip")]) == 0
    assert main(["restore", str(tmp_path / "b.zip"), str(tmp_path / "b")]) == 0
    assert "没有它的密钥" in capsys.readouterr().out
    assert main(["audit", str(made.path), "--json"]) == 0
    log = json.loads(capsys.readouterr().out)
    assert log["is_whole"] is True
    assert [line["act"] for line in log["lines"]] == ["create", "change", "backup"]
    assert main(["restore", str(tmp_path / "b.zip"), str(made.path)]) == 1
    assert "已经有内容" in capsys.readouterr().err


def test_a_damaged_study_ends_verify_with_one(made, capsys):
    store.object_path(made, _raw(made)).write_bytes(b"other")
    assert main(["verify", str(made.path)]) == 1
    assert "损坏" in capsys.readouterr().out


def test_the_example_is_whole_and_comes_back_with_its_results(demo_study, tmp_path):
    assert pipeline.verify(demo_study).damaged == ()
    pipeline.backup(demo_study, tmp_path / "示例.zip")
    again = pipeline.restore(tmp_path / "示例.zip", tmp_path / "again")
    assert store.head(again) == store.head(demo_study)
    assert sha256(store.get(again, _raw(again))).hexdigest() == _raw(demo_study)


def test_what_leaves_the_study_stands_in_its_log(demo_study, tmp_path):
    pipeline.write_sav(demo_study, tmp_path / "a.sav")
    pipeline.write_tables(demo_study, tmp_path / "t.xlsx", breaks=["rfm"])
    pipeline.write_reports(demo_study, ["html"], folder=tmp_path, only=["rfm"])
    assert main(["run", str(demo_study.path), "rfm", "--out", str(tmp_path)]) == 0
    row = "segment=" + pipeline.run(demo_study, "rfm").tables["segments"]["segment"][0]
    assert main(["people", str(demo_study.path), "rfm", row, "--out", str(tmp_path / "list.csv")]) == 0  # fmt: skip
    left = [dict(e.what)["file"] for e in store.audit(demo_study) if e.act == "export"][-5:]
    assert left == ["sav", pipeline.BOOK_FILE, "report.html、trace.json", "rfm", "list.csv"]
    assert store.broken_line(demo_study) is None
