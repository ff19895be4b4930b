"""The table of a regression: who rated the whole and the parts, and what is done about gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.answers import Sample
from insight.errors import BadParameter, TooFewRows
from insight.ratings.items import label_of, scored
from insight.schema import Question
from insight.stats.weights import effective_base
from insight.wording import count

Missing = Literal["整份剔除", "均值填补"]


@dataclass(frozen=True, slots=True)
class Ratings:
    """Ratings without gaps, in the order of the respondents' ids.

    Attributes
    ----------
    labels : (p) what each predictor is about, all different
    data : (n, p + 1) predictors, then the outcome
    notes : what was left out or filled in, one sentence each
    """

    asked: tuple[Question, ...]
    labels: tuple[str, ...]
    data: NDArray[np.float64]
    weight: NDArray[np.float64]
    notes: tuple[str, ...]

    @property
    def base(self) -> int:
        return len(self.data)

    @property
    def effective_base(self) -> float:
        """What the weighted answers are worth (Kish)."""
        found: float = pl.select(effective_base(pl.lit(pl.Series(self.weight)))).item()
        return found


def ratings_of(
    people: Sample, outcome: Question, predictors: Sequence[Question], *, missing: Missing
) -> Ratings:
    """The ratings of those who can be counted.

    Parameters
    ----------
    missing : whoever lacks the outcome is never counted; gaps in a predictor leave the respondent
        out, or are filled with the predictor's weighted mean

    Raises
    ------
    BadParameter : everybody rates the whole alike, or no predictor differs.
    TooFewRows : there are fewer ratings than two more than predictors.
    """
    table = _scores(people, outcome, predictors)
    names = [q.id for q in predictors]
    answered = table.filter(pl.col(outcome.id).is_not_null())
    n_gaps = answered.height - answered.drop_nulls(names).height
    if missing == "均值填补":
        means = [(pl.col(x) * pl.col("w")).sum() / pl.col("w").filter(pl.col(x).is_not_null()).sum() for x in names]  # fmt: skip
        filled = answered.with_columns(pl.col(x).fill_null(mean) for x, mean in zip(names, means, strict=True))  # fmt: skip
    else:
        filled = answered
    complete = filled.drop_nulls(names)
    if complete[outcome.id].n_unique() < 2 and complete.height > 1:
        raise BadParameter("总体评价", f"“{label_of(outcome)}”所有人打分相同，看不出什么影响它")
    varying = [q for q in predictors if complete[q.id].n_unique() > 1]
    if complete.height < len(varying) + 2:
        raise TooFewRows("总体和各方面都有评分的答卷", complete.height, max(len(varying), 1) + 2)
    if not varying:
        raise BadParameter("各方面评分", "每一项都是所有人打分相同，看不出什么影响总体评价")
    constant = [label_of(q) for q in predictors if q not in varying]
    notes = (_told_gaps(table.height - answered.height, n_gaps, missing), *_told_constant(constant))
    data = complete.select(*(q.id for q in varying), outcome.id).to_numpy()
    return Ratings(tuple(varying), _labels(varying), data, complete["w"].to_numpy(), notes)


def _scores(people: Sample, outcome: Question, predictors: Sequence[Question]) -> pl.DataFrame:
    """(n) the score of each question under its id, and w, sorted by respondent."""
    columns = [scored(people.responses, q).alias(q.id) for q in (*predictors, outcome)]
    ids = people.responses["respondent_id"]
    return pl.DataFrame([ids, people.weight.alias("w"), *columns]).sort("respondent_id")


def _labels(asked: Sequence[Question]) -> tuple[str, ...]:
    labels = [label_of(q) for q in asked]
    return tuple(x if labels.count(x) == 1 else f"{x}（{q.id}）" for x, q in zip(labels, asked, strict=True))  # fmt: skip


def _told_gaps(n_silent: int, n_gaps: int, missing: Missing) -> str:
    silent = f"{count(n_silent)} 份没有总体评价，不计入" if n_silent else "没有缺总体评价的答卷"
    if not n_gaps:
        return f"缺失：{silent}；各方面评分没有缺失。"
    if missing == "均值填补":
        return f"缺失：{silent}；{count(n_gaps)} 份缺某一方面的评分，用该方面的均值填补（重要性会略被低估）。"  # fmt: skip
    return f"缺失：{silent}；{count(n_gaps)} 份缺某一方面的评分，整份剔除（listwise）。"


def _told_constant(labels: Sequence[str]) -> tuple[str, ...]:
    if not labels:
        return ()
    return (f"所有人打分相同、无法解释任何差异，已剔除：{'、'.join(labels)}。",)
