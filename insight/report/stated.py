"""The numerals of a sentence that stand in no cell: the wording of a question, a base, a level that was set."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from insight.analysis import Finding
from insight.report.blocks import Block, Grid, Paragraph, Run, Slot

NUMERAL = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?%?")
WORDING, BASE, RULE, FIXED = "原文", "基数", "口径", "固定文字"
FIXED_ANCHOR = "W"  # the row of all numerals in the report's own words
_QUOTED = re.compile("“[^”]*”|(?<![A-Za-z])Q\\d+(?:_\\d+)*")


@dataclass(frozen=True, slots=True)
class Stated:
    """A numeral that no cell of a result proves.

    Attributes
    ----------
    id : "S3.1-2.4": the fourth such numeral in the second sentence of the analysis whose first table is
        3.1; "W7": the seventh in the report's own words
    sentence : its sentence
    nth : place of the sentence among the findings of the analysis, from 0; -1 in the report's own words
    kind : 原文 (wording of the questionnaire or a name of the data), 基数 (people the sentence speaks
        of), 口径 (a level, bound or period that was set), 固定文字 (the report's own words)
    """

    id: str
    text: str
    kind: str
    sentence: str
    analysis: str = ""
    title: str = ""
    nth: int = -1

    @property
    def anchor(self) -> str:
        """The bookmark of the row of appendix F that explains it."""
        return re.sub(r"\W", "_", self.id.rpartition(".")[0]) or FIXED_ANCHOR

    @property
    def tip(self) -> str:
        """What the reader sees on hover."""
        return f"{self.id}：{self.kind} {self.text}"


def stated(
    finding: Finding, runs: Sequence[Run], *, called: tuple[str, str, str], nth: int, names: Sequence[str]
) -> list[Run]:  # fmt: skip
    """The runs of a sentence with every numeral that leads nowhere yet leading to appendix F.

    Parameters
    ----------
    called : number of the analysis' first table, its key and its title
    nth : place of the finding among those of the analysis
    names : words of the data that the sentence may quote without marks
    """
    grid, key, title = called
    whole = "".join(run.text for run in runs)
    quoted = [m.span() for m in _QUOTED.finditer(whole)]
    quoted += [m.span() for name in names for m in re.finditer(re.escape(name), whole)]
    told: list[Run] = []
    at = n = 0
    for run in runs:
        for part, span in _cut(run):
            if span is None:
                told.append(part)
                continue
            n += 1
            inside = any(a <= at + span[0] and at + span[1] <= b for a, b in quoted)
            kind = WORDING if inside else BASE if _is(part.text, finding.base) else RULE
            one = Stated(f"S{grid}-{nth + 1}.{n}", part.text, kind, finding.text, key, title, nth)
            told.append(_leading(part, one))
        at += len(run.text)
    return told


def with_fixed(blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks with every other numeral of the running text led to one row: the report's own words."""
    n = 0

    def marked(runs: Sequence[Run]) -> Iterator[Run]:
        nonlocal n
        whole = "".join(run.text for run in runs)
        for run in runs:
            for part, span in _cut(run):
                n += span is not None
                yield part if span is None else _leading(part, Stated(f"W{n}", part.text, FIXED, whole))  # fmt: skip

    for block in blocks:
        match block:
            case Paragraph(role="body" | "lead" | "finding"):
                yield replace(block, runs=tuple(marked(block.runs)))
            case Grid():
                rows = tuple(tuple(_slot(slot, tuple(marked(slot.runs))) for slot in row) for row in block.rows)  # fmt: skip
                yield replace(block, rows=rows)
            case _:
                yield block


def all_stated(blocks: Sequence[Block]) -> Mapping[str, Stated]:
    """Id -> every numeral of the running text that stands in no cell, in reading order."""
    found: dict[str, Stated] = {}
    for run in running(blocks):
        if run.stated is not None:
            found.setdefault(run.stated.id, run.stated)
    return found


def running(blocks: Sequence[Block]) -> Iterator[Run]:
    """Every run of the running text, also where it stands in tables."""
    for block in blocks:
        match block:
            case Paragraph():
                yield from block.runs
            case Grid():
                yield from (run for row in block.rows for slot in row for run in slot.runs)


def _slot(slot: Slot, runs: tuple[Run, ...]) -> Slot:
    return replace(slot, runs=runs) if runs else slot


def _leading(run: Run, one: Stated) -> Run:
    return replace(run, target=one.anchor, tip=one.tip, stated=one)


def _cut(run: Run) -> Iterator[tuple[Run, tuple[int, int] | None]]:
    """The run, cut at its numerals with their places, if it leads nowhere yet."""
    end = 0
    for match in NUMERAL.finditer(run.text) if not run.target else ():
        if match.start() > end:
            yield replace(run, text=run.text[end : match.start()]), None
        yield replace(run, text=match[0]), match.span()
        end = match.end()
    if end < len(run.text):
        yield replace(run, text=run.text[end:]), None


def _is(text: str, number: int) -> bool:
    return text.replace(",", "") == str(number)
