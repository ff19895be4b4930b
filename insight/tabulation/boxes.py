"""Scales in the columns of all breaks in one line each: top and bottom boxes, mean, spread, and the letters of both."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight.answers import BOXES, Sample
from insight.schema import Question
from insight.stats.proportions import Rule, wilson
from insight.tabulation.banners import Family
from insight.tabulation.book import crossed
from insight.tabulation.everybody import once
from insight.tabulation.scoring import averaged
from insight.tabulation.stubs import stub_of

BOXED = (
    "row", "column", "base", "effective_base", "top2_share", "ci_low", "ci_high", "bottom2_share", "letters", "arrow",
    "mean", "sd", "mean_letters", "mean_p_adjusted", "p_adjusted", "question", "break", "flag",
)  # fmt: skip
_KEYS = ("question", "break", "column")


def boxed(
    scales: Sequence[Question], families: Sequence[Family], *, people: Sample, rule: Rule
) -> pl.DataFrame:
    """Every scale in every column.

    Parameters
    ----------
    scales : questions on numbers (see ``ratings.laid``)

    Returns
    -------
    (n_scales x n_columns, the total of each break first) row [the question in words], column, base,
        effective_base, top2_share, ci_low, ci_high [Wilson, 95 %], bottom2_share, letters, arrow, p_adjusted [z
        tests of top2_share], mean, sd, mean_letters, mean_p_adjusted [Welch's t tests of mean], question, break,
        flag; shares are null of scales of three points, figures where the base is tiny
    """
    means, _ = averaged(scales, families, people=people, rule=rule)
    stubs = [stub_of(people.responses, q) for q in scales]
    cells, _ = crossed(stubs, families, people=people, rule=rule)
    top, bottom = (cells.filter(row=name) for name in BOXES)
    shares = top.select(*_KEYS, "letters", "arrow", "p_adjusted", shown="share")
    found = (
        means.rename({"letters": "mean_letters", "p_adjusted": "mean_p_adjusted"})
        .drop("top2_share", "arrow", "p_value")
        .join(shares, on=_KEYS, how="left", maintain_order="left")
        .join(bottom.select(*_KEYS, bottom2_share="share"), on=_KEYS, how="left", maintain_order="left")
        .rename({"shown": "top2_share"})
    )  # fmt: skip
    low, high = wilson(*(found[c].cast(pl.Float64).fill_null(float("nan")).to_numpy() for c in ("top2_share", "effective_base")))  # fmt: skip
    bounds = (pl.Series("ci_low", low).fill_nan(None), pl.Series("ci_high", high).fill_nan(None))
    texts = (pl.col("letters", "arrow").fill_null(""),)
    return once(found.with_columns(*bounds, *texts)).select(BOXED)
