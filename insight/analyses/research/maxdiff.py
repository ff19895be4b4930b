"""Which items matter most when people must choose: MaxDiff by counts and by logit, for everybody and by group."""

from __future__ import annotations

import altair as alt
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.answers import Sample, sample
from insight.dataset import Dataset
from insight.errors import NothingToTell
from insight.ratings import each_group
from insight.segmentation.breaks import Break
from insight.settings import settings
from insight.stats.banner import SUPPRESSED
from insight.stats.best_worst import Shown, Worth, scores, worth
from insight.stats.proportions import Rule
from insight.tasks import BestWorst, best_worst, groups_of
from insight.wording import count, percent

TITLE = "MaxDiff"
TEST = "条件 Logit，区间按答卷聚类（95%）"


class Params(BaseModel):
    """Which questions are the tasks, what they showed, and by which groups."""

    best: list[str] = Field(
        default_factory=list,
        title="选“最”的题",
        description="按任务的顺序；留空时按题干里的“最……”和“最不……”识别",
        json_schema_extra={"one_of": "questions"},
    )
    worst: list[str] = Field(
        default_factory=list,
        title="选“最不”的题",
        description="和上面一一对应",
        json_schema_extra={"one_of": "questions"},
    )
    design: str = Field(
        default="",
        title="设计",
        description="写明各版本各任务展示了哪些项目的文件；选项本身就是项目时不需要",
        json_schema_extra={"one_of": "designs"},
    )
    sets: str = Field(
        default="",
        title="各任务的项目",
        description="没有设计文件时可以写在这里：任务之间用；隔开，项目之间用、隔开，按位置的顺序",
    )
    by: str = Field(
        default="",
        title="人群",
        description="各人群分别计算；不选时用 RFM 八类，没有订单时用客户属性，都没有时不分",
        json_schema_extra={"one_of": "breaks"},
    )
    use_weight: bool = Field(default=True, title="使用权重")


def run(dataset: Dataset, params: Params) -> Result:
    """Score every item, for everybody and in each group."""
    assert dataset.responses is not None
    rule = Rule(small_base=settings().small_base, tiny_base=settings().tiny_base)
    people = sample(dataset.responses, use_weight=params.use_weight)
    tasks = _tasks(dataset, people, params)
    if len(tasks.items) < 2:
        raise NothingToTell(TITLE, "只展示过一个项目", "MaxDiff 至少要有两个项目一起比较。")
    table, known = item_table(tasks, people.weight, rule=rule)
    ranked = table.sort(["share", "score", "item"], descending=[True, True, False], nulls_last=True)
    tables = {"items": ranked}
    banner = groups_of(dataset, params.by)
    if banner and (parts := _parts(dataset, people, params, banner=banner, rule=rule)):
        tables["by_segment"] = pl.concat(parts)
    return Result(
        tables,
        {"items": _picture(ranked, is_modelled=known is not None)},
        _findings(tables, rule=rule),
        _notes(tasks, people, known=known, rule=rule, banner=banner),
    )


def _tasks(dataset: Dataset, people: Sample, params: Params) -> BestWorst:
    return best_worst(
        dataset, people.responses, best=params.best, worst=params.worst, design=params.design, sets=params.sets
    )  # fmt: skip


def item_table(
    tasks: BestWorst, weight: pl.Series, *, rule: Rule
) -> tuple[pl.DataFrame, Worth | None]:
    """Count and model every item.

    Parameters
    ----------
    tasks : what was shown and chosen
    weight : (n) positive numbers, by row of the respondents

    Returns
    -------
    (n_items) item, shown, best, worst [unweighted counts], score [(best - worst) / shown, weighted],
        utility [adds up to 0], share [adds up to 1], ci_low, ci_high [95 %], base [respondents], flag;
        utilities are null where the answers do not determine them, all figures where the base is tiny
    """
    shown, place = tasks.shown, {item: at for at, item in enumerate(tasks.items)}
    base = shown["row"].n_unique()
    flat = _flat(shown, place, weight)
    known = worth(flat, n_items=len(place)) if base >= rule.tiny_base else None
    counts = (
        shown.group_by("item")
        .agg(shown=pl.len().cast(pl.Int64), best=pl.col("is_best").sum().cast(pl.Int64), worst=pl.col("is_worst").sum().cast(pl.Int64))
    )  # fmt: skip
    modelled = (known.utility, known.share, known.low, known.high) if known else [[None] * len(place)] * 4  # fmt: skip
    figures = pl.DataFrame(
        [tasks.items, scores(flat, n_items=len(place)), *modelled],
        schema={"item": pl.String, **dict.fromkeys(_FIGURES, pl.Float64)},
    ).with_columns(pl.col(_FIGURES).fill_nan(None))
    table = figures.join(counts, on="item", how="left", maintain_order="left")
    mark = SUPPRESSED if base < rule.tiny_base else "*" if base < rule.small_base else ""
    seen = pl.lit(mark != SUPPRESSED)
    return table.select(
        "item", pl.col("shown", "best", "worst").fill_null(0), pl.when(seen).then(pl.col(_FIGURES)),
        base=pl.lit(base, pl.Int64), flag=pl.lit(mark),
    ), known  # fmt: skip


_FIGURES = ("score", "utility", "share", "ci_low", "ci_high")


def _flat(shown: pl.DataFrame, place: dict[str, int], weight: pl.Series) -> Shown:
    """Rows as arrays; tasks and people numbered as they come."""
    turns = shown.select(
        item=pl.col("item").replace_strict(place, return_dtype=pl.Int64),
        task=pl.struct("row", "task").rle_id().cast(pl.Int64),
        person=pl.col("row").rle_id().cast(pl.Int64),
    )
    item, task, person = (turns[c].to_numpy() for c in turns.columns)
    best, worst = (shown[c].to_numpy() for c in ("is_best", "is_worst"))
    return Shown(item, task, person, best, worst, weight.to_numpy()[shown["row"].to_numpy()])


