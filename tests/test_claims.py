"""What a sentence may claim: rules of wording, and no 显著 beyond chance where there is nothing to find."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest

from insight.analyses import catalogue
from insight.analysis import Cell, Finding, answer
from insight.claims import broken_rules, caution, finds_nothing
from insight.dataset import Dataset
from insight.schema import Option, Question, QuestionKind, Questionnaire

STUDIES, PEOPLE = 100, 180
# 5 % of 100 studies, and three standard errors: sqrt(100 × .05 × .95) = 2.2.
MOST = 5 + 3 * 2.2
QUOTED = re.compile("“[^”]*”")
CROSSED = {"rows": ["Q1"], "breaks": ["Q2"]}
ASKED = {
    "means": {"rows": ["Q3"], "breaks": ["Q2"]},
    "independence": {"question": "Q1", "by": "Q2"},
    "group_test": {"question": "Q3", "by": "Q2"},
    "scan": {},
}  # fmt: skip


def null_study(seed: int) -> Dataset:
    """Answers that have nothing to do with each other: three options, three groups, a scale of five."""
    rng = np.random.default_rng(seed)
    q1, q2 = (rng.choice(list(letters), PEOPLE) for letters in ("甲乙丙", "东西北"))
    frame = pl.DataFrame({"respondent_id": [f"r{i:04d}" for i in range(PEOPLE)], "Q1": q1, "Q2": q2, "Q3": rng.integers(1, 6, PEOPLE).astype(float)})  # fmt: skip
    single = [
        Question(id=key, wording=wording, kind=QuestionKind.SINGLE, columns=(key,), options=tuple(Option(label=one) for one in letters))
        for key, wording, letters in (("Q1", "最常买哪个？", "甲乙丙"), ("Q2", "住在哪里？", "东西北"))
    ]  # fmt: skip
    scale = Question(id="Q3", wording="有多满意？", kind=QuestionKind.SCALE, columns=("Q3",), options=tuple(Option(label=str(i), code=str(i)) for i in range(1, 6)))  # fmt: skip
    return Dataset(responses=frame, questionnaire=Questionnaire(questions=(*single, scale)))


def claims_a_difference(findings: tuple[Finding, ...]) -> bool:
    """Whether the first sentence, which tells the test, says that there is one; the scan says how many."""
    first = findings[0]
    counted = re.search(r"校正后有 (\d+) 次显著", first.text)
    loud = any("显著" in QUOTED.sub("", one.text) and not finds_nothing(one) for one in findings)
    return counted[1] != "0" if counted else loud or not finds_nothing(first)


def judged(key: str, dataset: Dataset) -> tuple[Finding, ...]:
    analysis = catalogue()[key]
    params = analysis.params.model_validate(ASKED.get(key, CROSSED))
    return answer(analysis, dataset, params).findings


@pytest.mark.parametrize("key", ASKED)
def test_of_a_hundred_studies_without_a_difference_no_more_claim_one_than_the_level_allows(key):
    found = [judged(key, null_study(seed)) for seed in range(STUDIES)]
    assert sum(map(claims_a_difference, found)) <= MOST
    assert all(not broken_rules(one) for findings in found for one in findings)


def test_letters_of_cross_tables_keep_the_level_for_every_option():
    """Bonferroni over the columns of a row, as in SPSS: of 300 options at most 5 % and three standard errors."""
    analysis = catalogue()["crosstab"]
    params = analysis.params.model_validate(CROSSED)
    tables = [answer(analysis, null_study(seed), params).tables["table"] for seed in range(STUDIES)]
    marked = [t.filter(t["letters"].str.contains("[A-Za-z]"))["row"].n_unique() for t in tables]
    n = 3 * STUDIES
    assert sum(marked) <= n * 0.05 + 3 * (n * 0.05 * 0.95) ** 0.5


@pytest.mark.parametrize("key", ["crosstab", "independence", "group_test", "means", "scan"])
def test_the_guard_would_see_a_difference_that_is_there(key):
    """The same studies with a planted difference: every one is named, so silence above means something."""
    dataset = null_study(1)
    east = (dataset.responses["Q2"] == "东") & (pl.int_range(PEOPLE, eager=True) % 5 > 0)
    planted = dataset.responses.with_columns(
        Q1=pl.when(east).then(pl.lit("甲")).otherwise("Q1"), Q3=pl.when(east).then(5.0).otherwise("Q3")
    )  # fmt: skip
    whole = Dataset(responses=planted, questionnaire=dataset.questionnaire)
    assert claims_a_difference(judged(key, whole))


def _finding(text, base=100, test="z 检验"):
    return Finding(text, base, (Cell("t", 0, "n"),), test)


@pytest.mark.parametrize("word", ["导致", "促使", "使得", "归因于", "的原因是"])
def test_no_causal_verb_from_a_cross_section(word):
    assert broken_rules(_finding(f"等候{word}流失 30%。"))
    assert not broken_rules(_finding(f"提到“等候{word}流失”的占 30%。"))


@pytest.mark.parametrize(("base", "is_hedged"), [(29, True), (30, False)])
def test_thirty_people_are_enough_for_a_firm_statement(base, is_hedged):
    one = _finding("占 30%。", base, "")
    assert bool(caution(one)) == is_hedged
    assert bool(broken_rules(_finding("显著高于。", base))) == is_hedged
