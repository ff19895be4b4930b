"""The lines of printed tables, from the cells of the table engine: bases, answers and scores with their letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import polars as pl

from insight.analysis import Result
from insight.answers import IN_ROWS
from insight.schema import QUESTION_KIND_LABELS, Question, Questionnaire
from insight.wording import NOTHING

Measure = Literal["share", "row_share", "n", "tgi"]
MEASURES: Mapping[Measure, str] = MappingProxyType(
    {"share": "占比", "row_share": "行百分比", "n": "人数", "tgi": "TGI"}
)
Kind = Literal["base", "effective_base", "share", "row_share", "n", "tgi", "mean", "sd", "median"]
Value = float | str | None
Cell = Mapping[str, Any]
_Row = Mapping[tuple[str, str], Cell]


@dataclass(frozen=True, slots=True)
class Head:
    """A column: the break it belongs to, its name, and its letter ("" for a total)."""

    group: str
    name: str
    letter: str

    @property
    def place(self) -> tuple[str, str]:
        """What names the column in a table of cells."""
        return self.group, self.name


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table.

    Attributes
    ----------
    values : (n_heads) numbers; "—" where the base is too small to show them, None where nothing is asked
    marks : (n_heads) letters of shares and means, the marks of small bases
    arrows : (n_heads) which way a cell differs from the rest, "" where it does not
    """

    label: str
    kind: Kind
    values: tuple[Value, ...]
    marks: tuple[str, ...]
    arrows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The table of one question, or of one row of a matrix."""

    id: str
    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All questions under one head.

    Attributes
    ----------
    notes : base, filter, weight, test, level, correction, small bases: one Chinese sentence each
    """

    title: str
    heads: tuple[Head, ...]
    blocks: tuple[Block, ...]
    notes: tuple[str, ...]


def sheet_of(
    crosstab: Result | None, means: Result | None, *, title: str, questionnaire: Questionnaire, show: Sequence[Measure] = ("share",)
) -> Sheet:  # fmt: skip
    """The tables of all questions that either result holds, in the order they were asked.

    Parameters
    ----------
    crosstab, means : results of the analyses of these names over the same breaks; one of them may be None
    show : what every answer gets a line of

    Returns
    -------
    Sheet without blocks where both are None
    """
    told = [one for one in (crosstab, means) if one is not None]
    heads = tuple(Head(*row) for row in told[0].tables["columns"].select("break", "column", "letter").rows()) if told else ()  # fmt: skip
    answers, scores = (_by_question(one) for one in (crosstab, means))
    blocks = [
        block
        for question in questionnaire.questions
        for block in _blocks(question, answers, scores, heads=heads, show=show)
    ]
    notes = dict.fromkeys(note for one in told for note in one.notes)
    return Sheet(title, heads, tuple(blocks), tuple(notes))


def _by_question(result: Result | None) -> dict[str, dict[str, dict[tuple[str, str], Cell]]]:
    """Question -> row -> break and column -> cell."""
    found: dict[str, dict[str, dict[tuple[str, str], Cell]]] = {}
    cells = pl.DataFrame() if result is None else result.tables["table"]
    for cell in cells.iter_rows(named=True):
        row = found.setdefault(cell["question"], {}).setdefault(cell["row"], {})
        row[cell["break"], cell["column"]] = cell
    return found


def _blocks(
    question: Question, answers: Mapping[str, Mapping[str, _Row]], scores: Mapping[str, Mapping[str, _Row]],
    *, heads: Sequence[Head], show: Sequence[Measure],
) -> Iterator[Block]:  # fmt: skip
    """The tables of a question: one, or one for every row of a matrix."""
    kind = QUESTION_KIND_LABELS[question.kind.value]
    for id_, label in _parts(question):
        rows = answers.get(id_, {})
        lines = [*_answer_lines(rows, heads, show), *_score_lines(scores.get(id_, {}), rows, heads)]
        if lines:
            yield Block(id_, f"{id_} {question.wording}{label}（{kind}）", tuple(lines))


def _parts(question: Question) -> Iterator[tuple[str, str]]:
    """Id of each part, and its label behind the wording."""
    if question.kind not in IN_ROWS or (not question.rows and len(question.columns) == 1):
        yield question.id, ""
    else:
        labels = question.rows or question.columns
        yield from ((f"{question.id}_{at}", f"｜{label}") for at, label in enumerate(labels, start=1))  # fmt: skip


def _answer_lines(
    rows: Mapping[str, _Row], heads: Sequence[Head], show: Sequence[Measure]
) -> Iterator[Line]:
    """Bases, again wherever they change, and what was chosen."""
    before: tuple[Value, ...] = ()
    for row, cells in rows.items():
        bases = _line("基数", "base", cells, heads=heads, marks="flag")
        if bases.values != before:
            before = bases.values
            yield from _with_effective(bases, cells, heads)
        for at, measure in enumerate(show):
            label = row if not at else f"{row}（{MEASURES[measure]}）"
            yield _line(label, measure, cells, heads=heads, marks="letters" if measure == "share" else "")  # fmt: skip


def _score_lines(
    scores: Mapping[str, _Row], answers: Mapping[str, _Row], heads: Sequence[Head]
) -> Iterator[Line]:
    """Mean with its letters, spread and median; their base where it is another than that of the answers."""
    told = {_line("", "base", cells, heads=heads).values for cells in answers.values()}
    for cells in scores.values():
        bases = _line("均值的基数", "base", cells, heads=heads, marks="flag")
        if bases.values not in told:
            yield from _with_effective(bases, cells, heads)
        yield _line("均值", "mean", cells, heads=heads, marks="letters")
        yield _line("标准差", "sd", cells, heads=heads)
        yield _line("中位数", "median", cells, heads=heads)


def _with_effective(bases: Line, cells: _Row, heads: Sequence[Head]) -> Iterator[Line]:
    """The line of bases, and that of effective ones where weights make them differ."""
    yield bases
    effective = _line("有效基数", "effective_base", cells, heads=heads)
    pairs = zip(bases.values, effective.values, strict=True)
    if any(isinstance(b, int | float) and isinstance(e, float) and abs(b - e) > 1e-6 for b, e in pairs):  # fmt: skip
        yield effective


_HIDDEN = frozenset({"share", "row_share", "n", "tgi", "mean", "sd", "median"})  # of tiny bases


def _line(label: str, kind: Kind, cells: _Row, *, heads: Sequence[Head], marks: str = "") -> Line:
    found = [cells.get(head.place) for head in heads]
    is_cell = kind in ("share", "mean")
    return Line(
        label,
        kind,
        tuple(_value(cell, kind) for cell in found),
        tuple(cell[marks] if cell and marks else "" for cell in found),
        tuple(cell["arrow"] or "" if cell and is_cell else "" for cell in found),
    )


def _value(cell: Cell | None, kind: Kind) -> Value:
    if cell is None:
        return None
    value: float | None = cell[kind]
    is_tiny = kind in _HIDDEN and cell["flag"] == NOTHING
    return NOTHING if is_tiny or value is None else value
