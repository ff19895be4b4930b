"""A study on disk: revisions of its recipe in SQLite, everything else under its hash; nothing acknowledged is lost."""

from insight.schema.codes import PersonCode, Purpose
from insight.study.codes import codes_of, keep_codes, latest_texts, undo_code
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
from insight.study.revisions import commit, create, head, history, key, open_study

__all__ = [
    "PersonCode", "Pick", "Purpose", "Recipe", "Revision", "Source", "Study", "codes_of", "commit", "create", "digest", "get", "head", "history", "keep_codes", "keeping", "key", "latest_texts", "located", "object_path", "open_study", "put", "recall", "remember", "sha256", "undo_code",
]  # fmt: skip
