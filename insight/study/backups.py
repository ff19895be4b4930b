"""A study as one zip, and back: the same hashes on another machine."""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO

from insight import access
from insight.errors import DamagedStudy, NotABackup, StudyExists
from insight.study.database import copied, database, now
from insight.study.files import on_disk, sync_file, sync_folder, write
from insight.study.model import Study
from insight.study.objects import object_path
from insight.study.revisions import key_path, open_study
from insight.study.verifying import derived_objects, raw_objects, verify

FORM = 1  # of the archive
_MANIFEST, _DATABASE, _KEY = "manifest.json", "study.db", "study.key"
_OBJECT = "objects/{}/{}"
_PIECE = 2**22  # bytes


def backup(study: Study, file: Path, *, secret: bytes | None = None) -> int:
    """Write everything a study refers to into one zip, whole or not at all; returns the number of objects.

    Parameters
    ----------
    secret : its key, if that shall be in the zip: whoever has the zip can then add new customers

    Raises
    ------
    OnlyOwnCustomers : whoever acts may see some customers only.
    DamagedStudy : an object is not what was stored; a backup of it would only look like one.
    """
    access.demand_all()
    aside = file.parent / f".{secrets.token_hex(8)}"
    try:
        with on_disk(file.parent), zipfile.ZipFile(aside, "x") as archive:
            n = _packed(study, archive, aside.with_suffix(".db"))
            if secret is not None:
                archive.writestr(_KEY, secret)
        sync_file(aside)
        aside.replace(file)
        sync_folder(file.parent)
    finally:
        aside.unlink(missing_ok=True)
        aside.with_suffix(".db").unlink(missing_ok=True)
    return n


def _packed(study: Study, archive: zipfile.ZipFile, copy: Path) -> int:
    copied(study.path, copy)
    raw = raw_objects(study)
    names = sorted(raw | {n for n in derived_objects(study) if object_path(study, n).is_file()})
    told = {"form": FORM, "id": study.id, "name": study.name, "at": now(), "objects": len(names)}
    archive.writestr(_MANIFEST, json.dumps(told, ensure_ascii=False))
    archive.write(copy, _DATABASE, compress_type=zipfile.ZIP_DEFLATED)
    for sha in names:
        path = object_path(study, sha)
        if not path.is_file():
            raise DamagedStudy(str(study.path), f"缺少对象 {sha[:12]}")
        with path.open("rb") as source, archive.open(_OBJECT.format(sha[:2], sha), "w", force_zip64=True) as out:  # fmt: skip
            if _poured(source, out) != sha:
                raise DamagedStudy(str(study.path), f"对象 {sha[:12]} 的内容与校验值不符")
    return len(names)


def _poured(source: IO[bytes], out: IO[bytes]) -> str:
    """Copy in pieces; the sha256 of what was copied."""
    hashed = sha256()
    while piece := source.read(_PIECE):
        hashed.update(piece)
        out.write(piece)
    return hashed.hexdigest()


def restore(file: Path, path: Path, *, keys_dir: Path) -> Study:
    """Make the study of a backup in an absent or empty folder; it is whole, or it is not there.

    Raises
    ------
    NotABackup : the file is no backup, or it was damaged on the way.
    StudyExists : the folder holds something.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise StudyExists(str(path))
    path.absolute().parent.mkdir(parents=True, exist_ok=True)
    aside = path.absolute().parent / f".{secrets.token_hex(8)}"
    try:
        with on_disk(aside.parent), _opened(file) as archive:
            _unpacked(archive, aside, file.name)
            study = open_study(aside)
            if found := verify(study).damaged:
                raise NotABackup(file.name, found[0])
            _keep_key(archive, study, keys_dir)
        if path.exists():
            path.rmdir()
        aside.rename(path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return open_study(path)


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, KeyError, EOFError, sqlite3.DatabaseError, ValueError) as error:
        raise NotABackup(file.name, "文件不完整或不是备份") from error
    except FileNotFoundError as error:
        raise NotABackup(file.name, "文件不存在") from error


def _unpacked(archive: zipfile.ZipFile, folder: Path, name: str) -> None:
    """The database and every object of the archive; only names that a backup has are looked at."""
    told = json.loads(archive.read(_MANIFEST))
    if told.get("form") != FORM:
        raise NotABackup(name, "由更新的版本生成")
    folder.mkdir()
    with archive.open(_DATABASE) as source, database(folder).open("wb") as out:
        _poured(source, out)
    with closing(sqlite3.connect(database(folder))) as db:
        db.execute("PRAGMA journal_mode=WAL")
    sync_file(database(folder))
    objects = [n for n in archive.namelist() if n.startswith("objects/")]
    if len(objects) != told["objects"]:
        raise NotABackup(name, "文件不完整")
    for member in objects:
        _unpack_object(archive, member, folder, name)
    sync_folder(folder)


def _unpack_object(archive: zipfile.ZipFile, member: str, folder: Path, name: str) -> None:
    sha = member.rpartition("/")[2]
    if member != _OBJECT.format(sha[:2], sha) or not sha.isalnum():
        raise NotABackup(name, "含有不认识的文件")
    target = folder / "objects" / sha[:2] / sha
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, target.open("wb") as out:
        if _poured(source, out) != sha:
            raise NotABackup(name, f"对象 {sha[:12]} 的内容与校验值不符")
    sync_file(target)


def _keep_key(archive: zipfile.ZipFile, study: Study, keys_dir: Path) -> None:
    """Put the key of the archive where this machine keeps keys, unless it has one for this study."""
    path = key_path(study, keys_dir)
    if _KEY in archive.namelist() and not path.is_file():
        write(path, archive.read(_KEY), private=True)
