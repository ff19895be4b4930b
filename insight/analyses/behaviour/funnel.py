"""How many customers come from looking to buying, where they are lost, and by which ways they buy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, journeys, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.journeys import Asked
from insight.members import Members, later
from insight.parameters import Correcting, Significance, picked, rule_of
from insight.segmentation.breaks import Break
from insight.stats.banner import cell_words, column_table, headings, higher_pairs
from insight.stats.proportions import Rule
from insight.wording import count, decimal, percent

TITLE = "转化漏斗"
HOUR, MOST_WAYS = 3_600, 15
UNITS: Mapping[str, str] = {"customer": "客户", "item": "客户 × 商品"}
ORDERS: Mapping[str, str] = {"in_order": "按先后，并在时间窗内", "any": "不论先后和时间"}


class Params(BaseModel):
    """Which steps, how soon, in what order, of whom."""

    steps: list[str] = Field(
        default_factory=list,
        title="漏斗的步骤",
        description="按先后选择；留空时由行为的名称提出（曝光、浏览、加购、下单、支付）",
        json_schema_extra={"one_of": "events"},
    )
    window_hours: int = Field(
        default=168, ge=1, le=8_760, title="时间窗（小时）", description="从第一步到最后一步最多多久；168 小时是 7 天"
    )  # fmt: skip
    order: Annotated[Literal["in_order", "any"], picked("in_order", ORDERS, title="步骤的先后")] = "in_order"  # fmt: skip
    unit: Annotated[
        Literal["customer", "item"],
        picked(
            "customer", UNITS, title="按什么数", description="“客户 × 商品”要求同一件商品走完各步"
        ),
    ] = "customer"
    by: str = Field(
        default="",
        title="人群",
        description="不选时比较高客单与其他客户；没有订单时用第一个能把客户分开的变量",
        json_schema_extra={"one_of": "breaks"},
    )
    correction: Correcting = "bonferroni"
    level: Significance = "5% / 1%"


def _asked(dataset: Dataset, params: Params) -> Asked:
    return journeys.asked(
        dataset,
        params.steps,
        window=params.window_hours * HOUR,
        in_order=params.order == "in_order",
        unit=_UNITS[params.unit],
    )


_UNITS = {"customer": ("customer_id",), "item": ("customer_id", "item")}


def run(dataset: Dataset, params: Params) -> Result:
    """Count who reaches each step, in all and by group, and the ways to the last one."""
    asked, rule = _asked(dataset, params), rule_of(params.correction, params.level)
    reached = journeys.reached(dataset, asked)
    steps = journeys.measured(reached, asked.steps)
    if (n := steps["n"][0]) < rule.tiny_base:
        raise TooFewRows(f"做过第一步“{asked.steps[0]}”的{UNITS[params.unit]}", n, rule.tiny_base)
    tables = {"steps": steps}
    drawn: dict[str, alt.TopLevelMixin] = {"steps": charts.funnel(steps.with_row_index("at"), label="event", title="各步还剩多少")}  # fmt: skip
    banner = journeys.groups_of(dataset, params.by)
    cells = journeys.by_group(reached, asked.steps, groups=banner, unit=asked.unit, rule=rule) if banner else pl.DataFrame()  # fmt: skip
    if banner and len(cells):
        tables["steps_of_groups"] = cells.select(path="row", segment="column", n="n", base="base", share="share", letters="letters")  # fmt: skip
        tables["columns"] = column_table(cells, banner.groups).rename({"column": "segment"})
        drawn["steps_of_groups"] = _heat(cells, banner)
    if len(taken := journeys.most_taken(journeys.ways(dataset, asked), most=MOST_WAYS)):
        tables["ways"] = taken
        drawn["ways"] = charts.bars(taken.head(8).with_row_index("at"), label="path", value="n_customers", title="购买前最常见的路径")  # fmt: skip
    tables["stopped"] = journeys.stopped(reached, asked.steps)
    tables["kinds"] = asked.kinds.with_columns(is_step=pl.col("event").is_in(asked.steps))
    unlike = (_unlike(tables["steps_of_groups"], rule, params) if "steps_of_groups" in tables else ())  # fmt: skip
    found = (*_whole(steps, params), *_loss(steps, params), *unlike, *_way(tables, asked))
    return Result(tables, drawn, found, _notes(dataset, params, asked, banner, rule))


def _heat(cells: pl.DataFrame, banner: Break) -> alt.TopLevelMixin:
    drawn = cells.with_row_index("at").select(
        "at", pl.col("column").replace(headings(banner.groups)).alias("segment"), "share", "n", "base",
        cell_words(cells), path="row", is_small=pl.col("flag") != "",
    )  # fmt: skip
    return charts.heat(drawn, row="path", column="segment", value="share", text="words")


def _whole(steps: pl.DataFrame, params: Params) -> Iterator[Finding]:
    """How many go all the way."""
    first, last, at = steps.row(0, named=True), steps.row(-1, named=True), len(steps) - 1
    cells = [Cell("steps", 0, "n"), Cell("steps", at, "n"), Cell("steps", at, "share_of_first")]
    slow = last["median_minutes_from_first"]
    pace = f"，从第一步到最后一步的中位用时 {decimal(slow)} 分钟" if slow is not None else ""
    cells += [Cell("steps", at, "median_minutes_from_first")] if pace else []
    text = (
        f"做过“{first['event']}”的 {count(first['n'])} {_each(params)}里，{count(last['n'])} {_each(params)[0]}"
        f"（{percent(last['share_of_first'])}）走到“{last['event']}”{pace}。"
    )
    yield Finding(text, first["n"], tuple(cells))


def _each(params: Params) -> str:
    return "位客户" if params.unit == "customer" else "个客户与商品的组合"


def _loss(steps: pl.DataFrame, params: Params) -> Iterator[Finding]:
    """After which step the smallest share goes on."""
    known = steps.with_row_index("at").filter(pl.col("share_of_previous").is_not_null())
    if len(known) < 2:
        return
    row = known.sort("share_of_previous", "at").row(0, named=True)
    before = steps["event"][row["at"] - 1]
    text = (
        f"流失最多的是从“{before}”到“{row['event']}”：只有 {percent(row['share_of_previous'])}"
        f"（95% 区间 {percent(row['share_low'])}–{percent(row['share_high'])}）走到下一步，"
        f"{count(row['n_lost'])} {_each(params)}停在“{before}”。"
    )
    cells = tuple(Cell("steps", row["at"], c) for c in ("share_of_previous", "share_low", "share_high", "n_lost"))  # fmt: skip
    yield Finding(text, int(steps["n"][row["at"] - 1]), cells)


def _unlike(table: pl.DataFrame, rule: Rule, params: Params) -> Iterator[Finding]:
    """The leg on which groups differ most; units of one customer are no test."""
    if params.unit != "customer":
        return
    width = table["segment"].n_unique()
    share = table["share"].to_list()
    pairs = list(higher_pairs(table["letters"], n_columns=width - 1))
    if not pairs:
        return
    high, low = max(pairs, key=lambda p: (share[p[0]] - share[p[1]], p))
    above, below = (table.row(at, named=True) for at in (high, low))
    text = (
        f"人群差别最大的是“{above['path']}”：“{above['segment']}”里 {count(above['base'])} 位客户有 {count(above['n'])} 位"
        f"（{percent(above['share'])}）走完，显著高于“{below['segment']}”的 {percent(below['share'])}（n={count(below['base'])}）"
        f"{rule.caution(min(above['base'], below['base']))}。"
    )
    cells = [Cell("steps_of_groups", high, c) for c in ("base", "n", "share", "letters")]
    cells += [Cell("steps_of_groups", low, c) for c in ("share", "base")]
    yield Finding(text, above["base"], tuple(cells), rule.test)


def _way(tables: Mapping[str, pl.DataFrame], asked: Asked) -> Iterator[Finding]:
    """The way that most customers take."""
    if "ways" not in tables or (row := tables["ways"].row(0, named=True))["share"] is None:
        return
    text = (
        f"到“{asked.steps[-1]}”最常见的路径是“{row['path']}”：{count(row['base'])} 位走到的客户里 "
        f"{count(row['n_customers'])} 位（{percent(row['share'])}）。"
    )
    yield Finding(text, row["base"], tuple(Cell("ways", 0, c) for c in ("base", "n_customers", "share")))  # fmt: skip


def _notes(
    dataset: Dataset, params: Params, asked: Asked, banner: Break | None, rule: Rule
) -> tuple[str, ...]:
    assert dataset.events is not None
    span = ledger.event_span(dataset.events)
    since, until = (datetime.fromtimestamp(span[n] or 0, UTC).strftime("%Y-%m-%d %H:%M") for n in ("first", "last"))  # fmt: skip
    unknown = f"，其中 {count(span['n_unknown'])} 条没有客户，未计入" if span["n_unknown"] else ""
    proposed = (
        "" if asked.is_known else "行为的名称看不出先后，步骤按做过的客户从多到少排列，请自行指定；"
    )
    soon = f"从第一步起 {params.window_hours} 小时内、每一步不早于上一步（同一秒内按步骤的先后）"
    how = soon if params.order == "in_order" else "不论先后和相隔多久，做过这一步和之前的每一步"
    tested = rule.footnotes if banner and params.unit == "customer" else (rule.small_bases,)
    told = []
    if banner:
        told.append(
            f"人群：按“{banner.label}”{banner.note}划分；每段的占比以走到该段起点的为基数。"
        )
    if params.unit == "item":
        told.append("一位客户的几件商品彼此有关，各人群的字母只供参考。")
    return (
        f"步骤：{proposed}{'、'.join(asked.steps)}；{how}；中间可以有别的行为，不要求会话相同。",
        f"单位：{UNITS[params.unit]}；一个单位多次尝试时取走得最远的一次，用时取第一次走到该步的那一次；区间是 Wilson 95% 区间，基数不足的不显示比例。",
        f"范围：{since} 至 {until} 的 {count(span['n_events'])} 条行为记录{unknown}；开头之前和结尾之后的行为看不到，比例会偏低。",
        f"购买路径：每位客户第一次“{asked.steps[-1]}”之前 {params.window_hours} 小时内的最后 4 种行为，连续重复的只写一次；只有一项表示之前没有记录。",
        *told,
        *tested,
    )


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The customers who reached each step, those of each group, who went no further, and who took each way."""
    asked = _asked(dataset, params)

    def came() -> pl.DataFrame:
        return journeys.customers_at(journeys.reached(dataset, asked), asked.steps)

    def groups() -> pl.DataFrame:
        banner = journeys.groups_of(dataset, params.by)
        assert banner is not None
        return journeys.in_groups(journeys.reached(dataset, asked), asked.steps, groups=banner)

    def furthest() -> pl.DataFrame:
        return journeys.furthest(journeys.reached(dataset, asked), asked.steps)

    def ways() -> pl.DataFrame:
        return journeys.ways(dataset, asked).select("path", "customer_id")

    def kinds() -> pl.DataFrame:
        assert dataset.events is not None
        return ledger.event_customers(dataset.events)

    known: dict[str, tuple[Callable[[], pl.DataFrame], tuple[str, ...], str]] = {
        "steps": (came, ("event",), "n_customers"),
        "steps_of_groups": (groups, ("path", "segment"), "n"),
        "stopped": (furthest, ("event",), "n_customers"),
        "ways": (ways, ("path",), "n_customers"),
        "kinds": (kinds, ("event",), "n_customers"),
    }
    if params.unit != "customer":
        del known["steps_of_groups"]
    return {
        name: Members(later(work, *names, "customer_id"), ("customer_id",), counted)
        for name, (work, names, counted) in known.items()
        if name in result.tables
    }


ANALYSIS = Analysis(
    key="funnel",
    title=TITLE,
    question="从看到买，客户在哪一步流失？",
    needs={"events": ("customer_id", "event", "event_at")},
    params=Params,
    run=run,
    members=members,
    place=65,
    theme="转化",
)
