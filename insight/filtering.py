"""Filters: a saved audience narrows what analyses of answers and texts count, and every result says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Annotated, Any

import polars as pl
from pydantic import AfterValidator, BaseModel, Field, create_model

from insight.analysis import Analysis, Result
from insight.dataset import Dataset
from insight.errors import NoAudiences, NobodyLeft, UnknownName
from insight.members import Members
from insight.schema.audiences import Audience
from insight.schema.conditions import AUDIENCE
from insight.segmentation.breaks import Unit, judge
from insight.segmentation.filters import sentence_of
from insight.wording import count

FILTER = "filter"
STUDY, EVERYBODY = "", "all"  # the filter of the study; none, whatever the study's
TOLD = "筛选："
ONLY = f"{TOLD}只看"


def _key(value: str) -> str:
    """The key of an audience that is called by its name."""
    is_key = value in (STUDY, EVERYBODY) or value.startswith(AUDIENCE)
    return value if is_key else f"{AUDIENCE}{value}"


Filtering = Annotated[
    str,
    AfterValidator(_key),
    Field(
        title="只看",
        description="只数符合这个人群规则的人；不选表示用整个研究的筛选，没有设定时是全部答卷和文本",
        json_schema_extra={"one_of": "filters"},
    ),
]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The data of those who are left, and the sentence for the notes."""

    dataset: Dataset
    note: str


def filterable(analysis: Analysis) -> Analysis:
    """``analysis`` with the parameter ``filter``: it counts, and opens, only whom the audience holds."""
    own = analysis.run
    table = next(iter(analysis.needs))

    @wraps(own)
    def run(dataset: Dataset, params: Any) -> Result:  # noqa: ANN401 (the parameters of any analysis)
        left = narrowed(dataset, chosen(params))
        note = left.note or _everybody(table)
        result = own(left.dataset, params)
        others = [n for n in result.notes if not n.startswith(TOLD)]
        return replace(result, notes=(*([note] if left.note else []), *others, *([] if left.note else [note])))  # fmt: skip

    def members(dataset: Dataset, params: Any, result: Result) -> Mapping[str, Members]:  # noqa: ANN401
        return analysis.members(narrowed(dataset, chosen(params)).dataset, params, result)

    return replace(analysis, run=run, members=members, params=_with_filter(analysis.params))


def chosen(params: BaseModel) -> str:
    """The audience that the parameters ask for, "" for none."""
    asked = str(getattr(params, FILTER, EVERYBODY))
    return "" if asked == EVERYBODY else asked


def _with_filter(model: type[BaseModel]) -> type[BaseModel]:
    extended: type[BaseModel] = create_model(
        model.__name__, __base__=model, __module__=model.__module__, filter=(Filtering, STUDY)
    )
    return extended


def _everybody(table: str) -> str:
    return f"{TOLD}全部未被排除的{'文本' if table == 'texts' else '答卷'}。"


def narrowed(dataset: Dataset, key: str) -> Narrowed:
    """The respondents of an audience, and the texts they wrote.

    Who bought what, and so every purchase group, stays as it is. A text goes with its respondent, else with
    its customer; one whose author is unknown is judged by itself. Who cannot be judged is left out.

    Parameters
    ----------
    key : "audience.NAME"; "" = everybody

    Raises
    ------
    NoAudiences, UnknownName : there is no such audience.
    NobodyLeft : nobody is in it.
    """
    if not key:
        return Narrowed(dataset, "")
    audience = audience_called(dataset, key)
    responses, unclear = _respondents(dataset, audience)
    texts = _texts(dataset, audience)
    left = [frame.height for frame in (responses, texts) if frame is not None]
    sentence = sentence_of(dataset, audience)
    if left and not any(left):
        raise NobodyLeft(audience.name, sentence, unclear)
    counted = ((responses, "份答卷"), (texts, "条文本"))
    n_left = "、".join(f"{count(f.height)} {unit}" for f, unit in counted if f is not None)
    lost = f"；另有 {count(unclear)} 份答卷无法判断，没有计入" if unclear else ""
    note = f"{ONLY}“{audience.name}”（{sentence}），{n_left}{lost}。"
    return Narrowed(replace(dataset, responses=responses, texts=texts), note)


def audience_called(dataset: Dataset, key: str) -> Audience:
    """The audience of that key (NoAudiences, UnknownName)."""
    known = {one.key: one for one in dataset.definitions.audiences}
    if not known:
        raise NoAudiences
    if key not in known:
        names = [one.name for one in known.values()]
        raise UnknownName("人群", key.removeprefix(AUDIENCE), names)
    return known[key]


def _respondents(dataset: Dataset, audience: Audience) -> tuple[pl.DataFrame | None, int]:
    """Those who are in, and how many cannot be judged."""
    if dataset.responses is None:
        return None, 0
    met = judge(dataset, audience.rule, unit="respondent_id").members
    ids = met.filter("met")["respondent_id"]
    kept = dataset.responses.filter(pl.col("respondent_id").is_in(ids.implode()))
    return kept, met["met"].null_count()


def _texts(dataset: Dataset, audience: Audience) -> pl.DataFrame | None:
    """The texts of those who are in."""
    texts = dataset.texts
    if texts is None:
        return None
    units: tuple[Unit, ...] = ("respondent_id", "customer_id", "text_id")
    known = [u for u in units if u in texts.columns]
    for unit in known:
        met = judge(dataset, audience.rule, unit=unit).members.rename({"met": f"{unit}:met"})
        texts = texts.join(met, on=unit, how="left", maintain_order="left")
    is_in = [pl.when(pl.col(u).is_not_null()).then(pl.col(f"{u}:met").fill_null(value=False)) for u in known]  # fmt: skip
    return texts.filter(pl.coalesce(is_in)).drop(f"{u}:met" for u in known)
