"""Kinds of respondents by what is important to them: k-means on their ratings, and what each kind is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.answers import chosen
from insight.dataset import Dataset
from insight.errors import BadParameter, QuestionsMissing, TooFewRows
from insight.ratings.items import label_of, named, scored
from insight.ratings.laid import is_graded
from insight.ratings.subjects import importances
from insight.schema import QuestionKind
from insight.segmentation.clusters import CAP, JUDGED, Points, best, candidates, telling
from insight.stats import kmeans, partitions
from insight.stats.proportions import Floats

TITLE = "需求分群"
LEAST_PEOPLE, LEAST_ITEMS = 30, 3
LEAST_Z, MOST_WORDS = 0.3, 2
EVEN = "各项均衡型"


@dataclass(frozen=True, slots=True)
class Stated:
    """What respondents said is important.

    Attributes
    ----------
    ids : (n) those who rated every item, sorted
    labels : (p) items on which they differ, all different
    ratings : (n x p) as they were given; 1 and 0 for options that were ticked or not
    z : (n x p) standard scores of the ratings less each respondent's own mean, at most 3
    n_gaps : respondents who rated some of the items
    source : the questions
    """

    ids: pl.Series
    labels: tuple[str, ...]
    ratings: Floats
    z: Floats
    n_gaps: int
    source: str


@dataclass(frozen=True, slots=True)
class Kinds:
    """Every respondent in one kind, the largest first.

    Attributes
    ----------
    judged : as ``segmentation.clusters.candidates``, and is_chosen
    labels : (n) 0 to k - 1
    names : (k)
    z : (k x p) mean standard score
    stability : (k) mean bootstrap Jaccard
    """

    judged: pl.DataFrame
    labels: kmeans.Labels
    names: tuple[str, ...]
    z: Floats
    stability: Floats


def stated(dataset: Dataset, ids: Sequence[str]) -> Stated:
    """The importance of each item to each respondent.

    Parameters
    ----------
    ids : rating questions, or one question with several answers; none = the ratings of importance

    Raises
    ------
    QuestionsMissing : fewer than three items, or nobody differs.
    BadParameter : a question with several answers beside others.
    TooFewRows : fewer than 30 respondents rated all items.
    """
    assert dataset.responses is not None
    responses = dataset.responses.sort("respondent_id")
    columns, source = _columns(dataset, responses, ids)
    if len(columns) < LEAST_ITEMS:
        raise QuestionsMissing(TITLE, "对三项以上分别打分的重要性题", "一道矩阵题问“以下各方面对您有多重要”，每行一个方面")  # fmt: skip
    table = pl.DataFrame([c.alias(str(at)) for at, c in enumerate(columns)])
    is_whole = table.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    is_any = table.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    if is_whole.sum() < LEAST_PEOPLE:
        raise TooFewRows("给每一项都打了分的答卷", int(is_whole.sum()), LEAST_PEOPLE)
    ratings = table.filter(is_whole).cast(pl.Float64).to_numpy()
    z = _relative(ratings)
    kept = telling(z)
    if len(kept) < 2 or len(np.unique(z[:, kept].round(9), axis=0)) < LEAST_ITEMS:
        raise QuestionsMissing(TITLE, "人与人答案不同的重要性题", "一道矩阵题问“以下各方面对您有多重要”，每行一个方面")  # fmt: skip
    labels = tuple(columns[at].name for at in kept)
    kept_ids = responses["respondent_id"].filter(is_whole)
    return Stated(kept_ids, labels, ratings[:, kept], z[:, kept], int((is_any & ~is_whole).sum()), source)  # fmt: skip


def _columns(
    dataset: Dataset, responses: pl.DataFrame, ids: Sequence[str]
) -> tuple[list[pl.Series], str]:
    asked = [q for name in ids if (q := dataset.questionnaire.find(name))]
    several = [q for q in asked if q.kind is QuestionKind.MULTI]
    if several and len(ids) > 1:
        raise BadParameter("重要性题（need_segments.questions）", f"{several[0].id} 是多选题，只能单独使用")  # fmt: skip
    if several:
        ticked = chosen(responses, several[0])
        return list(ticked.cast(pl.Float64)), f"{several[0].id} {several[0].wording}"
    known = dataset.questionnaire, responses
    items = [q for q in (named(ids, *known) if ids else importances(*known)) if is_graded(responses, q)]  # fmt: skip
    labels = [label_of(q) for q in items]
    names = [x if labels.count(x) == 1 else f"{x}（{q.id}）" for x, q in zip(labels, items, strict=True)]  # fmt: skip
    source = "、".join(dict.fromkeys(q.wording.rpartition("｜")[0] or q.wording for q in items))
    return [scored(responses, q).alias(x) for x, q in zip(names, items, strict=True)], source


def _relative(ratings: Floats) -> Floats:
    """Standard scores of what everybody rates above or below their own mean: not of how high they rate at all."""
    own = ratings - ratings.mean(axis=1, keepdims=True)
    spread = own.std(axis=0)
    away = own - own.mean(axis=0)
    z = np.divide(away, spread, out=np.zeros_like(away), where=spread > 1e-9)
    return np.asarray(np.clip(z, -CAP, CAP))


def kinds(found: Stated, *, n_kinds: int, seed: int) -> Kinds:
    """Divide the respondents; ``n_kinds`` = 0 takes the number the data tell.

    Raises
    ------
    BadParameter : fewer than ``n_kinds`` different answers.
    """
    frame = found.ids.to_frame("customer_id")
    judged = candidates(Points(frame, found.labels, found.z), seed=seed)
    k = n_kinds or best(judged)
    if k > len(np.unique(found.z.round(9), axis=0)):
        raise BadParameter("分成几群（need_segments.n_kinds）", "比不同的答案还多")
    labels = _by_size(kmeans.fit(found.z, k, seed=seed).labels, k)
    z = np.array([found.z[labels == one].mean(axis=0) for one in range(k)])
    at = kmeans.sampled(len(labels), JUDGED, seed=seed)
    stable = np.nan_to_num(partitions.stability(found.z[at], labels[at], seed=seed))
    names = named_after(found.labels, z, verb="看重")
    return Kinds(judged.with_columns(is_chosen=pl.col("k") == k), labels, names, z, stable)


def _by_size(labels: kmeans.Labels, k: int) -> kmeans.Labels:
    rank = np.empty(k, dtype=np.int64)
    rank[np.argsort(-np.bincount(labels, minlength=k), kind="stable")] = np.arange(k)
    return rank[labels]


def named_after(labels: Sequence[str], z: Floats, *, verb: str) -> tuple[str, ...]:
    """What each kind (k x p) has furthest above everybody; a number where two would share a name."""
    names = []
    for row in z:
        top = [at for at in np.argsort(-row, kind="stable")[:MOST_WORDS] if row[at] >= LEAST_Z]
        names.append(verb + "·".join(labels[at] for at in top) if top else EVEN)
    return tuple(
        f"{name}{names[: at + 1].count(name)}" if names.count(name) > 1 else name
        for at, name in enumerate(names)
    )


def above(labels: Sequence[str], z: Floats) -> str:
    """The items that one kind (p) has above everybody, in words."""
    found = [labels[at] for at in np.argsort(-z, kind="stable") if z[at] >= LEAST_Z]
    return "、".join(found) or "没有"
