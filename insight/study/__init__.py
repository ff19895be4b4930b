"""A study on disk: revisions of its recipe in SQLite, everything else under its hash; nothing acknowledged is lost."""

from insight.schema.codes import PersonCode, Purpose
from insight.study.auditing import Act, Entry, audit, broken_line, noted
from insight.study.backups import backup, restore
from insight.study.codes import codes_of, keep_codes, latest_texts, undo_code
from insight.study.database import now
from insight.study.desk import (
    Here,
    Typed,
    Work,
    begin_work,
    drafts,
    end_work,
    keep_drafts,
    leave,
    meet,
    works,
)
from insight.study.desk import clear as clear_desk
from insight.study.erasing import erase
from insight.study.forking import fork
from insight.study.merging import GONE, Change, Clash, Merged, Path, Side, differences, merged
from insight.study.model import Pick, Recipe, Revision, Source, Study, Unsaved
from insight.study.objects import (
    check_present,
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
from insight.study.relatives import relatives
from insight.study.revisions import (
    commit,
    create,
    derived_key,
    head,
    history,
    key,
    key_path,
    open_study,
    revision,
)
from insight.study.terms import Terms, agree, days_left, destroy, terms
from insight.study.verifying import Verified, lists_of, sweep, verify

__all__ = [
    "GONE", "Act", "Change", "Clash", "Entry", "Here", "Merged", "Path", "PersonCode", "Pick", "Purpose", "Recipe", "Revision", "Side", "Source",
    "Study", "Terms", "Typed", "Unsaved", "Verified", "Work", "agree", "audit", "backup", "begin_work", "broken_line", "check_present", "clear_desk",
    "codes_of", "commit", "create", "days_left", "derived_key", "destroy", "differences", "digest", "drafts", "end_work", "erase", "fork", "get",
    "head", "history", "keep_codes", "keep_drafts", "keeping", "key", "key_path", "latest_texts", "leave", "lists_of", "located", "meet", "merged",
    "noted", "now", "object_path", "open_study", "put", "recall", "relatives", "remember", "restore", "revision", "sha256", "sweep", "terms", "undo_code",
    "verify", "works",
]  # fmt: skip
