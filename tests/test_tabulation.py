"""Books of tables: every question against every break, against other libraries and counts by hand."""

from __future__ import annotations

import shutil
from itertools import combinations
from math import sqrt

import numpy as np
import polars as pl
import pytest
from conftest import shared
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from insight import pipeline
from insight import study as store
from insight.analyses.survey import crosstab, means
from insight.analysis import answer
from insight.cli import main
from insight.dataset import Dataset
from insight.errors import BadParameter, UnknownName
from insight.schema import Definitions, Option, Question, Questionnaire
from insight.stats.cells import Coded, Columns, counts_of
from insight.stats.counting import count, count_each
from insight.stats.moments import moments
from insight.stats.multiple import adjusted
from insight.stats.pairs import Samples, compare_means, compare_shares
from insight.stats.proportions import Rule
from insight.tabulation import people_of, stub_of
from insight.tabulation.stubs import rows_of

N = 240
PLAIN = Rule(correction="none")


def _question(key: str, kind: str, *labels: str, **more: object) -> Question:
    several = kind in ("multi", "rank")
    options = tuple(
        Option(label=name, column=f"{key}_{at}" if several else None)
        for at, name in enumerate(labels)
    )
    columns = tuple(f"{key}_{at}" for at in range(len(labels))) if several else (key,)
    return Question(id=key, wording=f"题{key}", kind=kind, columns=columns, options=options, **more)  # type: ignore[arg-type]


QUESTIONS = (
    _question("G", "single", "甲", "乙", "丙"), _question("S", "single", "男", "女"), _question("B", "multi", "茶", "咖啡", "以上都没有"),
    _question("R", "scale"), _question("P", "nps"), _question("A", "number"), _question("O", "rank", "一", "二"),
    Question(id="M", wording="题M", kind="matrix", columns=("M_a", "M_b"), rows=("客服", "包装")), _question("W", "number"),
)  # fmt: skip


@pytest.fixture(scope="module")
def study() -> Dataset:
    rng = np.random.default_rng(5)
    group = rng.integers(0, 3, N)
    tea, coffee = rng.random(N) < 0.3 + 0.2 * group, rng.random(N) < 0.5
    score = np.clip(rng.integers(1, 6, N) + (group == 2), 1, 5)
    frame = pl.DataFrame({
        "respondent_id": [f"r{i:03}" for i in range(N)], "G": [("甲", "乙", "丙")[g] for g in group],
        "S": rng.choice(["男", "女"], N).tolist(), "B_0": tea, "B_1": coffee, "B_2": ~tea & ~coffee, "R": score,
        "P": rng.integers(0, 11, N), "A": rng.normal(40, 9, N).round(1), "O_0": rng.integers(1, 3, N), "M_a": rng.integers(1, 6, N),
        "M_b": rng.integers(1, 6, N), "W": rng.uniform(0.2, 4.0, N).round(2),
    }).with_columns(
        pl.when(pl.int_range(N) % 11 > 0).then(pl.col("R")), pl.when(pl.int_range(N) % 7 > 0).then(pl.col("A")),
        pl.when(pl.int_range(N) % 13 > 0).then(pl.col("B_0", "B_1", "B_2")), O_1=3 - pl.col("O_0"),
    )  # fmt: skip
    return Dataset(responses=frame, questionnaire=Questionnaire(questions=QUESTIONS))


def cross(study: Dataset, **params: object):
    return answer(crosstab.ANALYSIS, study, crosstab.Params.model_validate(params))


def averages(study: Dataset, **params: object):
    return answer(means.ANALYSIS, study, means.Params.model_validate(params))


@pytest.fixture
def own_copy(demo_study, tmp_path):
    shutil.copytree(demo_study.path, tmp_path / "copy")
    return pipeline.opened(tmp_path / "copy")


def _only(table: pl.DataFrame, **where: object) -> dict[str, object]:
    (row,) = table.filter(**where).to_dicts()
    return row


