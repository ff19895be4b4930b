"""A study keeps what it acknowledged, refuses what it is not, and never overwrites somebody silently."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from insight import study as store
from insight.errors import Conflict, DamagedStudy, MissingKey, NewerStudy, NotAStudy, StudyExists
from insight.settings import settings
from insight.study import Recipe

ROOT = Path(__file__).parents[1]


@pytest.fixture
def made(tmp_path):
    return store.create(tmp_path / "a", author="甲", keys_dir=tmp_path / "keys", name="试")


def test_a_new_study_opens_with_its_name_and_first_revision(made):
    again = store.open_study(made.path)
    assert (again.id, again.name) == (made.id, "试")
    assert (store.head(again).id, store.head(again).author, store.head(again).recipe) == (
        1,
        "甲",
        Recipe(),
    )


def test_the_key_lies_outside_the_study_and_only_the_owner_reads_it(made, tmp_path):
    file = tmp_path / "keys" / f"{made.id}.key"
    assert store.key(made, keys_dir=tmp_path / "keys") == file.read_bytes()
    assert len(file.read_bytes()) == 32
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not list(made.path.rglob("*.key"))


def test_without_its_key_a_study_takes_no_new_identities(made, tmp_path):
    with pytest.raises(MissingKey):
        store.key(made, keys_dir=tmp_path / "elsewhere")


def test_a_folder_with_content_is_no_place_for_a_new_study(made):
    with pytest.raises(StudyExists):
        store.create(made.path, author="乙", keys_dir=made.path)


@pytest.mark.parametrize("content", [None, b"", b"not a database"])
def test_a_folder_that_is_no_study_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "study.db").write_bytes(content)
    with pytest.raises(NotAStudy):
        store.open_study(tmp_path)


def test_a_study_of_a_newer_version_is_refused(made):
    with sqlite3.connect(made.path / "study.db") as db:
        db.execute("PRAGMA user_version=99")
    with pytest.raises(NewerStudy, match="99"):
        store.open_study(made.path)


def test_who_writes_on_an_old_parent_gets_a_conflict_that_names_who(made):
    store.commit(made, Recipe(), parent=1, author="乙", note="先到")
    with pytest.raises(Conflict, match="乙"):
        store.commit(made, Recipe(), parent=1, author="丙", note="后到")
    assert [r.note for r in store.history(made)] == ["先到", "新建研究"]
    assert [r.note for r in store.history(made, most=1)] == ["先到"]


def test_bytes_come_back_and_damage_is_noticed(made):
    sha = store.put(made, b"abc")
    assert (
        sha == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )  # FIPS 180-2, appendix B.1
    assert store.get(made, sha) == b"abc"
    store.object_path(made, sha).write_bytes(b"abd")
    with pytest.raises(DamagedStudy, match="校验值"):
        store.get(made, sha)


def test_what_was_worked_out_is_found_by_the_digest_of_its_inputs(made):
    inputs = store.digest("a", "b")
    assert store.recall(made, inputs) is None
    store.remember(made, inputs, b"result", kind="test")
    sha = store.recall(made, inputs)
    assert sha
    assert store.get(made, sha) == b"result"


def test_the_digest_knows_where_one_part_ends():
    assert store.digest("ab", "c") != store.digest("a", "bc")


_WRITER = """
import sys
from pathlib import Path
from insight import study as store
from insight.errors import Conflict
from insight.study import Recipe
study = store.open_study(Path(sys.argv[1]))
for i in range(int(sys.argv[2])):
    while True:
        try:
            store.commit(study, Recipe(), parent=store.head(study).id, author=sys.argv[3], note=str(i))
            print(i, flush=True)
            break
        except Conflict:
            pass
"""


def _writer(path: Path, times: int, author: str) -> subprocess.Popen:
    command = [sys.executable, "-c", _WRITER, str(path), str(times), author]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_three_processes_commit_at_once_and_none_is_lost(made):
    writers = [_writer(made.path, 8, who) for who in ("甲", "乙", "丙")]
    assert [w.wait(60) for w in writers] == [0, 0, 0]
    for writer in writers:
        writer.stdout.close()
    revisions = store.history(made)
    assert len(revisions) == 1 + 3 * 8
    assert [r.parent for r in revisions] == [*range(24, 0, -1), None]


def test_after_kill_minus_nine_every_acknowledged_change_is_there(made):
    for _ in range(6):
        before = store.head(made).id
        writer = _writer(made.path, 10_000, "甲")
        acknowledged = [writer.stdout.readline() for _ in range(5)]
        writer.kill()
        rest = writer.stdout.read().splitlines()
        writer.wait(30)
        writer.stdout.close()
        assert store.head(made).id >= before + len(acknowledged) + len(rest)
        with sqlite3.connect(made.path / "study.db") as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_settings_are_read_from_the_environment(own_folders):
    assert settings().keys_dir == own_folders / "keys"


def test_a_copy_in_the_study_stays_only_if_it_is_asked_for(made, tmp_path):
    file = tmp_path / "订单.csv"
    file.write_bytes(b"1,2\n")
    objects = made.path / "objects"
    with store.keeping(made, file):
        pass
    assert not [p for p in objects.rglob("*") if p.is_file()]
    with store.keeping(made, file) as (copy, keep):
        sha = store.sha256(copy)
        keep(sha)
    assert store.get(made, sha) == b"1,2\n"
    assert [p.name for p in objects.rglob("*") if p.is_file()] == [sha]
