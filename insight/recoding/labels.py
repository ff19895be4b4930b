"""Recodes of options: other names, another order, several made one."""

from __future__ import annotations

import polars as pl

from insight.errors import BadRecode
from insight.recoding.made import (
    SCALES,
    Made,
    each,
    is_numeric,
    need_kind,
    need_options,
    options_of,
)
from insight.schema import Option, Question, QuestionKind
from insight.schema.recodes import Merge, Relabel, Reorder

_NAMED = (QuestionKind.SINGLE, QuestionKind.MULTI, QuestionKind.MATRIX, QuestionKind.RANK)


def relabelled(responses: pl.DataFrame, question: Question, step: Relabel) -> Made:
    """The question with other names for some options.

    Raises
    ------
    BadRecode, UnknownName
    """
    need_kind(question, (*_NAMED, *SCALES), what="改选项名")
    known = options_of(responses, question)
    need_options(step.labels, known)
    renamed = tuple(o.model_copy(update={"label": step.labels.get(o.label, o.label)}) for o in known)  # fmt: skip
    if len({o.label for o in renamed}) < len(renamed):
        raise BadRecode(question.id, "改选项名", "改名后有两个选项同名，请用合并")
    columns = each(responses, question, lambda c: c)
    if question.kind in (QuestionKind.SINGLE, QuestionKind.MATRIX) and not is_numeric(responses, question):  # fmt: skip
        columns = each(responses, question, lambda c: c.replace(step.labels))
    return Made(question.model_copy(update={"options": renamed}), columns)


def reordered(responses: pl.DataFrame, question: Question, step: Reorder) -> Made:
    """The question with its options in another order; those not named follow.

    Raises
    ------
    BadRecode, UnknownName
    """
    need_kind(question, _NAMED, what="调整选项顺序")
    known = options_of(responses, question)
    need_options(step.order, known)
    place = {label: at for at, label in enumerate(dict.fromkeys(step.order))}
    ordered = tuple(sorted(known, key=lambda o: place.get(o.label, len(place))))
    columns = question.columns
    if question.kind in (QuestionKind.MULTI, QuestionKind.RANK):
        columns = tuple(o.column for o in ordered if o.column)
    changed = question.model_copy(update={"options": ordered, "columns": columns})
    return Made(changed, each(responses, changed, lambda c: c))


def merged(responses: pl.DataFrame, question: Question, step: Merge) -> Made:
    """The question with several options as one; of a MULTI, ticked where any of them was.

    Raises
    ------
    BadRecode, UnknownName
    """
    need_kind(question, (QuestionKind.SINGLE, QuestionKind.MULTI, QuestionKind.MATRIX, *SCALES), what="合并选项")  # fmt: skip
    known = options_of(responses, question)
    into = _into(question, known, step)
    labels = tuple(dict.fromkeys(into.get(o.label, o.label) for o in known))
    if question.kind is QuestionKind.MULTI:
        return _merged_ticks(responses, question, known=known, into=into)
    columns = each(responses, question, lambda c: _as_labels(c, known).replace(into))
    kind = QuestionKind.MATRIX if question.kind is QuestionKind.MATRIX else QuestionKind.SINGLE
    codes = {o.label: o.code for o in known if o.label not in into}
    options = tuple(Option(label=label, code=codes.get(label)) for label in labels)
    return Made(question.model_copy(update={"options": options, "kind": kind}), columns)


def _into(question: Question, known: tuple[Option, ...], step: Merge) -> dict[str, str]:
    """Old option -> new one."""
    members = [label for group in step.groups.values() for label in group]
    need_options(members, known)
    if len(set(members)) < len(members):
        raise BadRecode(question.id, "合并选项", "有选项同时写进了两组")
    taken = {o.label for o in known} - set(members)
    for new in step.groups:
        if new in taken:
            raise BadRecode(question.id, "合并选项", f"“{new}”已经是另一个选项，请把它也写进这一组")
    return {label: new for new, group in step.groups.items() for label in group}


def _as_labels(answers: pl.Series, known: tuple[Option, ...]) -> pl.Series:
    """Answers by the labels of their options; numbers by the option they are the code of."""
    if not answers.dtype.is_numeric():
        return answers
    texts = {float(o.code or o.label): o.label for o in known}
    return answers.cast(pl.Float64).replace_strict(texts, default=None, return_dtype=pl.String)


def _merged_ticks(
    responses: pl.DataFrame, question: Question, *, known: tuple[Option, ...], into: dict[str, str]
) -> Made:
    groups: dict[str, list[Option]] = {}
    for option in known:
        groups.setdefault(into.get(option.label, option.label), []).append(option)
    options, columns = [], []
    for label, members in groups.items():
        held = [responses[o.column] for o in members if o.column in responses.columns]
        joined = members[0].label in into
        column = f"{question.id}[{label}]" if joined else str(members[0].column)
        ticked = pl.select(pl.any_horizontal(*held)).to_series() if joined else held[0]
        seen = pl.select(pl.any_horizontal(*(h.is_not_null() for h in held))).to_series()
        columns.append(ticked.fill_null(value=False).set(~seen, None).alias(column))
        options.append(Option(label=label, code=None if joined else members[0].code, column=column))
    names = tuple(c.name for c in columns)
    return Made(question.model_copy(update={"options": tuple(options), "columns": names}), tuple(columns))  # fmt: skip
