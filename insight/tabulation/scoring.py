"""The scores of all questions in the columns of all breaks: means, spread, medians and their t letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import polars as pl

from insight.answers import Sample
from insight.schema import Question
from insight.stats.banner import arrow, flagged
from insight.stats.moments import Moments
from insight.stats.multiple import adjusted
from insight.stats.pairs import Pairs, Samples, Variances, compare_means, letters_of, smallest_p
from insight.stats.proportions import Floats, Rule
from insight.tabulation.banners import Family, parts_of
from insight.tabulation.figures import Figures, Scores, figures_of, scores_of
from insight.tabulation.pairing import comparisons
from insight.tabulation.people import weights_in

MEAN = (
    "row", "column", "base", "effective_base", "mean", "sd", "std_error", "median", "top2_share", "letters",
    "p_adjusted", "question", "break", "arrow", "rest_mean", "difference", "p_value", "rest_p_adjusted", "flag",
)  # fmt: skip
PAIR = ("question", "row", "break", "column", "other", "mean", "other_mean", "difference", "statistic", "df", "p_value", "p_adjusted")  # fmt: skip
_HIDDEN = ("mean", "sd", "std_error", "median", "top2_share", "rest_mean", "difference", "p_value", "rest_p_adjusted")  # fmt: skip
_ORDER = ("at_question", "at_family")


def averaged(
    questions: Sequence[Question], families: Sequence[Family], *, people: Sample, rule: Rule, assume: Variances = "welch",
) -> tuple[pl.DataFrame, pl.DataFrame]:  # fmt: skip
    """The scores of every question (see ``scored``) in every column.

    Parameters
    ----------
    assume : how the variances of two columns are taken (see ``compare_means``); SPSS mode pools over all columns,
        over the two that are compared where columns share people

    Returns
    -------
    cells : (n_questions x n_columns, the total of each break first) row [the question in words], column, base,
        effective_base, mean, sd, std_error, median [weighted], top2_share [SCALE of four scores and more], letters,
        p_adjusted [smallest of the cell's t tests], question, break, arrow, rest_mean, difference, p_value and
        rest_p_adjusted [t test against everybody of the break outside the column], flag; figures are null where
        the base is tiny
    pairs : (n_comparisons) question, row, break, column [the left one], other, mean, other_mean, difference,
        statistic [t], df, p_value, p_adjusted
    """
    weight, asked = weights_in(people), [scores_of(people.responses, q) for q in questions]
    cells, pairs = [], []
    for at, family in enumerate(families):
        own = [(i, a) for i, a in enumerate(asked) if not _is_part(a.question, family)]
        if own:
            found = figures_of([a for _, a in own], family, weight)
            made = _compared(found, family, rule=rule, assume=assume)
            rows = _rows(own, family).with_columns(at_family=pl.lit(at))
            cells.append(_cells(found, made, rows=rows, family=family, rule=rule, assume=assume))
            pairs.append(comparisons(made, found.columns.mean, rows=rows, names=family.names, called=("mean", "other_mean", "difference")))  # fmt: skip
    none = [pl.DataFrame(schema=dict.fromkeys((*MEAN, *PAIR, *_ORDER), pl.String))]
    return (
        pl.concat(cells or none).sort(*_ORDER, maintain_order=True).select(MEAN),
        pl.concat(pairs or none).sort(*_ORDER, maintain_order=True).select(PAIR),
    )


def _is_part(question: Question, family: Family) -> bool:
    """Whether the break is made of the question itself, or of the matrix it is a row of."""
    return question.id in parts_of(family.key)


def _rows(asked: Sequence[tuple[int, Scores]], family: Family) -> pl.DataFrame:
    told = [(a.question.id, f"{a.question.id} {a.question.wording}", family.label, at) for at, a in asked]  # fmt: skip
    return pl.DataFrame(told, schema=["question", "row", "break", "at_question"], orient="row")


def _compared(found: Figures, family: Family, *, rule: Rule, assume: Variances) -> Pairs:
    """All pairs of columns by t."""
    if rule.mode == "spss":
        assume = "pooled" if family.shares_people else "all"
    overlap = found.overlap if rule.mode == "default" else None
    shown = found.columns.base >= rule.tiny_base
    return compare_means(_samples(found.columns, rule), tested=shown, rule=rule, assume=assume, overlap=overlap)  # fmt: skip


def _cells(
    found: Figures,
    pairs: Pairs,
    *,
    rows: pl.DataFrame,
    family: Family,
    rule: Rule,
    assume: Variances,
) -> pl.DataFrame:
    whole, heads, n_columns = found.whole, [family.total, *family.names], len(family.names)
    sd = np.sqrt(whole.variance(_bases(whole, rule)))
    rest = _rest(found, rule, assume="welch" if assume == "welch" else "pooled")
    figures = {
        "effective_base": whole.effective_base, "mean": whole.mean, "sd": sd,
        "std_error": sd / np.sqrt(np.where(whole.base > 0, _bases(whole, rule), np.nan)), "median": whole.median,
        "top2_share": found.top, "p_adjusted": _with_total(smallest_p(pairs, n_columns=n_columns)),
        "rest_mean": _with_total(np.where(np.isnan(rest), np.nan, found.rest.mean)), "p_value": _with_total(rest),
        "rest_p_adjusted": _with_total(adjusted(rest, rule.correction, axis=1)),
    }  # fmt: skip
    marks = [mark for line in letters_of(pairs, n_columns=n_columns, rule=rule) for mark in ("", *line)]  # fmt: skip
    return (
        rows[np.repeat(np.arange(len(rows)), len(heads))]
        .with_columns(
            pl.Series("column", heads * len(rows), dtype=pl.String), pl.Series("letters", marks, dtype=pl.String),
            base=whole.base.ravel(), **{name: pl.Series(values.ravel()).fill_nan(None) for name, values in figures.items()},
        )
        .with_columns(difference=pl.col("mean") - pl.col("rest_mean"))
        .with_columns(arrow=arrow("difference", "rest_p_adjusted", rule=rule))
        .pipe(flagged, rule=rule, hidden=_HIDDEN)
    )  # fmt: skip


def _bases(figures: Moments, rule: Rule) -> Floats:
    """The bases of a test: effective ones, or SPSS's rounded sums of weights."""
    return figures.effective_base if rule.mode == "default" else np.floor(figures.weighted_base + 0.5)  # fmt: skip


def _samples(figures: Moments, rule: Rule) -> Samples:
    bases = _bases(figures, rule)
    return Samples(figures.mean, figures.variance(bases), bases)


def _rest(found: Figures, rule: Rule, *, assume: Variances) -> Floats:
    """p of each cell against everybody of the break outside its column (n_rows, n_columns)."""
    sides = [_samples(side, rule) for side in (found.columns, found.rest)]
    shown = np.stack([a.base.ravel() >= rule.tiny_base for a in (found.columns, found.rest)], axis=1)  # fmt: skip
    both = Samples(*(np.stack([getattr(s, f.name).ravel() for s in sides], axis=1) for f in fields(Samples)))  # fmt: skip
    alone = replace(rule, correction="none")
    p = compare_means(both, tested=shown, rule=alone, assume=assume).p_value
    return p.reshape(found.columns.base.shape)


def _with_total(values: Floats) -> Floats:
    """(n_rows, 1 + n_columns): the total is not tested."""
    return np.hstack([np.full((len(values), 1), np.nan), values])