@pytest.mark.parametrize("key", ["G", "B", "R", "P", "O", "M"])
@pytest.mark.parametrize("base", ["回答本题的人", "看到本题的人"])
def test_codes_count_what_the_boolean_rows_count(study, key, base):
    question = study.questionnaire.find(key)
    rows = rows_of(study.responses, question, base=base)
    stub = stub_of(study.responses, question, base=base)
    everybody = Columns(np.zeros(N, dtype=np.intp), 1)
    cells = count(stub.coded, everybody).columns
    assert stub.rows == tuple(rows.columns)
    assert cells.n.ravel().tolist() == [s.sum() for s in rows]
    assert cells.base.ravel().tolist() == [N - s.null_count() for s in rows]


def test_every_cell_of_a_weighted_book_equals_pandas_and_every_p_statsmodels(study):
    result = cross(study, rows=["B", "R", "G"], breaks=["S", "G"], weight="W", correction="holm")
    frame = study.responses.to_pandas()
    column = {"茶": frame.B_0, "咖啡": frame.B_1}
    for (row, answers), (by, names) in (
        (a, b) for a in column.items() for b in (("S", "男女"), ("G", "甲乙丙"))
    ):
        asked = frame[answers.notna()]
        shares, bases = {}, {}
        for name in names:
            part = asked[asked[by] == name]
            cell = _only(
                result.tables["table"],
                question="B",
                row=row,
                column=name,
                **{"break": f"{by} 题{by}"},
            )
            shares[name] = (part.W * answers[part.index].astype(bool)).sum() / part.W.sum()
            bases[name] = part.W.sum() ** 2 / (part.W**2).sum()
            assert (cell["n"], cell["base"]) == (answers[part.index].sum(), len(part))
            assert cell["share"] == pytest.approx(shares[name], abs=1e-12)
            assert cell["effective_base"] == pytest.approx(bases[name], abs=1e-9)
        raw = [proportions_ztest([shares[a] * bases[a], shares[b] * bases[b]], [bases[a], bases[b]]) for a, b in combinations(names, 2)]  # fmt: skip
        told = result.tables["comparisons"].filter(
            question="B", row=row, **{"break": f"{by} 题{by}"}
        )
        assert told["statistic"].to_list() == pytest.approx([z for z, _ in raw], abs=1e-6)
        assert told["p_value"].to_list() == pytest.approx([p for _, p in raw], abs=1e-6)
        assert told["p_adjusted"].to_list() == pytest.approx(multipletests([p for _, p in raw], method="holm")[1], abs=1e-6)  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs"), [("bonferroni", "bonferroni"), ("holm", "holm"), ("bh", "fdr_bh")]
)
def test_corrections_row_by_row_equal_statsmodels(ours, theirs):
    p = np.random.default_rng(1).random((40, 9)) ** 3
    p[::3, 2], p[5] = np.nan, np.nan
    found = adjusted(p, ours, axis=1)
    for line, told in zip(p, found, strict=True):
        made = ~np.isnan(line)
        assert np.isnan(told[~made]).all()
        if made.any():
            assert told[made] == pytest.approx(
                multipletests(line[made], method=theirs)[1], abs=1e-12
            )


def test_columns_that_share_people_are_tested_with_less_variance_by_hand():
    """100 see A, 80 see B, 40 both; 50 of A and 28 of B choose: p = 78/180, factor 1/100 + 1/80 - 2 * 40/8000."""
    overlap = np.zeros((1, 2, 2))
    overlap[0, 0, 1] = overlap[0, 1, 0] = 40 / 8000
    made = compare_shares(np.array([[0.5, 0.35]]), np.array([[100.0, 80.0]]), tested=np.ones((1, 2), bool), rule=PLAIN, overlap=overlap)  # fmt: skip
    p = 78 / 180
    assert made.statistic[0, 0] == pytest.approx(
        0.15 / sqrt(p * (1 - p) * (0.01 + 0.0125 - 0.01)), abs=1e-12
    )


