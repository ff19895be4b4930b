"""What decides a purchase, for whom, and in which channel they really buy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, deciding, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import Sample, chosen, sample
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns, TooFewRows, UnknownName
from insight.members import Members, later, ticked
from insight.parameters import Correcting, Significance, rule_of
from insight.schema import Question, QuestionKind
from insight.segmentation.breaks import Break, break_of
from insight.stats.banner import TOTAL, cell_words, column_table, headings, higher_pairs
from insight.stats.proportions import Rule
from insight.wording import count, percent

TITLE = "决定因素"
MOST_DIFFERENCES = 3
CHANNEL = "orders.channel"


class Params(BaseModel):
    """Which question, of which groups, and where they say they buy."""

    question: str = Field(
        default="",
        title="决定因素（多选题）",
        description="留空时选题干谈到因素、考虑、看重、原因的第一道多选题",
        json_schema_extra={"one_of": "multi_questions"},
    )
    by: str = Field(default="high_ticket", title="人群", json_schema_extra={"one_of": "breaks"})
    stated: str = Field(
        default="",
        title="自报渠道的题目",
        description="单选或多选；留空时选题干问在哪里买的题，没有就不比较",
        json_schema_extra={"one_of": "closed_questions"},
    )
    correction: Correcting = "bonferroni"
    level: Significance = "5% / 1%"
    use_weight: bool = Field(default=True, title="使用权重")


@dataclass(frozen=True, slots=True)
class _Asked:
    """The people, the question, the groups, the channels they buy in and the question on channels."""

    people: Sample
    question: Question
    groups: Break
    channels: Break | None
    stated: Question | None
    n_elsewhere: int  # answered questionnaires outside of all groups


def _asked(dataset: Dataset, params: Params) -> _Asked:
    assert dataset.responses is not None
    assert dataset.orders is not None
    bought = ledger.customer_table(dataset.orders)["customer_id"].implode()
    matched = dataset.responses.filter(pl.col("customer_id").is_in(bought))
    people = sample(matched, use_weight=params.use_weight)
    question = _named(dataset, params.question, QuestionKind.MULTI) or deciding.deciding_question(dataset.questionnaire)  # fmt: skip
    if question is None or not set(question.columns) & dataset.columns("responses"):
        raise MissingColumns(TITLE, ("问卷：多选题",))
    stated = _named(dataset, params.stated, QuestionKind.SINGLE, QuestionKind.MULTI)
    stated = stated or deciding.channel_question(dataset.questionnaire, besides=question.id)
    has_channels = "channel" in dataset.columns("orders")
    channels = break_of(dataset, CHANNEL, unit="respondent_id") if has_channels else None
    groups = break_of(dataset, params.by, unit="respondent_id")
    inside = groups.members.join(people.responses, on="respondent_id", how="semi").height
    elsewhere = dataset.responses.height - inside
    return _Asked(people, question, groups, channels, stated if has_channels else None, elsewhere)


def _named(dataset: Dataset, name: str, *kinds: QuestionKind) -> Question | None:
    """The question the user named, None where no name is given."""
    if not name:
        return None
    question = dataset.questionnaire.find(name)
    if question is None:
        raise UnknownName("题目", name, [q.id for q in dataset.questionnaire.of_kind(*kinds)])
    if question.kind not in kinds:
        words = "多选题" if kinds == (QuestionKind.MULTI,) else "单选题或多选题"
        raise BadParameter("题目", f"{name} 不是{words}")
    return question


def run(dataset: Dataset, params: Params) -> Result:
    """Cross the factors with groups, channels, and channels within groups; then words with deeds."""
    rule, asked = rule_of(params.correction, params.level), _asked(dataset, params)
    people, question = asked.people, asked.question
    cells = deciding.crossed(people, question, asked.groups, rule=rule)
    if (n := int(cells.filter(column=TOTAL)["base"].max() or 0)) < rule.tiny_base:  # type: ignore[arg-type]
        raise TooFewRows(f"回答了“{question.id}”并能归入“{asked.groups.label}”的答卷", n, rule.tiny_base)  # fmt: skip
    tables = {"factors": _told(cells, "segment"), "columns": column_table(cells, asked.groups.groups).rename({"column": "segment"})}  # fmt: skip
    drawn: dict[str, alt.TopLevelMixin] = {"factors": _heat(cells, asked.groups, "segment")}
    found = [*_most(tables["factors"], people, rule), *_unlike(tables["factors"], "segment", people, rule)]  # fmt: skip
    if asked.channels and asked.channels.groups:
        by_channel = deciding.crossed(people, question, asked.channels, rule=rule)
        tables["channels"] = _told(by_channel, "actual_channel")
        drawn["channels"] = _heat(by_channel, asked.channels, "actual_channel")
        found += _unlike(tables["channels"], "actual_channel", people, rule)
        inner = deciding.nested(people, question, asked.groups, asked.channels, rule=rule)
        if len(inner):
            tables["nested"] = _told(inner.rename({"group": "segment"}), "actual_channel")
        if asked.stated:
            said = deciding.crossed(people, asked.stated, asked.channels, rule=rule)
            tables["stated"] = _told(said, "actual_channel").rename({"factor": "stated_channel"})
            assert dataset.orders is not None
            tables["agreement"] = deciding.agreement(people, asked.stated, dataset.orders, rule=rule)  # fmt: skip
            found += _agrees(tables["agreement"], rule)
    return Result(tables, drawn, tuple(found), _notes(asked, rule))


def _told(cells: pl.DataFrame, column: str) -> pl.DataFrame:
    named = cells.rename({"row": "factor", "column": column})
    first = ["segment"] if "segment" in named.columns and column != "segment" else []
    return named.select(*first, "factor", column, "n", "base", "share", "letters")


def _heat(cells: pl.DataFrame, groups: Break, column: str) -> alt.TopLevelMixin:
    drawn = cells.with_row_index("at").select(
        "at", pl.col("column").replace(headings(groups.groups)).alias(column), "share", "n", "base",
        cell_words(cells), factor="row", is_small=pl.col("flag") != "",
    )  # fmt: skip
    return charts.heat(drawn, row="factor", column=column, value="share", text="words")


def _most(table: pl.DataFrame, people: Sample, rule: Rule) -> Iterator[Finding]:
    """The factor most people name."""
    totals = table.with_row_index("at").filter(pl.col("segment") == TOTAL, pl.col("share").is_not_null())  # fmt: skip
    if totals.is_empty():
        return
    row = totals.sort("share", "at", descending=[True, False]).row(0, named=True)
    text = (
        f"决定购买的因素里选“{row['factor']}”的人最多：{count(row['base'])} 份对上购买的答卷里 {count(row['n'])} 份"
        f"（{people.percent(row['share'])}）{rule.caution(row['base'])}。"
    )
    cells = tuple(Cell("factors", row["at"], c) for c in ("base", "n", "share"))
    yield Finding(text, row["base"], cells)


def _unlike(table: pl.DataFrame, column: str, people: Sample, rule: Rule) -> Iterator[Finding]:
    """The largest significant differences, one a factor; solid bases first."""
    name, where = ("factors", "") if column == "segment" else ("channels", "主要在")
    share, base, rows = (table[c].to_list() for c in ("share", "base", "factor"))
    pairs = higher_pairs(table["letters"], n_columns=table[column].n_unique() - 1)
    ranked = sorted(pairs, key=lambda p: (min(base[p[0]], base[p[1]]) < rule.small_base, share[p[1]] - share[p[0]], p))  # fmt: skip
    best: dict[str, tuple[int, int]] = {}
    for pair in ranked:
        best.setdefault(rows[pair[0]], pair)
    for high, low in list(best.values())[:MOST_DIFFERENCES]:
        above, below = table.row(high, named=True), table.row(low, named=True)
        text = (
            f"{where}“{above[column]}”{'购买' if where else ''}的人里 {count(above['n'])} 人（{people.percent(above['share'])}，n={count(above['base'])}）"
            f"选“{above['factor']}”，显著高于“{below[column]}”的 {percent(below['share'])}（n={count(below['base'])}）"
            f"{rule.caution(min(above['base'], below['base']))}。"
        )
        cells = [Cell(name, high, c) for c in ("n", "share", "base", "letters")]
        cells += [Cell(name, low, c) for c in ("share", "base")]
        yield Finding(text, above["base"], tuple(cells), rule.test)


def _agrees(table: pl.DataFrame, rule: Rule) -> Iterator[Finding]:
    """The channel that is named most and bought in least."""
    known = table.with_row_index("at").filter(pl.col("bought_there_share").is_not_null())
    if known.is_empty():
        return
    row = known.sort("bought_there_share", "at").row(0, named=True)
    text = (
        f"说自己在“{row['stated_channel']}”购买的 {count(row['base'])} 位客户里，{count(row['n_bought_there'])} 位"
        f"（{percent(row['bought_there_share'])}）有这个渠道的订单，是各自报渠道里最低的{rule.caution(row['base'])}。"
    )
    cells = tuple(Cell("agreement", row["at"], c) for c in ("base", "n_bought_there", "bought_there_share"))  # fmt: skip
    yield Finding(text, row["base"], cells)


def _notes(asked: _Asked, rule: Rule) -> tuple[str, ...]:
    left = f"；另有 {count(asked.n_elsewhere)} 份没有对上购买或没有人群，不在表中" if asked.n_elsewhere else ""  # fmt: skip
    channel = "实际渠道：每位客户消费净额最多的渠道，来自订单，只含对上购买的答卷；“人群 × 渠道”的字母只比较同一人群里的各渠道。" if asked.channels else "订单没有渠道，没有比较实际渠道。"  # fmt: skip
    said = f"自报渠道：{asked.stated.id}“{asked.stated.wording}”，选项与订单里名称相同或互相包含的渠道算同一个；“确实买过”只看有渠道订单的客户，未加权。" if asked.stated else ""  # fmt: skip
    return (
        f"题目：{asked.question.id}“{asked.question.wording}”（多选，各项之和可以超过 100%）。",
        f"基数：看到并回答本题、对上购买记录的答卷；人群按“{asked.groups.label}”{asked.groups.note}划分{left}。",
        channel,
        *([said] if said else []),
        *rule.footnotes,
        asked.people.note,
    )


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """Who chose which factor, or named which channel, in which group and channel."""
    asked = _asked(dataset, params)
    ids = asked.people.responses["respondent_id"]

    def ticks(question: Question, name: str, **columns: Break | None) -> Callable[[], pl.DataFrame]:
        def told() -> pl.DataFrame:
            rows = ticked(chosen(asked.people.responses, question), ids, name=name).collect()
            for column, groups in columns.items():
                assert groups is not None
                rows = rows.join(groups.members.rename({"group": column}), on="respondent_id")
            return deciding.with_total(rows, list(columns)[-1]).select(name, *columns, "respondent_id")  # fmt: skip

        return told

    known: dict[str, tuple[Question | None, str, dict[str, Break | None]]] = {
        "factors": (asked.question, "factor", {"segment": asked.groups}),
        "channels": (asked.question, "factor", {"actual_channel": asked.channels}),
        "nested": (asked.question, "factor", {"segment": asked.groups, "actual_channel": asked.channels}),
        "stated": (asked.stated, "stated_channel", {"actual_channel": asked.channels}),
    }  # fmt: skip
    return {
        table: Members(later(ticks(question, name, **columns), name, *columns, "respondent_id"), ("respondent_id",), "n")
        for table, (question, name, columns) in known.items()
        if table in result.tables and question
    }  # fmt: skip


ANALYSIS = Analysis(
    key="decision_factors",
    title=TITLE,
    question="什么决定了购买，各渠道的客户一样吗？",
    needs={
        "orders": ("customer_id", "order_id", "ordered_at", "amount"),
        "responses": ("respondent_id", "customer_id"),
    },
    params=Params,
    run=run,
    members=members,
    place=70,
    theme="转化",
)
