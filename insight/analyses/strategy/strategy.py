"""Which actions do the facts call for, for whom, and which come first: the rule book judged on every group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.currency import used
from insight.dataset import Dataset
from insight.members import Members, later
from insight.settings import settings
from insight.strategy.facts import DIMENSIONS, FACTS
from insight.strategy.firing import Advised, advised, members_of
from insight.strategy.groups import OVER
from insight.strategy.people import TITLE, Customers, customers
from insight.strategy.playbook import Playbook, playbook_of
from insight.strategy.scoring import RULE
from insight.units import Unit, in_words
from insight.wording import count, day, money

DRAWN, MOST_CITED = 12, 4


class Params(BaseModel):
    """By which groups the customers are judged."""

    by: str = Field(default="rfm", title="客户分层", description="规则里“客户分层”按什么划分", json_schema_extra={"one_of": "breaks"})  # fmt: skip
    use_topics: bool = Field(default=False, title="没有编码本时也用开放文本的主题", description="较慢；没有需求题时总是使用")  # fmt: skip


def known_of(dataset: Dataset, params: Params) -> Customers:
    """Everything that rules may ask about."""
    return customers(dataset, by=params.by, use_topics=params.use_topics)


def run(dataset: Dataset, params: Params) -> Result:
    """Judge the rule book of the study."""
    book = playbook_of(dataset.playbook)
    known = known_of(dataset, params)
    advice = advised(known, book)
    board = advice.actions.select(BOARD)
    tables = {
        "actions": advice.actions, "priorities": board, "groups": advice.groups, "facts": cited(advice),
        "totals": _totals(known, book, advice),
    }  # fmt: skip
    drawn: dict[str, alt.TopLevelMixin] = {"priorities": _picture(board)} if board.height else {}
    return Result(
        tables, drawn, tuple(findings(known, board, tables["facts"])), _notes(known, book, advice)
    )


BOARD = (
    "rank", "target", "brief", "section", "priority", "impact", "confidence", "effort", "n_customers", "expected_spend",
    "low_impact_amount", "impact_amount", "high_impact_amount",
)  # fmt: skip


def cited(advice: Advised) -> pl.DataFrame:
    """(n) rank, target, fact, unit [of the value], value, condition: every comparison that made a rule hold."""
    rows = [
        (row["rank"], row["target"], FACTS[one.fact].label, _unit(FACTS[one.fact].unit), float(advice.groups[one.fact][row["facts_row"]]), one.words)
        for row in advice.actions.rows(named=True)
        for one in advice.reasons[row["rule"], row["facts_row"]]
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=_CITED, orient="row")


def _unit(unit: Unit) -> str:
    return used().name if unit is Unit.MONEY else _UNITS.get(unit, "")


_UNITS = {Unit.SHARE: "占比", Unit.DAYS: "天", Unit.POINTS: "百分点", Unit.COUNT: "人", Unit.P_VALUE: "p 值"}  # fmt: skip
_CITED = {
    "rank": pl.Int64, "target": pl.String, "fact": pl.String, "unit": pl.String, "value": pl.Float64, "condition": pl.String,
}  # fmt: skip


def _totals(known: Customers, book: Playbook, advice: Advised) -> pl.DataFrame:
    row = (known.frame.height, len(book.rules), advice.groups.height, advice.actions.height)
    schema = dict.fromkeys(("n_buyers", "n_written", "n_groups", "n_actions"), pl.Int64)
    return pl.DataFrame([row], schema=schema, orient="row")


def _picture(board: pl.DataFrame) -> alt.TopLevelMixin:
    shown = board.head(DRAWN).with_row_index("at")
    named = shown.with_columns(label=pl.format("{}. {}", "rank", "brief"), is_small=pl.col("n_customers") < settings().small_base)  # fmt: skip
    drawn = named.select("at", "label", "priority", "n_customers", "is_small")
    return charts.bars(drawn, label="label", value="priority", order=drawn["label"].to_list(), title="优先级：影响 × 置信度 × 容易程度")  # fmt: skip


def findings(known: Customers, board: pl.DataFrame, reasons: pl.DataFrame) -> Iterator[Finding]:
    """Every action with the facts that call for it, most urgent first."""
    if board.is_empty():
        text = f"{count(known.frame.height)} 位客户里没有哪一组符合规则库的条件，没有建议；可以在规则库里放宽条件。"
        yield Finding(text, known.frame.height, (Cell("totals", 0, "n_buyers"),))
        return
    told = list(enumerate(reasons.rows(named=True)))
    for at, row in enumerate(board.rows(named=True)):
        mine = [
            (n, one) for n, one in told if one["rank"] == row["rank"] and one["fact"] != _COUNTED
        ]
        yield _finding(at, row, {one["fact"]: (n, one) for n, one in mine[:MOST_CITED]})


_COUNTED = FACTS["n_customers"].label  # said in any case


def _finding(at: int, row: Mapping[str, Any], reasons: Mapping[str, tuple[int, Mapping[str, Any]]]) -> Finding:  # fmt: skip
    because = "，".join(_told(one) for _, one in reasons.values())
    text = (
        f"{row['target']}：{row['brief']}。{count(row['n_customers'])} 人，预计未来 12 个月消费 {money(row['expected_spend'])}"
        f"{f'；依据：{because}' if because else ''}。"
    )
    cells = (
        *(Cell("priorities", at, c) for c in ("n_customers", "expected_spend")),
        *(Cell("facts", n, "value") for n, _ in reasons.values()),
    )
    return Finding(text, row["n_customers"], cells)


def _told(reason: Mapping[str, Any]) -> str:
    unit = (
        reason["unit"]
        if reason["unit"] in ("天", "人")
        else "个百分点"
        if reason["unit"] == "百分点"
        else ""
    )
    value = in_words(reason["value"], column="value", beside=reason)
    return f"{reason['fact']} {value}{f' {unit}' if unit else ''}"


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The customers whom each action is for."""

    def who() -> pl.DataFrame:
        found = members_of(known_of(dataset, params), advised_again())
        return found.with_columns(pl.col("rank").cast(pl.String))

    def advised_again() -> Advised:
        return Advised(result.tables["actions"], result.tables["groups"], {})

    frame = later(who, "rank", "customer_id").with_columns(pl.col("rank").cast(pl.Int64))
    listed = Members(frame, ("customer_id",), "n_customers")
    return {"actions": listed, "priorities": listed, "groups": _grouped(dataset, params, result)}