def test_a_question_of_several_answers_heads_a_table_and_counts_who_is_shared(study):
    result = cross(study, rows=["S"], breaks=["B"], correction="none")
    frame = study.responses.drop_nulls("B_0")
    tea, coffee, male = frame["B_0"], frame["B_1"], frame["S"] == "男"
    n1, n2, n0 = tea.sum(), coffee.sum(), (tea & coffee).sum()
    x1, x2 = (male & tea).sum(), (male & coffee).sum()
    p = (x1 + x2) / (n1 + n2)
    z = (x1 / n1 - x2 / n2) / sqrt(p * (1 - p) * (1 / n1 + 1 / n2 - 2 * n0 / (n1 * n2)))
    pair = _only(result.tables["comparisons"], row="男", column="茶", other="咖啡")
    assert pair["statistic"] == pytest.approx(z, abs=1e-10)
    assert _only(result.tables["table"], row="男", column="总计")["base"] == len(
        frame
    )  # each person once
    rest = _only(result.tables["rest"], row="男", column="茶")
    assert rest["rest_share"] == pytest.approx((male & ~tea).sum() / (~tea).sum())
    assert any("1/b₁+1/b₂−2n₀/(b₁b₂)" in note for note in result.notes)


def test_weights_of_shared_people_count_in_the_overlap():
    weight, ticks = (
        np.array([1.0, 2.0, 3.0, 1.0]),
        np.array([[1, 0], [1, 1], [0, 1], [1, 1]], dtype=bool),
    )
    counted = count([Coded(np.zeros(4, dtype=np.intp), np.array([[True]]))], Columns(np.zeros(4, dtype=np.intp), 2, ticks), weight=weight)  # fmt: skip
    assert counted.overlap[0, 0, 1] == pytest.approx((4 + 1) / (4 * 6))  # sum w^2 of both / (W1 W2)
    assert counted.overlap[0, 0, 0] == pytest.approx(1 / counted.columns.effective_base[0, 0])
    assert counted.rest.weighted_base.tolist() == [[3.0, 1.0]]


@pytest.mark.parametrize("test", ["welch", "pooled"])
def test_means_equal_scipy_with_equal_and_with_unequal_variances(study, test):
    result = averages(study, rows=["A"], breaks=["G"], test=test, correction="none")
    groups = {g: part["A"].drop_nulls().to_numpy() for (g,), part in study.responses.group_by("G")}
    for first, second in combinations("甲乙丙", 2):
        told = _only(result.tables["comparisons"], column=first, other=second)
        t, p = stats.ttest_ind(groups[first], groups[second], equal_var=test == "pooled")
        assert (told["statistic"], told["p_value"]) == pytest.approx((t, p), abs=1e-9)
    cell = _only(result.tables["table"], column="乙")
    own = groups["乙"]
    assert (cell["mean"], cell["sd"], cell["median"]) == pytest.approx(
        (own.mean(), own.std(ddof=1), np.median(own))
    )
    assert cell["std_error"] == pytest.approx(stats.sem(own))
    rest = np.concatenate([groups["甲"], groups["丙"]])
    assert cell["p_value"] == pytest.approx(
        stats.ttest_ind(own, rest, equal_var=test == "pooled")[1], abs=1e-9
    )


def test_weighted_means_equal_statsmodels_on_the_effective_base(study):
    result = averages(study, rows=["R"], breaks=["S"], weight="W", test="welch", correction="none")
    frame = study.responses.drop_nulls("R")
    parts = [frame.filter(S=s) for s in "男女"]
    described = []
    for part in parts:
        w = part["W"].to_numpy()
        scaled = w * w.sum() / (w * w).sum()  # their sum is the effective base
        described.append(DescrStatsW(part["R"].to_numpy().astype(float), weights=scaled))
    t, p, df = CompareMeans(*described).ttest_ind(usevar="unequal")
    told = _only(result.tables["comparisons"])
    assert (told["statistic"], told["p_value"], told["df"]) == pytest.approx((t, p, df), abs=1e-6)
    assert (told["mean"], told["other_mean"]) == pytest.approx([d.mean for d in described])


