"""Which classes of people there are by the needs they tick, and whether these are the segments that purchases tell."""

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
from insight.needs.classes import MOST_CLASSES, TITLE, Classes, Ticked, classes, ticked
from insight.needs.kinds import LEAST_Z, above
from insight.needs.kinds_beside import USUAL, agreement, as_break, crossed, members_of, respondents
from insight.needs.kinds_told import agree, shares, standing_out
from insight.parameters import Seed
from insight.segmentation.breaks import Break, break_of
from insight.settings import settings
from insight.stats.latent_class import KEPT, STARTS
from insight.wording import count, decimal, percent

CLEAR = 0.6  # entropy R² from which people part clearly enough (Asparouhov & Muthén 2014)


class Params(BaseModel):
    """Which answers, into how many classes, beside which purchase segments."""

    questions: list[str] = Field(
        default_factory=list,
        title="勾选题",
        description="多选题或单选题，可以几道一起；留空时取第一道谈到需要、看重的多选题",
        json_schema_extra={"one_of": "questions"},
    )
    n_classes: int = Field(default=0, ge=0, le=MOST_CLASSES, title="分成几类", description=f"0 表示取 BIC 最低的；否则填 2 到 {MOST_CLASSES}")  # fmt: skip
    by: str = Field(
        default="high_ticket", title="购买人群", description="和需求类别对照的人群", json_schema_extra={"one_of": "breaks"}
    )  # fmt: skip
    seed: Seed = 1


def run(dataset: Dataset, params: Params) -> Result:
    """Divide the respondents by what they ticked, and lay the classes across purchase segments."""
    assert dataset.orders is not None
    if params.n_classes == 1:
        raise BadParameter("分成几类（need_classes.n_classes）", f"应为 0，或 2 到 {MOST_CLASSES}")
    found = ticked(dataset, params.questions)
    made = classes(found, n_classes=params.n_classes, seed=params.seed)
    if len(made.names) == 1:
        return _undivided(found, made)
    chance = made.model.posterior.max(axis=1)
    told = respondents(found.ids, made.model.labels, made.names)
    own = as_break(dataset, told, made.names, label=TITLE)
    others = [break_of(dataset, by, unit="customer_id") for by in dict.fromkeys((params.by, *USUAL))]  # fmt: skip
    tables = {
        "segments": _segments(found, made),
        "traits": _traits(found, made),
        "cross": crossed(dataset, own, others[0]),
        "agreement": agreement(ledger.customer_table(dataset.orders), own, others, seed=params.seed),
        "candidates": made.judged,
        "respondents": told.with_columns(pl.Series("probability", chance)),
    }  # fmt: skip
    pictures = _pictures(tables, others[0].label)
    return Result(tables, pictures, tuple(_findings(tables)), _notes(found, tables, other=others[0]))  # fmt: skip


def _undivided(found: Ticked, made: Classes) -> Result:
    """What is said where one class explains the answers best."""
    bic = made.judged["bic"].to_list()
    beside = f"；分成两类时为 {decimal(bic[1])}，越低越好" if len(bic) > 1 else ""
    text = f"按 BIC，{count(len(found.ids))} 份答卷的勾选用一类人就能解释，看不出不同的类别（一类时 BIC 为 {decimal(bic[0])}{beside}）。"
    cells = (Cell("candidates", 0, "n_smallest"), *(Cell("candidates", at, "bic") for at in range(len(bic[:2]))))  # fmt: skip
    notes = (*_counted(found), "可以换一道题或几道题一起，也可以在“调整”里指定分成几类、作为探索。")
    return Result({"candidates": made.judged}, {}, (Finding(text, len(found.ids), cells),), notes)


def _segments(found: Ticked, made: Classes) -> pl.DataFrame:
    """(k) need_segment, n_people, share, base, estimated_share, certainty [mean probability], most_chosen [in words]."""
    labels, base = made.model.labels, len(found.ids)
    sizes, chance = np.bincount(labels, minlength=len(made.names)), made.model.posterior.max(axis=1)
    return pl.DataFrame({
        "need_segment": made.names, "n_people": sizes, "share": sizes / base, "base": [base] * len(sizes),
        "estimated_share": made.model.sizes, "certainty": [chance[labels == one].mean() for one in range(len(sizes))],
        "most_chosen": [above(found.answers, row) for row in made.z],
    })  # fmt: skip


