"""The report's part 二 and its review of last time: every word from the rule book, every number from a cell."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl
import report_sample as sample

from insight.analysis import Cell, Finding, Result
from insight.report import Chapter, compose
from insight.report.actions import suggestions
from insight.report.blocks import Grid, Heading, Paragraph

WORDS = {"owner": "会员运营", "timing": "两周内", "readout": "留出一成", "risk": "打扰", "offer": "专属权益", "channel": "电话", "kpi": "复购率"}  # fmt: skip


def _action(
    rank: int, section: str, segment: str, need: str = "全部", **more: object
) -> dict[str, object]:
    target = segment if need == "全部" else f"提到“{need}”的客户"
    row = {
        "rank": rank,
        "section": section,
        "segment": segment,
        "stage": "全部",
        "need": need,
        "target": target,
    }
    return row | {
        "brief": f"办法{'甲乙丙'[rank - 1]}",
        "action": f"做法{'甲乙丙'[rank - 1]}",
        **WORDS,
        **more,
    }


def strategy() -> Chapter:
    actions = pl.DataFrame([
        _action(1, "精细化运营高价值客户", "重要价值客户"), _action(2, "沉睡与流失召回", "重要保持客户"),
        _action(3, "产品与服务改进", "全部", need="等候时间太长", risk=""),
    ])  # fmt: skip
    board = actions.select("rank", "target", "brief").with_columns(
        n_customers=pl.Series([214, 96, 63]), expected_spend=pl.Series([1_100_000.0, 250_000.0, 90_000.0]),
        low_impact_amount=pl.Series([11_000.0, 5_000.0, 900.0]), impact_amount=pl.Series([33_000.0, 15_000.0, 2_700.0]),
        high_impact_amount=pl.Series([66_000.0, 30_000.0, 5_400.0]),
    )  # fmt: skip
    facts = pl.DataFrame(
        [(1, "重要价值客户", "金额占比", "占比", 0.604, "≥ 50.0%"), (1, "重要价值客户", "金额占比", "占比", 0.604, "< 90.0%"), (2, "重要保持客户", "最近一单距今", "天", 130.5, "> 90")],
        schema=["rank", "target", "fact", "unit", "value", "condition"], orient="row",
    )  # fmt: skip
    told = tuple(
        Finding(f"{t}：{n} 人。", n, (Cell("priorities", at, "n_customers"),))
        for at, (t, n) in enumerate(board.select("target", "n_customers").rows())
    )
    return Chapter("strategy", "strategy", "策略建议", "先做哪一件？", Result({"actions": actions, "priorities": board, "facts": facts}, {}, told, ("基数：全部客户。",)), ("orders",))  # fmt: skip


def review() -> Chapter:
    table = pl.DataFrame({"action": ["回访"], "target": ["重要保持客户"], "n_customers": [90], "share_after": [0.21]})  # fmt: skip
    told = Finding("行动“回访”（重要保持客户，90 人）：登记后 21.0% 下过单。", 90, (Cell("review", 0, "n_customers"), Cell("review", 0, "share_after")))  # fmt: skip
    return Chapter("action_review", "strategy", "行动回顾", "做得怎么样？", Result({"review": table}, {}, (told,)), ("orders",))  # fmt: skip


def _words(block: object) -> str:
    match block:
        case Grid(rows=rows):
            return "\n".join("".join(r.text for r in slot.runs) or slot.text for row in rows for slot in row)  # fmt: skip
        case Paragraph(runs=runs):
            return "".join(r.text for r in runs)
    return getattr(block, "text", "")


def _part(blocks, title):
    """The blocks from a heading of this text to the next of its level or above."""
    at = next(n for n, b in enumerate(blocks) if isinstance(b, Heading) and b.text == title)
    level, held = blocks[at].level, []
    for block in blocks[at + 1 :]:
        if isinstance(block, Heading) and block.level <= level:
            break
        held.append(block)
    return held


def made(*more: Chapter):
    return compose(sample.facts(), [*sample.chapters(), *more])


def test_each_section_of_the_book_has_its_cards_with_numbers_that_lead_to_cells():
    blocks = made(strategy())
    titles = [b.text for b in _part(blocks, "二、营销策略建议") if isinstance(b, Heading) and b.level == 2]  # fmt: skip
    assert titles == ["（一）精细化运营高价值客户", "（二）沉睡与流失召回", "（三）产品与服务改进", "（四）优先级、名单与测算"]  # fmt: skip
    card = _words(_part(blocks, "（一）精细化运营高价值客户")[0])
    assert re.search(r"重要价值客户 214 人，预计未来 12 个月消费 ¥110.0 万 \[T7\.1-", card)
    assert re.search(r"金额占比 60\.4% \[T7\.2-", card)
    assert card.count("60.4%") == 1  # a fact with two bounds is said once
    for word in ("做法甲", *WORDS.values()):
        assert word in card
    assert "低 ¥1.1 万，中 ¥3.3 万，高 ¥6.6 万" in card


def test_a_card_leaves_out_what_the_book_does_not_say_and_quotes_the_need_it_is_about():
    card = _words(_part(made(strategy()), "（三）产品与服务改进")[0])
    assert "风险" not in card
    assert "等候时间太长" in card
    away = _words(_part(made(strategy()), "（二）沉睡与流失召回")[0])
    assert "显著高于重要保持客户" not in away


def test_without_suggestions_the_part_says_what_is_missing():
    told = [_words(b) for b in _part(made(), "二、营销策略建议")]
    assert told == [
        "没有可以给出的建议：需要带有客户编号、下单时间和实付金额的订单，并且至少一组客户符合规则库的条件。"
    ]
    empty = replace(strategy(), result=Result({}))
    assert suggestions([empty]) == ()


def test_the_summary_says_what_to_do_where_the_book_has_an_answer():
    bullets = [_words(b) for b in _part(made(strategy()), "摘要") if isinstance(b, Paragraph)]
    assert bullets[0].endswith("建议：办法丙。")
    assert any("“重要价值客户”：214 人" in b and "建议：办法甲。" in b for b in bullets)
    assert not any("2025-12 的销售额" in b and "建议" in b for b in bullets)


def test_the_report_opens_with_what_became_of_what_was_promised():
    blocks = made(strategy(), review())
    headings = [b.text for b in blocks if isinstance(b, Heading) and b.level == 1]
    assert headings.index("上期行动回顾") < headings.index("一、客户数据分析报告")
    told = "\n".join(map(_words, _part(blocks, "上期行动回顾")))
    assert "登记后 21.0% 下过单" in told
    assert "上期行动回顾" not in [b.text for b in made(strategy()) if isinstance(b, Heading)]


def test_no_suggestion_is_among_the_findings_about_customers():
    table = next(b for b in made(strategy()) if isinstance(b, Grid) and b.number == "5.1")
    assert "办法" not in _words(table)
