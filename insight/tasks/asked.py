"""The questions a user names or the wording gives away, one answer column each, and what position an answer means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import polars as pl

from insight.answers import NEVER_COUNTED, parts
from insight.dataset import Dataset
from insight.errors import UnknownName
from insight.schema import Question, QuestionKind

NO_ALTERNATIVE = 0
_NONE = re.compile(r"都不|均不|不选|没有合适|none|neither|no choice", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_LETTER = re.compile(r"(?<![A-Za-z])([A-Ja-j])(?![A-Za-z])")
_MANY = (QuestionKind.MULTI, QuestionKind.RANK, *NEVER_COUNTED)


def columns(dataset: Dataset) -> tuple[Question, ...]:
    """Every question with one answer, and every row of the others, in order, as far as its column is there."""
    assert dataset.responses is not None
    listed = (
        part
        for question in dataset.questionnaire.questions
        if question.kind not in _MANY
        for part in parts(question, dataset.responses)
    )
    return tuple(q for q in listed if q.columns[0] in dataset.responses.columns)


def named(dataset: Dataset, ids: Iterable[str]) -> tuple[Question, ...]:
    """The questions called ``ids``, those with rows row by row.

    Raises
    ------
    UnknownName : there is none of that name, or it has more than one answer.
    """
    known = columns(dataset)
    found: list[Question] = []
    for id_ in ids:
        whole = dataset.questionnaire.find(id_)
        held = set(whole.columns) if whole and whole.kind not in _MANY else set()
        own = [q for q in known if q.id == id_ or q.columns[0] in held]
        if not own:
            raise UnknownName("题目", id_, [q.id for q in known])
        found += own
    return tuple(found)


def last_words(question: Question) -> str:
    """What tells a row of a question from the others; the whole wording where it has no rows."""
    return question.wording.rsplit("｜", 1)[-1]


def positions(answers: pl.Series, question: Question) -> pl.Series:
    """The alternative an answer means, counted from 1; 0 = none of them.

    A number is the number of the alternative; else the number or the letter in the words of an option
    ("方案 2", "选项 B"), where all options have different ones; else the place among the options.
    """
    if answers.dtype.is_numeric():
        return answers.cast(pl.Int64)
    said = [o.label for o in question.options] or sorted(answers.drop_nulls().unique())
    real = [label for label in said if not _NONE.search(label)]
    told = _numbered(real)
    told |= {label: NO_ALTERNATIVE for label in said if label not in real}
    return answers.replace_strict(told, default=None, return_dtype=pl.Int64)


def says_positions(answers: pl.Series, question: Question) -> bool:
    """Whether the answers themselves name alternatives, by number or letter, and not only their order does."""
    if answers.dtype.is_numeric():
        return True
    real = [o.label for o in question.options if not _NONE.search(o.label)]
    return bool(real) and any(
        all(read(label) is not None for label in real) for read in (_number, _lettered)
    )


def _numbered(labels: Sequence[str]) -> dict[str, int]:
    for read in (_number, _lettered):
        found = [read(label) for label in labels]
        if all(n is not None for n in found) and len(set(found)) == len(found):
            return {label: n for label, n in zip(labels, found, strict=True) if n is not None}
    return {label: at for at, label in enumerate(labels, 1)}


def _number(label: str) -> int | None:
    found = _DIGITS.findall(label)
    return int(found[0]) if len(found) == 1 else None


def _lettered(label: str) -> int | None:
    found = _LETTER.search(label)
    return ord(found[1].upper()) - ord("A") + 1 if found else None
