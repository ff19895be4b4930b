"""A study as it was at one revision, as a study of its own: the same files and key, its own name and way on."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from insight import access
from insight.errors import StudyExists
from insight.study.auditing import note as noted_in
from insight.study.database import connected, copied, database, now, transaction
from insight.study.files import sync_file, sync_folder, write
from insight.study.model import Study, Unsaved
from insight.study.objects import object_path
from insight.study.relatives import ORIGIN
from insight.study.revisions import key_path, open_study
from insight.study.verifying import derived_objects, raw_names, raw_objects


def fork(study: Study, path: Path, unsaved: Unsaved, *, author: str, keys_dir: Path, secret: bytes) -> Study:  # fmt: skip
    """Make a study in an absent folder: the revisions up to the parent of a change, and the change on top.

    It is made aside and renamed, so that it is whole or absent; what is kept under its hash is shared with
    the first study where the file system can (it is never rewritten), else copied.

    Parameters
    ----------
    secret : the key of both studies, so that the same people keep the same tokens

    Raises
    ------
    OnlyOwnCustomers : whoever acts may see some customers only.
    StudyExists : there is something at ``path``.
    """
    access.demand_all()
    if path.exists():
        raise StudyExists(str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    made = Study(path, secrets.token_hex(8), path.name)
    with TemporaryDirectory(prefix=".forking-", dir=path.parent, ignore_cleanup_errors=True) as aside:  # fmt: skip
        draft = Study(Path(aside) / path.name, made.id, made.name)
        _copied(study, draft, also=raw_names([unsaved.recipe]))
        _rewritten(draft, unsaved, author=author, of=study)
        sync_file(database(draft.path))
        write(key_path(made, keys_dir), secret, private=True)
        if path.exists():
            raise StudyExists(str(path))
        draft.path.rename(path)
    sync_folder(path.parent)
    return open_study(path)


def _copied(study: Study, draft: Study, *, also: set[str]) -> None:
    (draft.path / "objects").mkdir(parents=True)
    copied(study.path, database(draft.path))
    for sha in raw_objects(study) | derived_objects(study) | also:
        if (old := object_path(study, sha)).is_file():
            _linked(old, object_path(draft, sha))


def _linked(old: Path, new: Path) -> None:
    new.parent.mkdir(exist_ok=True)
    try:
        os.link(old, new)
    except OSError:  # another drive, or one that knows no links
        shutil.copyfile(old, new)
        sync_file(new)
    sync_folder(new.parent)


def _rewritten(draft: Study, unsaved: Unsaved, *, author: str, of: Study) -> None:
    """Give the copy its own name, and the change instead of what came after its parent."""
    with connected(draft.path) as db:
        db.execute("PRAGMA journal_mode=WAL")
    with transaction(draft.path) as db:
        facts = [(draft.id, "id"), (draft.name, "name")]
        db.executemany("UPDATE facts SET value = ? WHERE name = ?", facts)
        db.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (ORIGIN, of.id))
        db.execute("DELETE FROM revisions WHERE id > ?", (unsaved.parent,))
        row = (unsaved.parent + 1, unsaved.parent, author, now(), unsaved.note, unsaved.recipe.model_dump_json())  # fmt: skip
        db.execute("INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)", row)
        noted_in(db, "create", who=author, what={"name": draft.name, "of": of.name, "revision": unsaved.parent})  # fmt: skip
