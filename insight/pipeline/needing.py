"""The needs of a study in the words of whoever studies them, with how much each source says for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from insight import study as store
from insight.analysis import Result
from insight.errors import UnknownName
from insight.pipeline.changing import change, newest
from insight.pipeline.running import run
from insight.schema.need_statements import NeedStatement
from insight.study import Revision, Study

KEY = "needs_by_segment"


@dataclass(frozen=True, slots=True)
class StatedNeed:
    """One need with its statement and its evidence.

    Attributes
    ----------
    source : where it was heard
    n_buyers, n_survey, n_interviews, n_reviews : people who raise it
    sources : the badge, "2/3 问卷、访谈"
    """

    need: str
    source: str
    statement: NeedStatement
    n_buyers: int
    n_survey: int
    n_interviews: int
    n_reviews: int
    sources: str


def need_statements(study: Study) -> tuple[NeedStatement, ...]:
    """The statements of the newest revision."""
    return store.head(study).recipe.need_statements


def stated_needs(
    study: Study, *, result: Result | None = None, changes: Mapping[str, object] | None = None
) -> tuple[StatedNeed, ...]:
    """Every need of the matrix, the most at stake first, with its statement and its evidence.

    Parameters
    ----------
    result : as ``run`` gave it with these changes; without it, it is read again
    """
    made = result or run(study, KEY, changes=changes)
    known = {one.need: one for one in need_statements(study)}
    rows = {(row["need"], row["source"]): row for row in made.tables["evidence"].to_dicts()}
    ranked = made.tables["needs"].select("need", "source").rows()
    return tuple(
        StatedNeed(statement=known.get(need, NeedStatement(need=need)), **rows[need, source])
        for need, source in ranked
    )


def state_need(
    study: Study, statement: NeedStatement, *, parent: int | None = None, result: Result | None = None
) -> Revision:  # fmt: skip
    """Record what a need is about; an empty statement is forgotten.

    Parameters
    ----------
    result : of the matrix the need stands in; without it, it is read again

    Raises
    ------
    UnknownName : the matrix has no such need, and none was stated before.
    Conflict : somebody changed the study since ``parent``.
    """
    before = newest(study, parent)
    others = [one for one in before.recipe.need_statements if one.need != statement.need]
    if len(others) == len(before.recipe.need_statements):
        known = [one.need for one in stated_needs(study, result=result)]
        if statement.need not in known:
            raise UnknownName("需求", statement.need, known)
    kept = (*others, statement) if statement else tuple(others)
    note = f"{'写下' if statement else '删除'}需求陈述 {statement.need}"
    return change(study, before, note=note, need_statements=kept)
