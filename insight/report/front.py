"""Cover, summary, how to read the report, and what it is made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from insight.report.blocks import (
    Block,
    Cover,
    Figure,
    Grid,
    Head,
    Heading,
    Paragraph,
    Run,
    Slot,
    plain,
)
from insight.report.facts import Facts, Source, source_ids
from insight.schema import ORDERS, TABLES
from insight.settings import settings
from insight.wording import count, percent

TITLE = "客户数据分析报告及营销策略建议"
COUNTED = {
    "customers": ("客户", "位"), "orders": ("订单", "笔"), "responses": ("答卷", "份"),
    "matched": ("匹配到客户的答卷", "份"), "texts": ("文本", "段"), "interviews": ("访谈", "场"),
}  # fmt: skip
# Value at or above the first bound: 可信; above the second: 留意; below: 不足.
LIGHTS = (
    ("匹配到客户的答卷", "matched", 100, 30),
    ("答卷", "responses", 100, 30),
    ("客户", "customers", 300, 100),
)
RATE_LIGHT = (0.6, 0.3)
MOST_FILES = 4  # of one use, before they share a row
MATCH = ("table", "key", "n_rows", "n_with_key", "n_matched")


def cover(facts: Facts) -> Cover:
    """The title page."""
    rows = {
        "委托方": facts.client,
        "数据区间": _period(facts),
        "样本": _sample(facts),
        "匹配率": "" if facts.match_rate is None else percent(facts.match_rate),
        "研究版本": f"第 {facts.revision} 版",
        "配方哈希": facts.recipe[:12],
        "生成时间": facts.made_at.strftime("%Y-%m-%d %H:%M"),
    }
    return Cover(TITLE, facts.study, tuple((k, v) for k, v in rows.items() if v))


def summary(
    facts: Facts, headlines: Sequence[tuple[Run, ...]], *, picture: Figure | None
) -> Iterator[Block]:
    """The strongest findings, and how far the data can be trusted."""
    yield Heading(1, "摘要")
    if not headlines:
        yield plain("本期数据没有得出可以报告的发现。")
    for runs in headlines:
        yield Paragraph(runs, "finding")
    if picture is not None:
        yield picture
    lights = _lights(facts)
    if lights:
        heads = (Head("项目", False, 0.3), Head("数值", True, 0.16), Head("判断", False, 0.2))
        yield Grid("", "数据可信度", heads, lights, (_light_rule(),))


def introduction() -> Iterator[Block]:
    """What the report is for and how it is read."""
    small = settings().small_base
    yield Heading(1, "引言")
    yield plain("本报告把同一批客户的订单、问卷和原话放在一起，说明他们是谁、各购买分层需要什么、接下来做什么。")  # fmt: skip
    yield Heading(2, "读法")
    for text in (
        "数字编号：句末方括号里的编号（如 T3.1-B2）指表 3.1 的 B 列第 2 行（表头为第 1 行，截短的表按全表计行）。附录 F 列出每个编号的来源，同一格里的几个值在那里写作 B2、B2b、B2c。",
        "显著字母：比例后的字母表示它高于以该字母为代号的那一列，小写与大写对应两档显著性水平，见各表下的检验说明。",
        f"小样本：基数小于 {small} 的数字印成灰色，只作方向性参考；基数过小的单元格不显示占比，印“—”。",
        "所有结论来自一次横截面数据，说明的是同时出现的差别，不能读作因果。",
        "涉及客户处只用加密编号，原话里的手机号、证件号和邮箱已遮盖。",
    ):
        yield Paragraph((Run(text),), "finding")


def data_notes(facts: Facts, *, with_match: bool) -> Iterator[Block]:
    """（〇）: the files, the sample, what was cleaned; who was matched, where no analysis tells it better."""
    yield Heading(2, "（〇）数据说明")
    for gap in _gaps(facts.counts):
        yield Paragraph((Run(gap),), "finding")
    grids = [
        _counts(facts),
        _sources(facts),
        _cleaned(facts.issues),
        _matched(facts.match) if with_match else None,
    ]
    if not any(grids):
        yield plain("没有登记数据来源。")
    for at, grid in enumerate(grids, 1):
        if grid is not None:
            yield Grid(f"0.{at}", *grid)


def _gaps(counts: Mapping[str, int]) -> Iterator[str]:
    """What this wave lacks, and which chapters are missing for it."""
    for key, sentence in _LACKING.items():
        if not counts.get(key):
            yield sentence
    if counts.get("responses") and counts.get("orders") and not counts.get("matched"):
        yield "答卷里没有一份能与订单里的客户对应：不能按购买分层看答案，没有各人群需求和匹配偏差的章节；请核对两边的手机号或会员号。"


_LACKING = {
    "orders": "本期没有订单：没有消费行为、客户价值、购买分层和按分层的建议；需要带有客户编号、下单时间和实付金额的订单表。",
    "responses": "本期没有问卷：没有题目的频数、交叉表和满意度；需要一行一份的答卷。",
    "texts": "本期没有文本：没有主题、情感和原话；需要开放题、评论或访谈记录。",
}

_Titled = tuple[str, tuple[Head, ...], tuple[tuple[Slot, ...], ...]]


def _counts(facts: Facts) -> _Titled | None:
    rows = [(Slot(name), Slot(f"{count(facts.counts[key])} {unit}")) for key, (name, unit) in COUNTED.items() if key in facts.counts]  # fmt: skip
    rows += (
        [(Slot("匹配率"), Slot(percent(facts.match_rate)))] if facts.match_rate is not None else []
    )
    rows += [(Slot("订单区间"), Slot(_period(facts)))] if facts.period else []
    return (
        ("样本概况", (Head("项目", False, 0.3), Head("数量", True, 0.36)), tuple(rows))
        if rows
        else None
    )


def _sources(facts: Facts) -> _Titled | None:
    """The files by what they were used as; many files of one use are one row, listed in 附录 F."""
    heads = (Head("编号", False, 0.1), Head("文件", False, 0.34), Head("SHA-256 前 12 位", False, 0.18), Head("用作", False, 0.1), Head("导入行数", True, 0.13), Head("登记的问题", True, 0.15))  # fmt: skip
    uses = dict.fromkeys(source.table for source in facts.sources)
    rows = tuple(row for use in uses for row in _source_rows(facts.sources, use))
    return ("数据来源", heads, rows) if rows else None


def _source_rows(sources: Sequence[Source], use: str) -> Iterator[tuple[Slot, ...]]:
    held = [(at, source) for at, source in enumerate(sources, 1) if source.table == use]
    groups = [held] if len(held) > MOST_FILES else [[one] for one in held]
    for group in groups:
        first = group[0][1]
        is_one = len(group) == 1
        name = first.name if is_one else f"{first.name} 等 {len(group)} 个文件"
        rows, issues = (sum(n) for n in zip(*((s.rows, s.issues) for _, s in group), strict=True))
        yield (
            Slot(source_ids([at for at, _ in group])),
            Slot(name),
            Slot(first.digest if is_one else "见附录 F"),
            Slot(_table_label(use)),
            Slot(count(rows)),
            Slot(count(issues)),
        )


def _cleaned(issues: pl.DataFrame | None) -> _Titled | None:
    if issues is None or issues.is_empty():
        return None
    heads = (Head("原因", False, 0.5), Head("处理", False, 0.2), Head("行数", True, 0.15))
    rows = issues.sort(["n", "reason", "action"], descending=[True, False, False])
    slots = ((Slot(str(r)), Slot(str(a)), Slot(count(n))) for r, a, n in rows.select("reason", "action", "n").iter_rows())  # fmt: skip
    return "清洗处理", heads, tuple(slots)


def _matched(match: pl.DataFrame | None) -> _Titled | None:
    if match is None or match.is_empty():
        return None
    names = ("表", "标识", "行数", "有标识", "匹配成功", "匹配率")
    heads = tuple(Head(name, at > 1, 0.16) for at, name in enumerate(names))
    keys = {column.name: column.label for column in ORDERS.columns}
    rows = tuple(
        (
            Slot(_table_label(table)),
            Slot(keys.get(key, key)),
            *(Slot(count(n)) for n in (n_rows, n_with_key, n_matched)),
            Slot(percent(n_matched / n_with_key if n_with_key else None)),
        )
        for table, key, n_rows, n_with_key, n_matched in match.select(MATCH).iter_rows()
    )
    return "匹配结果", heads, rows


def _table_label(name: str) -> str:
    return TABLES[name].label if name in TABLES else name


def _period(facts: Facts) -> str:
    return "" if facts.period is None else f"{facts.period[0]} 至 {facts.period[1]}"


def _sample(facts: Facts) -> str:
    told = (f"{name} {count(facts.counts[key])} {unit}" for key, (name, unit) in COUNTED.items() if key in facts.counts and key != "matched")  # fmt: skip
    return "，".join(told)


def _lights(facts: Facts) -> tuple[tuple[Slot, ...], ...]:
    rows = [
        (Slot(name), Slot(count(n)), Slot(_light(n, good, fair=fair)))
        for name, key, good, fair in LIGHTS
        if (n := facts.counts.get(key)) is not None
    ]
    if facts.match_rate is not None:
        shown = Slot(percent(facts.match_rate))
        rows.append(
            (
                Slot("匹配率"),
                shown,
                Slot(_light(facts.match_rate, good=RATE_LIGHT[0], fair=RATE_LIGHT[1])),
            )
        )
    return tuple(rows)


def _light(value: float, good: float, *, fair: float) -> str:
    return "● 可信" if value >= good else "◐ 留意" if value >= fair else "○ 不足"


def _light_rule() -> str:
    bounds = "；".join(f"{name}不少于 {good} 为可信，不少于 {fair} 为留意" for name, _, good, fair in LIGHTS)  # fmt: skip
    rate = "；".join(f"{percent(b, digits=0)} 以上为{w}" for b, w in zip(RATE_LIGHT, ("可信", "留意"), strict=True))  # fmt: skip
    return f"判断规则由本报告设定：{bounds}；匹配率 {rate}；其余为不足。"