def test_spss_pools_the_variance_of_a_mean_over_all_columns():
    means_, variances, bases = (
        np.array([[3.0, 4.0, 3.5]]),
        np.array([[1.0, 2.0, 1.5]]),
        np.array([[11.0, 21.0, 16.0]]),
    )
    made = compare_means(
        Samples(means_, variances, bases), tested=np.ones((1, 3), bool), rule=PLAIN, assume="all"
    )
    spread = (10 * 1.0 + 20 * 2.0 + 15 * 1.5) / 45
    t = -1 / sqrt(spread * (1 / 11 + 1 / 21))
    assert (made.statistic[0, 0], made.df[0, 0]) == pytest.approx((t, 45))
    assert made.p_value[0, 0] == pytest.approx(2 * stats.t.sf(abs(t), 45))


def test_spss_mode_tests_on_rounded_weighted_counts_and_says_so(study):
    result = cross(study, rows=["S"], breaks=["G"], weight="W", mode="spss", correction="none")
    frame = study.responses
    n, base = {}, {}
    for g in "甲乙":
        part = frame.filter(G=g)
        base[g] = round(part["W"].sum())
        n[g] = round(part.filter(S="男")["W"].sum())
    z, p = proportions_ztest([n["甲"], n["乙"]], [base["甲"], base["乙"]])
    told = _only(result.tables["comparisons"], row="男", column="甲", other="乙")
    assert (told["statistic"], told["p_value"]) == pytest.approx((z, p), abs=1e-9)
    assert any(note.startswith("SPSS 模式") for note in result.notes)
    default = cross(study, rows=["S"], breaks=["G"], weight="W", correction="none")
    assert (
        _only(default.tables["comparisons"], row="男", column="甲", other="乙")["p_value"]
        != told["p_value"]
    )


def test_a_weighted_median_is_where_half_of_the_weight_is_reached():
    everybody = Columns(np.zeros(4, dtype=np.intp), 1)
    values = np.array([1.0, 2.0, 5.0])
    for codes, weight, median in (([0, 1, 2, 2], [1, 1, 1, 1], 3.5), ([0, 1, 2, 2], [4, 1, 1, 1], 1.0), ([0, 0, 1, 2], [1, 1, 1, 3], 3.5)):  # fmt: skip
        inner, _, _ = counts_of(
            np.array(codes), 3, columns=everybody, weight=np.array(weight, float)
        )
        assert moments(values, inner).median.tolist() == [median]


def test_nested_columns_are_compared_within_their_own_group_only(study):
    result = cross(study, rows=["R"], breaks=["S × G"], correction="none")
    columns = result.tables["columns"]
    assert columns["column"].to_list() == ["男 × 总计", "男 × 甲", "男 × 乙", "男 × 丙", "女 × 总计", "女 × 甲", "女 × 乙", "女 × 丙"]  # fmt: skip
    assert columns["letter"].to_list() == ["", "A", "B", "C"] * 2
    sides = (
        result.tables["comparisons"].select(pl.col("column", "other").str.head(1)).unique().rows()
    )
    assert set(sides) == {("男", "男"), ("女", "女")}
    table = result.tables["table"]
    for s in "男女":
        outer = study.responses.filter(pl.col("S") == s, pl.col("R").is_not_null())
        assert _only(table, row="5", column=f"{s} × 总计")["base"] == outer.height
        assert (
            _only(table, row="5", column=f"{s} × 丙")["n"]
            == outer.filter(pl.col("G") == "丙", pl.col("R") == 5).height
        )


def test_breaks_side_by_side_equal_each_break_alone(study):
    both = cross(study, rows=["B", "P"], breaks=["G", "S"]).tables["table"]
    for key in ("G", "S"):
        alone = cross(study, rows=["B", "P"], breaks=[key]).tables["table"]
        assert both.filter(pl.col("break") == f"{key} 题{key}").equals(alone)
    assert both.select("question", "row", "break", "column").is_unique().all()


