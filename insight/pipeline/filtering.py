"""The filter of a study: whom the analyses of answers and texts count."""

from __future__ import annotations

from insight import study as store
from insight.analyses import find
from insight.analysis import Result
from insight.errors import NoAudiences, UnknownName
from insight.filtering import FILTER, ONLY
from insight.narrowing import CUSTOMERS
from insight.pipeline.changing import change, newest
from insight.schema.conditions import AUDIENCE
from insight.study import Revision, Study


def is_filterable(key: str) -> bool:
    """Whether the analysis called ``key`` counts respondents or texts, so that a filter narrows it."""
    return FILTER in find(key).params.model_fields


def is_narrowable(key: str) -> bool:
    """Whether the analysis called ``key`` can count the orders of some customers only."""
    return CUSTOMERS in find(key).params.model_fields


def filters(study: Study) -> tuple[str, ...]:
    """Names of the audiences that can be chosen."""
    return tuple(one.name for one in store.head(study).recipe.audiences)


def study_filter(study: Study) -> str:
    """Name of the audience that is counted; "" = everybody."""
    return store.head(study).recipe.filter.removeprefix(AUDIENCE)


def set_filter(study: Study, name: str, *, parent: int | None = None) -> Revision:
    """Let the analyses of answers and texts count only this audience from now on; "" = everybody.

    An analysis with a filter of its own keeps it.

    Raises
    ------
    NoAudiences, UnknownName : there is no such audience.
    Conflict : somebody changed the study since ``parent``.
    """
    before = newest(study, parent)
    known = {one.name: one.key for one in before.recipe.audiences}
    if name and not known:
        raise NoAudiences
    if name and name not in known:
        raise UnknownName("人群", name, list(known))
    note = f"只看人群 {name}" if name else "取消筛选"
    return change(study, before, note=note, filter=known.get(name, ""))


def filter_told(result: Result) -> str:
    """The sentence about whom a result counts; "" where that is everybody."""
    return next((note for note in result.notes if note.startswith(ONLY)), "")
