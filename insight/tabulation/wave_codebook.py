"""Whether all waves asked the same: questions and options that are not in every wave, and what was tested in each."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight.stats.banner import flagged
from insight.stats.proportions import Rule
from insight.tabulation.banners import Family
from insight.tabulation.everybody import inside
from insight.tabulation.tracking import FALL, NOISE, RISE, UNTESTED, unlikely

NOT_ASKED, PARTLY = "有的波次没有问", "有的波次没有人选"


def codebook(shares: pl.DataFrame, waves: Sequence[str]) -> pl.DataFrame:
    """Where the waves differ in their questions and options.

    Parameters
    ----------
    shares : of ``tracking.tracked``
    waves : in order

    Returns
    -------
    (n_differences) question, row ["（整题）" of a question that was not asked], remark, in_waves, absent_waves
    """
    asked = shares.group_by("question", maintain_order=True).agg(pl.col("wave").unique())
    rows = [(q, "（整题）", NOT_ASKED, *_parted(waves, known)) for q, known in asked.rows() if set(known) < set(waves)]  # fmt: skip
    chosen = pl.col("n") > 0
    share = pl.col("n").sum() / pl.col("base").filter(chosen).sum()
    options = shares.filter(~pl.col("is_net")).group_by("question", "row", maintain_order=True).agg(
        pl.col("wave").filter(chosen).alias("chosen"), pl.col("wave").filter(~chosen).alias("absent"),
        pl.col("remark").filter(pl.col("remark") != "").first(), unlikely(share, pl.col("base").filter(~chosen).sum()).alias("is_sure"),
    )  # fmt: skip
    for question, row, present, absent, remark, is_sure in options.rows():
        if present and absent and is_sure:
            rows.append((question, row, remark or PARTLY, "、".join(present), "、".join(absent)))
    return pl.DataFrame(rows, schema=dict.fromkeys(("question", "row", "remark", "in_waves", "absent_waves"), pl.String), orient="row")  # fmt: skip


def _parted(waves: Sequence[str], present: Sequence[str]) -> tuple[str, str]:
    return "、".join(w for w in waves if w in present), "、".join(w for w in waves if w not in present)  # fmt: skip


def overview(tables: Sequence[pl.DataFrame], family: Family, *, rule: Rule) -> pl.DataFrame:
    """One line a wave.

    Returns
    -------
    (n_waves) wave, n [answered questionnaires], n_tests [comparisons with the wave before], n_up, n_down, n_noise, flag
    """
    told = pl.concat([t.select("wave", "verdict") for t in tables]) if tables else pl.DataFrame(schema={"wave": pl.String, "verdict": pl.String})  # fmt: skip
    tested = told.filter(~pl.col("verdict").is_in(["", UNTESTED]))
    counts = tested.group_by("wave").agg(
        n_tests=pl.len().cast(pl.Int64),
        **{name: (pl.col("verdict") == word).sum().cast(pl.Int64) for name, word in (("n_up", RISE), ("n_down", FALL), ("n_noise", NOISE))},
    )  # fmt: skip
    sizes = [int(inside(family, at).sum()) for at in range(len(family.names))]
    waves = pl.DataFrame({"wave": list(family.names), "base": sizes}, schema={"wave": pl.String, "base": pl.Int64})  # fmt: skip
    joined = waves.join(counts, on="wave", how="left", maintain_order="left").with_columns(pl.col("n_tests", "n_up", "n_down", "n_noise").fill_null(0))  # fmt: skip
    return joined.pipe(flagged, rule=rule, hidden=()).rename({"base": "n"})
