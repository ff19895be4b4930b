"""One row per question: who answered it, why the others did not, and the figures that fit its kind."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from insight.answers import SCORED, Sample, nets
from insight.bases import why_missing
from insight.schema import QUESTION_KIND_LABELS, Missing, Question, QuestionKind
from insight.stats.banner import SUPPRESSED, count_choices
from insight.stats.proportions import Rule
from insight.stats.scores import mean_of, net_promoter

SUMMARY = {
    "question": pl.String, "wording": pl.String, "kind": pl.String, "n_shown": pl.Int64, "base": pl.Int64,
    "n_missing": pl.Int64, "n_refused": pl.Int64, "n_not_asked": pl.Int64,
    "mean": pl.Float64, "sd": pl.Float64, "median": pl.Float64, "top2_share": pl.Float64,
    "any_share": pl.Float64, "nps": pl.Float64, "nps_margin": pl.Float64, "flag": pl.String,
}  # fmt: skip


def summary_table(questions: Sequence[Question], people: Sample, rule: Rule) -> pl.DataFrame:
    """One row per question.

    Returns
    -------
    (n_questions) question, wording, kind, n_shown [saw it], base [answered; MULTI: saw it],
        n_missing [saw it and gave no answer; also where nothing is known of an empty cell],
        n_refused, n_not_asked, mean, sd, median [scores; median unweighted], top2_share [SCALE:
        highest two scores], any_share [MULTI: at least one option], nps, nps_margin [points, 95 %],
        flag
    """
    rows = [_row(question, people, rule) for question in questions]
    return pl.DataFrame(rows, schema=SUMMARY, orient="row").with_columns(pl.col(pl.Float64).fill_nan(None))  # fmt: skip


def _row(question: Question, people: Sample, rule: Rule) -> dict[str, object]:
    held = [c for c in question.columns if c in people.responses.columns]
    answered = pl.any_horizontal(pl.col(held).is_not_null())
    base = int(people.responses.select(answered.sum()).item())
    why = why_missing(people.responses, question)
    n_why = {m: int((why == m.value).sum()) for m in Missing}
    row: dict[str, object] = dict.fromkeys(SUMMARY) | {
        "question": question.id, "wording": question.wording, "kind": QUESTION_KIND_LABELS[question.kind],
        "n_shown": len(why) - n_why[Missing.NOT_ASKED], "base": base, "n_missing": n_why[Missing.NO_ANSWER],
        "n_refused": n_why[Missing.REFUSED], "n_not_asked": n_why[Missing.NOT_ASKED],
        "flag": "" if base >= rule.small_base else "*" if base >= rule.tiny_base else SUPPRESSED,
    }  # fmt: skip
    return row | _figures(question, people) if base >= rule.tiny_base else row


def _figures(question: Question, people: Sample) -> dict[str, object]:
    """Mean, NPS, T2B or NET of a question, whatever fits its kind."""
    grouped = count_choices(nets(people.responses, question), weight=people.weight)
    shares = grouped["share"].to_list()
    if question.kind is QuestionKind.MULTI:
        return {"any_share": shares[0]}
    if question.kind not in SCORED:
        return {}
    scores = people.responses[question.columns[0]]
    mean = mean_of(scores, weight=people.weight)
    figures: dict[str, object] = {"mean": mean.mean, "sd": mean.sd, "median": scores.median()}
    if question.kind is QuestionKind.NPS:
        net = net_promoter(shares[0], shares[2], base=grouped["effective_base"][0])
        return figures | {"nps": net.score, "nps_margin": net.margin}
    return figures | {"top2_share": shares[0] if shares else None}
