"""Run analyses with the parameters of the recipe; the same inputs are worked out once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from pydantic import BaseModel

from insight import results
from insight import study as store
from insight.analyses import catalogue, find
from insight.analysis import Analysis, Result, answer
from insight.dataset import Dataset
from insight.engines import Engine
from insight.errors import InsightError
from insight.filtering import FILTER
from insight.pipeline.changing import change, newest
from insight.pipeline.inputs import params_of, result_digest
from insight.pipeline.joined import load
from insight.pipeline.pairing import check_listed
from insight.pipeline.paying import check_one_currency, in_its_currency
from insight.pipeline.seeing import marked, own_bytes
from insight.schema import ORDERS
from insight.study import Revision, Study
from insight.worker import Progress, silent


def set_params(study: Study, params: BaseModel, *, key: str, parent: int | None = None) -> Revision:
    """Record the parameters an analysis shall run with from now on.

    Parameters
    ----------
    parent : revision the user saw; default: the newest

    Raises
    ------
    Conflict : somebody changed the study since ``parent``.
    """
    before = newest(study, parent)
    own = params.model_dump(mode="json", exclude_defaults=True)
    if own.get(FILTER) == before.recipe.filter:  # it follows the study
        own.pop(FILTER, None)
    chosen = {**before.recipe.params, key: own}
    return change(study, before, note=f"调整参数 {find(key).title}", params=chosen)


def run(
    study: Study,
    key: str,
    *,
    changes: Mapping[str, object] | None = None,
    engine: Engine = "polars",
    progress: Progress = silent,
    loaded: Callable[[], Dataset] | None = None,
) -> Result:
    """Answer one question; the same inputs are worked out once.

    Parameters
    ----------
    loaded : gives the tables of the study; whoever asks several questions hands the same ones to all

    Raises
    ------
    InsightError : the data cannot answer it, or a parameter is wrong.
    """
    return result_in(
        study, worked_out(study, key, changes, engine=engine, progress=progress, loaded=loaded)
    )


def worked_out(
    study: Study,
    key: str,
    changes: Mapping[str, object] | None = None,
    *,
    engine: Engine = "polars",
    progress: Progress = silent,
    loaded: Callable[[], Dataset] | None = None,
) -> str:
    """Name of the object that holds the answer (see ``run``)."""
    inputs = result_digest(study, key, changes=changes, engine=engine)
    if sha := store.recall(study, inputs):
        return sha
    analysis = find(key)
    if ORDERS.name in analysis.needs:
        check_listed(study)
        check_one_currency(study)
    progress(analysis.title, None)
    dataset = loaded() if loaded else load(study, engine=engine)
    with in_its_currency(study):
        result = answer(analysis, dataset, params_of(study, key, changes))
    return store.remember(study, inputs, results.pack(marked(result)), kind=f"result:{key}")


def result_in(study: Study, sha: str) -> Result:
    """The answer that an object holds, recalled or made for whoever acts (DamagedStudy)."""
    return results.unpack(own_bytes(study, sha))


@dataclass(frozen=True, slots=True)
class Ran:
    """What one analysis gave, or the sentence that says why not."""

    analysis: Analysis
    result: Result | None
    error: InsightError | None


def run_all(
    study: Study,
    keys: Sequence[str] = (),
    *,
    changes: Mapping[str, Mapping[str, object]] | None = None,
    engine: Engine = "polars",
    progress: Progress = silent,
) -> tuple[Ran, ...]:
    """Run several analyses (all of the catalogue where none is named).

    Parameters
    ----------
    changes : analysis key -> parameter -> value, over the recipe's
    """
    wanted = [find(key) for key in keys or catalogue()]
    ran, loaded = [], cache(partial(load, study, engine=engine))
    for at, analysis in enumerate(wanted):
        own = (changes or {}).get(analysis.key)
        progress(analysis.title, at / len(wanted))
        try:
            result = run(study, analysis.key, changes=own, engine=engine, loaded=loaded)
            ran.append(Ran(analysis, result, None))
        except InsightError as error:
            ran.append(Ran(analysis, None, error))
    return tuple(ran)
