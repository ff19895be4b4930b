"""Which needs come first: what is at stake, how large the gap, what drives the whole, how sure it is."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import polars as pl
from pydantic import Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.dataset import Dataset
from insight.members import Members, later
from insight.needs.asking import Asking, Made, asked, raised_in
from insight.needs.linking import linked
from insight.needs.priority import PARTS, scored, shares_of
from insight.needs.rating_parts import influences, opportunities
from insight.segmentation.breaks import break_of
from insight.settings import settings
from insight.wording import count, decimal, money, percent

TITLE = "需求优先级"
MOST_TOLD, MOST_DRAWN = 3, 20
COLUMNS = (
    "rank", "need", "source", "score", "rank_kept_share", "rank_best", "rank_worst", "n", "base", "revenue_at_stake", "stake_note",
    "stake_score", "opportunity", "opportunity_score", "driver_share", "driver_score", "sources", "confidence_score", "missing_parts",
)  # fmt: skip


class Params(Asking):
    """The parameters of the needs, and what each part of the score counts."""

    stake: float = Field(default=0.4, ge=0, le=1, title="权重：可能流失金额")
    opportunity: float = Field(default=0.3, ge=0, le=1, title="权重：机会得分")
    driver: float = Field(default=0.2, ge=0, le=1, title="权重：对总体评价的影响")
    confidence: float = Field(default=0.1, ge=0, le=1, title="权重：来源印证")
    n_weightings: int = Field(
        default=1000, ge=100, le=10_000, title="试多少组权重", description="看名次会不会变：每组里各权重在设定值的一半到一倍半之间"
    )  # fmt: skip


def run(dataset: Dataset, params: Params) -> Result:
    """Score every need that is heard."""
    made = asked(dataset, params, title=TITLE)
    scores, absent = parts_of(dataset, made, use_weight=params.use_weight)
    weights = {part: float(getattr(params, part)) for part in PARTS}
    shares = shares_of(weights, {part: part not in absent for part in PARTS})
    named = {f"{part}_score": share for part, share in shares.items()}
    table = scored(scores, named, n_draws=params.n_weightings, seed=params.seed).select(COLUMNS)
    counted = pl.DataFrame({
        "part": list(PARTS.values()), "weight": list(weights.values()), "share_of_score": list(shares.values()),
        "n_known": [int(table[f"{part}_score"].count()) for part in PARTS],
        "reason": [absent.get(part, "") for part in PARTS],
    })  # fmt: skip
    tables = {"needs": table, "weights": counted}
    return Result(tables, {"needs": _chart(table)}, _findings(tables), _notes(params, made, absent))


def parts_of(
    dataset: Dataset, made: Made, *, use_weight: bool
) -> tuple[pl.DataFrame, dict[str, str]]:
    """The parts of every need, each between 0 and 1, and why a part is missing for all of them.

    Returns
    -------
    (n_needs) need, source, n, base, revenue_at_stake, stake_note, sources, opportunity [0..20], driver_share,
        stake_score [of the largest], opportunity_score [of 20], driver_score [of the largest], confidence_score
        [of three sources], missing_parts; part -> the reason
    """
    gap, drive = (
        tell(dataset, title=TITLE, use_weight=use_weight) for tell in (opportunities, influences)
    )
    needs = made.ranking["need"].to_list()
    columns = {"opportunity": gap, "driver_share": drive}
    found: dict[str, list[float | None]] = {}
    for name, (values, _) in columns.items():
        items = linked(needs, list(values), dataset.codebook)
        found[name] = [values[items[need]] if need in items else None for need in needs]
    table = made.ranking.with_columns(pl.Series(n, v, dtype=pl.Float64) for n, v in found.items())
    absent = {p: reason for p, name, reason in (("opportunity", "opportunity", gap[1]), ("driver", "driver_share", drive[1])) if reason or table[name].count() == 0}  # fmt: skip
    absent = {part: reason or "没有一项评分题与这些需求对得上。" for part, reason in absent.items()}
    if not (table["revenue_at_stake"].fill_null(0.0) > 0).any():
        absent["stake"] = "没有一项需求的可能流失金额能估计出来（样本不足，或只有上限）。"
    return _scores(table, absent), absent


def _scores(table: pl.DataFrame, absent: Mapping[str, str]) -> pl.DataFrame:
    """Each part as a share of its largest possible, or largest, value."""
    stake, drive = pl.col("revenue_at_stake"), pl.col("driver_share")
    parts = {
        "stake_score": None if "stake" in absent else stake.fill_null(0.0) / stake.max(),
        "opportunity_score": pl.col("opportunity") / 20,
        "driver_score": drive / drive.max(),
        "confidence_score": pl.col("sources").str.head(1).cast(pl.Float64, strict=False).fill_null(0.0) / 3,
    }  # fmt: skip
    made = table.with_columns(
        (pl.lit(None, pl.Float64) if one is None else one).alias(name) for name, one in parts.items()
    )  # fmt: skip
    missing = [
        pl.when(pl.col(f"{part}_score").is_null()).then(pl.lit(label))
        for part, label in PARTS.items()
    ]
    return made.with_columns(
        missing_parts=pl.concat_str(missing, separator="、", ignore_nulls=True)
    )


def members(dataset: Dataset, params: Params, _result: Result) -> Mapping[str, Members]:
    """The customers who raise each need, and the texts they say it in."""

    def raised_by() -> pl.DataFrame:
        groups = break_of(dataset, params.by, unit="customer_id").members
        told = raised_in(dataset, params, title=TITLE)[0].mentions()
        return told.join(groups, on="customer_id", how="semi").select(known)

    known = ("need", "source", "customer_id", "text_id")
    return {"needs": Members(later(raised_by, *known), ("customer_id",), "n")}


def _chart(table: pl.DataFrame) -> alt.LayerChart:
    shown = table.with_row_index("at").head(MOST_DRAWN)
    return charts.bars(
        shown.select("at", "need", "score", "n", "rank_best", "rank_worst", is_small=pl.col("n") < settings().small_base),
        label="need", value="score", title="需求优先级得分",
    )  # fmt: skip


def _findings(tables: Mapping[str, pl.DataFrame]) -> tuple[Finding, ...]:
    """The first needs with their score, and whether their place depends on the weights."""
    return tuple(_about(row, at) for at, row in enumerate(tables["needs"].head(MOST_TOLD).to_dicts()))  # fmt: skip


def _about(row: Mapping[str, object], at: int) -> Finding:
    stake = row["revenue_at_stake"]
    money_told = f"可能流失 {money(stake)}，" if isinstance(stake, float) and stake > 0 else ""
    text = (
        f"排第 {row['rank']} 的是“{row['need']}”，得分 {decimal(row['score'], digits=2)}：{money_told}{count(row['n'])} 位客户提到，"  # type: ignore[arg-type]
        f"换一组权重时 {percent(row['rank_kept_share'])} 的情况下名次不变。"  # type: ignore[arg-type]
    )
    cells = ["rank", "score", "n", "rank_kept_share", *(["revenue_at_stake"] if money_told else [])]
    return Finding(text, int(str(row["base"])), tuple(Cell("needs", at, c) for c in cells))


def _notes(params: Params, made: Made, absent: Mapping[str, str]) -> tuple[str, ...]:
    left = "".join(f"“{PARTS[part]}”没有数据：{reason}" for part, reason in absent.items())
    return (
        "得分 = 各部分 × 权重之和，各部分在 0–1 之间：可能流失金额 ÷ 最大的一项；机会得分 ÷ 20；对总体评价的影响 ÷ 最大的一项；来源印证 = 三种来源里有几种支持 ÷ 3。",
        "某部分对全部需求都没有数据时，它的权重按比例分给其余部分；只有个别需求没有时，这一项按 0 计，并在“缺少的部分”里写明。可能流失金额只有上限或样本不足的按 0 计。",
        *([left] if left else []),
        "需求与评分题：按编码本的规则对应，没有编码本时按题目独有的词对应；对不上的没有机会得分和影响。",
        f"名次是否稳定：{count(params.n_weightings)} 组权重，每个权重在设定值的一半到一倍半之间随机（种子 {params.seed}）；最好、最差名次是 5%–95% 的范围。",
        *made.notes,
    )


ANALYSIS = Analysis(
    key="priorities",
    title=TITLE,
    question="先解决哪些需求？",
    needs={
        "orders": ("customer_id", "order_id", "ordered_at", "amount"),
        "responses|texts": ("customer_id",),
    },
    params=Params,
    run=run,
    members=members,
    place=20,
)
