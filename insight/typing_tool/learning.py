"""The groups of those who are known, learnt from their answers, and refused where the answers do not tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.dataset import Dataset
from insight.errors import BadParameter, NothingToTell, TooFewRows
from insight.segmentation.breaks import Break, break_of
from insight.stats import multinomial
from insight.stats.multinomial import Judged, Model
from insight.stats.proportions import Floats
from insight.typing_tool.features import TITLE, Features, encoded
from insight.wording import decimal, percent

LEAST_PEOPLE, LEAST_IN_GROUP, LEAST_SHARE = 50, 15, 0.02
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Typed:
    """What was learnt.

    Attributes
    ----------
    groups : (k) those that are large enough to be learnt, in the order of the break
    left_out : group -> people, of the others
    features : of everybody
    known, unknown : positions of those whose group is known and learnt, and of those who have none
    codes : (n_known) the group of each
    model, strength, judged, unseen : the model of all known people, its penalty, how good it is on people it has
        not seen, and (n_known x k) the chances it told them
    """

    banner: Break
    groups: tuple[str, ...]
    left_out: dict[str, int]
    features: Features
    known: NDArray[np.intp]
    unknown: NDArray[np.intp]
    codes: NDArray[np.int64]
    model: Model
    strength: float
    judged: Judged
    unseen: Floats


def typed(dataset: Dataset, by: str, *, questions: Sequence[str], least_lift: float, seed: int) -> Typed:  # fmt: skip
    """Learn the groups of ``by`` from the answers of those whose group is known.

    Raises
    ------
    BadParameter : the groups are made from answers.
    QuestionsMissing : there is nothing to learn from.
    TooFewRows : fewer than 50 people to learn from.
    NothingToTell : fewer than two groups are large enough, or the answers do not tell them apart.
    """
    assert dataset.responses is not None
    if dataset.questionnaire.find(by):
        raise BadParameter("人群（typing.by）", "应为按购买或客户资料分的人群，不能是问卷里的题")
    banner = break_of(dataset, by, unit="respondent_id")
    features = encoded(dataset, questions)
    told = features.ids.to_frame("respondent_id").join(banner.members, on="respondent_id", how="left", maintain_order="left")["group"]  # fmt: skip
    groups, left_out = _learnable(banner, told)
    known = np.flatnonzero(told.is_in(groups).fill_null(value=False).to_numpy())
    codes = np.array([groups.index(g) for g in told.gather(known)], dtype=np.int64)
    people, values = _people(dataset, features.ids)[known], features.values[known]
    unseen = multinomial.unseen_chances(values, codes, people, seed=seed)
    judged = multinomial.judged(unseen, codes)
    _check(judged, banner, least_lift=least_lift)
    strength = multinomial.strength_of(values, codes, people, seed=seed)
    model = multinomial.fit(values, codes, n_groups=len(groups), strength=strength)
    unknown = np.flatnonzero(told.is_null().to_numpy())
    return Typed(banner, groups, left_out, features, known, unknown, codes, model, strength, judged, unseen)  # fmt: skip


def _learnable(banner: Break, told: pl.Series) -> tuple[tuple[str, ...], dict[str, int]]:
    """The groups with enough people, and how many people the others have."""
    n_known = len(told) - told.null_count()
    if n_known < LEAST_PEOPLE:
        raise TooFewRows(f"答了题且知道“{banner.label}”的人", n_known, LEAST_PEOPLE)
    sizes = {g: int((told == g).sum()) for g in banner.groups}
    least = max(LEAST_IN_GROUP, LEAST_SHARE * n_known)
    groups = tuple(g for g, n in sizes.items() if n >= least)
    if len(groups) < 2:
        raise NothingToTell(TITLE, f"“{banner.label}”里不到两层有 {decimal(least, digits=0)} 个以上的答卷", "请换一种人数更均匀的人群。")  # fmt: skip
    return groups, {g: n for g, n in sizes.items() if 0 < n < least}


def _check(judged: Judged, banner: Break, *, least_lift: float) -> None:
    """Refuse where the answers do not tell the groups apart."""
    reached = f"没有见过的人里猜中 {percent(judged.hit_rate)}，全猜最大的一层也有 {percent(judged.base_rate)}"  # fmt: skip
    hint = "请换一种人群，或在“题目”里选和购买更有关的题。"
    if judged.lift < least_lift:
        lift = decimal(judged.lift, digits=2)
        raise NothingToTell(TITLE, f"答案分不出“{banner.label}”：{reached}，只有 {lift} 倍，低于要求的 {decimal(least_lift, digits=2)} 倍", f"{hint[:-1]}；也可以放宽“至少是几倍”。")  # fmt: skip
    if judged.p_value > LEVEL or judged.log_loss >= judged.base_log_loss:
        raise NothingToTell(TITLE, f"答案分不出“{banner.label}”：{reached}，差距可能只是碰巧", hint)


def _people(dataset: Dataset, ids: pl.Series) -> NDArray[np.int64]:
    """A number for the person behind each respondent; who has no customer is one of their own."""
    assert dataset.responses is not None
    person = pl.coalesce(pl.format("c{}", "customer_id"), pl.format("r{}", "respondent_id"))
    named = dataset.responses.select("respondent_id", person=person)
    told = ids.to_frame("respondent_id").join(named, on="respondent_id", how="left", maintain_order="left")["person"]  # fmt: skip
    return told.rank("dense").cast(pl.Int64).to_numpy()
