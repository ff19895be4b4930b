"""Which items are meant to measure one thing, and their complete answers, reversed items turned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from insight.answers import Sample, parts
from insight.errors import BadParameter, QuestionsMissing, TooFewRows
from insight.ratings.items import label_of, named, points, scored
from insight.ratings.kano_pairs import pairs_found
from insight.schema import Question, QuestionKind, Questionnaire
from insight.stats.proportions import Floats
from insight.stats.scales import alpha, directions, scale_of

LEAST_ROWS = 3  # of a matrix that is taken for a scale without being named
LEAST_ALPHA = 0.6  # that turning items must reach, or nothing is turned


@dataclass(frozen=True, slots=True)
class Battery:
    """Items that are added up to one score; ``name`` is the id of their matrix, or says that they were picked."""

    name: str
    wording: str
    items: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """A battery and who answered all of it.

    Attributes
    ----------
    items, labels : (k) those on which people differ; labels are all different
    answers : (n, k) by respondent id, reversed items turned; raw : (n, k) as they were answered
    ids : (n) respondents
    is_reversed : (k)
    constant : labels of items that everybody answered alike
    n_gaps : respondents who answered some of the items
    """

    battery: Battery
    items: tuple[Question, ...]
    labels: tuple[str, ...]
    answers: Floats
    raw: Floats
    weight: Floats
    ids: pl.Series
    is_reversed: tuple[bool, ...]
    constant: tuple[str, ...]
    n_gaps: int


def batteries(
    questionnaire: Questionnaire, responses: pl.DataFrame, *, title: str, wanted: Sequence[str] = ()
) -> tuple[Battery, ...]:
    """The scales: every matrix that is named, and one of all single items that are named.

    Parameters
    ----------
    wanted : ids; empty = every rated matrix with at least three rows that is no half of Kano's pairs

    Raises
    ------
    UnknownName : there is no such question.
    BadParameter : a single item alone.
    QuestionsMissing : nothing is named, and there is no such matrix.
    """
    if not wanted:
        return _found(questionnaire, responses, title=title)
    whole = [q for name in dict.fromkeys(wanted) if (q := questionnaire.find(name)) and len(parts(q, responses)) > 1]  # fmt: skip
    made = [_battery(q, named([q.id], questionnaire, responses)) for q in whole]
    single = named([name for name in wanted if name not in {q.id for q in whole}], questionnaire, responses)  # fmt: skip
    if len(single) == 1:
        raise BadParameter("量表", f"只选了 {single[0].id} 一道题，至少要两道题才谈得上一致性")
    if single:
        made.append(Battery("所选题目", "、".join(q.id for q in single), single))
    return tuple(made)


def _found(questionnaire: Questionnaire, responses: pl.DataFrame, *, title: str) -> tuple[Battery, ...]:  # fmt: skip
    kano = {q.columns[0] for p in pairs_found(questionnaire, responses) for q in (p.functional, p.dysfunctional)}  # fmt: skip
    matrices = (q for q in questionnaire.of_kind(QuestionKind.MATRIX) if kano.isdisjoint(q.columns))
    asked = (_battery(q, parts(q, responses)) for q in matrices)
    made = tuple(b for b in asked if len(b.items) >= LEAST_ROWS and _is_rated(b, responses))
    if not made:
        raise QuestionsMissing(title, "由三道以上同向打分题组成的量表", "一道矩阵量表题，每行一句陈述，例如“物流很快”“客服很耐心”，按 1–5 分打分；也可以在“量表”里直接指定几道题")  # fmt: skip
    return made


def _battery(question: Question, items: Sequence[Question]) -> Battery:
    held = tuple(i for i in items if i.id != question.id or len(items) == 1)
    return Battery(question.id, question.wording, held)


def _is_rated(battery: Battery, responses: pl.DataFrame) -> bool:
    return all(scored(responses, item).null_count() < responses.height for item in battery.items)


def answered(
    people: Sample, battery: Battery, *, reversed_ids: Sequence[str], detect: bool, least: int
) -> Answered:  # fmt: skip
    """Who answered every item of a battery, with the reversed ones turned.

    Parameters
    ----------
    reversed_ids : items to turn in any case
    detect : turn those that run against most of the others, too, where that makes a scale
    least : fewer people than this are too few

    Raises
    ------
    BadParameter : fewer than two items on which people differ.
    TooFewRows : fewer than ``least`` people, or than one more than items, answered everything.
    """
    columns = [scored(people.responses, q).alias(f"i{at}") for at, q in enumerate(battery.items)]
    table = pl.DataFrame([people.responses["respondent_id"], people.weight.alias("w"), *columns]).sort("respondent_id")  # fmt: skip
    names = [c.name for c in columns]
    anything = table.filter(pl.any_horizontal(pl.col(names).is_not_null()))
    complete = table.drop_nulls(names)
    if complete.height < max(least, len(names) + 1):
        raise TooFewRows(f"完整回答了“{battery.name} {battery.wording}”全部 {len(names)} 题的答卷", complete.height, max(least, len(names) + 1))  # fmt: skip
    varies = [complete[c].n_unique() > 1 for c in names]
    items = tuple(q for q, v in zip(battery.items, varies, strict=True) if v)
    constant = tuple(label_of(q) for q, v in zip(battery.items, varies, strict=True) if not v)
    if len(items) < 2:
        raise BadParameter("量表", f"“{battery.name} {battery.wording}”里不足两题有不同的答案（其余各题所有人选了同一个答案）")  # fmt: skip
    raw = complete.select(c for c, v in zip(names, varies, strict=True) if v).to_numpy()
    weight = complete["w"].to_numpy()
    turned = _turned(items, raw, weight, reversed_ids=reversed_ids, detect=detect)
    ends = [points(people.responses, [q]) for q in items]
    answers = np.column_stack([e[0] + e[-1] - x if t else x for x, e, t in zip(raw.T, ends, turned, strict=True)])  # fmt: skip
    return Answered(
        battery, items, _labels(items), answers, raw, weight, complete["respondent_id"], turned, constant, anything.height - complete.height
    )  # fmt: skip


def _turned(
    items: Sequence[Question], raw: Floats, weight: Floats, *, reversed_ids: Sequence[str], detect: bool
) -> tuple[bool, ...]:  # fmt: skip
    """Which items to turn: the named ones, then those against the others if turning them makes a scale.

    Needs that only compete with each other correlate negatively, too; they are no reversed items.
    """
    signs = np.array([-1.0 if q.id in reversed_ids else 1.0 for q in items])
    covariance = scale_of(raw * signs, weight).covariance
    found = directions(covariance)
    if detect and alpha(covariance * np.outer(found, found)) >= LEAST_ALPHA:
        signs *= found
    return tuple(bool(s < 0) for s in signs)


def _labels(items: Sequence[Question]) -> tuple[str, ...]:
    labels = [label_of(q) for q in items]
    return tuple(x if labels.count(x) == 1 else f"{x}（{q.id}）" for x, q in zip(labels, items, strict=True))  # fmt: skip
