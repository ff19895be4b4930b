"""Whom the rules of a study leave out, and the tables without them."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from insight.dataset import Dataset
from insight.quality.scoring import cases
from insight.schema import Exclusions, Questionnaire


def checked(
    responses: pl.DataFrame, questionnaire: Questionnaire, rule: Exclusions
) -> pl.DataFrame:
    """``cases`` of all respondents, with is_left_out."""
    found = cases(responses, questionnaire)
    out = left_out(found, rule)
    return found.with_columns(is_left_out=pl.col("respondent_id").is_in(out.implode()))


def left_out(checked: pl.DataFrame, rule: Exclusions) -> pl.Series:
    """Ids of the respondents that a rule leaves out, sorted.

    Parameters
    ----------
    checked : as ``cases`` gives it
    """
    by_check = [pl.col(c) for c in rule.checks if c in checked.columns]
    is_out = pl.col("respondent_id").is_in(rule.respondents)
    if rule.least_doubt:
        is_out |= pl.col("doubt") >= rule.least_doubt
    if by_check:
        is_out |= pl.any_horizontal(by_check).fill_null(value=False)
    kept = pl.col("respondent_id").is_in(rule.kept)
    return checked.filter(is_out & ~kept)["respondent_id"].sort()


def without_doubtful(dataset: Dataset) -> Dataset:
    """``dataset`` without the answers and the words of those whom the study leaves out."""
    if dataset.quality is None or not dataset.quality["is_left_out"].any():
        return dataset
    out = dataset.quality.filter("is_left_out")["respondent_id"].implode()
    stays = ~pl.col("respondent_id").is_in(out).fill_null(value=False)
    tables = {"responses": dataset.responses, "texts": dataset.texts}
    kept = {
        t: f.filter(stays)
        for t, f in tables.items()
        if f is not None and "respondent_id" in f.columns
    }
    return replace(dataset, **kept)  # type: ignore[arg-type]
