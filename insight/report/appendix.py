"""The appendices: methods, questionnaire, topics, the source of every number, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl

from insight.report.blocks import Block, Grid, Head, Heading, Paragraph, Run, Slot, plain
from insight.report.facts import Facts, source_ids
from insight.report.numbers import Number
from insight.report.selection import Printed
from insight.report.stated import FIXED_ANCHOR, Stated
from insight.schema import QUESTION_KIND_LABELS
from insight.settings import settings
from insight.units import title_of


def appendices(
    facts: Facts, chapters: Sequence[Printed], *, stated: Mapping[str, Stated]
) -> Iterator[Block]:
    """附录 A to G."""
    yield Heading(1, "附录")
    yield Heading(2, "附录 A 方法与口径")
    yield from _methods(facts, chapters)
    yield from _steps(chapters)
    yield Heading(2, "附录 B 问卷与编码本")
    yield from _questionnaire(facts)
    yield Heading(2, "附录 C 全部结果表")
    yield plain(
        "每个分析的全部结果表在同名的 xlsx 里（报告格式选 xlsx），也随导出的 csv 提供；列名与附录 F 的“列”一致。"
    )
    yield Heading(2, "附录 D 主题定义")
    yield from _topics(chapters)
    yield Heading(2, "附录 E 名单导出与脱敏")
    yield plain("本报告不含名单。客户编号为带密钥的散列值，不能反推手机号或会员号；清晰标识只留在原始文件中。")  # fmt: skip
    yield Heading(2, "附录 F 数字溯源表")
    yield from _sources_of_numbers(facts, chapters)
    yield from _stated(stated.values())
    yield Heading(2, "附录 G 未通过检查的句子")
    yield from _refused(chapters)


def numbers_of(chapters: Sequence[Printed]) -> tuple[Number, ...]:
    """Every cited number, table by table, cell by cell."""
    return tuple(
        number
        for one in chapters
        for sheet in one.sheets.values()
        for _, number in sorted(sheet.numbers.items(), key=lambda item: sheet.laid.places[item[0]])
    )


def _methods(facts: Facts, chapters: Sequence[Printed]) -> Iterator[Block]:
    common = settings()
    told = {
        "通则": f"基数小于 {common.small_base} 标记为小样本，小于 {common.tiny_base} 不显示；同一数据、同一参数得到同一结果，随机步骤的种子固定。",
        "配方": f"研究“{facts.study}”第 {facts.revision} 版，配方哈希 {facts.recipe}。",
        "软件": "，".join(f"{name} {v}" for name, v in facts.versions.items()),
        **{one.chapter.title: _method(one) for one in chapters},
        **{f"{title}（未收录）": why for title, why in facts.left_out.items()},
    }
    heads = (Head("部分", False, 0.16), Head("口径", False, 0.84))
    yield Grid("A.1", "方法与口径", heads, tuple((Slot(k), Slot(v)) for k, v in told.items() if v))


def _steps(chapters: Sequence[Printed]) -> Iterator[Block]:
    """What was done to the files before any analysis: reading, cleaning, matching, exclusions, weights."""
    steps = dict.fromkeys(step for one in chapters for step in one.chapter.lineage.steps[:-1])
    if steps:
        heads = (Head("序号", True, 0.08), Head("步骤", False, 0.92))
        rows = tuple((Slot(str(at)), Slot(step)) for at, step in enumerate(steps, 1))
        yield Grid("A.2", "从原文件到结果的步骤", heads, rows, is_dense=True)


def _method(one: Printed) -> str:
    """The notes of an analysis, and its tests where they do not name them."""
    told = [note.rstrip("。") for note in one.chapter.result.notes]
    if "seed" in one.chapter.lineage.params:
        told.append(f"随机种子 {one.chapter.lineage.params['seed']}")
    tests = dict.fromkeys(f.test.rstrip("。") for f in one.findings if f.test)
    text = "。".join([*told, *([] if any("检验" in note for note in told) else tests)])
    return f"{text}。" if text else "描述统计，没有检验。"


def _questionnaire(facts: Facts) -> Iterator[Block]:
    questions = facts.questionnaire.questions
    if not questions:
        yield plain("本期没有问卷。")
        return
    heads = (Head("题号", False, 0.1), Head("题干", False, 0.4), Head("题型", False, 0.1), Head("选项", False, 0.4))  # fmt: skip
    rows = tuple(
        (
            Slot(q.id),
            Slot(q.wording),
            Slot(QUESTION_KIND_LABELS[q.kind]),
            Slot("、".join(o.label for o in q.options) or "—"),
        )
        for q in questions
    )
    yield Grid("B.1", "问卷题目", heads, rows)


def _topics(chapters: Sequence[Printed]) -> Iterator[Block]:
    """Topics and their words, from any table that has both."""
    told = [
        (str(label), str(words))
        for one in chapters
        for table in one.chapter.result.tables.values()
        if {"label", "top_words"} <= set(table.columns)
        for label, words in table.select("label", _joined(table["top_words"])).unique(maintain_order=True).iter_rows()
        if words
    ]  # fmt: skip
    if not told:
        yield plain("本期没有主题分析：需要开放题、评论或访谈。")
        return
    heads = (Head("主题", False, 0.3), Head("代表词", False, 0.7))
    yield Grid("D.1", "主题与代表词", heads, tuple((Slot(a), Slot(b)) for a, b in told))


def _joined(words: pl.Series) -> pl.Series:
    return words.list.join("、") if isinstance(words.dtype, pl.List) else words


def _sources_of_numbers(facts: Facts, chapters: Sequence[Printed]) -> Iterator[Block]:
    numbers = numbers_of(chapters)
    if not numbers:
        yield plain("正文没有引用数字。")
        return
    files = {one.chapter.key: _files(facts, one) for one in chapters}
    heads = (
        Head("编号", False, 0.12), Head("数值", True, 0.13), Head("列", False, 0.22), Head("结果表 · 列名", False, 0.37),
        Head("行", True, 0.06), Head("来源", False, 0.1),
    )  # fmt: skip
    rows = tuple(
        (
            Slot(n.id),
            Slot(n.value),
            Slot(title_of(n.column)),
            Slot(f"{n.analysis}/{n.table} · {n.column}"),
            Slot(str(n.row + 1)),
            Slot(files[n.analysis]),
        )
        for n in numbers
    )
    digests = "；".join(f"S{at} = {s.digest}（{s.name}）" for at, s in enumerate(facts.sources, 1))
    notes = (
        "行：结果表中的数据行，表头不计。",
        f"来源（SHA-256 前 12 位）：{digests or '未登记'}。",
    )
    yield Grid("F.1", "数字溯源", heads, rows, notes, is_dense=True)


def _stated(found: Iterable[Stated]) -> Iterator[Block]:
    """The numerals that are no results, sentence by sentence."""
    sentences: dict[str, list[Stated]] = {}
    for one in found:
        sentences.setdefault(one.anchor, []).append(one)
    if not sentences:
        return
    rows = tuple(_stated_row(held) for held in sentences.values())
    heads = (Head("编号", False, 0.12), Head("分析", False, 0.26), Head("句中不是计算结果的数字", False, 0.62))  # fmt: skip
    note = (
        "原文：题目、选项或资料里的名称；基数：句子所说的人数；口径：事先设定的水平、界限或期限。"
    )
    yield Grid("F.2", "其他数字", heads, rows, (note,), is_dense=True)


def _stated_row(held: Sequence[Stated]) -> tuple[Slot, ...]:
    first = held[0]
    if first.anchor == FIXED_ANCHOR:
        return (Slot(f"W1–W{len(held)}", (FIXED_ANCHOR,)), Slot("—"), Slot("本报告自己的说明文字"))
    by_kind: dict[str, list[str]] = {}
    for one in held:
        by_kind.setdefault(one.kind, []).append(one.text)
    told = "；".join(f"{kind} {'、'.join(dict.fromkeys(texts))}" for kind, texts in by_kind.items())
    return Slot(first.id.rpartition(".")[0], (first.anchor,)), Slot(first.title), Slot(told)


def _files(facts: Facts, one: Printed) -> str:
    """The files behind an analysis, by their number in the table of sources."""
    uses = one.chapter.uses
    found = [at for at, s in enumerate(facts.sources, 1) if not uses or s.table in uses]
    return source_ids(found) or "—"


def _refused(chapters: Sequence[Printed]) -> Iterator[Block]:
    refused = [(f, reasons) for one in chapters for f, reasons in one.refused]
    if not refused:
        yield plain("没有：所有发现都通过了措辞与证据检查。")
    for finding, reasons in refused:
        yield Paragraph((Run(finding.text), Run(f"（{'；'.join(reasons)}）", "quiet")), "finding")
