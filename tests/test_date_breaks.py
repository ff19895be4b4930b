"""Answered dates divide people by month, and by year where there are too many months for one table."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from insight import pipeline
from insight import study as store
from insight.dataset import Dataset
from insight.errors import UnknownName
from insight.schema import Question, QuestionKind, Questionnaire
from insight.segmentation.breaks import available, break_of


def answered(*days):
    """A questionnaire whose only question asks for a day."""
    seconds = [d and (d - date(1970, 1, 1)).days * 86_400 + 3_600 for d in days]
    ids = [str(i) for i in range(len(days))]
    responses = pl.DataFrame({"respondent_id": ids, "Q1": pl.Series(seconds, dtype=pl.Int64)})
    question = Question(id="Q1", wording="首次购买日期", kind=QuestionKind.DATE, columns=("Q1",))
    return Dataset(responses=responses, questionnaire=Questionnaire(questions=(question,)))


def test_months_in_their_order_and_who_did_not_answer_is_in_none():
    data = answered(date(2024, 3, 31), date(2023, 12, 1), None, date(2024, 3, 1))
    found = break_of(data, "Q1", unit="respondent_id")
    assert available(data)["Q1"] == "Q1 首次购买日期（按月）"
    assert found.groups == ("2023-12", "2024-03")
    assert dict(found.members.iter_rows()) == {"0": "2024-03", "1": "2023-12", "3": "2024-03"}


def test_more_than_twenty_months_are_told_by_year():
    data = answered(*(date(2022 + m // 12, m % 12 + 1, 5) for m in range(21)))
    assert available(data)["Q1"] == "Q1 首次购买日期（按年）"
    assert break_of(data, "Q1", unit="respondent_id").groups == ("2022", "2023")


@pytest.mark.parametrize(
    "days", [[date(2024, 3, 1)] * 3, [date(y, 1, 1) for y in range(1990, 2020)]]
)
def test_dates_of_one_month_or_of_too_many_years_are_no_break(days):
    data = answered(*days)
    assert "Q1" not in available(data)
    with pytest.raises(UnknownName):
        break_of(data, "Q1", unit="respondent_id")


def test_a_crosstab_takes_a_date_as_its_break(study):
    rows = "".join(f"{i},2024-0{i % 3 + 1}-15,{'好' if i % 2 else '差'}\n" for i in range(1, 31))
    pipeline.add(study, f"序号,1、哪天买的,2、怎么样\n{rows}".encode(), "问卷.csv")
    pipeline.retype(study, 0, {"Q1": QuestionKind.DATE}, parent=store.head(study).id)
    assert pipeline.choices(study)["breaks"]["Q1"] == "Q1 哪天买的（按月）"
    table = pipeline.run(study, "crosstab", changes={"question": "Q2", "by": "Q1"}).tables
    assert table["columns"].select("column", "base").rows() == [
        ("总计", 30), ("2024-01", 10), ("2024-02", 10), ("2024-03", 10),
    ]  # fmt: skip
