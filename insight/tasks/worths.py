"""From the answers to a conjoint design to what its levels and attributes are worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.errors import NothingToTell
from insight.stats.conditional_logit import Choices, dependent
from insight.stats.conjoint import Estimate, worths_of_choices, worths_of_ratings
from insight.stats.part_worths import Coding
from insight.tasks.choosing import ChoiceTasks
from insight.tasks.profiles import TITLE
from insight.tasks.rating import Ratings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Worths:
    """What both kinds of answers lead to.

    Attributes
    ----------
    levels, attributes : part-worths and importance, with bounds
    individual : (k x n_levels) utilities to simulate with: of each person who rated, or of all who chose
    weight : (k) of each of them
    base : people
    measures : name and value of how well the model fits
    none : utility of choosing nothing, where it could be chosen
    """

    levels: Estimate
    attributes: Estimate
    individual: Floats
    weight: Floats
    base: int
    measures: tuple[tuple[str, float], ...]
    none: float | None = None


def coding_of(told: Ratings | ChoiceTasks) -> Coding:
    """The coding of the attributes whose worth the design tells apart.

    Raises
    ------
    NothingToTell : levels of different attributes always come together.
    """
    coding = Coding(told.levels)
    if isinstance(told, Ratings):
        x, task = coding.coded(told.cards), np.zeros(len(told.cards), dtype=np.int64)
    else:
        x, task = _coded(told, coding), _sets(told.rows)
    if lost := dependent(x, task):
        names = [coding.columns[j][0] if j < len(coding.columns) else "都不选" for j in lost]
        listed = "、".join(f"“{a}”" for a in dict.fromkeys(names))
        raise NothingToTell(
            TITLE,
            f"设计里{listed}的取值总是和别的属性一起变化，或者展示的产品太少，分不出各自的价值",
            "请在设计文件里去掉重复的属性，或换一个各属性互相独立的设计。",
        )
    return coding


def worths(
    told: Ratings | ChoiceTasks, coding: Coding, *, weight: Floats, rows: Ints, seed: int
) -> Worths:
    """Worths by the respondents at ``rows``.

    Parameters
    ----------
    weight : (n) of all respondents
    rows : (k) places among them

    Raises
    ------
    NothingToTell : their answers do not determine them.
    """
    if isinstance(told, Ratings):
        return _of_ratings(told, coding, weight=weight[rows], rows=rows)
    return _of_choices(told, coding, weight=weight, rows=rows, seed=seed)


def _of_ratings(told: Ratings, coding: Coding, *, weight: Floats, rows: Ints) -> Worths:
    found = worths_of_ratings(
        coding.coded(told.cards), told.ratings[rows], weight=weight, coding=coding
    )
    known = ~np.isnan(found.individual).any(axis=1)
    varied = ~np.isnan(found.fits)
    if not varied.any():
        raise NothingToTell(
            TITLE, "每个人给所有产品都打了同样的分，或打了分的产品太少", "请检查打分题的回答。"
        )
    measures = (
        ("平均 R²", float(np.average(found.fits[varied], weights=weight[varied]))),
        ("给所有产品同样分数的人", float((known & ~varied).sum())),
    )
    return Worths(
        found.levels,
        found.attributes,
        found.individual[known],
        weight[known],
        int(known.sum()),
        measures,
    )


def _of_choices(
    told: ChoiceTasks, coding: Coding, *, weight: Floats, rows: Ints, seed: int
) -> Worths:
    own = told.rows.filter(pl.col("row").is_in(pl.Series(rows).implode()))
    if own.is_empty():
        raise NothingToTell(TITLE, "没有人答过选择题", "请检查选择题的回答。")
    part = ChoiceTasks(own, told.levels, told.constant, told.has_none, 0)
    chosen = own.filter("is_chosen")["row"]
    people = chosen.rle_id().cast(pl.Int64).to_numpy()
    choices = Choices(
        x=_coded(part, coding),
        task=_sets(own),
        chosen=own["is_chosen"].to_numpy(),
        person=people,
        weight=weight[chosen.to_numpy()],
    )
    found = worths_of_choices(choices, coding=coding, has_none=told.has_none, seed=seed)
    if found is None:
        raise NothingToTell(
            TITLE,
            "有的取值每次都被选中（或从未被选中），效用没有上限",
            "请合并很少出现的取值，或增加样本。",
        )
    measures = (
        ("选中率（预测对的任务占比）", found.fit.hit_rate),
        ("McFadden R²", found.fit.mcfadden),
        ("对数似然", found.fit.log_likelihood),
        ("任务数", float(len(chosen))),
    )
    alone = found.levels.value[None]
    return Worths(found.levels, found.attributes, alone, np.ones(1), int(people[-1]) + 1, measures, found.none)  # fmt: skip


def _sets(rows: pl.DataFrame) -> Ints:
    """(n_rows) number of the set each row belongs to."""
    numbers: Ints = rows.select(pl.struct("row", "task").rle_id().cast(pl.Int64)).to_series().to_numpy()  # fmt: skip
    return numbers


def _coded(told: ChoiceTasks, coding: Coding) -> Floats:
    """Effects codes of every alternative shown, and a last column for "none of them"."""
    names = list(dict(told.levels))
    distinct = told.rows.select(names).unique(maintain_order=True).with_row_index("at")
    codes = coding.coded(distinct.drop("at").rows())
    at = told.rows.join(distinct, on=names, how="left", nulls_equal=True, maintain_order="left")
    x: Floats = codes[at["at"].to_numpy()]
    if not told.has_none:
        return x
    return np.column_stack([x, (told.rows["alternative"] == 0).cast(pl.Float64).to_numpy()])
