"""What a file says of its own columns (SPSS) applied: ticks, mentions, points, options with their codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from insight.clean.built import Built
from insight.clean.cleaned import note, together
from insight.clean.codebook_blocks import codebook_blocks
from insight.clean.codebook_cells import MARK, filled, is_mentions, mentions, points, said, ticks
from insight.clean.columns import is_numeric
from insight.clean.mapping import Match
from insight.clean.proposal import ATTRIBUTE, QUESTION
from insight.clean.questions import Block
from insight.clean.reading import Reading
from insight.readers.raw import Codebook, Variable
from insight.schema import MISSING_LABELS, Option, Question, QuestionKind

_MOST_POINTS = 30  # different numbers of an unlabelled nominal variable that are options


@dataclass(frozen=True, slots=True)
class Decoded:
    """A questionnaire as its codebook explains it: blocks, cells to read, and how to read them."""

    blocks: tuple[Block, ...]
    frame: pl.DataFrame
    reading: Reading


def asked_by(codebook: Codebook | None, found: Match) -> Match:
    """Columns with options are questions, though their names say nothing."""
    if codebook is not None:
        for column, role in found.roles.items():
            if role == ATTRIBUTE and _is_asked(column, codebook):
                found.give(column, QUESTION, reason="有值标签或属于多选题集")
    return found


def _is_asked(column: str, codebook: Codebook) -> bool:
    in_set = any(column in one.columns for one in codebook.sets)
    return in_set or len(said(codebook.of(column))) > 1


def is_questionnaire(codebook: Codebook | None) -> bool:
    """Whether a codebook is that of a survey: two variables with options, or a multi-response set."""
    if codebook is None:
        return False
    return bool(codebook.sets) or sum(len(said(v)) > 1 for v in codebook.variables.values()) > 1


def without_missing(
    frame: pl.DataFrame, codebook: Codebook | None, *, asked: Sequence[str]
) -> pl.DataFrame:
    """The cells (n), null where a column that is no question holds a user-missing value."""
    if codebook is None:
        return frame
    ruled = {c: v.missing for c, v in codebook.variables.items() if v.missing and c not in asked}
    return frame.with_columns(
        pl.when(~pl.col(c).is_in(list(missing))).then(pl.col(c)) for c, missing in ruled.items()
    )


def decoded(frame: pl.DataFrame, asked: Sequence[str], *, reading: Reading) -> Decoded:
    """Prepare the question columns of a file with a codebook.

    Parameters
    ----------
    frame : (n) ``__line__`` and raw columns; labelled values stand as their label
    asked : its question columns
    reading : with a codebook

    Returns
    -------
    Decoded : ticks as 1 and 0, the mentions of one question in one column joined by ``┋``, and
        labelled points of a scale as their numbers; kinds where the codebook settles them, unless
        the user decided
    """
    book = reading.codebook or Codebook({})
    counted = {c: one.counted for one in book.sets if one.counted is not None for c in one.columns}
    cells: list[pl.Series] = []
    blocks: list[Block] = []
    kinds: dict[str, QuestionKind] = {}
    marks: dict[str, str] = {}
    for block in codebook_blocks(asked, book):
        told = {c: book.of(c) for c in block.columns}
        found = block
        if block.columns[0] in counted:
            cells += [ticks(frame[c], counted[c] or "", told[c]) for c in block.columns]
            kinds[block.id] = QuestionKind.MULTI
        elif is_mentions(frame, told):
            cells.append(mentions(frame, told))
            found = Block(block.id, block.wording, block.columns[:1])
            kinds[block.id], marks[block.id] = QuestionKind.MULTI, MARK
        else:
            numbers = [points(frame[c], told[c]) for c in block.columns]
            cells += [p for p in numbers if p is not None]
            if kind := _kind(frame, told, is_scale=any(p is not None for p in numbers)):
                kinds[block.id] = kind
        blocks.append(found)
    decisions = reading.decisions.model_copy(
        update={
            "kinds": kinds | reading.decisions.kinds,
            "separators": marks | reading.decisions.separators,
        }
    )
    return Decoded(tuple(blocks), frame.with_columns(cells), replace(reading, decisions=decisions))


def _kind(
    frame: pl.DataFrame, told: Mapping[str, Variable], *, is_scale: bool
) -> QuestionKind | None:
    """The kind where the codebook settles it: options with labels, or nominal numbers."""
    (column, first), *others = told.items()
    if is_scale:
        return None
    if others:
        if not any(v.options for v in told.values()):
            return None if all(map(is_numeric, filled(frame, told))) else QuestionKind.BLANKS
        same = all(v.options == first.options for _, v in others)
        return QuestionKind.MATRIX if same and len(said(first)) > 2 else None
    if said(first):
        return QuestionKind.SINGLE
    found = frame[column].drop_nulls().unique()
    is_code = first.measure == "nominal" and 0 < len(found) <= _MOST_POINTS
    return QuestionKind.SINGLE if is_code and found.str.contains(r"^-?\d+$").all() else None


def with_codes(questions: Built, told: Decoded) -> Built:
    """Questions whose options are all those of the codebook, with their codes, in its order."""
    book = told.reading.codebook or Codebook({})
    first = {b.id: book.of(b.columns[0]) for b in told.blocks}
    named = tuple(
        _coded(q, first[q.id]) if q.id in first and first[q.id].options else q
        for q in questions.questions
    )
    return Built(named, questions.columns, together([questions.issues, *_rules(told, book)]))


def _coded(question: Question, variable: Variable) -> Question:
    listed = [Option(label=text, code=code) for code, text in said(variable)]
    match question.kind:
        case QuestionKind.SINGLE | QuestionKind.MATRIX:
            known = {option.label for option in listed}
            rest = [option for option in question.options if option.label not in known]
            return question.model_copy(update={"options": (*listed, *rest)})
        case QuestionKind.SCALE | QuestionKind.NPS:
            return question.model_copy(update={"options": tuple(listed)})
        case QuestionKind.MULTI if question.separator:
            code = {option.label: option.code for option in listed}
            place = {label: at for at, label in enumerate(code)}
            options = [o.model_copy(update={"code": code.get(o.label)}) for o in question.options]
            options.sort(key=lambda o: place.get(o.label, len(place)))
            columns = tuple(o.column for o in options if o.column)
            return question.model_copy(update={"options": tuple(options), "columns": columns})
    return question


def _rules(told: Decoded, book: Codebook) -> list[pl.DataFrame]:
    """One note for each rule of missing values: which values, read as what, in which questions."""
    ruled: dict[str, list[str]] = {}
    for block in told.blocks:
        variable = book.of(block.columns[0])
        if not variable.rule or not variable.missing:
            continue
        cells = pl.Series(block.columns[0], list(variable.missing), dtype=pl.String)
        why = told.reading.answers(cells, question=block.id).why
        said = [f"{text}：{MISSING_LABELS[w]}" for text, w in zip(variable.missing, why, strict=True) if w]  # fmt: skip
        ruled.setdefault(f"{variable.rule}（{'，'.join(said[:6])}）", []).append(block.id)
    return [
        note(f"文件定义的用户缺失值 {rule}，用于 {'、'.join(ids[:5])}{f' 等 {len(ids)} 题' if len(ids) > 5 else ''}")
        for rule, ids in ruled.items()
    ]  # fmt: skip
