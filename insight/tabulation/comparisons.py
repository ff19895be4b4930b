"""How many comparisons stand behind the letters of each table: what is the widest of many is told as such."""

from __future__ import annotations

import polars as pl

from insight.stats.proportions import Rule


def tests_of(pairs: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """Count the comparisons of every table.

    Parameters
    ----------
    pairs : (n_comparisons) question, break, p_adjusted, and any other columns

    Returns
    -------
    (n_questions x n_breaks) question, break, n_tests, n_significant [at the first level, as corrected]
    """
    sure = (pl.col("p_adjusted") <= max(rule.levels)).sum()
    return pairs.group_by("question", "break", maintain_order=True).agg(n_tests=pl.len(), n_significant=sure)  # fmt: skip
