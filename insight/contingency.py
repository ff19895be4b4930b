"""The counts behind a map: a question by groups, several questions by their options, or words by groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from insight.answers import CLOSED, NONE_OF_THESE, Sample, chosen, parts
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns, UnknownName
from insight.schema import Question, QuestionKind
from insight.segmentation.breaks import Break, break_of
from insight.segmentation.fitting import break_or_first
from insight.voices import voices, with_words

TITLE = "对应图"
_LEAST_OPTIONS = 3


@dataclass(frozen=True, slots=True)
class Counts:
    """A table of counts with what its two sides are.

    ``counts`` (r x c) weighted; ``column_bases`` (c) people of each column, unweighted; ``base`` all people;
    ``further`` (r x k) columns that do not shape the map.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: NDArray[np.float64]
    column_bases: tuple[int, ...]
    base: int
    row_side: str
    column_side: str
    further_columns: tuple[str, ...] = ()
    further: NDArray[np.float64] | None = None
    banner: Break | None = None


def of_questions(dataset: Dataset, people: Sample, ids: Sequence[str]) -> Counts:
    """Questions down (brands), their options across (what fits them): how many chose each.

    ``ids`` of several questions with the same options, or of one matrix.
    """
    asked = [p for q in _closed(dataset, ids) for p in parts(q, people.responses)]
    answers = [chosen(people.responses, q) for q in asked]
    names = tuple(
        dict.fromkeys(n for a in answers for n in a.columns if not NONE_OF_THESE.search(n))
    )
    weight = people.weight.to_numpy()
    counts = np.array([[_held(a, n) @ weight for n in names] for a in answers])
    labels = tuple(_short(q.wording) for q in asked)
    anyone = np.array(
        [
            a.select(pl.any_horizontal(pl.all().is_not_null())).to_series().to_numpy()
            for a in answers
        ]
    )
    chose = [np.any([_held(a, n) > 0 for a in answers], axis=0).sum() for n in names]
    return Counts(labels, names, counts, tuple(map(int, chose)), int(anyone.any(axis=0).sum()), "题目", "选项")  # fmt: skip


def of_groups(dataset: Dataset, people: Sample, id_: str, *, by: str, further: str) -> Counts:
    """The options of a question down, the groups of a break across; another break as further columns."""
    question = _closed(dataset, [id_])[0] if id_ else _first(dataset)
    banner = break_or_first(dataset, by, unit="respondent_id", besides=question.id)
    if question.id == by:
        raise BadParameter("人群", f"{by} 不能和自己对应")
    if question.kind is QuestionKind.MATRIX:
        raise BadParameter("题目", f"{question.id} 是矩阵题：请不选人群，或改选其中一行")
    answers = chosen(people.responses, question)
    answers = answers.select(n for n in answers.columns if not NONE_OF_THESE.search(n))
    groups = _groups(people, banner)
    counts = _crossed(answers, groups, people, banner.groups)
    asked = answers.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    bases = tuple(int((asked & (groups == g)).sum()) for g in banner.groups)
    more = break_of(dataset, further, unit="respondent_id") if further else None
    return Counts(
        tuple(answers.columns), banner.groups, counts, bases, sum(bases), f"{question.id} {_short(question.wording)}", banner.label,
        more.groups if more else (), _crossed(answers, _groups(people, more), people, more.groups) if more else None, banner,
    )  # fmt: skip


def of_words(dataset: Dataset, *, by: str, question: str, most: int) -> Counts:
    """The words most people say down, the groups of a break across: how many people say each."""
    banner = break_or_first(dataset, by, unit="text_id")
    said = with_words(
        voices(dataset, question=question).join(banner.members, on="text_id"), dataset
    )
    told = said.select("person", "group", "words").explode("words").drop_nulls().unique()
    ranked = told.group_by("words").agg(n=pl.col("person").n_unique())
    words = ranked.sort(["n", "words"], descending=[True, False])["words"].head(most).to_list()
    found = told.filter(pl.col("words").is_in(words)).group_by("words", "group").agg(n=pl.col("person").n_unique())  # fmt: skip
    places = {w: i for i, w in enumerate(words)}, {g: i for i, g in enumerate(banner.groups)}
    counts = np.zeros((len(words), len(banner.groups)))
    for word, group, n in found.iter_rows():
        counts[places[0][word], places[1][group]] = n
    people = dict(told.group_by("group").agg(n=pl.col("person").n_unique()).iter_rows())
    bases = tuple(people.get(g, 0) for g in banner.groups)
    return Counts(tuple(words), banner.groups, counts, bases, told["person"].n_unique(), "用词", banner.label, banner=banner)  # fmt: skip


def _closed(dataset: Dataset, ids: Sequence[str]) -> list[Question]:
    assert dataset.responses is not None
    known = {
        q.id: q for q in dataset.questionnaire.of_kind(*CLOSED) if set(q.columns) & set(dataset.responses.columns)
    }  # fmt: skip
    for id_ in ids:
        if id_ not in known:
            raise UnknownName("题目", id_, list(known))
    return [known[id_] for id_ in ids]


def _first(dataset: Dataset) -> Question:
    """The multiple choice, else the closed question, with most options."""
    single = _closed(dataset, [q.id for q in _there(dataset) if q.kind is not QuestionKind.MATRIX])
    if not single:
        raise MissingColumns(TITLE, ("问卷：可以计数的题目",))
    multi = [q for q in single if q.kind is QuestionKind.MULTI and len(q.options) >= _LEAST_OPTIONS]
    return max(multi or single, key=lambda q: len(q.options))


def _there(dataset: Dataset) -> list[Question]:
    columns = dataset.columns("responses")
    return [q for q in dataset.questionnaire.of_kind(*CLOSED) if set(q.columns) & columns]


def _groups(people: Sample, banner: Break) -> pl.Series:
    ids = people.responses.select("respondent_id")
    return ids.join(banner.members, on="respondent_id", how="left", maintain_order="left")["group"]


def _crossed(
    answers: pl.DataFrame, groups: pl.Series, people: Sample, names: Sequence[str]
) -> NDArray[np.float64]:
    weight = people.weight.to_numpy()
    inside = np.column_stack([(groups == g).fill_null(value=False).to_numpy() * weight for g in names])  # fmt: skip
    crossed: NDArray[np.float64] = np.array([_held(answers, n) for n in answers.columns]) @ inside
    return crossed


def _held(answers: pl.DataFrame, name: str) -> NDArray[np.float64]:
    """(n) 1 where an option was chosen."""
    if name not in answers.columns:
        return np.zeros(answers.height)
    held: NDArray[np.float64] = answers[name].fill_null(value=False).cast(pl.Float64).to_numpy()
    return held


def _short(wording: str) -> str:
    return wording.rsplit("｜", 1)[-1]