def test_false_discoveries_are_controlled_within_each_question_of_a_book(study):
    book = cross(study, rows=["B", "R", "P"], breaks=["G"], correction="bh").tables["comparisons"]
    for key in ("B", "R", "P"):
        own = book.filter(question=key)
        expected = stats.false_discovery_control(own["p_value"].to_numpy())
        assert own["p_adjusted"].to_list() == pytest.approx(expected)


def test_letters_and_the_smallest_p_of_a_cell_agree_with_the_comparisons(study):
    result = cross(study, rows=["全部"], breaks=["G", "B"], correction="holm")
    pairs = result.tables["comparisons"]
    keys = ("question", "row", "break")
    for cell in result.tables["table"].filter(pl.col("p_adjusted").is_not_null()).to_dicts():
        own = pairs.filter(*(pl.col(k) == cell[k] for k in keys), (pl.col("column") == cell["column"]) | (pl.col("other") == cell["column"]))  # fmt: skip
        assert cell["p_adjusted"] == own["p_adjusted"].min()
        wins = own.filter(pl.col("p_adjusted") <= 0.05, (pl.col("share_difference") > 0) == (pl.col("column") == cell["column"]))  # fmt: skip
        assert len(cell["letters"]) == wins.height


def test_tgi_is_the_share_over_the_total_and_points_where_the_rest_differs(study):
    result = cross(study, rows=["B"], breaks=["G"], correction="none").tables
    total, cell = (_only(result["table"], row="茶", column=c) for c in ("总计", "丙"))
    assert cell["tgi"] == pytest.approx(100 * cell["share"] / total["share"])
    for rest in result["rest"].to_dicts():
        up, p = rest["share_difference"] > 0, rest["p_value"]
        sign = ("↑" if up else "↓") * (2 if p <= 0.01 else 1 if p <= 0.05 else 0)
        assert rest["arrow"] == sign


def test_ticks_add_up_to_all_ticks_and_a_net_counts_people_once(study):
    table = cross(study, rows=["B"], breaks=["S"]).tables["table"]
    for (_,), part in table.group_by("column"):
        assert part["share_of_ticks"].sum() == pytest.approx(1.0)
    asked = study.responses.drop_nulls("B_0")
    net = _only(table, row="至少选一项", column="总计")
    assert (net["n"], net["base"]) == ((asked["B_0"] | asked["B_1"]).sum(), asked.height)
    assert net["share_of_ticks"] is None


def test_a_question_is_left_out_of_its_own_break_and_refused_where_that_is_all(study):
    table = cross(study, rows=["G", "S"], breaks=["G", "S"]).tables["table"]
    assert set(table.select("question", "break").rows()) == {("G", "S 题S"), ("S", "G 题G")}
    with pytest.raises(BadParameter, match="不能和自己交叉"):
        cross(study, rows=["G"], breaks=["G × S"])


def test_a_break_that_cannot_be_used_is_told_and_the_others_stand(study):
    few = Dataset(responses=study.responses.with_columns(S=pl.when(pl.int_range(N) < 5).then("S")), questionnaire=study.questionnaire)  # fmt: skip
    result = cross(few, rows=["R"], breaks=["S", "G"])
    assert set(result.tables["table"]["break"]) == {"G 题G"}
    assert any("“S”没有列入" in note for note in result.notes)


def test_weights_that_are_no_numbers_or_unknown_are_refused(study):
    with pytest.raises(BadParameter, match="不是数字"):
        cross(study, weight="G", breaks=["S"])
    with pytest.raises(UnknownName, match="权重列"):
        cross(study, weight="w9", breaks=["S"])
    assert crosstab.Params(weight=False).weight == "none"
    people = people_of(study, weight="W")
    assert people.weight.is_sorted()


