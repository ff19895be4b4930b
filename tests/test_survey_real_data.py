"""The tables of real questionnaires against pandas and statsmodels, which read the same files by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from math import isnan

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportions_ztest
from statsmodels.stats.weightstats import DescrStatsW

from insight.analyses.survey import crosstab, means
from insight.analysis import Result
from insight.clean import clean, propose
from insight.dataset import Dataset
from insight.readers import read
from tests.conftest import shared

WJX = "data/reportgen_wjx/问卷星数据_800_800_{}.xls"
MEMBERS = "data/membersurvey_sas/membersurvey.csv"
BURGER = "data/displayr_sav/Burger_Brand_Tracking_Dec_2017.sav"
TOTAL = "总计"


def _read(relative: str) -> Dataset:
    path = shared(relative)
    raw = read(path.read_bytes(), path.name)[0]
    cleaned = clean(raw, propose(raw), secret=b"s" * 32)
    return Dataset(responses=cleaned.frame, questionnaire=cleaned.questionnaire)


def _sheet(number: int) -> pd.DataFrame:
    return pd.read_excel(shared(WJX.format(number)), engine="calamine").rename(columns=str.strip)


def _cross(dataset: Dataset, **params: object) -> Result:
    return crosstab.run(dataset, crosstab.Params.model_validate(params))


def _cells(result: Result) -> dict[tuple[str, str], dict]:
    return {(cell["row"], cell["column"]): cell for cell in result.tables["table"].to_dicts()}


@pytest.fixture(scope="module")
def burger() -> Dataset:
    return _read(BURGER)


@pytest.fixture(scope="module")
def burger_by_hand() -> tuple[pd.DataFrame, Mapping[str, list[str]]]:
    """Answers of every respondent, and the variables of every set."""
    import pyreadstat

    frame, meta = pyreadstat.read_sav(shared(BURGER))
    sets = {one["label"]: list(one["variable_list"]) for one in meta.mr_sets.values()}
    return frame, sets


@pytest.fixture(scope="module")
def members() -> Dataset:
    return _read(MEMBERS)


@pytest.fixture(scope="module")
def members_by_hand(members) -> pd.DataFrame:
    raw = pd.read_csv(shared(MEMBERS), encoding="latin1")
    kept = raw[raw["id"].notna() & ~raw["id"].duplicated()]
    return kept[kept["id"].astype(int).astype(str).isin(members.responses["respondent_id"].to_list())]  # fmt: skip


def test_answers_by_text_and_by_number_give_the_same_tables():
    words, codes = (_sheet(n).replace(r"〖.*〗", "", regex=True) for n in (0, 2))
    by_text, by_number = (_read(WJX.format(n)) for n in (0, 2))
    for question in ("Q1", "Q2", "Q4", "Q5", "Q7"):
        at = next(c for c in words.columns if c.startswith(f"{question[1:]}、"))
        said = {str(int(code)): word for code, word in zip(codes[at].dropna(), words[at][codes[at].notna()], strict=True)}  # fmt: skip
        sexes = {str(int(code)): word for code, word in zip(codes["3、性别"], words["3、性别"], strict=True)}  # fmt: skip
        text, number = (_cells(_cross(d, rows=[question], breaks=["Q3"])) for d in (by_text, by_number))  # fmt: skip
        counts = pd.crosstab(words[at], words["3、性别"])
        for (row, column), cell in number.items():
            same = text[said.get(row, row), sexes.get(column, column)]
            assert (cell["n"], cell["base"], cell["share"]) == (same["n"], same["base"], same["share"])  # fmt: skip
            assert cell["p_adjusted"] == same["p_adjusted"]
            if column != TOTAL:
                assert same["n"] == counts.loc[said.get(row, row), sexes.get(column, column)]


@pytest.mark.parametrize("question", ["Q6", "Q8"])
def test_ticks_in_one_cell_and_in_columns_of_their_own_are_counted_alike(question):
    words = _sheet(0)
    at = next(c for c in words.columns if c.startswith(f"{question[1:]}、"))
    ticks = words[at].str.get_dummies("┋").groupby(words["3、性别"]).sum()
    by_text, by_number = (_read(WJX.format(n)) for n in (0, 2))
    text, number = (_cells(_cross(d, rows=[question], breaks=["Q3"])) for d in (by_text, by_number))
    compared = 0
    for row in {row for row, _ in text} & set(ticks.columns):
        for column, code in (("男", "1"), ("女", "2")):
            assert text[row, column]["n"] == ticks.loc[column, row]
            assert number[row, code]["n"] == ticks.loc[column, row]
            assert text[row, column]["base"] == number[row, code]["base"]
            compared += 1
    assert compared >= 16


def _differ(shares: Mapping[str, float], bases: Mapping[str, float]) -> dict[tuple[str, str], float]:  # fmt: skip
    """p of every two columns by statsmodels, times the number of pairs that can be compared."""
    can = [c for c, share in shares.items() if 0 < share < 1]
    pairs = list(combinations(can, 2))
    return {
        pair: min(1.0, len(pairs) * proportions_ztest([shares[c] * bases[c] for c in pair], [bases[c] for c in pair])[1])
        for pair in pairs
    }  # fmt: skip


@pytest.mark.parametrize("break_", ["S1", "S2"])
def test_all_18_sets_of_a_brand_tracker_have_the_weighted_shares_and_letters_of_statsmodels(
    burger, burger_by_hand, break_
):
    frame, sets = burger_by_hand
    multis = [q for q in burger.questionnaire.questions if q.kind == "multi"]
    assert len(multis) == len(sets) == 18
    result = _cross(burger, rows=[q.id for q in multis], breaks=[break_])
    groups = dict(result.tables["columns"].filter(pl.col("break").str.starts_with(break_)).select("column", "letter").rows())  # fmt: skip
    held = {"S1": {2: "15-18", 3: "19 to 24", 4: "25 to 29", 5: "30 to 34", 6: "35 to 39", 7: "40 to 44", 8: "45 to 49"}, "S2": {1: "Male", 2: "Female"}}[break_]  # fmt: skip
    assert set(held.values()) == set(groups) - {TOTAL}
    table = {(c["question"], c["row"], c["column"]): c for c in result.tables["table"].to_dicts()}
    group, weight = frame[break_].map(held), frame["wgt"]
    n_letters = 0
    for question, variables in zip(multis, sets.values(), strict=True):
        assert len(question.columns) == len(variables)
        is_asked = frame[variables].notna().any(axis=1)
        sums, squares = ((w[is_asked]).groupby(group[is_asked]).sum() for w in (weight, weight**2))
        bases = (sums**2 / squares).to_dict()
        for option, variable in zip(question.options, variables, strict=True):
            ticked = (frame[variable] == 1)[is_asked]
            shares = ((weight * ticked)[is_asked].groupby(group[is_asked]).sum() / sums).to_dict()
            p = _differ(shares, bases)
            for column in groups.keys() - {TOTAL}:
                cell = table[question.id, option.label, column]
                assert cell["n"] == (ticked & (group[is_asked] == column)).sum()
                assert cell["share"] == pytest.approx(shares[column], abs=1e-9)
                assert cell["effective_base"] == pytest.approx(bases[column], rel=1e-9)
                below = {groups[o].lower() for o in groups.keys() - {TOTAL, column} if shares[o] < shares[column] and p.get((column, o), p.get((o, column), 1.0)) <= 0.05}  # fmt: skip
                assert set(cell["letters"].lower()) == below
                n_letters += len(below)
    assert n_letters > 20


def test_scores_of_the_brand_tracker_have_the_weighted_means_of_statsmodels(burger, burger_by_hand):
    frame, _ = burger_by_hand
    question = "Q5b_3_10"
    variables = [c for c in frame.columns if c.startswith("Q5b")]
    assert variables
    result = means.run(burger, means.Params.model_validate({"rows": [question], "breaks": ["S2"]}))
    table = {c["column"]: c for c in result.tables["table"].to_dicts()}
    answers = burger.responses[question].to_numpy()
    ids = frame["ID"].astype(int).astype(str).to_list()
    assert ids == burger.responses["respondent_id"].to_list()
    weight, group = frame["wgt"].to_numpy(), frame["S2"].map({1.0: "Male", 2.0: "Female"}).to_numpy()  # fmt: skip
    for name in ("Male", "Female"):
        kept = (group == name) & ~np.isnan(answers.astype(float))
        told = DescrStatsW(answers[kept], weights=weight[kept])
        assert table[name]["base"] == kept.sum()
        assert table[name]["mean"] == pytest.approx(told.mean, abs=1e-9)


def test_members_are_counted_with_the_weights_of_their_file(members, members_by_hand):
    raw = members_by_hand
    assert len(raw) == members.responses.height
    for question in ("Q3", "Q6", "Q20"):
        cells = _cells(_cross(members, rows=[question], breaks=["Q35"]))
        variables = [c for c in raw.columns if c.startswith(f"{question}_") and c != f"{question}_other"]  # fmt: skip
        is_asked = raw[variables].notna().any(axis=1) & raw["Q35"].notna()
        asked = raw[is_asked]
        weights = asked.groupby("Q35")["weight"].sum()
        for at, variable in enumerate(variables, 1):
            ticked = asked[asked[variable] == "Yes"]
            for sex in ("Male", "Female"):
                cell = cells[str(at), sex]
                assert cell["n"] == (ticked["Q35"] == sex).sum()
                share = ticked[ticked["Q35"] == sex]["weight"].sum() / weights[sex]
                assert cell["share"] == pytest.approx(share, abs=1e-12)


def test_a_single_choice_of_the_members_by_sex_is_tested_as_by_scipy(members, members_by_hand):
    raw = members_by_hand.dropna(subset=["Q7", "Q35"])
    cells = _cells(_cross(members, rows=["Q7"], breaks=["Q35"], weight="none", correction="none"))
    counts = pd.crosstab(raw["Q7"], raw["Q35"])
    for answer in counts.index:
        male, female = counts.loc[answer, "Male"], counts.loc[answer, "Female"]
        bases = counts["Male"].sum(), counts["Female"].sum()
        table = [[male, bases[0] - male], [female, bases[1] - female]]
        p = stats.chi2_contingency(table, correction=False).pvalue
        told = cells[answer, "Male"]["p_adjusted"]
        assert (cells[answer, "Male"]["n"], cells[answer, "Female"]["n"]) == (male, female)
        assert isnan(p) if told is None else told == pytest.approx(p, abs=1e-9)