def _traits(found: Ticked, made: Classes) -> pl.DataFrame:
    """(n_answers x k) feature, need_segment, share [who chose it, as estimated], share_all, z."""
    rows = [
        (feature, name, float(made.chances[one, at]), float(found.shares[at]), float(made.z[one, at]))
        for at, feature in enumerate(found.answers)
        for one, name in enumerate(made.names)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=["feature", "need_segment", "share", "share_all", "z"], orient="row")  # fmt: skip


def _pictures(tables: Mapping[str, pl.DataFrame], label: str) -> dict[str, alt.TopLevelMixin]:
    traits = tables["traits"].with_columns(is_small=pl.lit(value=False))
    drawn = charts.heat(traits, row="feature", column="need_segment", value="share")
    return {
        "traits": drawn.properties(title="各类的人选每一项的比例"),
        "cross": shares(tables["cross"], label),
    }


def _findings(tables: Mapping[str, pl.DataFrame]) -> Iterator[Finding]:
    """Whether what is ticked and what is bought part people alike, the classes, and the pairs that stand out."""
    yield agree(tables["agreement"])
    for at, row in enumerate(tables["segments"].iter_rows(named=True)):
        text = (
            f"“{row['need_segment']}”{count(row['n_people'])} 人（{percent(row['share'])}），"
            f"与全体相比更常选：{row['most_chosen']}。"
        )
        cells = tuple(Cell("segments", at, c) for c in ("n_people", "share"))
        yield Finding(text, row["base"], cells)
    yield from standing_out(tables["cross"])


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The respondents of every class, and the customers of every pair of groups."""
    if "respondents" not in result.tables:
        return {}
    return members_of(dataset, result, by=params.by, label=TITLE)


def _notes(found: Ticked, tables: Mapping[str, pl.DataFrame], *, other: Break) -> tuple[str, ...]:
    judged = tables["candidates"].filter("is_chosen").row(0, named=True)
    n_both = int(tables["cross"]["n_customers"].sum())
    return (
        *_counted(found),
        _chosen(tables["candidates"], judged),
        f"分得清不清：熵 R² {decimal(judged['entropy_r2'], digits=2)}（1 为每个人都确定，低于 {CLEAR:g} 说明许多人两可，只作探索）；每份答卷的概率见明细。",
        f"名称：比全体更常选（相差 {LEAST_Z:g} 个标准差以上）的前两项；各类之间的差别是分出来的，不另做检验。",
        f"对照：{other.label}{other.note}；两边都知道的客户 {count(n_both)} 人，一位客户答过几次的只计一次。",
        "调整兰德指数看两种分法把同样的人放在一起的程度（Hubert 与 Arabie，1985）；克莱姆 V 已校正偏差。",
    )  # fmt: skip


def _counted(found: Ticked) -> tuple[str, str]:
    """Who is counted, and by which model."""
    gaps = f"；{count(found.n_gaps)} 份没有答全，未计入" if found.n_gaps else ""
    return (
        f"基数：{found.source}，每一项都问到的 {count(len(found.ids))} 份答卷{gaps}；所有人都选或都不选的项、“以上都没有”一类的项不参与。",
        f"算法：潜在类别模型（Lazarsfeld 与 Henry，1968），假定同一类的人各项独立地按本类的概率选择；EM 极大似然，{STARTS} 个随机起点。每个人归入概率最大的一类。",
    )  # fmt: skip


def _chosen(candidates: pl.DataFrame, judged: Mapping[str, object]) -> str:
    """How the number of classes came to be."""
    lowest = candidates.sort("bic", "k").row(0, named=True)
    why = f"类数：{judged['k']}，BIC {decimal(float(str(judged['bic'])))}"
    if lowest["k"] == judged["k"]:
        why += "，为各种类数里最低"
    elif lowest["n_smallest"] < settings().small_base:
        why += f"；BIC 最低的是 {lowest['k']} 类，其中最小的一类只有 {lowest['n_smallest']} 人，没有采用"
    else:
        why += f"，由人指定；BIC 最低的是 {lowest['k']} 类"
    sure = (
        ""
        if judged["n_same"] != 1
        else f"；{KEPT} 个最好的起点里只有 1 个到达这个似然值，它可能还不是最高的"
    )
    return f"{why}{sure}。"


ANALYSIS = Analysis(
    key="need_classes",
    title=TITLE,
    question="按勾选的需求能分出几类人，和按购买分出的是同一批人吗？",
    needs={
        "orders": ("customer_id", "order_id", "ordered_at", "amount"),
        "responses": ("respondent_id", "customer_id"),
    },
    params=Params,
    run=run,
    members=members,
    place=76,
    theme="答卷与分层",
)
