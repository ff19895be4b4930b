"""The id of every number a sentence uses, and the cell, column and file it comes from."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from insight.analysis import Finding
from insight.report.blocks import Run
from insight.report.facts import Chapter
from insight.report.laid import Place
from insight.units import in_words, title_of
from insight.wording import count, decimal, money, percent, points

_PARTS = ["", *string.ascii_lowercase[1:]]


@dataclass(frozen=True, slots=True)
class Number:
    """One value that a sentence cites.

    Attributes
    ----------
    id : "T3.2-B4": column B, row 4 of the report's table 3.2, its head being row 1; a further value
        in the same cell has a small letter after it
    analysis, title, table, row, column : the cell of the result; ``row`` is 0-based
    value : as the sentence writes it
    raw : as the result holds it
    """

    id: str
    analysis: str
    title: str
    table: str
    row: int
    column: str
    value: str
    raw: object = None

    @property
    def cell(self) -> str:
        """The id of the cell, whichever of its values this is."""
        return self.id.rstrip(string.ascii_lowercase)

    @property
    def anchor(self) -> str:
        """The id as a bookmark name."""
        return re.sub(r"\W", "_", self.id)

    @property
    def tip(self) -> str:
        """What the reader sees on hover."""
        return f"{self.id}：{self.title}，{title_of(self.column)} = {self.value}"


def number_of(
    chapter: Chapter, *, table: str, row: int, column: str, place: Place, grid: str
) -> Number:
    """Name a cell of ``chapter`` that is printed at ``place`` of the report's table ``grid``."""
    frame = chapter.result.tables[table]
    text = in_words(frame[column][row], column=column, beside=frame.row(row, named=True))
    name = f"T{grid}-{_letters(place.column)}{place.row + 2}{_PARTS[place.part]}"
    return Number(name, chapter.key, chapter.title, table, row, column, text, frame[column][row])


def cited(finding: Finding, numbers: Sequence[Number], *, values: Sequence[object]) -> list[Run]:
    """The sentence with each of its numbers leading to the cell that proves it.

    Parameters
    ----------
    numbers, values : (n_evidence) what each cell of the evidence is called, and what it holds
    """
    spans = _spans(finding.text, numbers, values=values)
    runs, end = [], 0
    for start, stop, number in sorted(spans, key=lambda span: span[0]):
        runs.append(Run(finding.text[end:start]))
        runs.append(Run(finding.text[start:stop], "number", number.anchor, number.tip))
        end = stop
    runs.append(Run(finding.text[end:]))
    return [run for run in runs if run.text]


def _spans(
    text: str, numbers: Sequence[Number], *, values: Sequence[object]
) -> list[tuple[int, int, Number]]:
    """Where in ``text`` each number stands; a place is used once."""
    taken: list[tuple[int, int, Number]] = []
    for number, value in zip(numbers, values, strict=True):
        free = (
            match.span()
            for spelling in _spellings(number.value, value)
            for match in re.finditer(rf"(?<![\d.,]){re.escape(spelling)}(?![\d%])", text)
            if not any(match.start() < stop and start < match.end() for start, stop, _ in taken)
        )
        if span := next(free, None):
            taken.append((*span, number))
    return taken


def _spellings(shown: str, value: object) -> Iterator[str]:
    """The ways a sentence may write the value of a cell, the usual one first."""
    yield shown
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    size = abs(value)
    for write in (percent, count, money, points, decimal):
        yield write(value)
        yield write(size)
    yield from (percent(value, digits=0), decimal(size, digits=2), points(size, digits=0))


def _letters(column: int) -> str:
    """Column letters as a spreadsheet counts them: A to Z, AA to AZ."""
    high, low = divmod(column, 26)
    return (chr(64 + high) if high else "") + chr(65 + low)
