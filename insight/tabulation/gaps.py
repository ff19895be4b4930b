"""The differences between two questions on one scale that the same people answered, in the columns of all breaks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from insight.answers import Sample
from insight.schema import Question
from insight.stats.banner import flagged
from insight.stats.multiple import Correction, adjusted
from insight.stats.paired import paired_t
from insight.stats.proportions import Rule
from insight.tabulation.banners import Family
from insight.tabulation.everybody import inside, once

GAP = (
    "question", "other_question", "break", "column", "base", "mean", "other_mean", "gap", "gap_low", "gap_high", "t", "p_value",
    "p_adjusted", "effect", "flag",
)  # fmt: skip
_FIGURES = GAP[5:14]


def gaps(
    pairs: Sequence[tuple[Question, Question]], families: Sequence[Family], *, people: Sample, rule: Rule
) -> pl.DataFrame:  # fmt: skip
    """Compare the scores of two questions person by person.

    Parameters
    ----------
    pairs : questions answered with numbers, the second is taken off the first

    Returns
    -------
    (n_pairs x n_columns, the total of each break first) question, other_question, break, column, base [gave both
        scores], mean, other_mean, gap, gap_low, gap_high [95 %], t, p_value [paired t], p_adjusted [all of one
        column are a family], effect [Cohen's d of the differences], flag; figures are null where the base is tiny
    """
    rows = [_row(pair, family, at, people=people, rule=rule) for pair in pairs for family in families for at in range(-1, len(family.names))]  # fmt: skip
    table = once(pl.DataFrame(rows, schema=_SCHEMA))
    table = table.pipe(flagged, rule=rule, hidden=tuple(c for c in _FIGURES if c != "p_adjusted"))
    return _corrected(table, rule.correction).select(GAP)


_SCHEMA = dict.fromkeys(GAP[:4], pl.String) | {"base": pl.Int64} | dict.fromkeys((c for c in _FIGURES if c != "p_adjusted"), pl.Float64)  # fmt: skip


def _row(
    pair: tuple[Question, Question], family: Family, at: int, *, people: Sample, rule: Rule
) -> dict[str, object]:
    """One pair in one column; -1 is the total."""
    scores = [people.responses[q.columns[0]].cast(pl.Float64).fill_null(np.nan).to_numpy() for q in pair]  # fmt: skip
    both = inside(family, at) & ~np.isnan(scores[0]) & ~np.isnan(scores[1])
    row: dict[str, object] = {
        "question": pair[0].id, "other_question": pair[1].id, "break": family.label,
        "column": family.names[at] if at >= 0 else family.total, "base": int(both.sum()),
    }  # fmt: skip
    if not both.sum() >= max(rule.tiny_base, 1):
        return row
    first, second, weight = (a[both] for a in (*scores, people.weight.to_numpy()))
    found = paired_t(first, second, weight)
    told = {
        "mean": np.average(first, weights=weight), "other_mean": np.average(second, weights=weight), "gap": found.difference,
        "gap_low": found.low, "gap_high": found.high, "t": found.t, "p_value": found.p_value, "effect": found.effect,
    }  # fmt: skip
    return row | {name: None if np.isnan(value) else float(value) for name, value in told.items()}


def _corrected(table: pl.DataFrame, correction: Correction) -> pl.DataFrame:
    parts = [
        part.with_columns(pl.Series("p_adjusted", adjusted(part["p_value"].cast(pl.Float64).fill_null(np.nan).to_numpy(), correction)).fill_nan(None))
        for part in table.with_row_index("at").partition_by("break", "column", maintain_order=True)
    ]  # fmt: skip
    return pl.concat(parts).sort("at").drop("at") if parts else table.with_columns(p_adjusted=pl.lit(None, pl.Float64))  # fmt: skip
