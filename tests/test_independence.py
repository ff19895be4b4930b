"""Tests of independence: published tables of Agresti and R, weights, thin tables, and what stands out."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from insight.analyses.survey import independence as analysis
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import BadParameter, MissingColumns, TooFewRows
from insight.schema import Option, Question, Questionnaire
from insight.stats import independence
from insight.stats.several_answers import Ticks, options_together
from tests.conftest import shared

PARTY = np.array([[762.0, 327, 468], [484, 239, 477]])  # Agresti (2007), table 2.5: sex by party
JOB = np.array([[1.0, 3, 10, 6], [2, 3, 10, 7], [1, 6, 14, 12], [0, 1, 9, 11]])  # R, ?fisher.test
TEA = np.array([[3.0, 1], [1, 3]])  # Fisher (1935)


def by_kind(counts, n_samples=20_000):
    return {t.kind: t for t in independence.tests_of(counts, n_samples=n_samples, seed=2)}


def test_a_published_table_gives_its_published_figures():
    found = by_kind(PARTY)
    assert found["pearson"].statistic == pytest.approx(30.07, abs=5e-3)
    assert found["likelihood"].statistic == pytest.approx(30.02, abs=5e-3)
    assert found["pearson"].df == 2
    assert "monte_carlo" not in found


def test_thin_tables_are_tested_exactly():
    found = independence.tests_of(TEA, n_samples=999, seed=1)
    assert [t.kind for t in found] == ["fisher", "pearson", "likelihood", "yates"]
    assert found[0].p_value == pytest.approx(34 / 70)
    assert found[3].statistic == pytest.approx(0.5)  # 8 (|3 x 3 - 1 x 1| - 4)^2 / 4^4


def test_larger_thin_tables_are_tested_by_random_tables_near_the_exact_p_of_r():
    found = independence.tests_of(JOB, n_samples=20_000, seed=2)
    assert found[0].kind == "monte_carlo"
    assert found[0].error == pytest.approx(np.sqrt(0.7827 * 0.2173 / 20_000), rel=0.02)
    assert found[0].p_value == pytest.approx(0.7827, abs=4 * found[0].error)
    again = independence.tests_of(JOB, n_samples=20_000, seed=2)
    assert again[0].p_value == found[0].p_value


def test_equal_weights_give_pearsons_test_and_their_scale_changes_nothing():
    n = int(PARTY.sum())
    plain, design = independence.rao_scott(PARTY, PARTY, n)
    assert design == pytest.approx(1)
    assert plain.statistic == pytest.approx(by_kind(PARTY)["pearson"].statistic)
    doubled, _ = independence.rao_scott(2 * PARTY, 4 * PARTY, n)
    assert doubled.statistic == pytest.approx(plain.statistic)


def test_the_design_effect_is_made_of_the_linearised_variances_of_all_shares():
    rng = np.random.default_rng(4)
    n = 500
    row, column, w = rng.integers(0, 2, n), rng.integers(0, 3, n), rng.uniform(0.3, 3, n)

    def effect(held):
        p = np.average(held, weights=w)
        variance = n / (n - 1) * ((w * (held - p)) ** 2).sum() / w.sum() ** 2
        return (1 - p) * variance / (p * (1 - p) / (n - 1))

    cells = sum(effect((row == i) & (column == j)) for i in range(2) for j in range(3))
    margins = sum(effect(row == i) for i in range(2)) + sum(effect(column == j) for j in range(3))
    weights, squares = (
        np.array([[x[(row == i) & (column == j)].sum() for j in range(3)] for i in range(2)]) for x in (w, w**2)
    )  # fmt: skip
    found, design = independence.rao_scott(weights, squares, n)
    assert design == pytest.approx((cells - margins) / 2)
    unweighted = stats.chi2_contingency(weights * n / weights.sum(), correction=False).statistic
    assert found.statistic == pytest.approx(unweighted / design)


def test_uneven_weights_make_p_larger():
    found, design = independence.rao_scott(PARTY, 3 * PARTY, int(PARTY.sum()))
    assert design == pytest.approx(3)
    assert found.p_value > by_kind(PARTY)["pearson"].p_value


def test_the_interval_of_v_inverts_the_noncentral_distribution():
    v, low, high = independence.v_interval(30.07, 2, n=2757, shape=(2, 3))
    assert v == pytest.approx(np.sqrt(30.07 / 2757))
    noncentral = [2757 * bound**2 - 2 for bound in (low, high)]
    assert stats.ncx2.cdf(30.07, 2, noncentral) == pytest.approx([0.975, 0.025], abs=1e-6)
    assert low < v < high
    assert independence.v_interval(0.5, 2, n=2757, shape=(2, 3))[1] == 0


QUESTIONS = Questionnaire(
    questions=(
        Question(id="SEX", wording="性别", kind="single", columns=("SEX",), options=(Option(label="女"), Option(label="男"))),
        Question(id="PARTY", wording="支持谁", kind="single", columns=("PARTY",), options=tuple(Option(label=p) for p in ("民主", "中立", "共和", "没人选"))),
        Question(id="M", wording="都用什么", kind="multi", columns=("M1", "M2"), options=(Option(label="甲", column="M1"), Option(label="乙", column="M2"))),
        Question(id="SAME", wording="都一样", kind="single", columns=("SAME",), options=(Option(label="是"),)),
        Question(id="N", wording="金额", kind="number", columns=("N",)),
    )
)  # fmt: skip


@pytest.fixture
def study():
    counts = {("女", "民主"): 762, ("女", "中立"): 327, ("女", "共和"): 468, ("男", "民主"): 484, ("男", "中立"): 239, ("男", "共和"): 477}  # fmt: skip
    rows = [pair for pair, n in counts.items() for _ in range(n)]
    n = len(rows)
    answers = pl.DataFrame({
        "respondent_id": [f"r{i:04}" for i in range(n)], "SEX": [s for s, _ in rows], "PARTY": [p for _, p in rows],
        "M1": [True] * n, "M2": [False] * n, "SAME": ["是"] * n, "N": [float(i) for i in range(n)],
    })  # fmt: skip
    return Dataset(responses=answers, questionnaire=QUESTIONS)


def ask(study, **params):
    return answer(analysis.ANALYSIS, study, analysis.Params(**params))


def test_the_cells_have_agrestis_residuals_and_the_sentence_tells_the_largest(study):
    result = ask(study, question="PARTY", by="SEX")
    cells = {(r["row"], r["column"]): r for r in result.tables["cells"].to_dicts()}
    assert cells["民主", "女"]["adjusted_residual"] == pytest.approx(4.50, abs=5e-3)
    assert cells["共和", "女"]["adjusted_residual"] == pytest.approx(-5.32, abs=5e-3)
    assert cells["中立", "女"]["adjusted_residual"] == pytest.approx(0.70, abs=5e-3)
    assert cells["民主", "女"]["n"] == 762
    assert cells["民主", "女"]["expected"] == pytest.approx(703.7, abs=0.05)
    assert [cells[k, "女"]["reading"] for k in ("民主", "中立", "共和")] == ["偏高", "", "偏低"]
    assert "因“SEX 性别”而不同（p<0.001）" in result.findings[0].text
    assert "“男”选“共和”的人多于预期：477 人" in result.findings[1].text
    assert result.tables["summary"]["base"][0] == 2757


def test_weighted_answers_are_tested_with_the_design_effect(study):
    weighted = study.responses.with_columns(weight=pl.Series([0.5, 1.5, 1.0] * 919))
    result = ask(Dataset(responses=weighted, questionnaire=QUESTIONS), question="PARTY", by="SEX")
    assert result.tables["tests"]["method"][0] == "Rao–Scott 一阶校正 χ²"
    assert result.tables["summary"]["effective_base"][0] == pytest.approx(2757 / (1 + 1 / 6), rel=1e-3)  # fmt: skip
    assert any("平均设计效应 1.1" in note for note in result.notes)


def test_thin_answers_say_that_the_exact_test_was_taken(study):
    few = pl.concat([study.responses.filter(pl.col("SEX") == "女").gather_every(200), study.responses.filter(pl.col("SEX") == "男").gather_every(200)])  # fmt: skip
    assert few["PARTY"].n_unique() == 3
    result = ask(Dataset(responses=few, questionnaire=QUESTIONS), question="PARTY", by="SEX")
    assert "Monte Carlo" in result.tables["tests"]["method"][0]
    assert set(result.tables["cells"].filter(pl.col("base") < 10)["flag"]) == {"—"}
    assert result.tables["cells"].filter(pl.col("base") < 10)["share"].is_null().all()
    assert any("超过 20%，所以采用 Fisher–Freeman–Halton" in note for note in result.notes)


@pytest.mark.parametrize(
    ("params", "error", "said"),
    [
        ({"question": "M", "by": "SEX"}, BadParameter, "每个选项不是人人都选就是没有人选"),
        ({"question": "SAME", "by": "SEX"}, BadParameter, "回答全部相同"),
        ({"question": "SEX", "by": "SEX"}, BadParameter, "不能和自己比较"),
        ({"question": "N", "by": "SEX"}, BadParameter, "数值题请用“组间检验”"),
    ],
)
def test_what_makes_no_table_is_said_in_one_sentence(params, error, said, study):
    with pytest.raises(error, match=said):
        ask(study, **params)


def test_an_empty_group_and_too_few_people_are_said(study):
    alone = study.responses.filter(pl.col("SEX") == "女")
    with pytest.raises(BadParameter, match="同一组里"):
        ask(Dataset(responses=alone, questionnaire=QUESTIONS), question="PARTY", by="SEX")
    with pytest.raises(TooFewRows, match="只有 6 个，至少需要 10 个"):
        ask(Dataset(responses=study.responses.head(6), questionnaire=QUESTIONS), question="PARTY", by="SEX")  # fmt: skip
    bare = Questionnaire(questions=(QUESTIONS.find("N"),))
    with pytest.raises(MissingColumns, match="单选、量表或 NPS 题"):
        ask(Dataset(responses=study.responses, questionnaire=bare))


def test_hundreds_of_options_are_tested(study):
    rng = np.random.default_rng(6)
    many = study.responses.with_columns(PARTY=pl.Series([f"牌子{i:03}" for i in rng.integers(0, 400, study.responses.height)]))  # fmt: skip
    result = ask(Dataset(responses=many, questionnaire=QUESTIONS), question="PARTY", by="SEX", n_samples=999)  # fmt: skip
    assert result.tables["cells"].height == 2 * many["PARTY"].n_unique() > 700
    assert result.tables["summary"]["p_value"][0] > 0.01


def test_tea_drinkers_give_the_figures_of_scipy():
    tea = pl.read_csv(shared("data/factominer_tea/tea.csv")).cast(pl.String)
    asked = ("where", "how")
    questions = Questionnaire(questions=tuple(Question(id=q, wording=q, kind="single", columns=(q,)) for q in asked))  # fmt: skip
    answers = tea.select(asked).with_row_index("respondent_id").cast({"respondent_id": pl.String})
    result = ask(Dataset(responses=answers, questionnaire=questions), question="how", by="where")
    table = answers.group_by(asked).len().pivot("how", index="where", values="len").fill_null(0)
    found = stats.chi2_contingency(table.drop("where").to_numpy(), correction=False)
    assert result.tables["summary"]["base"][0] == 300
    tests = dict(result.tables["tests"].select("method", "statistic").rows())
    assert tests["Pearson χ²"] == pytest.approx(found.statistic)


@pytest.fixture
def ticking():
    """Three options, of which the second depends on the group; some were not asked."""
    rng = np.random.default_rng(3)
    n = 600
    group = rng.integers(0, 3, n)
    ticks = np.column_stack(
        [rng.random(n) < 0.4, rng.random(n) < 0.2 + 0.2 * group, rng.random(n) < 0.3]
    )
    options = tuple(Option(label=name, column=f"T{at}") for at, name in enumerate("甲乙丙"))
    questions = Questionnaire(questions=(
        Question(id="T", wording="都用什么", kind="multi", columns=("T0", "T1", "T2"), options=options),
        Question(id="G", wording="哪里人", kind="single", columns=("G",), options=tuple(Option(label=g) for g in ("东", "西", "北"))),
    ))  # fmt: skip
    asked = pl.int_range(pl.len()) % 12 > 0
    frame = pl.DataFrame({
        "respondent_id": [f"r{i:03}" for i in range(n)], "G": [("东", "西", "北")[g] for g in group], **{f"T{at}": ticks[:, at] for at in range(3)},
    }).with_columns(pl.when(asked).then(pl.col("T0", "T1", "T2")))  # fmt: skip
    return Dataset(responses=frame, questionnaire=questions)


def test_options_of_several_answers_are_tested_one_by_one_and_added_up_as_by_decady_and_thomas(ticking):  # fmt: skip
    tables = ask(ticking, question="T", by="G").tables
    asked = ticking.responses.drop_nulls()
    by_hand = []
    for column in ("T0", "T1", "T2"):
        table = [[asked.filter(pl.col(column) == is_ticked, G=g).height for g in ("东", "西", "北")] for is_ticked in (True, False)]  # fmt: skip
        by_hand.append(stats.chi2_contingency(table, correction=False))
    options = tables["options"]
    assert options["base"].to_list() == [asked.height] * 3
    assert options["statistic"].to_list() == pytest.approx([t.statistic for t in by_hand])
    p = np.array([t.pvalue for t in by_hand])
    assert options["p_adjusted"].to_list() == pytest.approx(list(multipletests(p, method="holm")[1]))  # fmt: skip
    whole = tables["tests"].row(0, named=True)
    total = sum(t.statistic for t in by_hand)
    assert (whole["statistic"], whole["df"]) == (pytest.approx(total), 6)
    assert whole["p_value"] == pytest.approx(stats.chi2.sf(total, 6))
    assert tables["tests"]["p_value"][1] == pytest.approx(min(1.0, 3 * p.min()))
    assert tables["summary"]["n_options_sure"][0] == 1


def test_the_sentence_on_several_answers_names_the_option_that_differs(ticking):
    result = ask(ticking, question="T", by="G")
    assert "“哪里人”而不同（p<0.001）：3 个选项逐个检验，1 个显著，550 人" in result.findings[0].text.replace("G 哪里人", "哪里人")  # fmt: skip
    assert "“乙”在“北”中勾选最多" in result.findings[1].text
    assert any("Decady" in note for note in result.notes)


def test_independent_options_reject_as_rarely_as_the_level_says():
    """The bound over the options keeps its level although they go together."""
    rng, n, rejected = np.random.default_rng(0), 300, 0
    for _ in range(300):
        group, taste = rng.integers(0, 2, n), rng.normal(size=n)
        ticks = (taste[:, None] + rng.normal(size=(n, 4))) > 0.5
        tables = [np.array([[(t & (group == g)).sum() for g in (0, 1)], [(~t & (group == g)).sum() for g in (0, 1)]], dtype=float) for t in ticks.T]  # fmt: skip
        found = options_together([Ticks(t, t, t) for t in tables], is_weighted=False, n_samples=999, seed=1)  # fmt: skip
        rejected += next(t for t in found.tests if t.kind == "bonferroni").p_value <= 0.05
    assert rejected / 300 < 0.08


def test_weighted_options_carry_their_design_effect(ticking):
    weighted = ticking.responses.with_columns(weight=pl.Series([0.5, 1.5, 1.0] * 200))
    result = ask(Dataset(responses=weighted, questionnaire=ticking.questionnaire), question="T", by="G")  # fmt: skip
    assert set(result.tables["options"]["method"]) == {"Rao–Scott 一阶校正 χ²"}
    plain = ask(ticking, question="T", by="G").tables["tests"]["p_value"][0]
    assert result.tables["tests"]["p_value"][0] != plain
