"""A study on disk: revisions of its recipe in SQLite, everything else under its hash; nothing acknowledged is lost."""

from insight.schema.codes import PersonCode, Purpose
from insight.study.auditing import Act, Entry, audit, broken_line, noted
from insight.study.backups import backup, restore
from insight.study.codes import codes_of, keep_codes, latest_texts, undo_code
from insight.study.database import now
from insight.study.erasing import erase
from insight.study.model import Pick, Recipe, Revision, Source, Study
from insight.study.objects import (
    digest,
    get,
    keeping,
    located,
    object_path,
    put,
    recall,
    remember,
    sha256,
)
from insight.study.revisions import (
    commit,
    create,
    derived_key,
    head,
    history,
    key,
    key_path,
    open_study,
)
from insight.study.verifying import Verified, lists_of, sweep, verify

__all__ = [
    "Act", "Entry", "PersonCode", "Pick", "Purpose", "Recipe", "Revision", "Source", "Study", "Verified", "audit", "backup", "broken_line", "codes_of",
    "commit", "create", "derived_key", "digest", "erase", "get", "head", "history", "keep_codes", "keeping", "key", "key_path", "latest_texts", "lists_of",
    "located", "noted", "now", "object_path", "open_study", "put", "recall", "remember", "restore", "sha256", "sweep", "undo_code", "verify",
]  # fmt: skip
