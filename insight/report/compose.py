"""The report from cover to appendix as blocks, whatever they are printed on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from insight.analysis import Cell, Finding
from insight.claims import finds_nothing, is_small
from insight.report import actions, advice, appendix, front
from insight.report.blocks import Block, Contents, Figure, Grid, Head, Heading, Run, Slot, plain
from insight.report.changes import Former, changed, changes, marked
from insight.report.facts import Chapter, Facts
from insight.report.layout import GAP, limits, printed
from insight.report.numbers import Number
from insight.report.outline import DATA, STRATEGY, Section, arranged
from insight.report.pictures import thumbnail, titled
from insight.report.selection import Printed, Sheet, printed_chapters, sentence
from insight.report.stated import all_stated, with_fixed
from insight.report.tints import SHORT
from insight.units import table_label

Parts = Sequence[tuple[Section, tuple[Printed, ...]]]
MOST_HEADLINES, MOST_LISTED = 5, 8
_UNDER_TABLES = ("筛选：只看", "基数", "检验", "占比", "统计日", "客户基数", "范围")
CORE_FIRST = (4, 3, 2, 1, 6)  # the sections in the order of their weight


@dataclass(frozen=True, slots=True)
class Composed:
    """A report before it is written in any form.

    Attributes
    ----------
    blocks : all of it, in reading order
    body : the blocks before the appendices
    told : its findings, the weightiest first, each with the chapter it stands in
    """

    facts: Facts
    chapters: tuple[Chapter, ...]
    parts: Parts
    body: tuple[Block, ...]
    blocks: tuple[Block, ...]
    told: tuple[tuple[Finding, Printed], ...]

    @property
    def printed(self) -> tuple[Printed, ...]:
        """Every chapter as it is printed, in order."""
        return tuple(one for _, held in self.parts for one in held)


def compose(facts: Facts, chapters: Sequence[Chapter]) -> tuple[Block, ...]:
    """Every block of the report, in reading order."""
    return composed(facts, chapters).blocks


def composed(
    facts: Facts, chapters: Sequence[Chapter], *, former: Former | None = None
) -> Composed:
    """Lay the report out; with a wave before, what changed since stands first."""
    moved = changes(chapters, former) if former is not None else ()
    chapters = marked(chapters, moved)
    parts = _parts(chapters)
    everything = [one for _, held in parts for one in held]
    told = _by_weight(parts)
    calls = actions.suggestions(chapters)
    body = tuple(with_fixed((
        front.cover(facts),
        Contents(),
        *(changed(moved, former) if former is not None else ()),
        *front.summary(facts, list(_headlines(told, calls)), picture=thumbnail(everything)),
        *front.introduction(),
        *advice.review(everything),
        Heading(1, "一、客户数据分析报告", starts_page=False),
        *front.data_notes(facts, with_match=not any(p.chapter.room == "data" for p in everything)),
        *(block for section, held in parts if section is not STRATEGY for block in _section(section, held)),
        *_overview(told[:MOST_LISTED]),
        *advice.advice(calls, everything),
        *_measured(parts, after=advice.n_sections(calls)),
    )))  # fmt: skip
    rest = appendix.appendices(facts, everything, stated=all_stated(body))
    return Composed(facts, tuple(chapters), tuple(parts), body, (*body, *rest), tuple(told))


def trace(chapters: Sequence[Chapter]) -> tuple[Number, ...]:
    """Every number the report cites, with the cell behind it, in the order of its tables."""
    return appendix.numbers_of([p for _, held in _parts(chapters) for p in held])


def _parts(chapters: Sequence[Chapter]) -> Parts:
    cells = _cited_by_advice(chapters)
    return [
        (section, printed_chapters(section, held, cells=cells)) for section, held in arranged(chapters)
    ]  # fmt: skip


def _cited_by_advice(chapters: Sequence[Chapter]) -> Mapping[str, list[Cell]]:
    cells = [cell for one in actions.suggestions(chapters) for cell in one.cells]
    return {actions.KEY: cells} if cells else {}


def _by_weight(parts: Parts) -> list[tuple[Finding, Printed]]:
    """Findings by rank: the first of each section's first analysis, core sections first, and so on.

    What is said about the data themselves is no finding about customers and stays out.
    """
    ranked = [
        (at + nth, CORE_FIRST.index(section.index), finding, one)
        for section, held in parts
        if section not in (DATA, STRATEGY)
        for nth, one in enumerate(held)
        for at, finding in enumerate(one.findings)
    ]
    ranked.sort(key=lambda row: row[:2])
    return [(finding, one) for _, _, finding, one in ranked]


def _headlines(
    told: Sequence[tuple[Finding, Printed]], calls: Sequence[actions.Suggestion]
) -> Iterator[tuple[Run, ...]]:
    """The first findings on a firm base, each with what to do about it; what is said once is not repeated."""
    said = {""}
    firm = [(f, p) for f, p in told if not is_small(f) and not finds_nothing(f)]
    for finding, one in firm[:MOST_HEADLINES]:
        brief = advice.suggestion(finding, one, calls)
        new = () if brief in said else (Run(" 建议：", "strong"), Run(f"{brief}。"))
        said.add(brief)
        yield (*sentence(finding, one), *new)


def _measured(parts: Parts, *, after: int) -> Iterator[Block]:
    """The board, lists and calculations behind the advice; what the cards and the review said is not said again."""
    held = [one for section, own in parts if section is STRATEGY for one in own]
    if not held:
        return
    yield Heading(2, f"（{advice.NUMERALS[after]}）{STRATEGY.title}")
    figures = 0
    for one in held:
        blocks = chapter_blocks(one, STRATEGY.index, figures=figures)
        said = one.chapter.key in (actions.KEY, actions.REVIEW)
        yield from (b for b in blocks if not said or isinstance(b, Figure | Grid))
        figures += len(one.charts)


def _section(section: Section, held: Sequence[Printed]) -> Iterator[Block]:
    if section is not DATA:
        yield Heading(2, section.title)
    if not held and section.missing:
        yield plain(section.missing)
    figures = 0
    for one in held:
        yield from chapter_blocks(one, section.index, figures=figures)
        figures += len(one.charts)


def chapter_blocks(one: Printed, index: int, *, figures: int = 0) -> Iterator[Block]:
    """A chapter of the report; ``figures`` stand before it in its section."""
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
        yield _grid(one, sheet, name=name)


def _bullet(finding: Finding, one: Printed) -> Block:
    return advice.bullet(sentence(finding, one))


def _grid(one: Printed, sheet: Sheet, *, name: str) -> Grid:
    rows = printed(sheet.laid, sheet.anchors(), marks=one.chapter.marks.get(name))
    n_shown = sum(row[0].text != GAP for row in rows)
    legend = (SHORT,) if any(slot.mark for row in rows for slot in row) else ()
    notes = tuple(filter(None, ["".join((*limits(sheet.laid, n_shown), *legend, _method(one, sheet)))]))  # fmt: skip
    heads = sheet.laid.heads
    return Grid(sheet.number, _caption(one, name), heads, rows, notes, sheet.laid.is_dense)


def _caption(one: Printed, name: str) -> str:
    """The analysis, and what tells its tables apart: a question's wording or the table's own name."""
    title = one.chapter.title
    if len(one.sheets) == 1:
        return title
    known = table_label(name, of=one.chapter.key)
    if known == name and name in one.chapter.result.charts:
        known = titled(one.chapter.result.charts[name])[1] or name
    return f"{title}：{known}"


def _method(one: Printed, sheet: Sheet) -> str:
    """基数与检验 under the first table of an analysis; the others point to it, the rest is in 附录 A."""
    first = next(iter(one.sheets.values()))
    if sheet is not first:
        return f"基数与检验同表 {first.number}。"
    notes = one.chapter.result.notes
    told = [f"{n.split('。')[0]}。" for n in notes if n.startswith(_UNDER_TABLES) or "基数为" in n]
    tests = list(dict.fromkeys(f.test.rstrip("。") for f in one.findings if f.test))
    told += (
        []
        if any(n.startswith("检验") for n in told)
        else [f"检验：{'；'.join(tests)}。"] * bool(tests)
    )
    told += ["其余口径见附录 A。"] if sum(map(len, told)) < sum(map(len, notes)) else []
    return "".join(told)


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
    yield Grid("5.1", "主要发现一览", heads, rows, ("各部分第一条在前，需求部分优先。",))  # fmt: skip
