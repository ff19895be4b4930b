"""What only POSIX has is asked for where it is used and can be missing; nothing of Windows itself is run here."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

from insight import settings as configuration
from insight import spool
from insight.study import files
from insight.worker import limits

ROOT = Path(__file__).parents[1]
POSIX_ONLY = {"resource", "fcntl", "grp", "pwd", "termios", "pty", "tty", "syslog"}


def _imported_at_once(path):
    """The modules that importing a file imports."""
    tree = ast.parse(path.read_text("utf-8"))
    found = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}  # fmt: skip
    return found | {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}


def test_every_module_can_be_imported_without_the_modules_of_posix():
    for folder in ("insight", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            assert not _imported_at_once(path) & POSIX_ONLY, path


def test_where_there_are_no_limits_of_the_system_a_child_works_without_them(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "resource", None)
    monkeypatch.delattr(os, "nice", raising=False)
    limits.stand_back()
    limits.confine(configuration.settings())
    limits.relax()
    assert limits.resident() > 0


def test_a_file_is_written_where_folders_cannot_be_opened(monkeypatch, tmp_path):
    monkeypatch.setattr(files, "IS_WINDOWS", True)
    opened = os.open

    def refusing(path, *args):
        assert not Path(path).is_dir()
        return opened(path, *args)

    monkeypatch.setattr(os, "open", refusing)
    files.write(tmp_path / "a" / "b", b"1")
    assert (tmp_path / "a" / "b").read_bytes() == b"1"


def test_an_upload_that_somebody_still_reads_is_left_for_the_next_start(monkeypatch, tmp_path):
    def refused(*_args, **_options):
        raise PermissionError("in use")

    kept = spool.Spooled(tmp_path / "f")
    kept.path.write_bytes(b"1")
    monkeypatch.setattr(Path, "unlink", refused)
    kept.close()
    assert kept.path.exists()


def test_a_terminal_that_lacks_a_character_shows_a_question_mark(tmp_path):
    called = [sys.executable, "-m", "insight", "new", "价¥"]
    env = os.environ | {"PYTHONIOENCODING": "gbk", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(called, cwd=tmp_path, env=env, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "已新建研究“价?”" in done.stdout.decode("gbk")
