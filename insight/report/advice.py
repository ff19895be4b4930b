"""二、营销策略建议: for each segment in the results who, why, what, when, and how success is measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from insight.analysis import Finding
from insight.report.actions import MOST_NEEDS, Called, Template, need_template
from insight.report.blocks import Block, Grid, Head, Heading, Paragraph, Run, Slot, plain
from insight.report.outline import NEEDS
from insight.report.selection import Printed, number_at, references, sentence

NUMERALS = "一二三四五六七八九十"
HEADS = (Head("", False, 0.15), Head("", False, 0.85))
MOST_REASONS = 2


def bullet(runs: tuple[Run, ...]) -> Paragraph:
    """A sentence as one point of a list."""
    return Paragraph(runs, "finding")


def advice(calls: Sequence[Called], chapters: Sequence[Printed]) -> Iterator[Block]:
    """The part 二、营销策略建议."""
    yield Heading(1, "二、营销策略建议")
    needs = _needs(chapters)
    if not calls and not needs:
        yield plain("没有可以给出建议的结果：需要客户分层或各人群的需求。")
        return
    yield plain(
        "对象的人数和金额取自上文各表，依据为表中编号；动作、时间、负责人和指标是通用模板，"
        "预算与可行性须由业务负责人核定后执行。",
    )
    sections = groupby(calls, key=lambda call: call.template.section)
    at = 0
    for at, (title, held) in enumerate(sections, 1):
        yield Heading(2, f"（{NUMERALS[at - 1]}）{title}")
        for call in held:
            yield _card(call, chapters)
    if needs:
        yield Heading(2, f"（{NUMERALS[at]}）{need_template().section}")
        yield from _need_cards(needs)


def suggestion(finding: Finding, printed: Printed, calls: Sequence[Called]) -> str:
    """What to do about a finding, in half a sentence; empty where the book has no answer."""
    row = _row(finding, printed)
    if printed.chapter.room == NEEDS and "need" in row:
        return need_template().brief.format(need=row["need"])
    theirs = [c for c in calls if c.chapter.room == printed.chapter.room]
    return next((c.template.brief for c in theirs if row.get("segment") in {r[0] for r in c.rows}), "")  # fmt: skip


def _card(call: Called, chapters: Sequence[Printed]) -> Grid:
    source = next(p for p in chapters if p.chapter.key == call.chapter.key)
    rows = [(Slot("对象"), Slot("", runs=_who(call, source)))]
    rows += [(Slot("需求依据"), Slot("", runs=runs)) for runs in _reasons(call, chapters)]
    return Grid("", "、".join(name for name, _, _ in call.rows), HEADS, (*rows, *_steps(call.template)))  # fmt: skip


def _who(call: Called, source: Printed) -> tuple[Run, ...]:
    """Each segment with its customers and its spend, linked to the cells."""
    runs: list[Run] = []
    for name, *cells in call.rows:
        people, spend = (number_at(source, cell) for cell in cells)
        runs += [
            Run(f"{'；' if runs else ''}{name} "),
            Run(people.value, "number", people.anchor, people.tip),
            Run(" 人，消费 "),
            Run(spend.value, "number", spend.anchor, spend.tip),
            *references([people, spend]),
        ]
    return tuple(runs)


def _reasons(call: Called, chapters: Sequence[Printed]) -> Iterator[tuple[Run, ...]]:
    """What these segments need more than others: the findings whose first number is theirs."""
    names = {name for name, _, _ in call.rows}
    theirs = [(f, p) for f, p in _needs(chapters) if _segment_of(f, p) in names]
    yield from (sentence(finding, printed) for finding, printed in theirs[:MOST_REASONS])


def _segment_of(finding: Finding, printed: Printed) -> str | None:
    segment = _row(finding, printed).get("segment")
    return None if segment is None else str(segment)


def _row(finding: Finding, printed: Printed) -> dict[str, object]:
    """The row of the result that a finding is about: that of its first number."""
    first = finding.evidence[0]
    return printed.chapter.result.tables[first.table].row(first.row, named=True)


def _steps(template: Template) -> tuple[tuple[Slot, Slot], ...]:
    steps = {
        "动作": template.action, "时间与渠道": template.timing, "负责人": template.owner,
        "KPI": template.kpi, "读数方法": template.readout,
    }  # fmt: skip
    return tuple((Slot(name), Slot(text)) for name, text in steps.items() if text)


def _needs(chapters: Sequence[Printed]) -> list[tuple[Finding, Printed]]:
    return [(f, p) for p in chapters if p.chapter.room == NEEDS for f in p.findings][:MOST_NEEDS]


def _need_cards(needs: Sequence[tuple[Finding, Printed]]) -> Iterator[Block]:
    reasons = tuple((Slot("依据"), Slot("", runs=sentence(f, p))) for f, p in needs)
    yield Grid("", "各人群的需求", HEADS, (*reasons, *_steps(need_template())))
