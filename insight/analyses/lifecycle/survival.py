"""Which customers come back, or leave, sooner: by segment, by answer, by what they need."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import TooFewRows, UnknownName
from insight.lifetime import comparison
from insight.lifetime.churn import churn_point
from insight.lifetime.waiting import Outcome, waits
from insight.members import Members, later
from insight.needs import from_options, need_questions
from insight.parameters import picked
from insight.segmentation import purchases
from insight.segmentation.breaks import Break, break_of
from insight.segmentation.fitting import break_besides_purchases
from insight.settings import settings
from insight.stats.cox import hazard_ratios
from insight.stats.log_rank import LogRank, log_rank, pairwise
from insight.units import Unit, written
from insight.wording import count, decimal, percent

EVERYBODY = "全部客户"
OUTCOMES: Mapping[Outcome, str] = {"second": "再次购买", "churn": "流失"}
LEVEL = 0.05
CHURN_SHARE = 0.9  # of the repeat purchases, as 流失时点 takes by default


class Params(BaseModel):
    """What is waited for, and who is compared."""

    model_config = ConfigDict(frozen=True)

    outcome: Outcome = picked("second", {"second": "第二次购买", "churn": "流失（连续多天没买）"}, title="等什么发生", description="都从首次购买那天算起")  # fmt: skip
    by: str = Field(
        default="",
        title="分组",
        description="留空表示第一个可用的客户属性、答案或购买地区；不宜用由购买次数得出的分组",
        json_schema_extra={"one_of": "breaks"},
    )
    question: str = Field(
        default="",
        title="需求（多选题）",
        description="比较勾选与没有勾选每一项的客户；留空表示问需求的第一道多选题",
        json_schema_extra={"one_of": "multi_questions"},
    )
    days: int = Field(default=180, ge=1, le=1095, title="看首购后多少天")
    churn_days: int = Field(
        default=0,
        ge=0,
        le=1095,
        title="流失天数",
        description="只用于流失：连续多少天没有购买；0 表示由数据决定，见“流失时点”",
    )
    hazards: bool = Field(default=False, title="列出风险比（Cox 回归）")


def run(dataset: Dataset, params: Params) -> Result:
    """Follow the customers of every group from their first purchase, and test whether they differ."""
    assert dataset.orders is not None
    churn_days = params.churn_days
    if params.outcome == "churn" and not churn_days:
        churn_days = churn_point(ledger.intervals(dataset.orders), share=CHURN_SHARE).days
    customers = waits(dataset.orders, params.outcome, churn_days=churn_days)
    if customers.is_empty():
        raise TooFewRows("能识别、有付款订单的客户", 0, 1)
    groups = _groups(dataset, params.by, customers)
    made = comparison.grouped(customers, groups.members, order=groups.groups)
    sides = list(made.counts.values())
    tested = log_rank(sides) if len(sides) > 1 else None
    table = comparison.group_table(made, tested, days=params.days)
    tables = {"groups": table, "risk": comparison.risk_table(made.counts)}
    if tested and tested.p_value is not None:
        tables |= _tests(made, tested, hazards=params.hazards)
    needs = _needs(dataset, params, customers)
    tables |= {"needs": needs} if needs.height else {}
    tables["curves"] = comparison.curve_table(made.counts)
    pictures = {"curves": _picture(made, params)}
    told = findings(tables, params)
    return Result(tables, pictures, told, _notes(groups, made, params, churn_days=churn_days, has_answers=dataset.responses is not None))  # fmt: skip


def _groups(dataset: Dataset, by: str, customers: pl.DataFrame) -> Break:
    """The groups asked for, else the first that purchases did not make, else everybody."""
    if by:
        return break_of(dataset, by, unit="customer_id")
    known = customers.select("customer_id")
    everybody = known.with_columns(group=pl.lit(EVERYBODY))
    return break_besides_purchases(dataset, known) or Break("", EVERYBODY, (EVERYBODY,), everybody)


def _tests(made: comparison.Waited, tested: LogRank, *, hazards: bool) -> dict[str, pl.DataFrame]:
    """The test of all groups, of every two, and the hazard ratios where they are asked for."""
    names, sides = list(made.counts), list(made.counts.values())
    tables = {"test": pl.DataFrame([{"chi2": tested.chi2, "df": tested.df, "p_value": tested.p_value}])}  # fmt: skip
    if len(names) > 2:
        pairs = pairwise(sides)
        named = [pl.Series(f"{one}_group", [names[i] for i in pairs[one]]) for one in ("first", "second")]  # fmt: skip
        tables["pairs"] = pairs.select(*named, "chi2", "p_value", "p_adjusted")
    found = hazard_ratios(sides) if hazards else None
    if found:
        rows = [{"group": g, "against": names[0], "hazard_ratio": h.ratio, "low_hazard": h.low, "high_hazard": h.high} for g, h in zip(names[1:], found, strict=True)]  # fmt: skip
        tables["hazards"] = pl.DataFrame(rows)
    return tables


def _needs(dataset: Dataset, params: Params, customers: pl.DataFrame) -> pl.DataFrame:
    """Those who ticked each need against those who did not; empty where none was asked of customers."""
    asked = need_questions(dataset.questionnaire)
    known = {q.id: q for q in asked}
    if params.question and params.question not in known:
        raise UnknownName("多选题", params.question, tuple(known))
    if not asked or dataset.responses is None or "customer_id" not in dataset.responses.columns:
        return pl.DataFrame()
    found = from_options(dataset.responses, known.get(params.question, asked[0]))
    people = found.people
    said = {n.label: people.filter(pl.col(str(at)))["customer_id"] for at, n in enumerate(found.needs)}  # fmt: skip
    return comparison.need_table(customers, people["customer_id"], said, days=params.days)


def _picture(made: comparison.Waited, params: Params) -> alt.LayerChart:
    value, title = "survival", "首购之后，还没有流失的比例"
    if params.outcome == "second":
        value, title = "happened_share", "首购之后，已再次购买的比例"
    return charts.curves(comparison.drawn(made.counts, value), x="days_after", value=value, series="group", title=title)  # fmt: skip


def findings(tables: Mapping[str, pl.DataFrame], params: Params) -> tuple[Finding, ...]:
    """The quickest and the slowest group and whether groups differ, the pairs that do, the needs that matter."""
    told = [_span(tables, params)]
    if "pairs" in tables:
        told += _pairs(tables["pairs"], int(tables["groups"]["n_customers"].sum()))
    if "needs" in tables:
        told += _need(tables["needs"], params)
    return tuple(told)


def _span(tables: Mapping[str, pl.DataFrame], params: Params) -> Finding:
    groups, what = tables["groups"], OUTCOMES[params.outcome]
    base = int(groups["n_customers"].sum())
    known = groups.with_row_index("at").drop_nulls("happened_share")
    ranked = known.sort(["happened_share", "group"], descending=[True, False]).to_dicts()
    if not ranked:
        text = f"没有一组被观察满 {params.days} 天，还不能比较{what}的快慢；第一组有 {count(groups['n_customers'][0])} 位客户。"
        return Finding(text, base, (Cell("groups", 0, "n_customers"),))
    ends = ranked[:1] if len(ranked) == 1 else [ranked[0], ranked[-1]]
    said = "，".join(
        f"{lead}“{r['group']}” {percent(r['happened_share'])}（{count(r['n_customers'])} 人）"
        for lead, r in zip(("最高" if len(ends) > 1 else "", "最低"), ends, strict=False)
    )
    cells = [Cell("groups", r["at"], c) for r in ends for c in ("happened_share", "n_customers")]
    verdict, test = _verdict(tables)
    if test:
        cells.append(Cell("test", 0, "p_value"))
    text = f"首购后 {params.days} 天内已{what}的比例：{said}{verdict}。"
    return Finding(text, base, tuple(cells), test)


def _verdict(tables: Mapping[str, pl.DataFrame]) -> tuple[str, str]:
    """What the test of all groups says, and the test; empty where there was none."""
    if "test" not in tables:
        return "", ""
    row = tables["test"].row(0, named=True)
    test = f"log-rank 检验（χ²={decimal(row['chi2'], digits=2)}，自由度 {row['df']}，p={written(row['p_value'], Unit.P_VALUE)}）"
    return ("；各组显著不同" if row["p_value"] <= LEVEL else "；各组没有显著差别"), test


def _pairs(pairs: pl.DataFrame, base: int) -> list[Finding]:
    different = pairs.with_row_index("at").filter(pl.col("p_adjusted") <= LEVEL).sort("p_adjusted", "at")  # fmt: skip
    if different.is_empty():
        return []
    row = different.row(0, named=True)
    text = f"两两比较有 {different.height} 对显著不同，差别最明确的是“{row['first_group']}”与“{row['second_group']}”。"
    test = f"log-rank 检验，Holm 校正（p={written(row['p_adjusted'], Unit.P_VALUE)}）"
    return [Finding(text, base, (Cell("pairs", row["at"], "p_adjusted"),), test)]


def _need(needs: pl.DataFrame, params: Params) -> list[Finding]:
    row = needs.row(0, named=True)
    if row["p_adjusted"] is None or row["p_adjusted"] > LEVEL or None in (row["raised_share"], row["silent_share"]):  # fmt: skip
        return []
    text = (
        f"提到“{row['need']}”的客户（{count(row['n_raised'])} 人）首购后 {params.days} 天内有 {percent(row['raised_share'])} 已{OUTCOMES[params.outcome]}，"
        f"没提到的（{count(row['n_silent'])} 人）为 {percent(row['silent_share'])}，差别显著。"
    )
    test = f"log-rank 检验，Holm 校正（p={written(row['p_adjusted'], Unit.P_VALUE)}）"
    columns = ("n_raised", "raised_share", "n_silent", "silent_share", "p_adjusted")
    return [Finding(text, row["n_raised"] + row["n_silent"], tuple(Cell("needs", 0, c) for c in columns), test)]  # fmt: skip


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """The customers of every group."""
    orders = dataset.orders
    assert orders is not None

    def listed() -> pl.DataFrame:
        buyers = ledger.second_days(orders)
        groups = _groups(dataset, params.by, buyers)
        return groups.members.join(buyers, on="customer_id", how="semi").select("group", "customer_id")  # fmt: skip

    return {"groups": Members(later(listed, "group", "customer_id"), ("customer_id",), "n_customers")}  # fmt: skip


def _notes(
    groups: Break, made: comparison.Waited, params: Params, *, churn_days: int, has_answers: bool
) -> tuple[str, ...]:
    event = {
        "second": "第二个购买日（同一天的多单算一次）",
        "churn": f"第一次连续 {churn_days} 天没有购买，算到满 {churn_days} 天的那天；后来又回来的也算",
    }[params.outcome]
    by_purchases = ("这个分组由购买本身得出（买得多的自然回来得多），差别不能当作原因。",) if params.by in purchases.KEYS else ()  # fmt: skip
    surveyed = ("按答卷分组或比较时，只有作答的客户；答卷多在购买之后，愿意作答的客户本来就买得多，差别是关联，不是原因。",) if has_answers else ()  # fmt: skip
    rule = settings()
    return (
        f"分组：{groups.label}{groups.note}；基数：属于某一组的客户 {count(made.customers.height)} 人，从首次购买那天观察到数据最后一天。",
        f"等待的事：{event}；还没有发生的按右删失处理（Kaplan–Meier，区间为 log–log 变换的 Greenwood 方差）。",
        *by_purchases,
        *surveyed,
        f"检验：log-rank；两两比较和各项需求分别作 Holm 校正，显著水平 {LEVEL:g}。",
        f"** 不足 {rule.tiny_base} 人的组不计算、不检验；* 不足 {rule.small_base} 人，仅作方向性参考；没有观察满的组不给比例。",
        f"图只画人数最多的 {comparison.MOST_DRAWN} 组，画到还有十分之一的人在观察中的那天；仍在观察的人数见“风险表”。",
        "风险比（选列时）：Cox 回归，以第一组为 1，同时发生的按 Efron 法处理。",
    )


ANALYSIS = Analysis(
    key="survival",
    title="再购与流失",
    question="哪些客户更快回来，哪些更快离开？",
    needs={"orders": ("customer_id", "order_id", "ordered_at", "amount")},
    params=Params,
    run=run,
    members=members,
    place=20,
    theme="留存",
)
