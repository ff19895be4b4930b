"""Which kinds of people there are by what matters to them, and whether these are the segments that purchases tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts, ledger
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.errors import BadParameter
from insight.members import Members
from insight.needs.kinds import LEAST_Z, TITLE, Kinds, Stated, above, kinds, stated
from insight.needs.kinds_beside import USUAL, agreement, as_break, crossed, members_of, respondents
from insight.needs.kinds_told import agree, shares, standing_out
from insight.parameters import Seed
from insight.segmentation.breaks import Break, break_of
from insight.settings import settings
from insight.stats.partitions import REPORTED, STABLE
from insight.wording import count, decimal, percent


class Params(BaseModel):
    """What is important, into how many kinds, beside which purchase segments."""

    questions: list[str] = Field(
        default_factory=list,
        title="重要性题",
        description="打分题（矩阵题算每一行），或单独一道多选题；留空时找问重要、看重的打分题",
        json_schema_extra={"one_of": "questions"},
    )
    n_kinds: int = Field(default=0, ge=0, le=8, title="分成几群", description="0 表示由数据决定；否则填 2 到 8")  # fmt: skip
    by: str = Field(
        default="high_ticket", title="购买人群", description="和需求分群对照的人群", json_schema_extra={"one_of": "breaks"}
    )  # fmt: skip
    seed: Seed = 1


def run(dataset: Dataset, params: Params) -> Result:
    """Divide the respondents by importance, and lay the kinds across purchase segments."""
    assert dataset.orders is not None
    if params.n_kinds == 1:
        raise BadParameter("分成几群（need_segments.n_kinds）", "应为 0，或 2 到 8")
    found = stated(dataset, params.questions)
    made = kinds(found, n_kinds=params.n_kinds, seed=params.seed)
    told = respondents(found.ids, made.labels, made.names)
    own = as_break(dataset, told, made.names)
    others = [break_of(dataset, by, unit="customer_id") for by in dict.fromkeys((params.by, *USUAL))]  # fmt: skip
    cells = crossed(dataset, own, others[0])
    customers = ledger.customer_table(dataset.orders)
    tables = {
        "segments": _segments(found, made),
        "traits": _traits(found, made),
        "cross": cells,
        "agreement": agreement(customers, own, others, seed=params.seed),
        "candidates": made.judged,
        "respondents": told,
    }
    return Result(
        tables,
        _pictures(tables, others[0].label),
        tuple(_findings(tables)),
        _notes(found, tables, other=others[0]),
    )


def _segments(found: Stated, made: Kinds) -> pl.DataFrame:
    """(k) need_segment, n_people, share, base, most_important [items rated above everybody, in words], stability, is_stable."""
    sizes, base = np.bincount(made.labels, minlength=len(made.names)), len(found.ids)
    return pl.DataFrame({
        "need_segment": made.names, "n_people": sizes, "share": sizes / base, "base": [base] * len(sizes),
        "most_important": [above(found.labels, row) for row in made.z], "stability": made.stability,
        "is_stable": made.stability >= STABLE,
    })  # fmt: skip


def _traits(found: Stated, made: Kinds) -> pl.DataFrame:
    """(n_items x k) feature, need_segment, z [relative importance], mean [rating], rest_mean."""
    rows = []
    for at, feature in enumerate(found.labels):
        for one, name in enumerate(made.names):
            inside = made.labels == one
            rest = found.ratings[~inside, at].mean() if not inside.all() else None
            rows.append((feature, name, float(made.z[one, at]), float(found.ratings[inside, at].mean()), rest))  # fmt: skip
    return pl.DataFrame(rows, schema=["feature", "need_segment", "z", "mean", "rest_mean"], orient="row")  # fmt: skip


def _pictures(tables: Mapping[str, pl.DataFrame], label: str) -> dict[str, alt.TopLevelMixin]:
    traits = tables["traits"].with_columns(is_small=pl.lit(value=False))
    return {
        "traits": charts.heat(traits, row="feature", column="need_segment", value="z", centre=0.0).properties(
            title="各群相对更看重什么（标准分：蓝色高于全体，橙色低于全体）"
        ),
        "cross": shares(tables["cross"], label),
    }  # fmt: skip


def _findings(tables: Mapping[str, pl.DataFrame]) -> Iterator[Finding]:
    """Whether what matters and what is bought part people alike, the kinds, and the pairs that stand out."""
    yield agree(tables["agreement"])
    for at, row in enumerate(tables["segments"].iter_rows(named=True)):
        if row["stability"] < REPORTED:
            continue
        text = (
            f"“{row['need_segment']}”{count(row['n_people'])} 人（{percent(row['share'])}），"
            f"与全体相比更看重：{row['most_important']}。"
        )
        cells = tuple(Cell("segments", at, c) for c in ("n_people", "share"))
        yield Finding(text, row["base"], cells)
    yield from standing_out(tables["cross"])


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The respondents of every kind, and the customers of every pair of groups."""
    return members_of(dataset, result, by=params.by)


def _notes(found: Stated, tables: Mapping[str, pl.DataFrame], *, other: Break) -> tuple[str, ...]:
    gaps = f"；{count(found.n_gaps)} 份没有答全，未计入" if found.n_gaps else ""
    judged = tables["candidates"].filter("is_chosen").row(0, named=True)
    unsure = "" if judged["is_stable"] else "；这样的分法不够稳定，只作探索"
    n_both = int(tables["cross"]["n_customers"].sum())
    return (
        f"基数：{found.source}，每一项都答了的 {count(len(found.ids))} 份答卷{gaps}。",
        "算法：每人的打分先减去自己的平均分（有人习惯打高分），再按项标准化，超过 ±3 个标准差的按 3 个计；k 均值聚类（k-means++，10 次起点）。",
        f"群数：{judged['k']}，轮廓系数 {decimal(judged['silhouette'], digits=2)}，自助抽样重分的平均 Jaccard 相似度 {decimal(judged['stability'], digits=2)}"
        f"（不低于 {STABLE:g} 为稳定，Hennig 2007）{unsure}；单群低于 {REPORTED:g} 的不写入结论。",
        f"名称：标准分最高、且不低于 {LEAST_Z:g} 的前两项。",
        f"对照：{other.label}{other.note}；两边都知道的客户 {count(n_both)} 人，一位客户答过几次的只计一次。",
        "调整兰德指数看两种分法把同样的人放在一起的程度（Hubert 与 Arabie，1985）；克莱姆 V 已校正偏差。",
        f"不足 {settings().small_base} 人的群只作方向性参考。",
    )


ANALYSIS = Analysis(
    key="need_segments",
    title=TITLE,
    question="按看重什么分出的人群，和按购买分出的是同一批人吗？",
    needs={
        "orders": ("customer_id", "order_id", "ordered_at", "amount"),
        "responses": ("respondent_id", "customer_id"),
    },
    params=Params,
    run=run,
    members=members,
    place=75,
    theme="答卷与分层",
)
