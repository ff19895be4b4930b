"""Every question as SPSS variables: codes with labels, dichotomies in sets, numbers, dates, masked texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import polars as pl

from insight.answers import IN_ROWS, listed, parts, scores
from insight.masking import mask, mask_series
from insight.schema import Question, QuestionKind, Questionnaire, mark_of
from insight.spss.variables import Several, Variable, with_missing

CHOSEN = 1.0
_TICKS: Mapping[float, str] = {0.0: "未选", CHOSEN: "选中"}
_EPOCH = 12_219_379_200  # seconds from 1582-10-14, from which SPSS counts, to 1970-01-01
_BEFORE_ITEM = " - "  # between the wording and the row or item of a variable
_LEFT_OUT = (QuestionKind.ID, QuestionKind.WEIGHT)


def variables_of(
    responses: pl.DataFrame, questionnaire: Questionnaire
) -> tuple[list[Variable], list[Several]]:
    """The variables of all questions, in the order they were asked; identities and texts in the clear never.

    Returns
    -------
    variables : SINGLE as codes with labels, SCALE and NPS as labelled points, MULTI as 1 and 0, others as
        numbers, dates or masked texts; one for every row or item of a question that has several
    sets : of every MULTI
    """
    variables: list[Variable] = []
    sets: list[Several] = []
    for question in questionnaire.questions:
        if question.kind in _LEFT_OUT:
            continue
        if question.kind is QuestionKind.MULTI:
            made = list(_ticks(responses, question))
            if len(made) > 1:
                sets.append(Several(question.id, _told(question), tuple(v.name for v in made)))
        elif question.kind is QuestionKind.RANK:
            made = list(_ranks(responses, question))
        elif question.kind in IN_ROWS:
            made = list(_rows(responses, question))
        else:
            made = [_one(responses, question)] if question.columns[0] in responses.columns else []
        variables += made
    return variables, sets


def _told(question: Question) -> str:
    return mask(question.wording)


def _why(responses: pl.DataFrame, column: str) -> pl.Series:
    """The recorded reasons of absence (n); null where none is recorded."""
    if (mark := mark_of(column)) in responses.columns:
        return responses[mark].cast(pl.String)
    return pl.repeat(None, responses.height, dtype=pl.String, eager=True)


def _ticks(responses: pl.DataFrame, question: Question) -> Iterator[Variable]:
    why = _why(responses, question.id)
    for at, option in enumerate(question.options, start=1):
        if option.column in responses.columns:
            values, absent = with_missing(responses[option.column or ""], why)
            yield Variable(f"{question.id}_{at}", mask(option.label), values, "nominal", {**_TICKS, **absent}, tuple(absent))  # fmt: skip


def _ranks(responses: pl.DataFrame, question: Question) -> Iterator[Variable]:
    why = _why(responses, question.id)
    held = [o.column for o in question.options if o.column in responses.columns]
    unasked = why.zip_with(~responses.select(pl.any_horizontal(pl.col(held).is_not_null())).to_series(), why.clear(len(why)))  # fmt: skip
    for at, option in enumerate(question.options, start=1):
        if option.column in held:
            values, absent = with_missing(responses[option.column or ""], unasked)
            label = f"{_told(question)}{_BEFORE_ITEM}{mask(option.label)}"
            yield Variable(f"{question.id}_{at}", label, values, "ordinal", absent, tuple(absent))


def _rows(responses: pl.DataFrame, question: Question) -> Iterator[Variable]:
    """A variable for each row; all rows of a matrix have the same codes."""
    each = parts(question, responses)
    options = {code: label for p in each for code, label in _codes(responses[p.columns[0]], p).items()}  # fmt: skip
    if question.kind is QuestionKind.MATRIX and all(p.kind is QuestionKind.SINGLE for p in each):
        labels = dict.fromkeys(label for p in each for label in _labels(responses[p.columns[0]], p))
        options = _numbered(labels, question)
    yield from map(partial(_one, responses, options=options), each)


def _one(
    responses: pl.DataFrame, question: Question, options: Mapping[float, str] | None = None
) -> Variable:
    """The variable of a question that has one column; ``options`` are those of its matrix."""
    answers = responses[question.columns[0]]
    label = _told(question).replace("｜", _BEFORE_ITEM)
    why = _why(responses, question.columns[0])
    if question.kind is QuestionKind.DATE:
        return Variable(question.id, label, answers.cast(pl.Float64) + _EPOCH, "scale", form="DATETIME20")  # fmt: skip
    if question.kind is QuestionKind.SINGLE:
        codes = options or _numbered(_labels(answers, question), question)
        places = {text: code for code, text in codes.items()}
        numbers = answers.cast(pl.String).replace_strict(places, default=None, return_dtype=pl.Float64)  # fmt: skip
        return _coded(question.id, label, numbers, why, codes=codes, is_ordered=False)
    if not answers.dtype.is_numeric():
        return Variable(question.id, label, mask_series(answers.cast(pl.String)), "nominal")
    codes = options or _codes(answers, question)
    is_ordered = question.kind in (QuestionKind.SCALE, QuestionKind.NPS)
    return _coded(question.id, label, answers, why, codes=codes, is_ordered=is_ordered)


def _coded(
    name: str, label: str, numbers: pl.Series, why: pl.Series, *, codes: Mapping[float, str], is_ordered: bool
) -> Variable:  # fmt: skip
    values, absent = with_missing(numbers, why, known=tuple(codes))
    measure = "ordinal" if is_ordered else "nominal" if codes else "scale"
    told = {code: mask(text) for code, text in codes.items()}
    return Variable(name, label, values, measure, {**told, **absent}, tuple(absent))  # type: ignore[arg-type]


def _codes(answers: pl.Series, question: Question) -> dict[float, str]:
    """Score -> label of the points of a scale that have one; other numbers have none."""
    if question.kind not in (QuestionKind.SCALE, QuestionKind.NPS):
        return {}
    named = {option.label for option in question.options}
    return {value: label for label, value in scores(answers, question) if label in named}


def _labels(answers: pl.Series, question: Question) -> list[str]:
    return listed(answers.cast(pl.String), question)


def _numbered(labels: Mapping[str, object] | list[str], question: Question) -> dict[float, str]:
    """Code -> label: the codes of the questionnaire where all options have different ones, else 1, 2, …; answers
    that are not listed follow."""
    given = {o.label: _number(o.code) for o in question.options}
    known = [code for code in given.values() if code is not None]
    has_codes = len(set(known)) == len(given) and bool(known)
    used = {code: label for label, code in given.items() if code is not None} if has_codes else {}
    free = iter(range(int(max(used, default=0.0)) + 1, 10**9))
    rest = [label for label in labels if label not in set(used.values())]
    return dict(sorted((used | {float(next(free)): label for label in rest}).items()))


def _number(code: str | None) -> float | None:
    try:
        return None if code is None else float(code)
    except ValueError:
        return None
