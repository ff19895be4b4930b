"""二、营销策略建议: for whom, why, what, when, and how success is measured, from the rule book; and what became of the last ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from insight.analysis import Finding
from insight.report.actions import KEY, REVIEW, Suggestion, about
from insight.report.blocks import Block, Grid, Head, Heading, Paragraph, Run, Slot, plain
from insight.report.outline import NEEDS
from insight.report.selection import Printed, number_at, references, sentence
from insight.strategy.playbook import SECTIONS

NUMERALS = "一二三四五六七八九十"
HEADS = (Head("", False, 0.15), Head("", False, 0.85))
MOST_REASONS = 2
_STEPS = {
    "动作": "action", "权益": "offer", "渠道": "channel", "时间": "timing", "负责人": "owner", "KPI": "kpi",
    "读数方法": "readout", "风险": "risk",
}  # fmt: skip


def bullet(runs: tuple[Run, ...]) -> Paragraph:
    """A sentence as one point of a list."""
    return Paragraph(runs, "finding")


def advice(called: Sequence[Suggestion], chapters: Sequence[Printed]) -> Iterator[Block]:
    """The part 二、营销策略建议, section by section of the rule book."""
    yield Heading(1, "二、营销策略建议")
    if not called:
        yield plain("没有可以给出的建议：需要带有客户编号、下单时间和实付金额的订单，并且至少一组客户符合规则库的条件。")  # fmt: skip
        return
    yield plain(
        "每条建议由规则库在算出的事实上触发：对象的人数和金额、触发它的事实都标有编号；动作、权益、时间、负责人和指标取自规则库，"
        "预期增加的金额是规则库里的假设，预算与可行性须由业务负责人核定后执行。",
    )
    source = next(p for p in chapters if p.chapter.key == KEY)
    there = {one.row["section"] for one in called}
    for at, title in enumerate(section for section in SECTIONS if section in there):
        yield Heading(2, f"（{NUMERALS[at]}）{title}")
        for one in called:
            if one.row["section"] == title:
                yield _card(one, source, chapters)


def n_sections(called: Sequence[Suggestion]) -> int:
    """How many sections ``advice`` has; what follows is numbered on."""
    return len({one.row["section"] for one in called})


def review(chapters: Sequence[Printed]) -> Iterator[Block]:
    """上期行动回顾: what was promised last time and what has happened since; nothing where nothing was."""
    held = [p for p in chapters if p.chapter.key == REVIEW]
    if held:
        yield Heading(1, "上期行动回顾", starts_page=False)
        yield plain("上一期答应做的事和它们之后的结果；没有留对照组的只能看前后，不能说是行动带来的。")  # fmt: skip
    for one in held:
        for finding in one.findings:
            yield bullet(sentence(finding, one))


def suggestion(finding: Finding, printed: Printed, called: Sequence[Suggestion]) -> str:
    """What to do about a finding, in half a sentence; empty where the book has no answer."""
    row = _row(finding, printed)
    is_need = printed.chapter.room == NEEDS and "need" in row
    told = row if is_need else {k: v for k, v in row.items() if k == "segment"}
    if not told or (not is_need and printed.chapter.room != "segments"):
        return ""
    return next((str(one.row["brief"]) for one in about(called, told)), "")


def _card(one: Suggestion, source: Printed, chapters: Sequence[Printed]) -> Grid:
    rows = [(Slot("对象"), Slot("", runs=_who(one, source)))]
    if one.reasons:
        rows.append((Slot("依据"), Slot("", runs=_because(one, source))))
    rows += [(Slot("需求依据"), Slot("", runs=runs)) for runs in _needs_of(one, chapters)]
    steps = tuple((Slot(name), Slot(str(one.row[field]))) for name, field in _STEPS.items() if one.row[field])  # fmt: skip
    expected = (Slot("预期增加"), Slot("", runs=_gain(one, source)))
    return Grid("", str(one.row["target"]), HEADS, (*rows, *steps, expected))


def _who(one: Suggestion, source: Printed) -> tuple[Run, ...]:
    """The people and what they are expected to spend, linked to the cells."""
    people, spend = (number_at(source, one.numbers[c]) for c in ("n_customers", "expected_spend"))
    return (
        Run(f"{one.row['target']} "),
        Run(people.value, "number", people.anchor, people.tip),
        Run(" 人，预计未来 12 个月消费 "),
        Run(spend.value, "number", spend.anchor, spend.tip),
        *references([people, spend]),
    )


def _because(one: Suggestion, source: Printed) -> tuple[Run, ...]:
    """The facts that made the rule hold."""
    runs: list[Run] = []
    numbers = [number_at(source, cell) for _, cell, _ in one.reasons]
    for (fact, _, unit), number in zip(one.reasons, numbers, strict=True):
        runs += [Run(f"{'，' if runs else ''}{fact} "), Run(number.value, "number", number.anchor, number.tip)]  # fmt: skip
        runs += [Run(unit)] if unit else []
    return (*runs, *references(numbers))


def _gain(one: Suggestion, source: Printed) -> tuple[Run, ...]:
    """What it may add: low, middle, high."""
    names = ("low_impact_amount", "impact_amount", "high_impact_amount")
    numbers = [number_at(source, one.numbers[name]) for name in names]
    runs: list[Run] = []
    for word, number in zip("低中高", numbers, strict=True):
        runs += [Run(f"{'，' if runs else ''}{word} "), Run(number.value, "number", number.anchor, number.tip)]  # fmt: skip
    return (*runs, Run("（规则库假设的提升幅度 × 预计消费）"), *references(numbers))


def _needs_of(one: Suggestion, chapters: Sequence[Printed]) -> Iterator[tuple[Run, ...]]:
    """What these people need more than others: the findings whose first number is theirs."""
    wanted = {name: one.row[name] for name in ("segment", "need") if one.row[name] != "全部"}
    told = [(f, p) for p in chapters if p.chapter.room == NEEDS for f in p.findings]
    mine = [(f, p) for f, p in told if wanted and wanted.items() <= _row(f, p).items()]
    yield from (sentence(finding, printed) for finding, printed in mine[:MOST_REASONS])


def _row(finding: Finding, printed: Printed) -> dict[str, object]:
    """The row of the result that a finding is about: that of its first number."""
    first = finding.evidence[0]
    return printed.chapter.result.tables[first.table].row(first.row, named=True)