def test_scales_have_their_top_two_and_a_matrix_a_mean_for_each_row(study):
    table = averages(study, breaks=["G"]).tables["table"]
    assert set(table["question"]) == {"R", "P", "A", "M_1", "M_2", "W"}
    known = study.responses.drop_nulls("R")
    row = _only(table, question="R", column="总计")
    assert row["top2_share"] == pytest.approx((known["R"] >= 4).mean())
    assert _only(table, question="A", column="总计")["top2_share"] is None
    with pytest.raises(BadParameter, match="没有均值"):
        averages(study, rows=["G"], breaks=["S"])


def test_a_saved_banner_takes_the_place_of_the_breaks(study):
    saved = Dataset(responses=study.responses, questionnaire=study.questionnaire, definitions=Definitions(banners={"标准": ("S", "S × G")}))  # fmt: skip
    table = cross(saved, rows=["R"], banner="标准", breaks=["B"]).tables["table"]
    assert set(table["break"]) == {"S 题S", "S 题S × G 题G"}
    with pytest.raises(UnknownName, match="没有叫“别的”的表头"):
        cross(saved, banner="别的")


def test_row_order_changes_no_digit_of_a_weighted_book(study):
    turned = Dataset(responses=study.responses.sample(fraction=1, shuffle=True, seed=3), questionnaire=study.questionnaire)  # fmt: skip
    for made in (cross, averages):
        first, second = (made(d, breaks=["G", "B", "S × G"], weight="W", **({"rows": ["全部"]} if made is cross else {})) for d in (study, turned))  # fmt: skip
        for name, table in first.tables.items():
            assert table.equals(second.tables[name]), name


def test_a_column_nobody_is_in_and_a_question_nobody_answered_leave_the_rest_standing(study):
    empty = study.responses.with_columns(R=pl.lit(None, pl.Int64), A=pl.lit(None, pl.Float64))
    nobody = Dataset(
        responses=empty.with_columns(S=pl.lit("男")), questionnaire=study.questionnaire
    )
    table = cross(nobody, rows=["全部"], breaks=["G × S"]).tables["table"]
    assert _only(table, question="B", row="茶", column="甲 × 男")["base"] > 0
    scores = averages(nobody, breaks=["G"]).tables["table"]
    assert scores.filter(question="A")["mean"].null_count() == 4
    assert scores.filter(question="P")["mean"].null_count() == 0


def test_a_study_recorded_under_the_old_names_of_the_parameters_still_opens(own_copy):
    before = store.head(own_copy)
    old = before.recipe.model_copy(update={"params": {"crosstab": {"question": "Q5", "by": "frequency", "use_weight": False}}})  # fmt: skip
    store.commit(own_copy, old, parent=before.id, author="旧版", note="旧参数")
    params = pipeline.params_of(own_copy, "crosstab")
    assert (params.rows, params.breaks, params.weight) == (["Q5"], ["frequency"], "none")


def test_a_banner_is_saved_run_over_all_questions_and_removed_from_the_command_line(
    own_copy, tmp_path, capsys
):
    path, out = str(own_copy.path), tmp_path / "out"
    assert main(["banner", path, "标准", "--breaks", "rfm,Q2 x Q3"]) == 1  # no such break
    capsys.readouterr()
    assert main(["banner", path, "标准", "--breaks", "frequency，Q3*Q2"]) == 0
    assert "标准：frequency、Q3 × Q2" in capsys.readouterr().out
    assert main(["banner", path, "标准", "--run", "--out", str(out)]) == 0
    table = pl.read_parquet(out / "crosstab" / "table.parquet")
    closed = set(pipeline.choices(own_copy)["closed_questions"])
    assert {q.split("_")[0] for q in table["question"]} == closed
    assert {"Q5", "Q9_1", "Q9_2"} <= set(table["question"])
    assert table["break"].n_unique() == 2
    assert (out / "means" / "table.csv").exists()
    assert main(["banner", path, "标准", "--remove"]) == 0
    assert pipeline.banners(own_copy) == {}
    assert main(["banner", path, "标准", "--remove"]) == 1


