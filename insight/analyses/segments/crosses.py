"""Which groups of one kind are unusually common in which groups of another, and what each pair spends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import BadParameter, TooFewRows
from insight.members import Members
from insight.segmentation.breaks import Break, available, break_of
from insight.segmentation.crossing import LEVEL, counts_of, cross, overview, paired, tested
from insight.settings import settings
from insight.stats.association import LEAST_EXPECTED, Association, association
from insight.wording import NOTHING, count, decimal, money, percent

MOST_TOLD = 4
ASKED_FIRST = (
    ("orders.region", "value_tier"), ("frequency", "orders.category"), ("customers.age", "orders.channel"),
)  # fmt: skip
_FALLBACK = ("frequency", "value_tier")
_CELL_TEST = f"调整残差（双侧，q≤{LEVEL:g}，Benjamini–Hochberg 校正，以整张表为一族）"


class Params(BaseModel):
    """What is laid across what."""

    rows: str = Field(
        default="",
        title="行",
        description="留空时用数据里有的第一对：地区×消费层级、购买次数×品类、年龄×渠道",
        json_schema_extra={"one_of": "breaks"},
    )
    columns: str = Field(
        default="",
        title="列",
        description="只选一边时，另一边为消费层级",
        json_schema_extra={"one_of": "breaks"},
    )


def pairs_of(dataset: Dataset, params: Params) -> tuple[tuple[str, str], ...]:
    """The pairs of breaks that are tested, the one to be shown first (BadParameter: both are the same)."""
    if params.rows and params.rows == params.columns:
        raise BadParameter("列（crosses.columns）", "行和列不能是同一个变量")
    known = available(dataset)
    usual = [pair for pair in ASKED_FIRST if set(pair) <= set(known)] or [_FALLBACK]
    chosen = params.rows or params.columns
    if not chosen:
        return tuple(usual)
    other = next(by for by in reversed(_FALLBACK) if by != chosen)
    return tuple(dict.fromkeys([(params.rows or other, params.columns or other), *usual]))


def findings(table: pl.DataFrame, pairs: pl.DataFrame) -> tuple[Finding, ...]:
    """Whether the two are related, and the cells that stand out most."""
    lead, *others = (_pair(row) for row in pairs.with_row_index("at").iter_rows(named=True))
    is_related = pairs["q_value"].fill_null(1.0)[0] <= LEVEL
    solid = (pl.col("base") >= settings().small_base) & (pl.col("reading") != "") & is_related
    ranked = (
        table.with_row_index("at")
        .filter(solid)
        .sort(pl.col("z").abs(), "at", descending=[True, False])
    )
    return (lead, *(_cell(row) for row in ranked.head(MOST_TOLD).iter_rows(named=True)), *others)


def _pair(row: Mapping[str, Any]) -> Finding:
    base, at = row["n_customers"], row["at"]
    if row["p_value"] is None:
        text = f"{row['variable']}：{count(base)} 位客户里有一边只有一组，无法比较。"
        return Finding(text, base, (Cell("pairs", at, "n_customers"),))
    related = "有关联" if row["q_value"] <= LEVEL else "看不出关联"
    text = f"{row['variable']}{related}：{count(base)} 位客户，克莱姆 V 为 {decimal(row['cramers_v'], digits=2)}（0 为无关，1 为完全对应）。"
    test = f"χ² 检验（χ²={decimal(row['chi2'])}，自由度 {row['df']}，q≤{LEVEL:g}，Benjamini–Hochberg 校正）"
    cells = tuple(Cell("pairs", at, c) for c in ("n_customers", "cramers_v", "chi2", "df"))
    return Finding(text, base, cells, test)


def _cell(row: Mapping[str, Any]) -> Finding:
    text = (
        f"“{row['row_group']}”里“{row['column_group']}”有 {count(row['n_customers'])} 人，占 {percent(row['share'])}，"
        f"{row['reading']}全体的 {percent(row['share_all'])}（TGI {count(row['tgi'])}），消费 {money(row['spend'])}。"
    )
    return Finding(text, row["base"], tuple(Cell("cross", row["at"], c) for c in _TOLD), _CELL_TEST)


_TOLD = ("n_customers", "share", "share_all", "tgi", "spend")


def run(dataset: Dataset, params: Params) -> Result:
    """Lay the chosen pair across each other, and test the usual pairs beside it."""
    pairs = pairs_of(dataset, params)
    customers = _customers(dataset)
    crossed: dict[str, tuple[pl.DataFrame, Association]] = {}
    sides = [
        (
            break_of(dataset, rows, unit="customer_id"),
            break_of(dataset, columns, unit="customer_id"),
        )
        for rows, columns in pairs
    ]
    for rows, columns in sides:
        table = cross(customers, rows, columns)
        found = association(counts_of(table, n_rows=len(rows.groups)))
        crossed[f"{rows.label} × {columns.label}"] = (table, found)
    table, found = next(iter(crossed.values()))
    n_people = int(table["n_customers"].sum())
    if not n_people:
        raise TooFewRows("两个变量都知道的客户", 0, 1)
    cells, tests = tested(table, found), overview(crossed)
    tables = {"cross": cells, "pairs": tests}
    return Result(
        tables,
        _pictures(cells, next(iter(crossed))),
        findings(cells, tests),
        _notes(sides[0], cells, tests),
    )


def _customers(dataset: Dataset) -> pl.DataFrame:
    assert dataset.orders is not None
    customers = ledger.customer_table(dataset.orders)
    if customers.is_empty():
        raise TooFewRows("有付款订单的客户", 0, 1)
    return customers


def _pictures(cells: pl.DataFrame, name: str) -> dict[str, alt.TopLevelMixin]:
    arrow = pl.col("reading").replace_strict({"高于": " ↑", "低于": " ↓", "": ""})
    index = pl.col("tgi").round(0).cast(pl.Int64).cast(pl.String).fill_null(NOTHING)
    shown = cells.with_row_index("at").with_columns(
        is_small=pl.col("base") < settings().small_base, words=pl.concat_str(index, arrow)
    )
    read = shown.with_columns(is_small=pl.col("reading") == "")
    return {
        "cross": _heat(read, "tgi", text="words", centre=100.0).properties(
            title=f"{name}：TGI，100 为全体水平（着色的格经检验高于或低于全体）"
        ),
        "share": _heat(shown, "share").properties(title=f"{name}：占本行客户的比例"),
        "spend_per_customer": _heat(shown, "spend_per_customer").properties(title=f"{name}：人均消费"),
    }  # fmt: skip


def _heat(
    cells: pl.DataFrame, value: str, *, text: str = "", centre: float | None = None
) -> alt.LayerChart:
    sides = ("row_group", "column_group")
    told = dict.fromkeys([*sides, "at", "is_small", "n_customers", "base", "share", "spend", value])
    drawn = cells.select(*told, *([text] if text else []))
    return charts.heat(drawn, row=sides[0], column=sides[1], value=value, text=text, centre=centre)


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """The customers of every pair of groups."""
    rows, columns = pairs_of(dataset, params)[0]
    first, second = (break_of(dataset, by, unit="customer_id") for by in (rows, columns))
    both = paired(_customers(dataset), first, second)
    frame = both.lazy().select("customer_id", row_group="row", column_group="column")
    return {"cross": Members(frame, ("customer_id",), "n_customers")}


def _notes(sides: tuple[Break, Break], cells: pl.DataFrame, tests: pl.DataFrame) -> tuple[str, ...]:
    rows, columns = sides
    low = int(tests["n_low"][0])
    few = f"；这张表有 {count(low)} 格的期望人数不足 {LEAST_EXPECTED:g}，χ² 只作参考" if low else ""
    return (
        f"行：{rows.label}{rows.note}；列：{columns.label}{columns.note}；基数为两者都知道的付款客户 {count(int(cells['n_customers'].sum()))} 人。",
        "TGI：本行占比 ÷ 全体占比 × 100；期望人数为两者无关时应有的人数。",
        f"高于、低于：{_CELL_TEST}；期望人数不足 {LEAST_EXPECTED:g} 的格不检验{few}。",
        "关联：Pearson χ² 检验（不作连续性校正）；克莱姆 V 按 Bergsma (2013) 校正偏差；几对变量一起做 Benjamini–Hochberg 校正。",
        "主要品类、地区、渠道：每位客户消费最多的一个；金额为实付减退款，人均消费和客单价没有检验。",
        f"行的基数不足 {settings().tiny_base} 人不显示占比，不足 {settings().small_base} 人不写入结论。",
    )


ANALYSIS = Analysis(
    key="crosses",
    title="交叉分析",
    question="哪些人群和哪些买法特别有关？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=50,
    theme="对比",
)
