"""Whether the items of a scale measure one thing: alpha, omega, each item's part, and the factors behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import Sample
from insight.dataset import Dataset
from insight.errors import InsightError
from insight.members import Members
from insight.parameters import Seed, picked
from insight.ratings import measured
from insight.ratings.batteries import Answered, answered, batteries
from insight.ratings.measured import N_RANDOM, REDUNDANT, Examined, examined
from insight.settings import settings
from insight.stats.factors import LEAST_FOR_FACTORS, Rotation
from insight.stats.proportions import Rule
from insight.tabulation import people_of
from insight.tabulation.asking import Weighing
from insight.wording import count, decimal, listed, percent

TITLE = "量表信度"
ROTATIONS: Mapping[Rotation, str] = {"promax": "Promax（因子可以相关）", "varimax": "Varimax（因子不相关）", "none": "不旋转"}  # fmt: skip
MOST_TOLD = 6


class Params(BaseModel):
    """Which items form scales, and how they are factored."""

    scales: list[str] = Field(default_factory=list, title="量表", description="选矩阵题：每道是一个量表；选单独的题或矩阵的行：合成一个量表。不选时用每道三行以上的矩阵量表题", json_schema_extra={"one_of": "items"})  # fmt: skip
    detect_reversed: bool = Field(default=True, title="自动识别反向题", description="与多数题方向相反的题自动反向计分，并说明是哪几题")  # fmt: skip
    reversed_items: list[str] = Field(default_factory=list, title="反向题", description="一定要反向计分的题", json_schema_extra={"one_of": "items"})  # fmt: skip
    n_factors: int = Field(
        default=0, ge=0, le=10, title="因子数", description="0 表示由平行分析决定"
    )
    rotation: Annotated[Rotation, picked("promax", ROTATIONS, title="因子旋转")] = "promax"
    seed: Seed = 1
    weight: Weighing = "auto"


def run(dataset: Dataset, params: Params) -> Result:
    """Examine every scale; one that cannot be examined is a note, unless there is no other."""
    rule = Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)
    people = people_of(dataset, weight=params.weight)
    told, failed = _told(dataset, people, params)
    done = [examined(one, n_factors=params.n_factors, rotation=params.rotation, seed=params.seed) for one in told]  # fmt: skip
    tables = {
        "scales": pl.concat([measured.scale_row(one, rule) for one in done]), "items": pl.concat([measured.item_rows(one) for one in done]),
        "fit": pl.concat([measured.fit_rows(one) for one in done]), "loadings": pl.concat([measured.loading_rows(one) for one in done]),
        "eigenvalues": pl.concat([measured.eigen_rows(one) for one in done]),
    }  # fmt: skip
    shown = {name: table for name, table in tables.items() if table.height}
    return Result(shown, _charts(tables, done), _findings(done, tables, rule), _notes(people, done, failed, params=params, rule=rule))  # fmt: skip


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """Who answered all items of each scale."""
    told, _ = _told(dataset, people_of(dataset, weight=params.weight), params)
    each = [pl.DataFrame({"scale": one.battery.name, "respondent_id": one.ids}) for one in told]
    return {"scales": Members(pl.concat(each).lazy(), ("respondent_id",), "base")}


def _told(
    dataset: Dataset, people: Sample, params: Params
) -> tuple[list[Answered], list[InsightError]]:
    found = batteries(dataset.questionnaire, people.responses, title=TITLE, wanted=params.scales)
    told: list[Answered] = []
    failed: list[InsightError] = []
    for battery in found:
        try:
            told.append(answered(people, battery, reversed_ids=params.reversed_items, detect=params.detect_reversed, least=settings().tiny_base))  # fmt: skip
        except InsightError as error:
            failed.append(error)
    if not told:
        raise failed[0]
    return told, failed


def _charts(tables: Mapping[str, pl.DataFrame], done: Sequence[Examined]) -> dict[str, alt.TopLevelMixin]:  # fmt: skip
    shown = tables["scales"].with_row_index("at").select("at", pl.format("{} {}", "scale", "wording").alias("scale"), "alpha", "ci_low", "ci_high", "base", is_small=pl.col("flag") != "")  # fmt: skip
    drawn: dict[str, alt.TopLevelMixin] = {"scales": charts.bars(shown, label="scale", value="alpha")}  # fmt: skip
    several = [one.name for one in done if one.several and one.several.loadings.shape[1] > 1]
    if several:
        first = tables["loadings"].filter(pl.col("scale") == several[0])
        drawn["loadings"] = charts.heat(first, row="item", column="factor_name", value="loading", centre=0.0)  # fmt: skip
    return drawn


def _findings(
    done: Sequence[Examined], tables: Mapping[str, pl.DataFrame], rule: Rule
) -> tuple[Finding, ...]:
    rows = tables["scales"].rows(named=True)
    found = [_about(row, at, rule) for at, row in enumerate(rows[:MOST_TOLD])]
    for at, one in enumerate(done):
        found += _warned(one, at, tables)
    return tuple(found)


def _about(row: Mapping[str, object], at: int, rule: Rule) -> Finding:
    numbers = {name: value for name, value in row.items() if isinstance(value, int | float)}
    base = int(numbers["base"])
    held = [c for c in ("alpha", "ci_low", "ci_high", "omega", "n_scale_items", "base") if c in numbers]  # fmt: skip
    omega = f"，ω {decimal(numbers['omega'], digits=2)}" if "omega" in numbers else ""
    span = f"（95% 区间 {decimal(numbers['ci_low'], digits=2)} 至 {decimal(numbers['ci_high'], digits=2)}）" if "ci_low" in numbers else ""  # fmt: skip
    text = f"{row['scale']}“{row['wording']}”{count(numbers['n_scale_items'])} 题的内部一致性{row['verdict']}：α {decimal(numbers.get('alpha'), digits=2)}{span}{omega}，{count(base)} 份完整回答{rule.caution(base)}。"  # fmt: skip
    return Finding(text, base, tuple(Cell("scales", at, c) for c in held))


def _warned(one: Examined, at: int, tables: Mapping[str, pl.DataFrame]) -> list[Finding]:
    """What to look at before the items are added up."""
    base, fit = len(one.told.answers), tables["fit"].with_row_index("at").filter(pl.col("scale") == one.name)  # fmt: skip
    items = tables["items"].with_row_index("at").filter(pl.col("scale") == one.name)
    found = []
    if one.alpha > REDUNDANT:
        straight = fit.row(0, named=True)
        text = f"{one.name} 的 α 高达 {decimal(one.alpha, digits=2)}（>{REDUNDANT}）：各题可能重复，或有人乱填、数据是编造的；{percent(straight['value'])} 的答卷各题全选同一答案，请到“答卷质量”核对。"  # fmt: skip
        found.append(Finding(text, base, (Cell("scales", at, "alpha"), Cell("fit", straight["at"], "value"))))  # fmt: skip
    turned = [label for label, is_reversed in zip(one.told.labels, one.told.is_reversed, strict=True) if is_reversed]  # fmt: skip
    if turned:
        text = f"{one.name} 里 {count(len(turned))} 题按反向题计分：{listed(turned)}。"
        found.append(Finding(text, base, (Cell("scales", at, "n_reversed"),)))
    for row in items.filter(pl.col("advice") != "").sort("alpha_without", descending=True).head(1).iter_rows(named=True):  # fmt: skip
        text = f"{one.name} 删去“{row['item']}”后 α 升到 {decimal(row['alpha_without'], digits=2)}（它与其余题之和的相关只有 {decimal(row['item_total'], digits=2)}）。"  # fmt: skip
        found.append(Finding(text, base, (Cell("items", row["at"], "alpha_without"), Cell("items", row["at"], "item_total"))))  # fmt: skip
    n_factors = one.several.loadings.shape[1] if one.several else 1
    if n_factors > 1:
        last = fit.row(-1, named=True)
        text = f"{one.name} 的各题背后有 {count(n_factors)} 个因子，不宜直接加成一个总分，请看因子载荷。"
        found.append(
            Finding(text, base, (Cell("fit", last["at"], "value"),), "平行分析（95% 分位）")
        )
    return found


def _notes(
    people: Sample, done: Sequence[Examined], failed: Sequence[InsightError], *, params: Params, rule: Rule
) -> tuple[str, ...]:  # fmt: skip
    gaps = "；".join(f"{one.name} 有 {count(one.told.n_gaps)} 份" for one in done if one.told.n_gaps)  # fmt: skip
    same = [one.name for one in done if one.one is None and len(one.told.items) >= LEAST_FOR_FACTORS]  # fmt: skip
    pairs = [one.name for one in done if len(one.told.items) < LEAST_FOR_FACTORS]
    constant = [f"{one.name} 的{listed(one.told.constant)}" for one in done if one.told.constant]
    chosen = f"指定 {params.n_factors} 个" if params.n_factors else f"平行分析（Horn，1965；{N_RANDOM} 组随机数据的 95% 分位，种子 {params.seed}）"  # fmt: skip
    return (
        "基数：量表各题都回答了的答卷，缺任何一题的整份剔除（listwise）" + (f"：{gaps}只答了一部分。" if gaps else "。"),
        "筛选：全部未被排除的答卷。",
        "α：Cronbach（1951），原始分；95% 区间按 Feldt 等（1987）。ω：McDonald（1999）ω total，由极大似然单因子模型、原始分的载荷计算。",
        f"评语：α ≥0.9 很好、≥0.8 好、≥0.7 可以接受、≥0.6 勉强，更低为不足；>{REDUNDANT} 提示重复或编造。",
        "反向题：反向计分后再计算（最高分＋最低分−原答案）；" + ("自动识别以第一主成分为准：载荷低于 −0.3 的少数一方反向，但反向后 α 仍不到 0.6 的不反向（那只是各题互相竞争）。" if params.detect_reversed else "只反向指定的题。"),
        f"因子：极大似然法，{ROTATIONS[params.rotation]}；因子数由{chosen}决定，最多取能够识别的个数。",
        "KMO：Kaiser 与 Rice（1974）；Bartlett 球形检验：双侧 5%，不作多重比较校正；RMSEA ≤0.06、CFI ≥0.95、SRMR ≤0.08 为好（Hu 与 Bentler，1999）。",
        *([f"{'、'.join(same)} 有题目完全由其他题决定（完全共线，例如同一题出现两次），不能作因子分析，ω、KMO 不给出。"] if same else []),
        *([f"{'、'.join(pairs)} 只有两题，不能确定因子，ω 不给出。"] if pairs else []),
        *([f"所有人选了同一个答案、已剔除：{'；'.join(constant)}。"] if constant else []),
        *(f"没有列入：{error}" for error in failed),
        f"小样本：基数小于 {rule.small_base} 标 *，只作方向性参考；小于 {rule.tiny_base} 不计算。",
        people.note,
    )  # fmt: skip


ANALYSIS = Analysis(
    key="reliability",
    title=TITLE,
    question="量表的几道题测的是同一件事吗？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    members=members,
    place=115,
    theme="量表",
)