def test_shares_and_means_of_a_real_survey_by_locality_equal_statsmodels():
    raw = pl.read_csv(
        shared("data/quantipy_example_a/Example Data (A).csv"), infer_schema_length=10_000
    )
    frame = raw.select(
        respondent_id=pl.int_range(pl.len()).cast(pl.String), L=pl.col("locality").cast(pl.Int64, strict=False).cast(pl.String),
        Q=pl.col("q1").cast(pl.Int64, strict=False).cast(pl.String), A=pl.col("age").cast(pl.Float64, strict=False), W=pl.col("weight_a").cast(pl.Float64),
    )  # fmt: skip
    asked = Questionnaire(questions=(_question("L", "single"), _question("Q", "single"), _question("A", "number"), _question("W", "number")))  # fmt: skip
    real = Dataset(responses=frame, questionnaire=asked)
    told = cross(real, rows=["Q"], breaks=["L"], weight="W", correction="none").tables[
        "comparisons"
    ]
    pandas = frame.drop_nulls(["L", "Q"]).to_pandas()
    sums, squares = (pandas.assign(v=v).groupby("L").v.sum() for v in (pandas.W, pandas.W**2))
    bases = sums**2 / squares
    assert told.height > 10
    for pair in told.to_dicts():
        sides = [pair["column"], pair["other"]]
        shares = [
            pandas[(s == pandas.L) & (pair["row"] == pandas.Q)].W.sum() / sums[s] for s in sides
        ]
        _, p = proportions_ztest([x * bases[s] for x, s in zip(shares, sides, strict=True)], bases[sides].to_numpy())  # fmt: skip
        assert pair["p_value"] == pytest.approx(p, abs=1e-6)
    ages = averages(real, rows=["A"], breaks=["L"], correction="none").tables["comparisons"]
    for pair in ages.to_dicts():
        a, b = (
            frame.filter(L=s)["A"].drop_nulls().to_numpy() for s in (pair["column"], pair["other"])
        )
        assert pair["p_value"] == pytest.approx(stats.ttest_ind(a, b, equal_var=False)[1], abs=1e-6)


def test_breaks_counted_together_give_what_each_gives_alone():
    rng = np.random.default_rng(8)
    weight = np.sort(rng.integers(1, 9, 400) / 4)  # sums of quarters are exact
    breaks = [Columns(rng.integers(0, k + 1, 400), k) for k in (2, 5, 3, 40, 4, 300)]
    breaks.append(Columns(np.zeros(400, dtype=np.intp), 3, rng.random((400, 3)) < 0.5))
    answers = [Coded(rng.integers(0, k + 1, 400), np.eye(k, dtype=bool)) for k in (2, 5, 60, 3)]
    for used in (weight, None):
        for one, together in zip(breaks, count_each(answers, breaks, weight=used), strict=True):
            alone = count(answers, one, weight=used)
            for part in ("columns", "total", "rest"):
                for figure in ("n", "base", "weighted_n", "weighted_base", "effective_base"):
                    mine, its = (getattr(getattr(c, part), figure) for c in (together, alone))
                    assert mine.tolist() == its.tolist()
    codes, columns = answers[1].codes, breaks[3]
    counted = count_each(answers, breaks, weight=weight)[3].columns
    cell = (codes == 2) & (columns.codes == 7)
    is_asked = (codes < 5) & (columns.codes == 7)
    assert counted.n[2 + 2, 7] == cell.sum()
    assert counted.weighted_n[2 + 2, 7] == weight[cell].sum()
    assert counted.effective_base[2 + 2, 7] == pytest.approx(weight[is_asked].sum() ** 2 / (weight[is_asked] ** 2).sum())  # fmt: skip


