"""Bytes under their hash, and what was worked out under the digest of its inputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from insight import access
from insight.errors import DamagedStudy
from insight.study.database import connected, now, transaction
from insight.study.files import copied, on_disk, staged, sync_file, sync_folder
from insight.study.model import Study


def object_path(study: Study, sha: str) -> Path:
    """Where the bytes with that sha256 lie, for whoever may see all customers (OnlyOwnCustomers)."""
    access.demand_all()
    return _lies(study, sha)


def _lies(study: Study, sha: str) -> Path:
    return study.path / "objects" / sha[:2] / sha


def sha256(data: bytes | Path) -> str:
    """The hash of bytes, or of those of a file, which is read in pieces."""
    if isinstance(data, bytes):
        return hashlib.sha256(data).hexdigest()
    with data.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def put(study: Study, data: bytes | Path) -> str:
    """Keep bytes, or those of a file, under their sha256 and return it; safe against a crash at any moment."""
    folder = study.path / "objects"
    if isinstance(data, Path):
        with staged(folder, data) as (copy, sha):
            _place(study, copy, sha)
    elif not _lies(study, sha := sha256(data)).is_file():
        with copied(folder, data) as copy:
            _reach_disk(copy)
            _place(study, copy, sha)
    return sha


@contextmanager
def keeping(study: Study, data: bytes | Path) -> Iterator[tuple[Path, Callable[[str], None]]]:
    """A copy of bytes in the study that nobody else writes to; it stays only if the function beside it is called.

    That one is told the sha256 of the copy and waits until it has reached the disk.
    """
    with copied(study.path / "objects", data) as copy, ThreadPoolExecutor(1) as beside:
        reached = beside.submit(_reach_disk, copy)

        def keep(sha: str) -> None:
            reached.result()
            _place(study, copy, sha)

        yield copy, keep


def _reach_disk(copy: Path) -> None:
    with on_disk(copy.parent):
        sync_file(copy)


def _place(study: Study, copy: Path, sha: str) -> None:
    """Give a copy that reached the disk its name."""
    path = _lies(study, sha)
    if path.is_file():
        return
    path.parent.mkdir(exist_ok=True)
    sync_folder(study.path / "objects")
    copy.replace(path)
    sync_folder(path.parent)


def get(study: Study, sha: str) -> bytes:
    """The bytes kept under ``sha``.

    Raises
    ------
    OnlyOwnCustomers : whoever acts may see some customers only, and this is not the door that takes them out.
    DamagedStudy : they are absent or not what was stored.
    """
    data = check_present(study, sha).read_bytes()
    if sha256(data) != sha:
        raise _changed(study, sha)
    return data


def located(study: Study, sha: str) -> Path:
    """Where the bytes kept under ``sha`` lie, verified; for what is too large to hold (DamagedStudy)."""
    path = check_present(study, sha)
    if sha256(path) != sha:
        raise _changed(study, sha)
    return path


def check_present(study: Study, sha: str) -> Path:
    """Where the bytes kept under ``sha`` lie, not verified (DamagedStudy where they are absent)."""
    path = object_path(study, sha)
    if not path.is_file():
        raise DamagedStudy(str(study.path), f"缺少对象 {sha[:12]}")
    return path


def _changed(study: Study, sha: str) -> DamagedStudy:
    return DamagedStudy(str(study.path), f"对象 {sha[:12]} 的内容与校验值不符")


PURGING = "purging"
"""Name of the fact that lists the objects which are still to be deleted."""


def purge(study: Study) -> None:
    """Delete the objects that were given up, and what the database still holds of former contents."""
    with connected(study.path) as db:
        row = db.execute("SELECT value FROM facts WHERE name = ?", (PURGING,)).fetchone()
        if row is None:
            return
        for sha in json.loads(row[0]):
            _lies(study, sha).unlink(missing_ok=True)
        db.execute("DELETE FROM facts WHERE name = ?", (PURGING,))
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def digest(*parts: str) -> str:
    """One name for a set of inputs: sha256 over the length-prefixed parts."""
    return hashlib.sha256("".join(f"{len(p)}:{p}" for p in parts).encode()).hexdigest()


def remember(study: Study, inputs: str, data: bytes, *, kind: str) -> str:
    """Keep what was worked out from the inputs with that digest; returns the object's sha256.

    What was worked out for whoever may see some customers only is kept for those who see the same, and for nobody else.
    """
    sha = put(study, data)
    row = (_for_whom(inputs), sha, kind, now())
    with transaction(study.path) as db:
        db.execute("INSERT OR REPLACE INTO derived VALUES (?, ?, ?, ?)", row)
    return sha


def recall(study: Study, inputs: str) -> str | None:
    """The sha256 of what was worked out from the inputs with that digest, if it is still there; see ``remember`` for whom."""
    with connected(study.path) as db:
        row = db.execute("SELECT object FROM derived WHERE digest = ?", (_for_whom(inputs),)).fetchone()  # fmt: skip
    return row[0] if row and _lies(study, row[0]).is_file() else None


def _for_whom(inputs: str) -> str:
    rows = access.actor().rows
    if rows is None or access.is_at_the_door():
        return inputs
    return digest("rows", rows.written(), inputs)
