"""A made-up study of one shop, small enough to check by hand: what the report is given."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl

from insight import charts
from insight.analysis import Cell, Finding, Result
from insight.report import Chapter, Facts, Source
from insight.schema import Option, Question, QuestionKind, Questionnaire

NAMES = ("重要价值客户", "重要保持客户", "一般价值客户", "一般挽留客户")
CUSTOMERS, SPEND = (214, 96, 350, 340), (1_234_567.0, 402_000.0, 310_500.0, 98_000.0)
SHARES = (
    ("等候时间太长", (0.294, 0.125, 0.1, 0.088)),
    ("包装容易破损", (0.082, 0.25, 0.11, 0.1)),
    ("希望有 <b>更多</b> 口味", (0.15, 0.11, 0.12, 0.09)),
)
BASES = (177, 64, 260, 12)


def rfm() -> Chapter:
    segments = pl.DataFrame({
        "segment": NAMES, "n_customers": CUSTOMERS,
        "share_of_customers": [n / 1000 for n in CUSTOMERS],
        "spend": SPEND, "share_of_spend": [s / sum(SPEND) for s in SPEND],
        "spend_per_customer": [s / n for s, n in zip(SPEND, CUSTOMERS, strict=True)],
        "median_days_since_last": [12.0, 130.5, 40.0, 260.0],
    })  # fmt: skip
    people = pl.DataFrame({"customer_id": [f"c{i:02d}" for i in range(40)], "spend": [float(i) for i in range(40)]})  # fmt: skip
    best = Finding(
        "消费金额最高的是“重要价值客户”：214 人，占客户的 21.4%，贡献 ¥123.5 万，占消费金额的 60.4%。", 1000,
        tuple(Cell("segments", 0, c) for c in ("n_customers", "share_of_customers", "spend", "share_of_spend")),
    )  # fmt: skip
    away = Finding(
        "最近没有再来的高价值客户是“重要保持客户”：96 人，最近一单距今中位数 130.5 天。", 1000,
        (Cell("segments", 1, "n_customers"), Cell("segments", 1, "median_days_since_last")),
    )  # fmt: skip
    picture = charts.paired_bars(segments, label="segment", values=("share_of_customers", "share_of_spend"), title="各分层的人数与金额占比")  # fmt: skip
    notes = ("统计日：2025-12-31，全部订单。", "金额：实付减退款。")
    return Chapter(
        "rfm", "segments", "RFM 客户分层", "谁买得多、买得勤、最近还在买？",
        Result({"segments": segments, "customers": people}, {"segments": picture}, (best, away), notes), ("orders",),
    )  # fmt: skip


def needs() -> Chapter:
    matrix = pl.DataFrame([
        {"need": need, "segment": segment, "n": round(share * base), "base": base, "share": share,
         "letters": "bCD" if share == 0.294 else "", "revenue": share * spend, "flag": "*" if base < 30 else ""}
        for need, shares in SHARES
        for segment, share, base, spend in zip(NAMES, shares, BASES, SPEND, strict=True)
    ])  # fmt: skip
    columns = pl.DataFrame({"column": NAMES, "letter": list("ABCD"), "base": BASES})
    test = "双侧 z 检验，Bonferroni 校正，小写 p≤.05，大写 p≤.01"
    waits = Finding(
        "重要价值客户里 29.4% 提到“等候时间太长”（177 人里 52 人），显著高于重要保持客户的 12.5%，提到的人共消费 ¥36.3 万。", 177,
        (*(Cell("matrix", 0, c) for c in ("share", "base", "n")), Cell("matrix", 1, "share"), Cell("matrix", 0, "revenue")), test,
    )  # fmt: skip
    few = Finding("一般挽留客户里 8.8% 提到“等候时间太长”。", 12, (Cell("matrix", 3, "share"),))
    guess = Finding(
        "等候时间太长导致 29.4% 的重要价值客户流失。", 177, (Cell("matrix", 0, "share"),)
    )
    drawn = matrix.with_columns(is_small=pl.col("flag") != "")
    picture = charts.heat(drawn, row="need", column="segment", value="share")
    return Chapter(
        "needs_by_segment", "needs", "各人群的需求", "各购买分层分别需要什么？",
        Result({"matrix": matrix, "columns": columns}, {"matrix": picture}, (waits, few, guess), ("占比：该人群中提到者 ÷ 被问到者。",)),
        ("orders", "responses", "texts"),
    )  # fmt: skip


def months() -> Chapter:
    names = [f"2024-{m:02d}" for m in range(1, 13)] + [f"2025-{m:02d}" for m in range(1, 13)]
    table = pl.DataFrame({"month": names, "amount": [80_000.0 + 1_500 * i for i in range(24)], "n_orders": [400 + i for i in range(24)]})  # fmt: skip
    last = Finding("2025-12 的销售额为 ¥11.5 万，共 423 笔订单。", 423, (Cell("monthly", 23, "month"), Cell("monthly", 23, "amount"), Cell("monthly", 23, "n_orders")))  # fmt: skip
    picture = charts.lines(table, x="month", value="amount", title="每月销售额")
    return Chapter("trend", "behaviour", "销售趋势", "每个月卖了多少？", Result({"monthly": table}, {"monthly": picture}, (last,), ("按下单月份汇总。",)), ("orders",))  # fmt: skip


def topics() -> Chapter:
    table = pl.DataFrame({
        "label": ["等候", "太甜了\x0b，减糖", "排队等了 40 分钟 <script>alert(1)</script>"],
        "n_people": [60, 41, 12], "share": [0.2, 0.1367, 0.04],
        "top_words": [["排队", "等候", "很久", "队伍", "叫号", "取餐"], ["口味", "偏甜"], ["排队"]],
        "coherence": [0.2, 0.1, 0.1],
    })  # fmt: skip
    most = Finding("最多人谈到的主题是“等候”：60 人，占 20.0%。", 300, (Cell("topics", 0, "n_people"), Cell("topics", 0, "share")))  # fmt: skip
    return Chapter("topics", "text", "开放题主题", "大家都在说什么？", Result({"topics": table}, {}, (most,), ("一段话可以属于多个主题。",)), ("texts",))  # fmt: skip


def chapters() -> list[Chapter]:
    return [rfm(), needs(), months(), topics()]


def facts() -> Facts:
    return Facts(
        study="青禾茶饮 2025 年度研究", revision=7, recipe="9f2c4b7a10de55aa", made_at=datetime(2026, 1, 15, 9, 30),
        client="青禾茶饮（演示）", period=(date(2024, 1, 3), date(2025, 12, 31)),
        counts={"customers": 1000, "orders": 9_876, "responses": 513, "matched": 402, "texts": 780, "interviews": 6},
        match_rate=0.7837,
        sources=(
            Source("订单导出_2025.csv", "a1b2c3d4e5f6", "orders", 21_345, 18),
            Source("问卷星_按文本.xlsx", "0f9e8d7c6b5a", "responses", 513, 4),
            Source("评论.csv", "77aa88bb99cc", "texts", 780, 0),
        ),
        match=pl.DataFrame({"table": ["responses", "texts"], "key": ["phone", "customer_id"], "n_rows": [513, 780], "n_with_key": [480, 700], "n_matched": [402, 655]}),
        issues=pl.DataFrame({"reason": ["金额不是数字", "下单时间晚于导出时间"], "action": ["已置空", "未导入"], "n": [12, 6]}),
        versions={"insight": "0.1.0", "polars": "2.1.0", "scipy": "1.17.1"},
        questionnaire=Questionnaire(questions=(
            Question(id="Q1", wording="您最看重什么？", kind=QuestionKind.MULTI, columns=("a", "b"),
                     options=(Option(label="口味"), Option(label="等候时间"))),
        )),
    )  # fmt: skip