def test_scales_have_their_mean_beneath_their_shares_in_every_column(study):
    result = cross(study, rows=["R", "G", "M"], breaks=["S"], correction="none")
    table = result.tables["means"]
    assert table["row"].unique().to_list() == ["均值"]
    assert table["question"].unique(maintain_order=True).to_list() == ["R", "M_1", "M_2"]
    table = table.filter(question="R")
    cells = {(c["row"], c["column"]): c for c in table.to_dicts()}
    sides = [study.responses.filter(S=s)["R"].drop_nulls().to_numpy() for s in ("男", "女")]
    for name, scores in zip(("男", "女"), sides, strict=True):
        assert cells["均值", name]["base"] == len(scores)
        assert cells["均值", name]["mean"] == pytest.approx(scores.mean())
        assert cells["均值", name]["sd"] == pytest.approx(scores.std(ddof=1))
    p = stats.ttest_ind(*sides, equal_var=False).pvalue
    assert cells["均值", "男"]["p_adjusted"] == pytest.approx(p)
    alone = averages(study, rows=["R"], breaks=["S"], correction="none").tables["table"]
    assert table.filter(question="R")["mean"].to_list() == alone["mean"].to_list()
    assert "means" not in cross(study, rows=["G"], breaks=["S"]).tables


def test_row_shares_say_how_those_who_chose_an_answer_are_spread(study):
    table = cross(study, rows=["G"], breaks=["S"], weight="W").tables["table"]
    frame = study.responses
    for cell in table.to_dicts():
        chose = frame.filter(G=cell["row"])
        inside = chose if cell["column"] == "总计" else chose.filter(S=cell["column"])
        assert cell["row_share"] == pytest.approx(inside["W"].sum() / chose["W"].sum())


def test_every_row_of_a_matrix_has_a_table_of_its_own_and_all_stand_in_one_beside(study):
    result = cross(study, rows=["M"], breaks=["S"], correction="none")
    table, glance = result.tables["table"], result.tables["grids"]
    assert table["question"].unique(maintain_order=True).to_list() == ["M_1", "M_2"]
    assert not any("｜" in row for row in table["row"])
    one = cross(study, rows=["M_2"], breaks=["S"], correction="none").tables["table"]
    assert one.equals(table.filter(question="M_2"))
    assert glance["row"].unique(maintain_order=True).to_list() == ["客服", "包装"]
    for column, name in (("M_a", "客服"), ("M_b", "包装")):
        for side in ("男", "女"):
            scores = study.responses.filter(S=side)[column].drop_nulls()
            cell = glance.filter(row=name, column=side).row(0, named=True)
            assert cell["base"] == len(scores)
            assert cell["mean"] == pytest.approx(scores.mean())
            best = scores >= scores.max() - 1
            assert cell["top2_share"] is None or cell["top2_share"] == pytest.approx(best.mean())
    assert "grids" not in cross(study, rows=["R"], breaks=["S"]).tables


def test_the_widest_of_many_differences_says_of_how_many_it_is_one():
    n = 400
    frame = pl.DataFrame({
        "respondent_id": [str(i) for i in range(n)],
        "A": ["茶" if (i // 4) % 10 < (8 if i % 4 == 0 else 3) else "咖" for i in range(n)],
        "B": ["甲乙丙丁"[i % 4] for i in range(n)],
    })  # fmt: skip
    asked = Questionnaire(questions=(_question("A", "single"), _question("B", "single")))
    result = cross(Dataset(responses=frame, questionnaire=asked), rows=["A"], breaks=["B"])
    tests, pairs = result.tables["tests"], result.tables["comparisons"]
    assert tests.rows() == [
        ("A", "B 题B", 12, 6)
    ]  # two rows x six pairs; 甲 against each of three, in both
    assert pairs["p_adjusted"].is_not_null().sum() == 12
    first = result.findings[0]
    assert "80.0%" in first.text
    assert "校正后 p<0.001，这张表作了 12 次两两比较，6 次显著" in first.text
    assert {(c.table, c.column) for c in first.evidence} >= {("tests", "n_tests"), ("comparisons", "p_adjusted")}  # fmt: skip
