"""What was written behind "other": whose option it belongs to, and who was asked to write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from insight.clean.built import Built
from insight.clean.choices import OTHER
from insight.clean.questions import OTHER_TEXT, is_other
from insight.clean.reading import WHY
from insight.schema import Missing, Option, Question, QuestionKind, mark_of

PICKED = "选了“其他”的答卷"
_TEXT = re.compile(rf"(?P<asked>.+?){OTHER_TEXT}|(?P<stem>.+?)(?:_(?P<code>\d+))?_(?:TEXT|OTHER|OTH)", re.IGNORECASE)  # fmt: skip
_CHOICES = frozenset({QuestionKind.SINGLE, QuestionKind.MULTI})
_Held = Mapping[str, pl.Series]


def with_others(questions: Built) -> Built:
    """The questions of a file, with who chose "other" and who had nothing to write.

    Who only wrote behind "other" of a single choice chose it. Only those who chose it were asked
    to write: all others are no base of the text, rather than people who gave no answer.
    """
    held = {c.name: c for c in questions.columns}
    changed = {q.id: q for q in questions.questions}
    for question in questions.questions:
        found = _TEXT.fullmatch(question.id) if question.kind is QuestionKind.OPEN else None
        asked = changed.get(found["asked"] or found["stem"]) if found else None
        if found is None or asked is None or asked.kind not in _CHOICES:
            continue
        text = held[question.id]
        if asked.kind is QuestionKind.SINGLE:
            asked, held[asked.id] = _chosen(asked, held[asked.id], text=text)
            changed[asked.id] = asked
        picked = _picked(asked, held, code=found["code"] or "", text=text)
        held[mark_of(question.id)] = _why(picked, text).alias(mark_of(question.id))
        changed[question.id] = question.model_copy(update={"base": PICKED})
    asked_all = tuple(changed[q.id] for q in questions.questions)
    return replace(questions, questions=asked_all, columns=tuple(held.values()))


def _chosen(asked: Question, answers: pl.Series, *, text: pl.Series) -> tuple[Question, pl.Series]:
    """A single choice in which those who only wrote a text chose "other"."""
    only = answers.is_null() & text.is_not_null()
    if not only.any():
        return asked, answers
    known = any(o.label == OTHER for o in asked.options)
    options = asked.options if known else (*asked.options, Option(label=OTHER))
    return asked.model_copy(update={"options": options}), answers.set(only, OTHER)


def _picked(asked: Question, held: _Held, *, code: str, text: pl.Series) -> pl.Series:
    """Who chose "other" (n, Boolean): an option of that name, of the number that the text has, or,
    where options are numbers only, the one that all who wrote have chosen.
    """
    chosen = {o: _choice(o, asked, held) for o in asked.options}
    others = [t for o, t in chosen.items() if is_other(o.label) or o.label.startswith(OTHER) or (code and o.code == code)]  # fmt: skip
    if not others and all(o.label.isdecimal() for o in chosen):
        wrote = text.is_not_null()
        others = [ticked for ticked in chosen.values() if ticked.filter(wrote).all()]
        others = others if len(others) == 1 and wrote.any() else []
    return pl.select(pl.any_horizontal(text.is_not_null(), *others)).to_series()


def _choice(option: Option, asked: Question, held: _Held) -> pl.Series:
    if asked.kind is QuestionKind.SINGLE:
        return (held[asked.id] == option.label).fill_null(value=False)
    return held[option.column or asked.columns[0]].fill_null(value=False)


def _why(picked: pl.Series, text: pl.Series) -> pl.Series:
    empty = picked & text.is_null()
    frame = pl.DataFrame({"picked": picked, "empty": empty})
    why = (
        pl.when(~pl.col("picked"))
        .then(pl.lit(Missing.NOT_ASKED.value, WHY))
        .when("empty")
        .then(pl.lit(Missing.NO_ANSWER.value, WHY))
    )
    return frame.select(why).to_series()
