"""Which answered questionnaires no analysis counts: decided by the user, recorded, taken back at will."""

from __future__ import annotations

import polars as pl

from insight import study as store
from insight.errors import UnknownName
from insight.pipeline.apart import apart
from insight.pipeline.changing import change, newest
from insight.pipeline.joined import unweighted
from insight.quality import CHECKS, left_out
from insight.schema import Exclusions
from insight.study import Revision, Study


def exclusions(study: Study) -> Exclusions:
    """The rule of the newest revision."""
    return store.head(study).recipe.exclusions


def check_labels() -> dict[str, str]:
    """Check -> what it is called."""
    return {name: check.label for name, check in CHECKS.items()}


@apart("数会排除的答卷")
def would_leave_out(study: Study, rule: Exclusions) -> pl.Series:
    """Ids of the respondents that a rule leaves out; nothing is changed (UnknownName)."""
    known = unweighted(study).quality
    if unknown := sorted(set(rule.checks) - set(CHECKS)):
        raise UnknownName("检查", unknown[0], tuple(CHECKS))
    ids = [] if known is None else known["respondent_id"].to_list()
    if strange := sorted({*rule.respondents, *rule.kept} - set(ids)):
        raise UnknownName("答卷", strange[0], ids)
    return pl.Series(dtype=pl.String) if known is None else left_out(known, rule)


def set_exclusions(study: Study, rule: Exclusions, *, parent: int | None = None) -> Revision:
    """Leave respondents out by this rule from now on (UnknownName, Conflict)."""
    n = len(would_leave_out(study, rule))
    note = f"排除 {n:,} 份答卷" if n else "不排除答卷"
    return change(study, newest(study, parent), note=note, exclusions=rule)
