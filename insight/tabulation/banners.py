"""The columns of a book of tables: breaks side by side, nested in each other, and those whose columns share people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from insight.answers import chosen
from insight.dataset import Dataset
from insight.errors import BadParameter
from insight.schema import Question, QuestionKind
from insight.segmentation.breaks import available, break_of
from insight.stats.banner import TOTAL, codes_of
from insight.stats.cells import Columns
from insight.stats.proportions import Flags

NESTED = " × "
MOST_COLUMNS = 400  # of one break; letters beyond that help nobody
_SIGN = re.compile(r"\s*[×*]\s*")


@dataclass(frozen=True, slots=True)
class Family:
    """Columns whose people are compared with each other; one break, or one group of a nested one.

    Attributes
    ----------
    key : the break as it was asked for ("rfm", "rfm × Q2"); label : in the words of the screen
    names : of the columns as the table tells them; total : of their total
    note : what the label does not say
    """

    key: str
    label: str
    names: tuple[str, ...]
    total: str
    columns: Columns
    note: str = ""

    @property
    def n_inside(self) -> int:
        """How many people are in any column."""
        outside = 1 if self.columns.ticks is not None else self.columns.n_columns
        return int((self.columns.codes < outside).sum())

    @property
    def shares_people(self) -> bool:
        """Whether one person can be in several columns."""
        return self.columns.ticks is not None


def breakable(dataset: Dataset) -> dict[str, str]:
    """Key -> Chinese label of everything that can head a table: groups, and questions of several answers."""
    known = available(dataset)
    if dataset.responses is None:
        return known
    several = dataset.questionnaire.of_kind(QuestionKind.MULTI)
    return known | {q.id: f"{q.id} {q.wording}（多选）" for q in several if _held(dataset, q)}


def _held(dataset: Dataset, question: Question) -> bool:
    return bool(set(question.columns) & dataset.columns("responses"))


def parts_of(key: str) -> tuple[str, ...]:
    """The breaks that are nested in each other: "rfm × Q2" -> ("rfm", "Q2")."""
    return tuple(part for part in _SIGN.split(key.strip()) if part)


def banner_of(dataset: Dataset, people: pl.DataFrame, keys: Sequence[str]) -> tuple[Family, ...]:
    """The families of columns of all breaks, in order.

    Parameters
    ----------
    people : (n) the respondents in the order in which they are counted
    keys : breaks of ``breakable``; "rfm × Q2" puts the groups of Q2 inside of each group of rfm

    Raises
    ------
    UnknownName, MissingColumns : there is no such break.
    BadParameter : a break has too many columns.
    """
    families = tuple(
        f for key in keys for f in _nested(dataset, people, NESTED.join(parts_of(key)))
    )
    for key in {f.key for f in families}:
        n = sum(len(f.names) for f in families if f.key == key)
        if n > MOST_COLUMNS:
            raise BadParameter("人群", f"“{key}”有 {n} 列，超过了 {MOST_COLUMNS} 列")
    return families


def _nested(dataset: Dataset, people: pl.DataFrame, key: str) -> Iterator[Family]:
    parts = [_single(dataset, people, part) for part in parts_of(key)]
    label = NESTED.join(p.label for p in parts)
    found = [parts[0]] if parts else []
    for inner in parts[1:]:
        found = [_within(inner, outer, at) for outer in found for at in range(len(outer.names))]
    note = "".join(p.note for p in parts)
    yield from (replace(f, key=key, label=label, note=note) for f in found)


def _single(dataset: Dataset, people: pl.DataFrame, key: str) -> Family:
    question = dataset.questionnaire.find(key)
    if question is not None and question.kind is QuestionKind.MULTI and _held(dataset, question):
        return _ticked(people, question)
    made = break_of(dataset, key, unit="respondent_id")
    ids = people.select("respondent_id")
    group = ids.join(made.members, on="respondent_id", how="left", maintain_order="left")["group"]
    columns = Columns(codes_of(group, made.groups), len(made.groups))
    return Family(key, made.label, made.groups, TOTAL, columns, made.note)


def _ticked(people: pl.DataFrame, question: Question) -> Family:
    """The options of a question of several answers as columns that share people."""
    answers = chosen(people, question)
    inside = answers.select(pl.any_horizontal(pl.all().is_not_null())).to_series().to_numpy()
    ticks = answers.fill_null(value=False).to_numpy()
    columns = Columns((~inside).astype(np.intp), answers.width, ticks)
    return Family(question.id, f"{question.id} {question.wording}", tuple(answers.columns), TOTAL, columns, "（多选，各列的人有重叠）")  # fmt: skip


def _within(inner: Family, outer: Family, at: int) -> Family:
    """The columns of ``inner`` among the people of one column of ``outer``."""
    mask: Flags = outer.columns.codes == at
    if outer.columns.ticks is not None:
        mask = outer.columns.ticks[:, at]
    own, outside = inner.columns, 1 if inner.shares_people else inner.columns.n_columns
    ticks = None if own.ticks is None else own.ticks & mask[:, None]
    names, head = tuple(f"{outer.names[at]}{NESTED}{n}" for n in inner.names), outer.names[at]
    columns = Columns(np.where(mask, own.codes, outside), own.n_columns, ticks)
    return Family(inner.key, inner.label, names, f"{head}{NESTED}{TOTAL}", columns)