def _grouped(dataset: Dataset, params: Params, result: Result) -> Members:
    """The customers of each row of facts."""
    from insight.strategy.firing import who

    names = (OVER, *DIMENSIONS)

    def people() -> pl.DataFrame:
        known = known_of(dataset, params)
        parts = [
            who(known, row).select(
                *(pl.lit(row[c], pl.String).alias(c) for c in names), "customer_id"
            )
            for row in result.tables["groups"].rows(named=True)
        ]
        return pl.concat(parts)

    return Members(later(people, *names, "customer_id"), ("customer_id",), "n_customers")


def _notes(known: Customers, book: Playbook, advice: Advised) -> tuple[str, ...]:
    n = len({row for row in advice.actions["rule"]})
    return (
        f"统计日：{day(known.until * 86_400)}；基数：有付款订单、能识别的客户 {count(known.frame.height)} 人。",
        f"规则库：{len(book.rules)} 条规则，{n} 条成立；条件只比较“groups”表里算出的事实，动作、负责人和指标由规则库给出，可以在“规则库”里修改。",
        f"预计消费：{known.basis}。",
        RULE,
        "预期增加金额 = 预计消费 × 规则库里假设的提升幅度（低、中、高），是假设而不是估计；真正的增量要留对照组才能知道（见“活动读数”）。",
        "检验：该组与其余客户的复购率（涉及需求时为提及率）之差，合并方差 z 检验，双侧，同一种分组内 Benjamini–Hochberg 校正；分组由购买次数划出的不检验。",
        "一位客户可以同时属于几条建议，各条的人数和金额不能相加。",
        *known.notes,
    )


ANALYSIS = Analysis(
    key="strategy",
    title=TITLE,
    question="接下来对谁做什么，先做哪一件？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=10,
    theme="策略",
    reads_words=True,
)
