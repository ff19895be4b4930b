"""Who is counted in a book of tables, and with which weight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from insight.answers import Sample, sample
from insight.dataset import Dataset
from insight.errors import BadParameter, UnknownName
from insight.stats.proportions import Floats

AUTO, PLAIN = "auto", "none"


def people_of(dataset: Dataset, *, weight: str = AUTO) -> Sample:
    """The respondents to count, in the order of their weights so that sums never depend on the file's order.

    Parameters
    ----------
    weight : "auto" = the weights of the study, where it has any; "none" = everybody counts as one; else the id of
        a question or the name of a column that holds numbers

    Raises
    ------
    UnknownName, BadParameter : there is no such column, or it holds no numbers.
    TooFewRows : nobody is left.
    """
    assert dataset.responses is not None
    responses, is_named = dataset.responses, weight not in (AUTO, PLAIN)
    if is_named:
        column = _column(dataset, weight)
        responses = responses.with_columns(weight=pl.col(column).cast(pl.Float64))
    people = sample(responses, use_weight=weight != PLAIN)
    if is_named:
        people = replace(people, note=people.note.replace("“权重”列", f"“{weight}”列"))
    order = people.weight.arg_sort()
    return replace(people, responses=people.responses[order], weight=people.weight.gather(order))


def _column(dataset: Dataset, wanted: str) -> str:
    assert dataset.responses is not None
    question = dataset.questionnaire.find(wanted)
    column = question.columns[0] if question else wanted
    if column not in dataset.responses.columns:
        numbers = [c for c, kind in dataset.responses.schema.items() if kind.is_numeric()]
        raise UnknownName("权重列", wanted, numbers)
    if not dataset.responses[column].dtype.is_numeric():
        raise BadParameter("权重", f"“{wanted}”里不是数字")
    return column


def weights_in(people: Sample) -> Floats | None:
    """(n) the weights as numbers; None where everybody counts as one."""
    return np.asarray(people.weight.to_numpy(), dtype=np.float64) if people.is_weighted else None
