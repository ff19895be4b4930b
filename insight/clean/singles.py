"""Questions that one raw column holds, whatever their kind."""

from __future__ import annotations

import polars as pl

from insight.clean.built import ANSWERED, NOTHING, Built, built, counted, joined, masked
from insight.clean.choices import chosen, ordered
from insight.clean.cleaned import EMPTIED, flag, note, together
from insight.clean.kinds import check_kind, kind_of, points
from insight.clean.questions import Block
from insight.clean.rankings import ARROW, joined_ranking, rank_mark
from insight.clean.reading import Answers, Reading
from insight.clean.separators import joined_codes
from insight.clean.ticks import joined_choices, mark_in, other_text
from insight.clean.times import times
from insight.clean.told import hints, told_kind
from insight.clean.values import by_distinct, codes, numbers
from insight.masking import mask_series
from insight.schema import Option, Question, QuestionKind

_WHOLE = frozenset({QuestionKind.SCALE, QuestionKind.NPS})
_NUMERIC = frozenset({*_WHOLE, QuestionKind.NUMBER, QuestionKind.SLIDER, QuestionKind.WEIGHT})
_TEXT = frozenset({QuestionKind.SINGLE, QuestionKind.OPEN})


def column_question(frame: pl.DataFrame, block: Block, *, reading: Reading) -> Built:
    """Type a question held by one column.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw columns
    block : the question; its one column

    Raises
    ------
    BadKind : the user gave it a kind that its answers cannot be.
    """
    (column,) = block.columns
    given = reading.answers(frame[column], question=block.id)
    filled = given.values.drop_nulls()
    kind = reading.kind(block.id)
    if kind is not None:
        check_kind(filled, kind, question=block.id)
    if filled.is_empty():
        return NOTHING
    cells = frame.select("__line__", column)
    return _built(cells, block, given=given, kind=kind or found_kind(filled, block, reading=reading), reading=reading)  # fmt: skip


def found_kind(filled: pl.Series, block: Block, *, reading: Reading) -> QuestionKind:
    """The kind that the non-null answers of one column speak for, and what its header says of it."""
    told = told_kind(block, reading)
    if rank_mark(filled, is_told=told is QuestionKind.RANK) is not None:
        return QuestionKind.RANK
    kind = kind_of(filled, wording=block.wording, coded=reading.coded)
    if _splits(filled, block, kind=kind, reading=reading):
        return QuestionKind.MULTI
    return QuestionKind.OPEN if (kind, told) == (QuestionKind.SINGLE, QuestionKind.OPEN) else kind


def _splits(filled: pl.Series, block: Block, *, kind: QuestionKind, reading: Reading) -> bool:
    """Whether cells hold several options each; a header that says 单选 is believed."""
    if reading.coded or told_kind(block, reading) is QuestionKind.SINGLE:
        return False
    is_text = kind in _TEXT or joined_codes(filled, hints(block, reading))
    return is_text and mark_in(filled, block, reading=reading) is not None


def _built(
    cells: pl.DataFrame, block: Block, *, given: Answers, kind: QuestionKind, reading: Reading
) -> Built:
    match kind:
        case QuestionKind.RANK:
            mark = rank_mark(given.values.drop_nulls(), is_told=True)
            return joined_ranking(given, block, mark=mark or ARROW)
        case QuestionKind.MULTI:
            mark = mark_in(given.values.drop_nulls(), block, reading=reading) or ""
            return joined_choices(given, block, reading=reading, mark=mark)
        case QuestionKind.SINGLE:
            return _single(given, block)
        case QuestionKind.DATE:
            return _date(cells, block, given=given)
        case _ if kind in _NUMERIC:
            return _numeric(cells, block, given=given, kind=kind)
    text = codes(given.values) if kind is QuestionKind.ID else given.values
    return built(_question(block, kind), [masked(text).alias(block.id)], why=[given.why])


def _question(block: Block, kind: QuestionKind, *, options: tuple[Option, ...] = ()) -> Question:
    return Question(
        id=block.id, wording=block.wording, kind=kind, columns=(block.id,), options=options, base=ANSWERED
    )  # fmt: skip


def _numeric(cells: pl.DataFrame, block: Block, *, given: Answers, kind: QuestionKind) -> Built:
    read = points(given.values) if kind in _WHOLE else numbers(given.values)
    lost = _unread(cells, read, given=given, reason="不是数字，本题按未回答处理")
    labels = _labelled(given.values, read) if kind is QuestionKind.SCALE else ()
    number = read.cast(pl.Int64) if kind in _WHOLE else read
    question = _question(block, kind, options=labels)
    return built(question, [number.alias(block.id)], why=[given.why], issues=lost)


def _unread(cells: pl.DataFrame, read: pl.Series, *, given: Answers, reason: str) -> pl.DataFrame:
    lost = read.is_null() & given.values.is_not_null()
    return flag(cells, lost, column=cells.columns[1], reason=reason, action=EMPTIED)


def _labelled(values: pl.Series, scores: pl.Series) -> tuple[Option, ...]:
    """The points of a scale whose answers carry a label (``5 - 非常满意``), ascending; else none."""
    known = pl.DataFrame({"label": values, "score": scores}).drop_nulls().unique().sort("score", "label")  # fmt: skip
    if numbers(known["label"]).is_not_null().all() or known["score"].n_unique() < len(known):
        return ()
    return tuple(Option(label=label, code=f"{score:g}") for label, score in known.iter_rows())


def _date(cells: pl.DataFrame, block: Block, *, given: Answers) -> Built:
    read = times(given.values)
    issues = [_unread(cells, read.seconds, given=given, reason="不是日期，本题按未回答处理")]
    if read.doubt:
        issues.append(note(read.doubt, column=cells.columns[1]))
    question = _question(block, QuestionKind.DATE)
    return built(question, [read.seconds.alias(block.id)], why=[given.why], issues=together(issues))


def _single(given: Answers, block: Block) -> Built:
    """One label a respondent; what is written behind "other" becomes a question of its own."""
    whole = by_distinct(given.values, mask_series).str.replace(r"^(\d+)\.0+$", "$1")
    told = chosen(whole.str.split("\0"))
    label = told["labels"].list.first().alias(block.id)
    found = _numbered(ordered(counted(label)))
    core = built(_question(block, QuestionKind.SINGLE, options=found), [label], why=[given.why])
    return joined([core, other_text(told["written"], block)])


def _numbered(labels: tuple[str, ...]) -> tuple[Option, ...]:
    """Options; where every label is an option number, it is the code too."""
    coded = all(label.isdecimal() for label in labels)
    return tuple(Option(label=label, code=label if coded else None) for label in labels)
