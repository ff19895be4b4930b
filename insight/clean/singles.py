"""Questions that one raw column holds: single and multiple choice, scale, NPS, number, ranking, open."""

from __future__ import annotations

import polars as pl

from insight.clean.built import Answers, Built, answers, joined, masked, options
from insight.clean.choices import chosen, ordered, pieces, separator
from insight.clean.cleaned import EMPTIED, flag, together
from insight.clean.kinds import kind_of
from insight.clean.questions import Block
from insight.clean.values import numbers
from insight.schema import Option, Question, QuestionKind

_ARROW = "→"
_WHOLE = frozenset({QuestionKind.SCALE, QuestionKind.NPS})
_SEEN, _ANSWERED = "看到本题的答卷", "回答本题的答卷"


def column_question(frame: pl.DataFrame, block: Block, *, coded: bool) -> Built:
    """Type a question held by one column.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw columns
    block : the question; its one column
    coded : whether the file holds option numbers instead of option text
    """
    (column,) = block.columns
    given = answers(frame[column], coded=coded)
    filled = given.values.drop_nulls()
    if filled.is_empty():
        return joined([])
    if filled.str.contains(_ARROW, literal=True).mean() > 0.5:  # type: ignore[operator]
        return _ranking(given.values, block)
    kind = kind_of(filled, wording=block.wording, coded=coded)
    if kind in _WHOLE or kind is QuestionKind.NUMBER:
        return _numeric(frame, block, values=given.values, kind=kind)
    if not coded and separator(filled) is not None:
        return _multi(given, block)
    return _single(given.values, block) if kind is QuestionKind.SINGLE else _open(given.values, block)  # fmt: skip


def _numeric(frame: pl.DataFrame, block: Block, *, values: pl.Series, kind: QuestionKind) -> Built:
    column = block.columns[0]
    number = numbers(values).alias(block.id)
    lost = number.is_null() & values.is_not_null()
    cells = frame.select("__line__", column)
    issues = flag(cells, lost, column=column, reason="不是数字，本题按未回答处理", action=EMPTIED)
    if kind in _WHOLE:
        number = number.cast(pl.Int64)
    question = Question(id=block.id, wording=block.wording, kind=kind, columns=(block.id,), base=_ANSWERED)  # fmt: skip
    return Built((question,), (number,), issues)


def _single(values: pl.Series, block: Block) -> Built:
    """One label a respondent; what is written behind "other" becomes a question of its own."""
    whole = masked(values).str.replace(r"^(\d+)\.0+$", "$1")
    told = chosen(whole.str.split("\0"))
    label = told["labels"].list.first().alias(block.id)
    question = Question(
        id=block.id, wording=block.wording, kind=QuestionKind.SINGLE, columns=(block.id,),
        options=_numbered(ordered(counted(label))), base=_ANSWERED,
    )  # fmt: skip
    built = Built((question,), (label,), together([]))
    return joined([built, other_text(told["written"], block)])


def _numbered(labels: tuple[str, ...]) -> tuple[Option, ...]:
    """Options; where every label is an option number, it is the code too."""
    coded = all(label.isdecimal() for label in labels)
    return tuple(Option(label=label, code=label if coded else None) for label in labels)


def counted(labels: pl.Series) -> dict[str, int]:
    """Label -> number of respondents."""
    table = labels.drop_nulls().value_counts(name="n")
    return dict(table.iter_rows())


def _open(values: pl.Series, block: Block) -> Built:
    question = Question(
        id=block.id, wording=block.wording, kind=QuestionKind.OPEN, columns=(block.id,), base=_ANSWERED
    )  # fmt: skip
    return Built((question,), (masked(values).alias(block.id),), together([]))


def other_text(written: pl.Series, block: Block) -> Built:
    """The open question behind "other", if anybody wrote something."""
    if written.is_null().all():
        return joined([])
    own = block.id if block.id.endswith("_其他") else f"{block.id}_其他"
    asked = Block(own, f"{block.wording}（其他，请注明）", block.columns)
    return _open(written, asked)


def _multi(given: Answers, block: Block) -> Built:
    mark = separator(given.values.drop_nulls()) or "┋"
    told = chosen(pieces(masked(given.values), mark))
    labels = told["labels"]
    order = ordered(counted(labels.explode(empty_as_null=True)))
    ticks = [labels.list.contains(label) for label in order]
    ticks = [t.set(given.emptied, value=False).alias(f"{block.id}[{o}]") for t, o in zip(ticks, order, strict=True)]  # fmt: skip
    return joined([ticked(block, order, ticks=ticks), other_text(told["written"], block)])


def ticked(block: Block, labels: tuple[str, ...], *, ticks: list[pl.Series]) -> Built:
    """A multiple-choice question from its labels and Boolean columns."""
    names = tuple(t.name for t in ticks)
    question = Question(
        id=block.id, wording=block.wording, kind=QuestionKind.MULTI, columns=names,
        options=options(labels, columns=names), base=_SEEN,
    )  # fmt: skip
    return Built((question,), tuple(ticks), together([]))


def _ranking(values: pl.Series, block: Block) -> Built:
    """``A→B→C``: the place of each item, null where it was not ranked."""
    items = values.str.split(_ARROW).list.eval(pl.element().str.strip_chars())
    order = ordered(counted(items.explode(empty_as_null=True)))
    frame = pl.DataFrame({"items": items})
    places = [
        frame.select(
            pl.when(pl.col("items").list.contains(label))
            .then(pl.col("items").list.eval(pl.element() == label).list.arg_max() + 1)
            .cast(pl.Int64)
            .alias(f"{block.id}[{label}]")
        ).to_series()
        for label in order
    ]
    return ranked(block, order, places=places)


def ranked(block: Block, labels: tuple[str, ...], *, places: list[pl.Series]) -> Built:
    """A ranking question from its items and their columns of places."""
    names = tuple(p.name for p in places)
    question = Question(
        id=block.id, wording=block.wording, kind=QuestionKind.RANK, columns=names,
        options=options(labels, columns=names), base=_ANSWERED,
    )  # fmt: skip
    return Built((question,), tuple(places), together([]))


def has_answer(raw: pl.Series, *, coded: bool) -> pl.Series:
    """Whether each cell of a raw question column holds an answer (n, Boolean)."""
    return answers(raw, coded=coded).values.is_not_null()
