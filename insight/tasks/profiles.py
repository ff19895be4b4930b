"""The attributes of a conjoint design and their levels, and the questions that answer it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import polars as pl

from insight.dataset import Dataset
from insight.errors import NothingToTell, QuestionsMissing
from insight.schema import Question
from insight.tasks.asked import columns
from insight.tasks.designed import attributes_of, design_of

TITLE = "联合分析"
Levels = tuple[tuple[str, tuple[str, ...]], ...]
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_HOW = (
    "每个任务一道单选题“以下几种产品您会选哪一个”，或给每个产品打分；"
    "另外导入设计文件：版本（如有）、任务、备选项、各个属性一列一个（打分题一行一个产品）"
)


def plan_of(dataset: Dataset, name: str) -> pl.DataFrame:
    """The design called ``name`` (see ``design_of``).

    Raises
    ------
    QuestionsMissing : the study has no design.
    """
    design = design_of(dataset, name)
    if design is None or not attributes_of(design):
        raise QuestionsMissing(TITLE, "写明每个任务展示了什么的设计文件", _HOW)
    return design


def varying(design: pl.DataFrame, *, within: Sequence[str]) -> tuple[Levels, tuple[str, ...]]:
    """Attributes that differ between the alternatives of one set, with their levels; and the others.

    Levels come in the order of their numbers ("9 元" before "12 元"), else as the design first shows them.

    Raises
    ------
    NothingToTell : no attribute differs.
    """
    names = attributes_of(design)
    differs = {
        name: design.group_by(within).agg(pl.col(name).n_unique())[name].max() > 1  # type: ignore[operator]
        for name in names
    }
    kept = tuple((n, _levels(design[n])) for n in names if differs[n] and not _says_who(design, n))
    if not kept:
        raise NothingToTell(TITLE, "设计里的各个备选项没有任何不同", "请检查设计文件的属性列。")
    return kept, tuple(n for n in names if n not in dict(kept))


def _says_who(design: pl.DataFrame, name: str) -> bool:
    """Whether a column only numbers the alternatives or the rows."""
    numbers = design[name].cast(pl.Float64, strict=False)
    return numbers.null_count() == 0 and (numbers == design["alternative"]).all()


def _levels(values: pl.Series) -> tuple[str, ...]:
    found = values.drop_nulls().unique(maintain_order=True).to_list()
    numbers = [_NUMBER.findall(v) for v in found]
    if all(len(n) == 1 for n in numbers) and len({n[0] for n in numbers}) == len(found):
        return tuple(sorted(found, key=lambda v: float(_NUMBER.findall(v)[0])))
    return tuple(found)


def runs(
    dataset: Dataset, *, length: int, fits: Callable[[Question], bool]
) -> Iterator[tuple[Question, ...]]:
    """Questions of one form that stand one after the other: as many as the design has tasks or cards."""
    listed = [(q, fits(q)) for q in columns(dataset)]
    for (good, *_), group in groupby(listed, key=lambda pair: (pair[1], _form(pair[0]))):
        run = tuple(q for q, _ in group)
        if good and len(run) == length:
            yield run


def _form(question: Question) -> tuple[str, ...]:
    """What questions of one block share: the question they are rows of, or else kind and options."""
    head = question.wording.rpartition("｜")[0]
    return (head or question.kind, *(o.label for o in question.options))


def questions_missing(what: str) -> QuestionsMissing:
    """That the questionnaire holds no answers to the design."""
    return QuestionsMissing(TITLE, what, _HOW)
