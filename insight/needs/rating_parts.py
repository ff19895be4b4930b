"""What the rated items of a questionnaire say about needs: how large the opportunity is, what drives the whole."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from insight.answers import Sample, sample
from insight.dataset import Dataset
from insight.errors import InsightError, MissingColumns
from insight.ratings import importance_and_satisfaction, outcome_and_predictors, points, scored
from insight.ratings.complete import ratings_of
from insight.stats import drivers
from insight.stats.correlations import correlations
from insight.stats.opportunity import opportunity

Told = tuple[Mapping[str, float], str]


def opportunities(dataset: Dataset, *, title: str, use_weight: bool) -> Told:
    """Item -> opportunity score [0..20], or why there is none."""
    try:
        return _opportunities(dataset, title=title, use_weight=use_weight), ""
    except InsightError as error:
        return {}, error.message


def influences(dataset: Dataset, *, title: str, use_weight: bool) -> Told:
    """Item -> share of what all items explain of the overall rating, or why there is none."""
    try:
        return _influences(dataset, title=title, use_weight=use_weight), ""
    except InsightError as error:
        return {}, error.message


def _people(dataset: Dataset, *, use_weight: bool) -> Sample:
    if dataset.responses is None:
        raise MissingColumns("评分", ("问卷",))
    return sample(dataset.responses, use_weight=use_weight)


def _opportunities(dataset: Dataset, *, title: str, use_weight: bool) -> dict[str, float]:
    people = _people(dataset, use_weight=use_weight)
    rated = importance_and_satisfaction(dataset.questionnaire, people.responses, title=title)
    sides = ([r.importance for r in rated], [r.satisfaction for r in rated])
    tops = [points(people.responses, side)[-2:][0] for side in sides]
    weight = people.weight.to_numpy()
    found: dict[str, float] = {}
    for one in rated:
        answers = [scored(people.responses, q) for q in (one.importance, one.satisfaction)]
        known = (answers[0].is_not_null() & answers[1].is_not_null()).to_numpy()
        if known.any():
            high = [(a.to_numpy()[known] >= top).astype(np.float64) for a, top in zip(answers, tops, strict=True)]  # fmt: skip
            found[one.label] = opportunity(high[0], high[1], weight[known]).score
    return found


def _influences(dataset: Dataset, *, title: str, use_weight: bool) -> dict[str, float]:
    people = _people(dataset, use_weight=use_weight)
    outcome, predictors = outcome_and_predictors(dataset.questionnaire, people.responses, title=title)  # fmt: skip
    ratings = ratings_of(people, outcome, predictors, missing="整份剔除")
    every = correlations(ratings.data, ratings.weight)[None]
    explained = drivers.johnson(every)[0]
    total = float(explained.sum())
    return {label: float(one) / total for label, one in zip(ratings.labels, explained, strict=True) if total > 0}  # fmt: skip
