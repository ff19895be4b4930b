"""Which findings, tables and charts of an analysis enter the report, and what their numbers are called."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count as counting

from insight.analysis import Cell, Finding
from insight.claims import broken_rules, caution
from insight.report.blocks import Run
from insight.report.facts import Chapter
from insight.report.laid import Laid
from insight.report.layout import lay
from insight.report.numbers import Number, cited, number_of
from insight.report.outline import Section
from insight.report.stated import stated

MOST_FINDINGS, MOST_TABLES, MOST_CHARTS = 6, 4, 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of the report: its number, its layout, and the numbers that sentences take from it."""

    number: str
    laid: Laid
    numbers: Mapping[tuple[int, str], Number]

    def anchors(self) -> dict[tuple[int, int], tuple[str, ...]]:
        """(row, column) of the printed table -> bookmarks that stand there."""
        found: dict[tuple[int, int], tuple[str, ...]] = {}
        for cell, number in sorted(self.numbers.items()):
            place = self.laid.places[cell]
            key = (place.row, place.column)
            found[key] = (*found.get(key, ()), number.anchor)
        return found


@dataclass(frozen=True, slots=True)
class Printed:
    """What of a chapter is printed.

    Attributes
    ----------
    sheets : name of the result table -> how it is printed
    refused : findings that break a rule, with the reasons
    """

    chapter: Chapter
    findings: tuple[Finding, ...]
    sheets: Mapping[str, Sheet]
    charts: tuple[str, ...]
    refused: tuple[tuple[Finding, tuple[str, ...]], ...]

    @property
    def called(self) -> tuple[str, str, str]:
        """Number of the first table, key and title: what the ids of its sentences are made of."""
        first = next(iter(self.sheets.values()))
        return first.number, self.chapter.key, self.chapter.title


def printed_chapters(
    section: Section, chapters: Sequence[Chapter], *, cells: Mapping[str, Collection[Cell]]
) -> tuple[Printed, ...]:
    """Choose what is printed of the chapters of a section and number its tables.

    Parameters
    ----------
    cells : analysis key -> further cells that other parts of the report cite
    """
    numbers = counting(section.first)
    return tuple(
        _printed(section.index, chapter, cells=cells.get(chapter.key, ()), numbers=numbers)
        for chapter in chapters
    )


def sentence(finding: Finding, printed: Printed) -> tuple[Run, ...]:
    """The words of a finding with linked numbers, a caution where due, and the ids at the end."""
    cells = dict.fromkeys(finding.evidence)
    numbers = [number_at(printed, cell) for cell in cells]
    values = [printed.chapter.result.tables[c.table][c.column][c.row] for c in cells]
    hedge = caution(finding)
    text = [*cited(finding, numbers, values=values), *([Run(hedge)] if hedge else [])]
    nth = printed.chapter.result.findings.index(finding)
    led = stated(finding, text, called=printed.called, nth=nth, names=_names(finding, printed))
    return (*led, *references(numbers))


def _names(finding: Finding, printed: Printed) -> list[str]:
    """Every word of the data in the rows that prove a finding, if it holds a numeral."""
    rows = dict.fromkeys((cell.table, cell.row) for cell in finding.evidence)
    found = (v for table, row in rows for v in printed.chapter.result.tables[table].row(row))
    return list(dict.fromkeys(v for v in found if isinstance(v, str) and re.search(r"\d", v)))


def references(numbers: Sequence[Number]) -> tuple[Run, ...]:
    """The cells in square brackets, each once, and those of one table name it once: [T3.1-B2、C2]."""
    runs: list[Run] = [Run(" [", "quiet")]
    table = ""
    for name, number in _by_cell(numbers).items():
        own, cell = name.split("-")
        text = cell if own == table else name
        runs += [Run("、", "quiet")] if len(runs) > 1 else []
        runs.append(Run(text, "quiet", number.anchor, number.tip))
        table = own
    return (*runs, Run("]", "quiet"))


def _by_cell(numbers: Sequence[Number]) -> dict[str, Number]:
    """Cell -> the first number that stands in it, in the order given."""
    found: dict[str, Number] = {}
    for number in numbers:
        found.setdefault(number.cell, number)
    return found


def number_at(printed: Printed, cell: Cell) -> Number:
    """The id of a cell that the report cites."""
    return printed.sheets[cell.table].numbers[cell.row, cell.column]


def _printed(
    index: int, chapter: Chapter, *, cells: Collection[Cell], numbers: Iterator[int]
) -> Printed:
    judged = [(finding, broken_rules(finding)) for finding in chapter.result.findings]
    sound = [finding for finding, reasons in judged if not reasons]
    names = list(dict.fromkeys(cell.table for cell in cells))
    findings = _with_room(sound, names)
    names += [] if names else list(chapter.result.tables)[:1]
    wanted = [*cells, *(cell for finding in findings for cell in finding.evidence)]
    sheets = {
        name: _sheet(f"{index}.{next(numbers)}", chapter, name=name, cells=wanted) for name in names
    }
    return Printed(
        chapter,
        findings,
        sheets,
        _charts(chapter, sheets),
        tuple((finding, reasons) for finding, reasons in judged if reasons),
    )


def _with_room(findings: Iterable[Finding], names: list[str]) -> tuple[Finding, ...]:
    """The first findings whose tables find room; ``names`` grows by the tables they need."""
    kept: list[Finding] = []
    for finding in findings:
        needed = dict.fromkeys([*names, *(cell.table for cell in finding.evidence)])
        if len(kept) < MOST_FINDINGS and len(needed) <= MOST_TABLES:
            kept.append(finding)
            names[:] = needed
    return tuple(kept)


def _sheet(number: str, chapter: Chapter, *, name: str, cells: Sequence[Cell]) -> Sheet:
    wanted = sorted({(cell.row, cell.column) for cell in cells if cell.table == name})
    table = chapter.result.tables[name]
    laid = lay(table, wanted=wanted, letters=_letters(chapter))
    numbers = {
        (row, column): number_of(
            chapter, table=name, row=row, column=column, place=laid.places[row, column], grid=number
        )
        for row, column in wanted
    }
    return Sheet(number, laid, numbers)


def _letters(chapter: Chapter) -> dict[str, str]:
    """Group -> the letter that its significance tests use, from the result's own table of columns."""
    found: dict[str, str] = {}
    for table in chapter.result.tables.values():
        group = next((name for name in ("column", "segment") if name in table.columns), None)
        if group and "letter" in table.columns:
            found |= dict(table.select(group, "letter").iter_rows())
    return found


def _charts(chapter: Chapter, sheets: Mapping[str, Sheet]) -> tuple[str, ...]:
    """The charts of the printed tables first; none of a matrix, which already reads as one."""
    told = [n for n in chapter.result.charts if not (n in sheets and sheets[n].laid.is_matrix)]
    return tuple(sorted(told, key=lambda name: name not in sheets))[:MOST_CHARTS]
