"""What do segments say they would pay, and what do they pay: acceptable prices over the prices of their orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import altair as alt
import numpy as np
import polars as pl
from pydantic import BaseModel, Field

from insight import charts
from insight.analysis import Analysis, Cell, Finding, Result
from insight.currency import used
from insight.dataset import Dataset
from insight.errors import TooFewRows
from insight.members import Members, later
from insight.needs.paying import (
    OWN,
    POINTS,
    Paid,
    Said,
    histogram,
    middle,
    range_beside,
)
from insight.needs.willing import Willing, matched, segments, willing
from insight.parameters import Seed, rule_of
from insight.segmentation.breaks import break_of
from insight.stats.banner import SMALL, SUPPRESSED, TOTAL
from insight.stats.price_points import price_curves
from insight.stats.proportions import Floats, wilson
from insight.wording import count, decimal, percent

TITLE = "愿付与实付"
CURVES = ("太便宜", "便宜", "贵", "太贵")
N_BINS, MOST_DRAWN = 24, 50  # bars; points of a curve
_MARKED = ("pmc", "opp", "pme")
RANGES = {
    "segment": pl.String, "base": pl.Int64, **dict.fromkeys(POINTS, pl.Float64), "n_customers": pl.Int64, "n_pieces": pl.Float64,
    **dict.fromkeys(("paid_low_price", "paid_price", "paid_high_price"), pl.Float64),
    **{f"{at}{end}_share": pl.Float64 for at in ("inside", "below", "above") for end in ("", "_low", "_high")},
    "flag": pl.String,
}  # fmt: skip


class Params(BaseModel):
    """The four questions, the segments, and which orders count."""

    by: str = Field(default="rfm", title="人群", json_schema_extra={"one_of": "breaks"})
    category: str = Field(
        default="",
        title="只看一个品类",
        description="问卷问的是哪个品类就选哪个；留空时按题干里的品类名识别，识别不出就看全部商品",
        json_schema_extra={"one_of": "categories"},
    )
    too_cheap: str = Field(default="", title="太便宜", description="四道题都留空时按题干识别", json_schema_extra={"one_of": "questions"})  # fmt: skip
    cheap: str = Field(default="", title="便宜", json_schema_extra={"one_of": "questions"})
    expensive: str = Field(default="", title="贵", json_schema_extra={"one_of": "questions"})
    too_expensive: str = Field(default="", title="太贵", json_schema_extra={"one_of": "questions"})
    use_weight: bool = Field(default=True, title="使用权重")
    n_draws: int = Field(
        default=300, ge=100, le=2000, title="自助抽样次数", description="区间来自对答卷和客户的重复抽样"
    )  # fmt: skip
    seed: Seed = 1


def run(dataset: Dataset, params: Params) -> Result:
    """Set the range that each segment accepts beside the prices it paid."""
    found, rule = _willing(dataset, params), rule_of("bh", "5% / 1%")
    if len(found.people.responses) < rule.tiny_base:
        raise TooFewRows("四个价格都回答了、并且从低到高不矛盾的人", len(found.people.responses), rule.tiny_base)  # fmt: skip
    if found.prices.is_empty():
        raise TooFewRows("付过款的客户", 0, 1)
    parts = dict(segments(dataset, found, by=params.by))
    rows = [_row(name, said, paid, params) for name, (said, paid) in parts.items()]
    ranges = pl.DataFrame(rows, schema=RANGES)
    edges = _edges(parts[TOTAL][1], ranges)
    bins = pl.concat(histogram(paid, edges).select(pl.lit(name).alias("segment"), pl.all()) for name, (_, paid) in parts.items())  # fmt: skip
    curves = pl.concat(_curves(name, said) for name, (said, _) in parts.items() if len(said.answers) >= rule.tiny_base)  # fmt: skip
    tables = {"ranges": ranges, "paid": bins, "price_curves": curves}
    own = matched(found)
    if own.height >= rule.tiny_base:
        tables |= {"own": _own_table(own), "answers": own}
    pictures = {"ranges": _ranges_picture(ranges), "price_curves": _curves_picture(curves, bins, ranges)}  # fmt: skip
    return Result(tables, pictures, tuple(_findings(tables)), _notes(found, params, dataset=dataset))  # fmt: skip


def _willing(dataset: Dataset, params: Params) -> Willing:
    ids = (params.too_cheap, params.cheap, params.expensive, params.too_expensive)
    return willing(dataset, ids=ids, category=params.category, use_weight=params.use_weight)


def _row(name: str, said: Said, paid: Paid, params: Params) -> dict[str, object]:
    rule = rule_of("bh", "5% / 1%")
    base = len(said.answers)
    counts = paid.counts()
    row: dict[str, object] = {"segment": name, "base": base, "n_customers": paid.n_buyers, "n_pieces": float(counts.sum())}  # fmt: skip
    quartiles = (("paid_low_price", 0.25), ("paid_price", 0.5), ("paid_high_price", 0.75))
    row |= {key: middle(paid.price, counts, share) for key, share in quartiles}
    row["flag"] = SUPPRESSED if base < rule.tiny_base else SMALL if base < rule.small_base else ""
    if base >= rule.tiny_base:
        row |= range_beside(said, paid, narrow=True, draws=params.n_draws, seed=params.seed)
    return {key: row.get(key) for key in RANGES}


def _edges(paid: Paid, ranges: pl.DataFrame) -> Floats:
    """Edges of even, round bins that reach past most of what is paid and past every range."""
    top = max(middle(paid.price, paid.counts(), 0.95) or 1.0, *(v * 1.3 for v in ranges["pme"].drop_nulls()))  # fmt: skip
    size = 10.0 ** np.floor(np.log10(top / N_BINS))
    step = next(size * k for k in (1, 2, 2.5, 3, 4, 5, 6, 8, 10) if size * k * N_BINS >= top)
    edges: Floats = np.arange(0, np.ceil(top / step) + 1) * step
    return edges


def _curves(name: str, said: Said) -> pl.DataFrame:
    found = price_curves(said.answers, weight=said.weight)
    return pl.concat(
        pl.DataFrame({"segment": name, "curve": curve, "price": found.price, "share": share})
        for curve, share in zip(CURVES, found.share, strict=True)
    )


def _own_table(own: pl.DataFrame) -> pl.DataFrame:
    """(4) outcome, n, base, share, ci_low, ci_high [Wilson]."""
    n = np.array([(own["outcome"] == one).sum() for one in OWN], dtype=np.float64)
    base = np.full(len(OWN), float(own.height))
    low, high = wilson(n / base, base)
    return pl.DataFrame({"outcome": OWN, "n": n.astype(np.int64), "base": base.astype(np.int64), "share": n / base, "ci_low": low, "ci_high": high})  # fmt: skip


def members(dataset: Dataset, params: Params, result: Result) -> Mapping[str, Members]:
    """The customers who paid, by segment; those who also answered, by where what they pay stands."""

    def paying() -> pl.DataFrame:
        buyers = _willing(dataset, params).prices.select("customer_id").unique()
        groups = break_of(dataset, params.by, unit="customer_id").members
        placed = buyers.join(groups, on="customer_id").select(segment="group", customer_id="customer_id")  # fmt: skip
        return pl.concat([buyers.select(pl.lit(TOTAL).alias("segment"), "customer_id"), placed])

    unit = ("customer_id",)
    found = {"ranges": Members(later(paying, "segment", "customer_id"), unit, "n_customers")}
    if "answers" in result.tables:
        own = result.tables["answers"].lazy()
        found["own"] = Members(own.select("outcome", "customer_id"), unit, "n")
        found["answers"] = Members(own.select("customer_id"), unit)
    return found


def _ranges_picture(ranges: pl.DataFrame) -> alt.TopLevelMixin:
    columns = ("segment", "pmc", "opp", "pme", "paid_low_price", "paid_price", "paid_high_price", "inside_share", "base", "n_customers")  # fmt: skip
    title = "浅色带：能接受的价格（竖线为最优价格点）；横线：实付价格的中间一半（方块为中位）"
    return charts.spans(
        ranges.select(columns), label="segment", band=("pmc", "opp", "pme"), line=("paid_low_price", "paid_price", "paid_high_price"), title=title
    )  # fmt: skip


def _curves_picture(curves: pl.DataFrame, bins: pl.DataFrame, ranges: pl.DataFrame) -> alt.TopLevelMixin:  # fmt: skip
    """Of every segment with curves, few enough points of each."""
    place = pl.int_range(pl.len()).over("segment", "curve")
    step = pl.len().over("segment", "curve") // MOST_DRAWN + 1
    drawn = curves.filter(place % step == 0)
    named = ranges.select("segment", *_MARKED).unpivot(_MARKED, index="segment", variable_name="name", value_name="price")  # fmt: skip
    heights = {name: 1.0 - 0.07 * at for at, name in enumerate(_MARKED)}
    marks = named.drop_nulls("price").with_columns(
        pl.col("name").str.to_uppercase(), height=pl.col("name").replace_strict(heights)
    )
    shown = bins.join(drawn, on="segment", how="semi", maintain_order="left").drop("n_pieces")
    return charts.curves_over(shown, drawn, marks=marks, choose="segment")


def _findings(tables: Mapping[str, pl.DataFrame]) -> Iterator[Finding]:
    """Everybody; then the segment most of whose pieces were dearer than its range, and the one with fewest."""
    whole, *parts = tables["ranges"].with_row_index("at").to_dicts()
    known = [row for row in parts if row["above_share"] is not None and not row["flag"]]
    known.sort(key=lambda row: (-row["above_share"], row["at"]))
    ends = (known[0], known[-1]) if len(known) > 1 else known
    yield from (_told(row) for row in (whole, *ends) if row["inside_share"] is not None)


def _told(row: Mapping[str, Any]) -> Finding:
    name = "全部客户" if row["segment"] == TOTAL else f"“{row['segment']}”"
    unit, small = used().name, "（答卷不足 30 份，仅作方向性参考）" if row["flag"] else ""
    ends = ""
    cells = ["pmc", "pme", "paid_price", "inside_share", "below_share", "above_share"]
    if row["inside_low_share"] is not None:
        ends = (
            f"（95% 区间 {percent(row['inside_low_share'])}–{percent(row['inside_high_share'])}）"
        )
        cells += ["inside_low_share", "inside_high_share"]
    text = (
        f"{name}能接受 {decimal(row['pmc'], digits=2)}–{decimal(row['pme'], digits=2)} {unit}，实付中位 {decimal(row['paid_price'], digits=2)} {unit}："
        f"{percent(row['inside_share'])}{ends}的件数在这个范围里，{percent(row['below_share'])} 更低，{percent(row['above_share'])} 更高{small}。"
    )
    return Finding(text, row["base"], tuple(Cell("ranges", row["at"], c) for c in cells), "自助法区间（95%）")  # fmt: skip


def _notes(found: Willing, params: Params, *, dataset: Dataset) -> tuple[str, ...]:
    asked = "、".join(f"{name}（{q.id}）" for name, q in zip(CURVES, found.questions, strict=True))
    how = "题干里写着它" if not params.category else "已选定"
    which = f"只看品类“{found.category}”（{how}）" if found.category else "看全部商品；问卷只问一个品类时，请在设置里选它，否则不能相比"  # fmt: skip
    by = break_of(dataset, params.by, unit="customer_id")
    return (
        f"题目：{asked}；基数是四个价格都答了、并且从低到高不矛盾的人。",
        "能接受的范围：PMC（“太便宜”与“贵”的交点）到 PME（“太贵”与“便宜”的交点），含两端；交点线性插值。",
        f"实付价格：{which}；付款订单的一件的价格（一行的金额除以件数，没有件数按一件），退款不扣；占比按件数算。",
        f"人群：按“{by.label}”{by.note}划分；能接受的范围来自该人群里答了题的人，实付价格来自该人群的全部客户。",
        f"区间：对答卷和客户各重复抽样 {count(params.n_draws)} 次（种子 {params.seed}），范围本身的不确定也算在内；四条曲线不相交的抽样不计，超过一半时不给区间。",
        "自己的价格：答了题又买过的人，实付取其件数的中位价，与自己填的四个价格比；区间为 Wilson。",
        "答卷不足 10 份的人群不画范围（—），不足 30 份的标 *；图中最右一格包括更贵的。价格印象不等于会不会买，高于范围也不等于卖不动。",
        found.people.note,
    )  # fmt: skip


ANALYSIS = Analysis(
    key="price_need",
    title=TITLE,
    question="各人群愿意付多少，实际付了多少？",
    needs={
        "orders": ("customer_id", "order_id", "ordered_at", "amount"),
        "responses": ("respondent_id", "customer_id"),
    },
    params=Params,
    run=run,
    members=members,
    place=70,
)
