"""Latent classes: published likelihoods, those of StepMix, planted classes, and what an analysis says of them."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from conftest import orders_of
from sklearn.metrics import adjusted_rand_score
from stepmix.stepmix import StepMix

from insight import pipeline
from insight.analyses import find
from insight.analysis import answer
from insight.cli import main
from insight.dataset import Dataset
from insight.errors import (
    BadParameter,
    NothingToTell,
    QuestionsMissing,
    TooFewRows,
    UnknownName,
)
from insight.needs.classes import classes, ticked
from insight.schema import Option, Question, QuestionKind, Questionnaire
from insight.stats.latent_class import fit, is_determined, n_parameters
from pages.ui import places
from tests.test_app import opened, texts

ANALYSIS = find("need_classes")

# Seven pathologists judge 118 slides: Agresti (2002), Categorical Data Analysis, table 13.1.
CARCINOMA = {
    "0000000": 34, "0000100": 2, "0100000": 6, "0100001": 1, "0100100": 4, "0100101": 5, "1000000": 2, "1010101": 1, "1100000": 2,
    "1100001": 1, "1100100": 2, "1100101": 7, "1100111": 1, "1101001": 1, "1101101": 2, "1101111": 3, "1110101": 13, "1110111": 5,
    "1111101": 10, "1111111": 16,
}  # fmt: skip


def _slides() -> np.ndarray:
    rows = [[int(mark) for mark in way] for way, n in CARCINOMA.items() for _ in range(n)]
    return np.array(rows)


@pytest.mark.parametrize(("k", "published"), [(2, -317.2568), (3, -293.705), (4, -289.2858)])
def test_the_likelihood_of_the_carcinoma_data_is_the_one_that_polca_publishes(k, published):
    found = fit(_slides(), k, seed=1)
    assert found.log_likelihood == pytest.approx(published, abs=1e-4)
    assert found.n_parameters == 8 * k - 1
    assert found.bic == pytest.approx(-2 * published + (8 * k - 1) * np.log(118), abs=1e-3)
    assert found.aic == pytest.approx(-2 * published + 2 * (8 * k - 1), abs=1e-3)


def test_three_classes_of_slides_are_those_of_agresti():
    """Table 13.3 there: shares .45, .37, .18; class 3 is where pathologist A says yes in half of the cases, D never."""
    found = fit(_slides(), 3, seed=1)
    assert found.sizes == pytest.approx([0.4447, 0.3736, 0.1817], abs=5e-5)
    yes = np.array([item[:, 1] for item in found.chances])
    assert yes[0] == pytest.approx([1.00, 0.057, 0.513], abs=0.001)
    assert yes[3] == pytest.approx([0.586, 0.00, 0.058], abs=0.001)
    certain = found.posterior
    unsure = -np.sum(certain * np.log(np.clip(certain, 1e-300, None)))
    assert found.entropy_r2 == pytest.approx(1 - unsure / (118 * np.log(3)))
    assert found.n_same == 5


def test_answers_of_several_kinds_are_estimated_as_by_stepmix():
    rng = np.random.default_rng(4)
    kind = rng.integers(0, 2, 300)
    answers = np.column_stack([
        rng.random(300) < np.where(kind, 0.8, 0.2),
        np.where(kind, rng.choice(3, 300, p=[0.7, 0.2, 0.1]), rng.choice(3, 300, p=[0.1, 0.2, 0.7])),
        rng.random(300) < np.where(kind, 0.7, 0.3),
        np.where(kind, rng.choice(4, 300, p=[0.1, 0.2, 0.3, 0.4]), rng.choice(4, 300, p=[0.6, 0.2, 0.1, 0.1])),
    ]).astype(int)  # fmt: skip
    ours = fit(answers, 2, seed=1)
    theirs = StepMix(2, measurement="categorical", n_init=5, random_state=3, abs_tol=1e-9, max_iter=3_000, progress_bar=0).fit(answers)  # fmt: skip
    assert ours.log_likelihood == pytest.approx(theirs.score(answers) * 300, abs=1e-3)
    assert ours.n_parameters == theirs.n_parameters == 1 + 2 * (1 + 2 + 1 + 3)
    assert ours.bic == pytest.approx(theirs.bic(answers), abs=1e-2)
    assert ours.entropy_r2 == pytest.approx(theirs.relative_entropy(answers), abs=1e-3)
    assert sorted(ours.sizes) == pytest.approx(sorted(theirs.weights_), abs=1e-3)
    assert [item.sum(axis=1).tolist() for item in ours.chances] == [pytest.approx([1.0, 1.0])] * 4


def test_the_order_of_the_people_changes_no_digit():
    slides, turned = _slides(), np.random.default_rng(3).permutation(118)
    first, second = fit(slides, 3, seed=1), fit(slides[turned], 3, seed=1)
    assert (first.posterior[turned] == second.posterior).all()
    assert first.log_likelihood == second.log_likelihood


def test_so_many_items_determine_so_many_classes():
    assert n_parameters([2, 2, 2], 2) == 7
    assert is_determined([2, 2, 2], 2)
    assert not is_determined([2, 2, 2], 3)
    assert is_determined([3, 3, 3], 3)


NEEDS = ("价格", "质量", "速度", "服务", "包装", "口味")
LIKELY = np.array([[0.9, 0.1, 0.8, 0.1, 0.1, 0.2], [0.1, 0.9, 0.1, 0.8, 0.2, 0.8]])


def _planted(n: int = 400, *, likely: np.ndarray = LIKELY, seed: int = 2) -> tuple[Dataset, np.ndarray]:  # fmt: skip
    """Two classes who tick other needs, the second third of them also buying dearly."""
    rng = np.random.default_rng(seed)
    kind = (np.arange(n) % 3 == 2).astype(int)
    marks = rng.random((n, len(NEEDS))) < likely[kind]
    ids = [f"c{at:04}" for at in range(n)]
    options = (*(Option(label=x, column=f"t{x}") for x in NEEDS), Option(label="以上都没有", column="none"))  # fmt: skip
    several = Question(id="Q1", wording="您最看重哪些方面？", kind=QuestionKind.MULTI, columns=tuple(o.column for o in options), options=options)  # fmt: skip
    single = Question(id="Q2", wording="您一般在哪里买？", kind=QuestionKind.SINGLE, columns=("place",), options=tuple(Option(label=x) for x in ("门店", "网店", "团购")))  # fmt: skip
    rated = Question(id="Q3", wording="打几分？", kind=QuestionKind.SCALE, columns=("score",))
    answers: dict[str, object] = {f"t{x}": marks[:, at] for at, x in enumerate(NEEDS)}
    answers |= {"none": ~marks.any(axis=1), "place": np.where(kind == 1, "门店", "网店"), "score": np.ones(n)}  # fmt: skip
    responses = pl.DataFrame({"respondent_id": [f"r{x}" for x in ids], "customer_id": ids} | answers)  # fmt: skip
    amounts = np.where(kind == 1, 1_000.0, 10.0) + rng.random(n)
    orders = [
        {"customer_id": c, "order_id": f"o{c}", "ordered_at": 1_700_000_000, "amount": a}
        for c, a in zip(ids, amounts.tolist(), strict=True)
    ]
    asked = Questionnaire(questions=(several, single, rated))
    return Dataset(orders=orders_of(orders), responses=responses, questionnaire=asked), kind


def test_planted_classes_come_back_with_their_number_their_chances_and_a_name():
    dataset, truth = _planted()
    made = classes(ticked(dataset, []), n_classes=0, seed=1)
    assert made.judged.filter("is_chosen")["k"].item() == 2
    assert made.judged["bic"].min() == made.judged.filter("is_chosen")["bic"].item()
    assert adjusted_rand_score(truth, made.model.labels) > 0.85
    assert made.chances == pytest.approx(LIKELY, abs=0.09)
    assert made.model.sizes == pytest.approx([2 / 3, 1 / 3], abs=0.04)
    assert made.names[0] in ("常选价格·速度", "常选速度·价格")
    assert set(made.names[1].removeprefix("常选").split("·")) <= {"质量", "服务", "口味"}


def test_none_of_these_is_no_need_and_a_single_choice_counts_with_each_of_its_answers():
    dataset, truth = _planted()
    assert ticked(dataset, []).answers == NEEDS
    both = ticked(dataset, ["Q1", "Q2"])
    assert both.answers == (*(f"{x}（Q1）" for x in NEEDS), "门店（Q2）", "网店（Q2）")
    assert both.levels == (2,) * 7
    assert both.shares[-2:].sum() == pytest.approx(1)
    assert adjusted_rand_score(truth, classes(both, n_classes=2, seed=1).model.labels) > 0.97


def test_who_was_not_asked_is_counted_and_left_out():
    dataset, _ = _planted()
    gap = pl.when(pl.col("respondent_id") != "rc0005").then("t价格").alias("t价格")
    found = ticked(replace(dataset, responses=dataset.responses.with_columns(gap)), [])
    assert (len(found.ids), found.n_gaps) == (399, 1)


def test_the_classes_are_laid_across_purchases_with_the_adjusted_rand_index():
    dataset, truth = _planted()
    result = answer(ANALYSIS, dataset)
    tables = result.tables
    assert tables["cross"]["n_customers"].sum() == 400
    dear = tables["cross"].filter(column_group="高客单").sort("share")["row_group"].to_list()
    assert dear[-1] == tables["segments"]["need_segment"][1]
    row = tables["agreement"].row(0, named=True)
    assert row["p_value"] == pytest.approx(1 / 2001)
    first = tables["traits"].filter(feature="价格", need_segment=tables["segments"]["need_segment"][0]).row(0, named=True)  # fmt: skip
    assert first["share_all"] == pytest.approx(dataset.responses["t价格"].mean())
    assert first["share"] > 0.8
    assert (tables["respondents"]["probability"] >= 0.5).all()
    assert "有关联" in result.findings[0].text
    assert sum(tables["segments"]["n_people"]) == len(truth)


def test_people_who_all_tick_alike_are_not_divided():
    dataset, _ = _planted(likely=np.full((2, 6), 0.5))
    result = answer(ANALYSIS, dataset)
    assert result.tables["candidates"]["bic"].is_sorted()
    assert "用一类人就能解释，看不出不同的类别" in result.findings[0].text
    assert set(result.tables) == {"candidates"}
    told = answer(ANALYSIS, dataset, ANALYSIS.params(n_classes=2))
    assert any("由人指定；BIC 最低的是 1 类" in note for note in told.notes)


def test_a_class_of_a_few_people_is_refused_in_one_sentence():
    dataset, _ = _planted(90)
    with pytest.raises(NothingToTell, match=r"分成 5 类时，最小的一类只有 \d+ 人，不足 30 人"):
        answer(ANALYSIS, dataset, ANALYSIS.params(n_classes=5))


def test_what_cannot_be_divided_is_said():
    dataset, _ = _planted()
    with pytest.raises(TooFewRows, match="至少需要 60"):
        answer(ANALYSIS, replace(dataset, responses=dataset.responses.head(50)))
    with pytest.raises(QuestionsMissing):
        answer(ANALYSIS, dataset, ANALYSIS.params(questions=["Q2"]))
    with pytest.raises(UnknownName):
        answer(ANALYSIS, dataset, ANALYSIS.params(questions=["Q9"]))
    with pytest.raises(BadParameter, match="打分题请用“需求分群”"):
        answer(ANALYSIS, dataset, ANALYSIS.params(questions=["Q3"]))
    with pytest.raises(BadParameter, match="应为 0，或 2 到 8"):
        answer(ANALYSIS, dataset, ANALYSIS.params(n_classes=1))


@pytest.fixture(scope="module")
def study(own_folders):
    """Files as a researcher has them: orders, and answers with a column of 0 and 1 for each option."""
    dataset, _ = _planted()
    responses, orders = dataset.responses, dataset.orders.collect().to_native()
    heads = ["序号", "会员号", *(f"2、您最看重哪些方面？:{x}" for x in NEEDS)]
    ticks = responses.select(pl.col(f"t{x}").cast(pl.Int64) for x in NEEDS).rows()
    answers = [",".join(map(str, (at, who, *own))) for at, (who, own) in enumerate(zip(responses["customer_id"], ticks, strict=True), 1)]  # fmt: skip
    bought = [f"{o},{c},2025-0{1 + at % 9}-11 10:00:00,{a:.2f}" for at, (c, o, a) in enumerate(orders.select("customer_id", "order_id", "amount").rows())]  # fmt: skip
    made = pipeline.new(own_folders / "studies" / "classes")
    pipeline.add(
        made, "\n".join(["订单编号,会员号,下单时间,实付金额", *bought]).encode(), "订单.csv"
    )
    pipeline.add(made, "\n".join([",".join(heads), *answers]).encode(), "答卷.csv", hints=pipeline.Hints(table="responses"))  # fmt: skip
    yield made
    shutil.rmtree(made.path)


def test_the_classes_are_told_on_the_command_line_and_in_the_report(study, tmp_path, capsys):
    said = ["run", str(study.path), "need_classes", "-p", "need_classes.n_classes=2", "--out", str(tmp_path)]  # fmt: skip
    assert main(said) == 0
    assert "需求潜在类别 × 高客单客户：400 位客户" in capsys.readouterr().out
    found = pl.read_parquet(tmp_path / "need_classes" / "segments.parquet")
    assert found["n_people"].sum() == 400
    cross = pl.read_csv(tmp_path / "need_classes" / "cross.csv")
    assert cross.height == 4
    page = pipeline.build_report(study, "html", only=["need_classes"]).decode()
    told = re.sub("<[^>]+>", "", page)
    assert "调整兰德指数" in told
    assert f"“{found['need_segment'][0]}”{found['n_people'][0]} 人" in told
    assert main([*said[:4], "need_classes.n_classes=8"]) == 1
    assert "最小的一类只有" in capsys.readouterr().err


def test_the_page_shows_the_classes(study):
    pipeline.run(study, "need_classes")
    app = opened(places.SEGMENTS, study=study.path.name, view="need_classes")
    assert not app.exception
    assert "更常选" in texts(app)
    assert any("购买人群" in one.label for one in app.selectbox)
