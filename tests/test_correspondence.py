"""Correspondence analysis against Greenacre's smoking data, FactoMineR's tea and what must hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from conftest import shared
from research_sample import alone

from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, NothingToTell, TooFewRows, UnknownName
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.stats.correspondence import correspondence, supplementary

SMOKE = np.array([[4, 2, 3, 2], [4, 3, 7, 4], [25, 10, 12, 4], [18, 24, 33, 13], [10, 6, 7, 2]], dtype=float)  # fmt: skip


def asked(dataset: Dataset, **params: object):
    analysis = find("correspondence")
    return answer(analysis, dataset, analysis.params.model_validate(params))


def test_smoking_among_staff_is_mapped_as_published():
    """Greenacre (1984); the figures of summary(ca(smoke)) of the R package ca."""
    found = correspondence(SMOKE)
    assert found.inertia == pytest.approx([0.074759, 0.010017, 0.000414], abs=5e-7)
    assert found.inertia / found.total == pytest.approx([0.8776, 0.1176, 0.0049], abs=5e-5)
    standard = found.rows.coordinates[:, 0] / np.sqrt(found.inertia[0])
    assert standard == pytest.approx([0.240539, -0.947105, 1.391973, -0.851989, 0.735456], abs=1e-6)
    assert found.rows.mass == pytest.approx([0.056995, 0.093264, 0.264249, 0.455959, 0.129534], abs=5e-7)  # fmt: skip


def test_tea_drinkers_have_the_inertias_of_factominer():
    """MCA is the correspondence analysis of the indicator matrix; FactoMineR: .148 .122 .090, 9.885 8.103 6.001 %."""
    tea = pl.read_csv(shared("data/factominer_tea/tea.csv"))
    active = tea.select(tea.columns[:18])
    found = correspondence(active.to_dummies().to_numpy().astype(float))
    assert found.inertia[:3] == pytest.approx([0.148, 0.122, 0.090], abs=5e-4)
    assert found.inertia[:3] / found.total == pytest.approx([0.09885, 0.08103, 0.06001], abs=5e-6)


def test_inertia_is_chi_square_over_n_and_contributions_add_up():
    from scipy.stats import chi2_contingency

    found = correspondence(SMOKE)
    assert found.total == pytest.approx(chi2_contingency(SMOKE).statistic / SMOKE.sum())
    for side in (found.rows, found.columns):
        assert side.contributions.sum(axis=0) == pytest.approx([1, 1, 1])
        assert side.quality.sum(axis=1) == pytest.approx(np.ones(len(side.mass)))
        assert side.mass @ side.coordinates == pytest.approx([0, 0, 0], abs=1e-12)


def test_a_further_row_with_the_profile_of_an_active_one_lies_on_it():
    found = correspondence(SMOKE)
    placed = supplementary(3 * SMOKE[[2]], found, side=found.columns)
    assert placed == pytest.approx(found.rows.coordinates[[2]])
    average = supplementary(SMOKE.sum(axis=0, keepdims=True), found, side=found.columns)
    assert average == pytest.approx(np.zeros((1, 3)), abs=1e-12)


def staff(counts: np.ndarray = SMOKE, times: int = 1) -> Dataset:
    rows = [(f"职位{i}", f"量{j}") for i, line in enumerate(counts) for j, n in enumerate(line) for _ in range(int(n) * times)]  # fmt: skip
    frame = pl.DataFrame(rows, schema=["Q1", "Q2"], orient="row").with_row_index("respondent_id")
    frame = frame.with_columns(pl.col("respondent_id").cast(pl.String))
    options = {"Q1": [f"职位{i}" for i in range(len(counts))], "Q2": [f"量{j}" for j in range(counts.shape[1])]}  # fmt: skip
    questions = tuple(
        Question(id=q, wording=q, kind=QuestionKind.SINGLE, columns=(q,), options=tuple(Option(label=o) for o in told))
        for q, told in options.items()
    )  # fmt: skip
    return Dataset(responses=frame, questionnaire=Questionnaire(questions=questions))


def test_the_analysis_counts_the_same_table():
    tables = asked(staff(), questions=["Q1"], by="Q2").tables
    assert tables["axes"]["inertia"].to_list() == pytest.approx([0.074759, 0.010017, 0.000414], abs=5e-7)  # fmt: skip
    assert tables["points"].height == 9
    first = tables["attractions"].row(by_predicate=pl.col("column_group") == "量0", named=True)
    assert (first["row_group"], first["share"]) == ("职位2", pytest.approx(25 / 61))
    assert first["share_all"] == pytest.approx(51 / 193)


def test_a_group_of_too_few_people_shapes_no_map():
    few = SMOKE.copy()
    few[:, 3] = [5, 0, 0, 0, 0]
    result = asked(staff(few), questions=["Q1"], by="Q2")
    assert "量3" not in result.tables["points"]["point"].to_list()
    assert any("不在图上：量3" in note for note in result.notes)


def test_two_axes_that_show_too_little_are_warned_of():
    spread = np.full((6, 6), 20.0) + np.diag([30.0] * 6)  # five equal axes: 40 % on the first two
    text = asked(staff(spread), questions=["Q1"], by="Q2").findings[0].text
    assert "前两个维度解释 40.0% 的差别" in text
    assert "只能参考" in text


def test_weights_move_the_counts():
    dataset = staff()
    heavy = pl.when(pl.col("Q2") == "量0").then(2.0).otherwise(1.0)
    weighted = replace(dataset, responses=dataset.responses.with_columns(weight=heavy))
    mass = dict(asked(weighted, questions=["Q1"], by="Q2").tables["points"].select("point", "mass_share").iter_rows())  # fmt: skip
    assert mass["量0"] == pytest.approx(122 / 254)


def test_brands_by_attributes_from_one_multiple_choice_a_brand():
    """Counts of the smoking table again, asked brand by brand."""
    columns, questions = {}, []
    for brand in range(5):
        options = tuple(Option(label=f"形象{j}", column=f"Q{brand}[{j}]") for j in range(4))
        for j, option in enumerate(options):
            columns[option.column] = np.arange(60) < SMOKE[brand, j]
        questions.append(Question(id=f"Q{brand}", wording=f"品牌{brand}", kind=QuestionKind.MULTI, columns=tuple(o.column for o in options), options=options))  # fmt: skip
    frame = pl.DataFrame({"respondent_id": [f"r{i}" for i in range(60)], **columns})
    dataset = Dataset(responses=frame, questionnaire=Questionnaire(questions=tuple(questions)))
    tables = asked(dataset, questions=[f"Q{b}" for b in range(5)]).tables
    assert tables["axes"]["inertia"][0] == pytest.approx(0.074759, abs=5e-7)
    assert tables["points"].filter(kind="题目")["point"].to_list() == [f"品牌{b}" for b in range(5)]


def test_what_cannot_be_mapped_is_one_sentence():
    with pytest.raises(NothingToTell, match="完全一样"):
        asked(staff(np.full((3, 3), 12.0)), questions=["Q1"], by="Q2")
    with pytest.raises(NothingToTell, match="不足两个"):
        asked(staff(np.array([[30.0, 40.0]])), questions=["Q1"], by="Q2")
    with pytest.raises(BadParameter, match="不能和自己对应"):
        asked(staff(), questions=["Q1"], by="Q1")
    with pytest.raises(UnknownName, match="Q9"):
        asked(staff(), questions=["Q9"], by="Q2")
    with pytest.raises(TooFewRows):
        asked(replace(alone(4)), questions=["MD1b"], by="MD2b")