def _parts(
    dataset: Dataset, people: Sample, params: Params, *, banner: Break, rule: Rule
) -> list[pl.DataFrame]:
    """The table of every group that answered any task."""
    tasks = _tasks(dataset, people, params)
    ids = people.responses.select("respondent_id").with_row_index("row")
    found = []
    for name, part in each_group(people, banner):
        rows = ids.join(part.responses, on="respondent_id", how="semi")["row"].cast(pl.Int64)
        own = tasks.shown.filter(pl.col("row").is_in(rows.implode()))
        if own.height:
            table, _ = item_table(BestWorst(own, tasks.items, 0), people.weight, rule=rule)
            found.append(table.insert_column(0, pl.repeat(name, len(table), eager=True).alias("segment")))  # fmt: skip
    return found


def _picture(table: pl.DataFrame, *, is_modelled: bool) -> alt.TopLevelMixin:
    value = "share" if is_modelled else "score"
    kept = ["item", value, *(("ci_low", "ci_high") if is_modelled else ())]
    drawn = table.with_row_index("at").select("at", *kept, is_small=pl.col("flag") != "")
    return charts.bars(drawn, label="item", value=value, order=drawn["item"].to_list())


def _findings(tables: dict[str, pl.DataFrame], *, rule: Rule) -> tuple[Finding, ...]:
    items = tables["items"]
    top, last = items.row(0, named=True), items.row(-1, named=True)
    if top["score"] is None:
        return ()
    base, caution = top["base"], rule.caution(top["base"])
    if top["share"] is None:
        text = (
            f"{count(base)} 人里“{top['item']}”得分最高：展示 {count(top['shown'])} 次，{count(top['best'])} 次被选为最重要，"
            f"{count(top['worst'])} 次被选为最不重要{caution}。"
        )
        return (Finding(text, base, tuple(Cell("items", 0, c) for c in ("base", "shown", "best", "worst"))),)  # fmt: skip
    at = len(items) - 1
    text = (
        f"{count(base)} 人里“{top['item']}”最重要，占全部偏好的 {percent(top['share'])}"
        f"（95% 区间 {percent(top['ci_low'])}–{percent(top['ci_high'])}）；“{last['item']}”最不重要，"
        f"只占 {percent(last['share'])}{caution}。"
    )
    cells = [Cell("items", 0, c) for c in ("base", "share", "ci_low", "ci_high")]
    overall = Finding(text, base, (*cells, Cell("items", at, "share")), TEST)
    return (overall, *_by_group(tables, first=top["item"], rule=rule))


def _by_group(tables: dict[str, pl.DataFrame], *, first: str, rule: Rule) -> tuple[Finding, ...]:
    """The solid group that sets another item first, farthest ahead of the item that everybody sets first."""
    if "by_segment" not in tables:
        return ()
    solid = (
        tables["by_segment"]
        .with_row_index("at")
        .filter(pl.col("base") >= rule.small_base, pl.col("share").is_not_null())
    )
    usual = solid.filter(pl.col("item") == first).select("segment", usual="share", usual_at="at")
    tops = solid.sort("share", descending=True, maintain_order=True).unique("segment", keep="first", maintain_order=True)  # fmt: skip
    other = tops.join(usual, on="segment").filter(pl.col("ci_low") > pl.col("usual"))
    if other.is_empty():
        return ()
    row = other.sort(pl.col("share") - pl.col("usual"), descending=True).row(0, named=True)
    text = (
        f"“{row['segment']}”（n={count(row['base'])}）不一样：他们最看重“{row['item']}”，占 {percent(row['share'])}"
        f"（95% 区间下限 {percent(row['ci_low'])}），而“{first}”占 {percent(row['usual'])}。"
    )
    cells = [Cell("by_segment", row["at"], c) for c in ("base", "share", "ci_low")]
    return (
        Finding(text, row["base"], (*cells, Cell("by_segment", row["usual_at"], "share")), TEST),
    )


def _notes(
    tasks: BestWorst, people: Sample, *, known: Worth | None, rule: Rule, banner: Break | None
) -> tuple[str, ...]:
    n_tasks = tasks.shown.select("row", "task").n_unique()
    left = (
        f"，另有 {count(tasks.n_unusable)} 个任务没有同时选出展示过的两个不同项目，未计入"
        if tasks.n_unusable
        else ""
    )
    model = (
        f"效用：条件 Logit（先选最、再从其余里选最不），合计为 0；占比 = exp(效用) 归一化，区间按答卷聚类的稳健标准误（答卷数不到参数的两倍时用模型方差）；McFadden R² {known.fit.mcfadden:.3f}。"
        if known
        else "效用没有列出：有的项目每次（或从未）被选中、有的项目从未一起比较过，或人数太少，模型没有唯一的解；请看计数得分。"
    )  # fmt: skip
    return (
        f"基数：回答了 MaxDiff 任务的 {count(tasks.shown['row'].n_unique())} 人、{count(n_tasks)} 个任务{left}。",
        "得分 =（选为最重要的次数 − 选为最不重要的次数）÷ 展示次数，从 −1 到 1。",
        model,
        *((f"人群按“{banner.label}”{banner.note}划分，各自单独建模。",) if banner else ()),
        rule.small_bases,
        people.note,
    )


ANALYSIS = Analysis(
    key="maxdiff",
    title=TITLE,
    question="只能选一个时，用户最看重什么、最不在乎什么？",
    needs={"responses": ("respondent_id",)},
    params=Params,
    run=run,
    place=210,
    theme="取舍",
)
