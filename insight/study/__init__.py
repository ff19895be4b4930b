"""A study on disk: revisions of its recipe in SQLite, everything else under its hash; nothing acknowledged is lost."""

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
    "Pick", "Recipe", "Revision", "Source", "Study", "commit", "create", "digest", "get", "head", "history", "keeping", "key", "located",
    "object_path", "open_study", "put", "recall", "remember", "sha256",
]  # fmt: skip
