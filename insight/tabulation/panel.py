"""People who answered two waves: what changed in each of them, tested as pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from insight.answers import Sample
from insight.schema import Question
from insight.stats.banner import flagged
from insight.stats.paired import mcnemar, paired_t
from insight.stats.proportions import Floats, Rule
from insight.tabulation.banners import Family
from insight.tabulation.everybody import inside
from insight.tabulation.figures import scored
from insight.tabulation.stubs import rows_of
from insight.tabulation.tracking import judged

SHARES = ("question", "row", "wave", "base", "share", "previous_wave", "previous_share", "wave_share_difference", "p_value", "p_adjusted", "verdict", "flag")  # fmt: skip
MEANS = ("question", "row", "wave", "base", "mean", "previous_wave", "previous_mean", "mean_change", "statistic", "p_value", "p_adjusted", "verdict", "flag")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Both:
    """Those who answered two waves in a row: their places in each (n_pairs), and their weights in the later."""

    wave: str
    previous_wave: str
    now: np.ndarray
    before: np.ndarray
    weight: Floats


def panel(
    closed: Sequence[Question], questions: Sequence[Question], waves: Family, *, people: Sample, rule: Rule
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """The shares and the means of those who answered both of two waves in a row.

    Parameters
    ----------
    closed, questions : as in ``tracking.tracked``
    people : those with a customer_id are told apart by it; of several answers in one wave the first respondent_id counts

    Returns
    -------
    "panel_shares" and "panel_means" (see ``SHARES``, ``MEANS``), each where there are pairs; base counts pairs
    """
    both = [one for one in _both(people, waves) if len(one.now) >= rule.tiny_base]
    shares = [line for one in both for q in closed for line in _shares(q, one, people)]
    means = [line for one in both for q in scored(questions, people.responses) for line in _means(q, one, people)]  # fmt: skip
    made = {"panel_shares": (shares, SHARES, "wave_share_difference"), "panel_means": (means, MEANS, "mean_change")}  # fmt: skip
    return {name: _told(lines, columns, change, rule) for name, (lines, columns, change) in made.items() if lines}  # fmt: skip


def _both(people: Sample, waves: Family) -> Iterator[Both]:
    if "customer_id" not in people.responses.columns:
        return
    ids = people.responses.select("respondent_id", "customer_id").with_row_index("at")
    each = []
    for at in range(len(waves.names)):
        own = ids.filter(pl.Series(inside(waves, at)), pl.col("customer_id").is_not_null())
        each.append(own.sort("respondent_id").unique("customer_id", keep="first", maintain_order=True))  # fmt: skip
    for at, (before, now) in enumerate(pairwise(each)):
        pairs = now.join(before, on="customer_id", suffix="_before").sort("customer_id")
        places = pairs["at"].to_numpy()
        yield Both(waves.names[at + 1], waves.names[at], places, pairs["at_before"].to_numpy(), people.weight.to_numpy()[places])  # fmt: skip


def _shares(question: Question, both: Both, people: Sample) -> Iterator[dict[str, object]]:
    """Every answer of a question, among the pairs who were asked twice."""
    for row in rows_of(people.responses, question, base="回答本题的人"):
        chosen = row.cast(pl.Float64).fill_null(np.nan).to_numpy()
        before, now, weight = _twice(chosen, both)
        if len(now):
            share, previous = (float(np.average(side, weights=weight)) for side in (now, before))
            p = paired_t(now, before, weight).p_value if people.is_weighted else mcnemar(before, now)  # fmt: skip
            yield _line(question, row.name, both, len(now)) | {"share": share, "previous_share": previous, "p_value": p, "change": share - previous}  # fmt: skip


def _means(question: Question, both: Both, people: Sample) -> Iterator[dict[str, object]]:
    """The mean of a scale among the pairs who answered it twice."""
    scores = people.responses[question.columns[0]].cast(pl.Float64).fill_null(np.nan).to_numpy()
    before, now, weight = _twice(scores, both)
    if len(now):
        mean, previous = (float(np.average(side, weights=weight)) for side in (now, before))
        found = paired_t(now, before, weight)
        yield _line(question, f"{question.id} {question.wording}", both, len(now)) | {"mean": mean, "previous_mean": previous, "statistic": found.t, "p_value": found.p_value, "change": mean - previous}  # fmt: skip


def _twice(values: Floats, both: Both) -> tuple[Floats, Floats, Floats]:
    """Before and now of the pairs with both, and their weights."""
    before, now = values[both.before], values[both.now]
    known = ~np.isnan(before) & ~np.isnan(now)
    return before[known], now[known], both.weight[known]


def _line(question: Question, row: str, both: Both, n: int) -> dict[str, object]:
    return {"question": question.id, "row": row, "wave": both.wave, "previous_wave": both.previous_wave, "previous_column": both.previous_wave, "base": n}  # fmt: skip


def _told(lines: Sequence[dict[str, object]], columns: Sequence[str], change: str, rule: Rule) -> pl.DataFrame:  # fmt: skip
    hidden = [c for c in columns if c in (change, "p_value", "p_adjusted", "statistic", *("share", "previous_share", "mean", "previous_mean"))]  # fmt: skip
    table = pl.DataFrame(lines).with_columns(pl.col(pl.Float64).fill_nan(None))
    tested = table.with_columns(p_value=pl.when(pl.col("base") >= rule.tiny_base).then("p_value"))
    return judged(tested, rule=rule).rename({"change": change}).pipe(flagged, rule=rule, hidden=hidden).select(columns)  # fmt: skip
