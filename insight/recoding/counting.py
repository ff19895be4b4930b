"""What was answered how often, for a look before and after a recode."""

from __future__ import annotations

import polars as pl

from insight.answers import CLOSED, IN_ROWS, chosen, parts
from insight.bases import why_missing
from insight.schema import MISSING_LABELS, Question, QuestionKind
from insight.stubs import stub

_MOST_VALUES = 60


def counts(responses: pl.DataFrame, question: Question) -> pl.DataFrame:
    """Count the answers to a question.

    Returns
    -------
    (n_rows) option, n [respondents, unweighted]: every option (of a matrix row by row), every
        number up to 60 different ones, of other rows and of words how many answered; then 未被问到,
        未答 and 拒答 where there are any. Identifiers and weights are not told.
    """
    why = why_missing(responses, question)
    absent = [(label, int((why == m).sum())) for m, label in MISSING_LABELS.items()]
    table = [*_rows(responses, question), *(row for row in absent if row[1])]
    return pl.DataFrame(table, schema={"option": pl.String, "n": pl.Int64}, orient="row")


def _rows(responses: pl.DataFrame, question: Question) -> list[tuple[str, int]]:
    if question.kind in CLOSED:
        ticked = (stub if question.kind is QuestionKind.MATRIX else chosen)(responses, question)
        return [(name, int(ticked[name].sum())) for name in ticked.columns]
    if question.kind in IN_ROWS and question.rows:
        named = zip(question.rows, parts(question, responses), strict=False)
        return [(row, responses[p.columns[0]].count()) for row, p in named]
    values = responses[question.columns[0]].drop_nulls()
    if question.kind in (QuestionKind.NUMBER, QuestionKind.SLIDER):
        found = values.value_counts(name="n").sort(values.name).head(_MOST_VALUES)
        return [(f"{value:g}", n) for value, n in found.iter_rows()]
    return [("有回答", len(values))]
