"""Questions answered in degrees, row by row, and the number that stands for each answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from insight.answers import NONE_OF_THESE, parts
from insight.answers import scores as steps
from insight.clean.choices import degree
from insight.errors import UnknownName
from insight.schema import Question, QuestionKind, Questionnaire

GRADED = (QuestionKind.SINGLE, QuestionKind.SCALE, QuestionKind.NPS, QuestionKind.NUMBER, QuestionKind.SLIDER, QuestionKind.MATRIX)  # fmt: skip
NO_OPINION = re.compile(
    r"(?i)不知道|说不清|不清楚|不了解|不适用|没用过|未使用|无法评价|don.?t know|not sure|not applicable|no opinion|^n/?a$"
)


def items(questionnaire: Questionnaire, responses: pl.DataFrame) -> tuple[Question, ...]:
    """Every question that may be answered in degrees; a matrix row by row, "Q4_1", "Q4_2"."""
    held = set(responses.columns)
    asked = (part for q in questionnaire.of_kind(*GRADED) for part in parts(q, responses))
    return tuple(part for part in asked if part.columns[0] in held)


def choosable(questionnaire: Questionnaire, responses: pl.DataFrame) -> dict[str, str]:
    """Id -> label of what a parameter may name: whole questions, then the rows of a matrix."""
    whole = {q.id: f"{q.id} {q.wording}" for q in questionnaire.of_kind(*GRADED)}
    return whole | {q.id: f"{q.id} {q.wording}" for q in items(questionnaire, responses)}


def named(
    ids: Iterable[str], questionnaire: Questionnaire, responses: pl.DataFrame
) -> tuple[Question, ...]:
    """The questions with these ids, each once; the id of a matrix stands for all of its rows.

    Raises
    ------
    UnknownName : there is no such question, or it is not answered in degrees.
    """
    known = {q.id: q for q in items(questionnaire, responses)}
    found: dict[str, Question] = {}
    for name in ids:
        whole = questionnaire.find(name)
        rows = [p.id for p in parts(whole, responses)] if whole else [name]
        if unknown := [row for row in rows if row not in known]:
            raise UnknownName("可以打分的题目", unknown[0] if name in known else name, tuple(known))
        found |= {row: known[row] for row in rows}
    return tuple(found.values())


def label_of(item: Question) -> str:
    """What the item is about: the row of a matrix, else the question.

    >>> label_of(Question(id="Q4_1", wording="满意吗｜物流", kind=QuestionKind.SCALE, columns=("c",)))
    '物流'
    """
    return item.wording.rsplit("｜", 1)[-1]


def scores_of(item: Question, answers: Iterable[str] = ()) -> Mapping[str, float]:
    """Label -> number, for an item whose answers are words; empty where they have no order.

    The codes of the questionnaire count where every option has one, else the degree that the words
    tell (非常不满意 1 to 非常满意 5). 不知道 and its like are no degree.
    """
    labels = dict.fromkeys([*(option.label for option in item.options), *answers])
    codes = {o.label: _number(o.code) for o in item.options}
    opinions = [x for x in labels if not (NO_OPINION.search(x) or NONE_OF_THESE.search(x))]
    for worth in (codes, {x: degree(x) for x in opinions}):
        known = {x: value for x in opinions if (value := worth.get(x)) is not None}
        if len(known) == len(opinions) and 2 <= len(set(known.values())) == len(known):
            return known
    return {}


def _number(code: str | None) -> float | None:
    try:
        return float(code) if code else None
    except ValueError:
        return None


def scored(responses: pl.DataFrame, item: Question) -> pl.Series:
    """The number of every respondent's answer (n, Float64), null = none, or no opinion.

    All null where the answers have no order.
    """
    answers = responses[item.columns[0]]
    if answers.dtype.is_numeric():
        silent = [code for o in item.options if NO_OPINION.search(o.label) and (code := _number(o.code)) is not None]  # fmt: skip
        numbers = answers.cast(pl.Float64)
        return numbers.set(numbers.is_in(silent), None) if silent else numbers
    worth = scores_of(item, sorted(answers.drop_nulls().unique()))
    if not worth:
        return pl.Series(answers.name, [None] * len(answers), dtype=pl.Float64)
    return answers.replace_strict(worth, default=None, return_dtype=pl.Float64)


def points(responses: pl.DataFrame, asked: Sequence[Question]) -> tuple[float, ...]:
    """The points of the scale on which all of ``asked`` are answered, ascending."""
    found: set[float] = set()
    for item in asked:
        values = scored(responses, item)
        if responses[item.columns[0]].dtype.is_numeric():
            worth = {value for _, value in steps(values, item.model_copy(update={"options": _told(item)}))}  # fmt: skip
        else:
            worth = set(scores_of(item, sorted(responses[item.columns[0]].drop_nulls().unique())).values())  # fmt: skip
        found |= worth
    return tuple(sorted(found))


def _told(item: Question) -> tuple[object, ...]:
    return tuple(o for o in item.options if not NO_OPINION.search(o.label))
