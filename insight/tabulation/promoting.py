"""The net promoter scores of questions in the columns of all breaks, with margins, letters and arrows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from insight.answers import Sample
from insight.schema import Question
from insight.stats.banner import arrow, flagged
from insight.stats.moments import Moments
from insight.stats.multiple import adjusted
from insight.stats.pairs import Pairs, letters_of, smallest_p
from insight.stats.promoters import (
    VALUES,
    against_rest,
    compare_nets,
    groups_of,
    margins,
    small_sample_interval,
)
from insight.stats.proportions import Floats, Rule
from insight.tabulation.banners import Family, parts_of
from insight.tabulation.everybody import once
from insight.tabulation.figures import Figures, Scores, figures_of
from insight.tabulation.pairing import comparisons
from insight.tabulation.people import weights_in

NET = (
    "column", "n", "nps", "margin", "nps_low", "nps_high", "promoter_share", "passive_share", "detractor_share",
    "letters", "p_adjusted", "row", "question", "break", "arrow", "rest_nps", "nps_gap", "p_value", "rest_p_adjusted",
    "effective_base", "flag",
)  # fmt: skip
PAIR = ("question", "row", "break", "column", "other", "nps", "other_nps", "nps_gap", "statistic", "p_value", "p_adjusted")  # fmt: skip
_HIDDEN = (*NET[2:9], "rest_nps", "nps_gap", "p_value", "rest_p_adjusted")
_ORDER = ("at_question", "at_family")


def promoted(
    questions: Sequence[Question], families: Sequence[Family], *, people: Sample, rule: Rule
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The net promoter score of every question in every column.

    Parameters
    ----------
    questions : answered with numbers from 0 to 10; other numbers are left out

    Returns
    -------
    cells : (n_questions x n_columns, the total of each break first) column, n [who scored, unweighted], nps,
        margin [points, 95 %], nps_low, nps_high [adjusted Wald, 95 %], promoter_share, passive_share,
        detractor_share, letters, p_adjusted [smallest of the cell's z tests], row [the question in words],
        question, break, arrow, rest_nps, nps_gap, p_value, rest_p_adjusted [z test against everybody of the break
        outside the column], effective_base, flag; figures are null where the base is tiny
    pairs : (n_comparisons) question, row, break, column [the left one], other, nps, other_nps, nps_gap,
        statistic [z], p_value, p_adjusted
    """
    weight, made = weights_in(people), []
    for at, family in enumerate(families):
        own = [(i, q) for i, q in enumerate(questions) if q.id not in parts_of(family.key)]
        if own:
            rows = pl.DataFrame(
                [(q.id, f"{q.id} {q.wording}", family.label, i, at) for i, q in own],
                schema=["question", "row", "break", *_ORDER], orient="row",
            )  # fmt: skip
            grouped = [_groups(people.responses, q) for _, q in own]
            found = figures_of(grouped, family, weight)
            made.append(_family(found, rows, family=family, rule=rule))
    none = pl.DataFrame(schema=dict.fromkeys((*NET, *PAIR, *_ORDER), pl.String))
    cells, pairs = zip(*made, strict=True) if made else ((none,), (none,))
    return once(_sorted(cells, NET)), _sorted(pairs, PAIR)


def _sorted(parts: Sequence[pl.DataFrame], names: Sequence[str]) -> pl.DataFrame:
    return pl.concat(parts).sort(*_ORDER, maintain_order=True).select(names)


def _groups(responses: pl.DataFrame, question: Question) -> Scores:
    """The answers as detractors, passives and promoters."""
    scores = responses[question.columns[0]].cast(pl.Float64).fill_nan(None)
    told = scores.is_between(0, 10).fill_null(value=False).to_numpy()
    groups = groups_of(scores.fill_null(0.0).to_numpy())
    codes = np.where(told, groups, len(VALUES)).astype(np.intp)
    return Scores(question, VALUES, codes, VALUES > 0)


def _family(
    found: Figures, rows: pl.DataFrame, *, family: Family, rule: Rule
) -> tuple[pl.DataFrame, pl.DataFrame]:
    shown = found.columns.base >= rule.tiny_base
    pairs = compare_nets(found.columns, tested=shown, rule=rule, overlap=found.overlap)
    told = comparisons(pairs, found.columns.mean, rows=rows, names=family.names, called=("nps", "other_nps", "nps_gap"))  # fmt: skip
    return _cells(found, pairs, rows=rows, family=family, rule=rule), told


def _cells(
    found: Figures, pairs: Pairs, *, rows: pl.DataFrame, family: Family, rule: Rule
) -> pl.DataFrame:
    heads, n_columns = [family.total, *family.names], len(family.names)
    rest = against_rest(found.columns, found.rest, least=rule.tiny_base)
    figures = _shares(found.whole, found.top) | {
        "p_adjusted": _with_total(smallest_p(pairs, n_columns=n_columns)),
        "rest_nps": _with_total(np.where(np.isnan(rest), np.nan, found.rest.mean)), "p_value": _with_total(rest),
        "rest_p_adjusted": _with_total(adjusted(rest, rule.correction, axis=1)),
    }  # fmt: skip
    marks = [mark for line in letters_of(pairs, n_columns=n_columns, rule=rule) for mark in ("", *line)]  # fmt: skip
    return (
        rows[np.repeat(np.arange(len(rows)), len(heads))]
        .with_columns(
            pl.Series("column", heads * len(rows), dtype=pl.String), pl.Series("letters", marks, dtype=pl.String),
            base=found.whole.base.ravel(), **{name: pl.Series(values.ravel()).fill_nan(None) for name, values in figures.items()},
        )
        .with_columns(nps_gap=pl.col("nps") - pl.col("rest_nps"))
        .with_columns(arrow=arrow("nps_gap", "rest_p_adjusted", rule=rule))
        .pipe(flagged, rule=rule, hidden=_HIDDEN)
        .rename({"base": "n"})
    )  # fmt: skip


def _shares(whole: Moments, promoters: Floats) -> dict[str, Floats]:
    low, high = small_sample_interval(whole)
    detractors = promoters - whole.mean / 100
    return {
        "nps": whole.mean, "margin": margins(whole), "nps_low": low, "nps_high": high, "promoter_share": promoters,
        "passive_share": np.clip(1 - promoters - detractors, 0, 1), "detractor_share": np.clip(detractors, 0, 1),
        "effective_base": whole.effective_base,
    }  # fmt: skip


def _with_total(values: Floats) -> Floats:
    """(n_rows, 1 + n_columns): the total is not tested."""
    return np.hstack([np.full((len(values), 1), np.nan), values])
