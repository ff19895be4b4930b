"""The report from cover to appendix as blocks, whatever they are printed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from insight.analysis import Cell, Finding
from insight.report import actions, advice, appendix, front
from insight.report.blocks import Block, Contents, Figure, Grid, Head, Heading, Slot, plain
from insight.report.claims import is_small
from insight.report.facts import Chapter, Facts
from insight.report.layout import limits, printed
from insight.report.numbers import Number
from insight.report.outline import DATA, Section, arranged
from insight.report.pictures import titled
from insight.report.selection import Printed, Sheet, printed_chapters, sentence

Parts = Sequence[tuple[Section, tuple[Printed, ...]]]
MOST_HEADLINES, MOST_LISTED = 5, 12
CORE_FIRST = (4, 3, 2, 1, 6, 0)  # the sections in the order of their weight


def compose(facts: Facts, chapters: Sequence[Chapter]) -> tuple[Block, ...]:
    """Every block of the report, in reading order."""
    parts = _parts(chapters)
    told = _by_weight(parts)
    firm = [(f, p) for f, p in told if not is_small(f)]
    return (
        front.cover(facts),
        Contents(),
        *front.summary(facts, [sentence(f, p) for f, p in firm[:MOST_HEADLINES]]),
        *front.introduction(),
        Heading(1, "一、客户数据分析报告", starts_page=False),
        *front.data_notes(facts),
        *(block for section, held in parts for block in _section(section, held)),
        *_overview(told[:MOST_LISTED]),
        *advice.advice(actions.called_for(chapters), [p for _, held in parts for p in held]),
        *appendix.appendices(facts, [p for _, held in parts for p in held]),
    )


def trace(chapters: Sequence[Chapter]) -> tuple[Number, ...]:
    """Every number the report cites, with the cell behind it, in the order of its tables."""
    return appendix.numbers_of([p for _, held in _parts(chapters) for p in held])


def _parts(chapters: Sequence[Chapter]) -> Parts:
    cells = _cited_by_advice(chapters)
    return [
        (section, printed_chapters(section, held, cells)) for section, held in arranged(chapters)
    ]  # fmt: skip


def _cited_by_advice(chapters: Sequence[Chapter]) -> Mapping[str, list[Cell]]:
    found: dict[str, list[Cell]] = {}
    for call in actions.called_for(chapters):
        found.setdefault(call.chapter.key, []).extend(c for row in call.rows for c in row[1:])
    return found


def _by_weight(parts: Parts) -> list[tuple[Finding, Printed]]:
    """The first finding of every chapter, core sections first; then the second of every chapter..."""
    ranked = sorted(parts, key=lambda part: CORE_FIRST.index(part[0].index))
    columns = [[(f, p) for f in p.findings] for _, held in ranked for p in held]
    return [pair for round_ in zip_longest(*columns) for pair in round_ if pair is not None]


def _section(section: Section, held: Sequence[Printed]) -> Iterator[Block]:
    if section is not DATA:
        yield Heading(2, section.title)
    if not held and section.missing:
        yield plain(section.missing)
    figures = 0
    for one in held:
        yield from _chapter(one, section.index, figures)
        figures += len(one.charts)


def _chapter(one: Printed, index: int, figures: int) -> Iterator[Block]:
    chapter = one.chapter
    yield Heading(3, chapter.title)
    yield plain(chapter.question, "lead")
    for finding in one.findings:
        yield _bullet(finding, one)
    for at, name in enumerate(one.charts, figures + 1):
        chart, title = titled(chapter.result.charts[name])
        caption = title or chapter.title
        yield Figure(f"{index}.{at}", caption, chart, f"{caption}。{chapter.question}")
    for sheet, name in zip(one.sheets.values(), one.sheets, strict=True):
        yield _grid(one, sheet, name)


def _bullet(finding: Finding, one: Printed) -> Block:
    return advice.bullet(sentence(finding, one))


def _grid(one: Printed, sheet: Sheet, name: str) -> Grid:
    rows = printed(sheet.laid, sheet.anchors())
    n_shown = sum(row[0].text != "……" for row in rows)
    notes = (*limits(sheet.laid, n_shown), *_method(one, sheet))
    return Grid(sheet.number, _caption(one, name), sheet.laid.heads, rows, notes)


def _caption(one: Printed, name: str) -> str:
    """The analysis, and what tells its tables apart: the chart's title or a running number."""
    if len(one.sheets) == 1:
        return one.chapter.title
    if name in one.chapter.result.charts:
        _, title = titled(one.chapter.result.charts[name])
        return title or one.chapter.title
    return f"{one.chapter.title}（{list(one.sheets).index(name) + 1}）"


def _method(one: Printed, sheet: Sheet) -> tuple[str, ...]:
    """基数、口径与检验 under the first table of an analysis; the others point to it."""
    first = next(iter(one.sheets.values()))
    if sheet is not first:
        return (f"口径与检验同表 {first.number}。",)
    tests = dict.fromkeys(f.test for f in one.findings if f.test)
    return (*one.chapter.result.notes, *(f"检验：{test.rstrip('。')}。" for test in tests))


def _overview(told: Sequence[tuple[Finding, Printed]]) -> Iterator[Block]:
    """（五）: every finding with what stands behind it."""
    yield Heading(2, "（五）主要发现与洞察")
    if not told:
        yield plain("没有可以报告的发现。")
        return
    rows = tuple(
        (
            Slot(str(at)),
            Slot(finding.text, runs=sentence(finding, one)),
            Slot(f"{finding.base:,}"),
            Slot(finding.test or "描述，未做检验"),
        )
        for at, (finding, one) in enumerate(told, 1)
    )
    heads = (Head("序号", False, 0.08), Head("发现", False, 0.58), Head("基数", True, 0.09), Head("检验", False, 0.25))  # fmt: skip
    yield Grid("5.1", "主要发现一览", heads, rows, ("按需求、客户价值、消费行为、客户画像的顺序排列。",))  # fmt: skip
