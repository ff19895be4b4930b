"""Coding: what people code, what the tool makes of it, how it is checked, and in and out of the study."""

from __future__ import annotations

import csv as csv_module
import io
import random

import numpy as np
import polars as pl
import pytest
from conftest import shared
from sklearn.metrics import cohen_kappa_score, f1_score
from statsmodels.stats.proportion import proportion_confint

from insight import pipeline
from insight import study as store
from insight.analyses import find
from insight.analysis import answer
from insight.coders import coded_of
from insight.coding import learning
from insight.coding.audit import audited
from insight.coding.coder import sure_from
from insight.coding.features import features, reader_of
from insight.coding.matching import clauses_of, raised, trees_of
from insight.coding.queue import audit_sample, next_texts
from insight.dataset import Dataset
from insight.errors import BadCodebook, BadRule, Conflict, UnknownName
from insight.needs import from_codes
from insight.schema.codebook import Code, Codebook
from insight.study import PersonCode
from insight.text.tokenize import tagger

BOOK = Codebook(codes=(Code(name="价格", key="p", rules=("价格|贵|便宜",)), Code(name="物流", key="w", rules=("物流|快递",))))  # fmt: skip


def _codes(*rows: tuple[str, str, str, list[str]]) -> pl.DataFrame:
    """text_id, coder, purpose, needs."""
    return pl.DataFrame(
        [(*row, "") for row in rows],
        schema={"text_id": pl.String, "coder": pl.String, "purpose": pl.String, "needs": pl.List(pl.String), "polarity": pl.String},
        orient="row",
    )  # fmt: skip


SAID = pl.DataFrame({"text_id": ["a", "b", "c", "d"], "text": ["价格太贵。物流很快", "好", "快递慢", "贵州特产"]})  # fmt: skip


def test_a_text_has_several_needs_each_with_the_mood_of_its_own_clause():
    coded = coded_of(SAID, Dataset(), BOOK)
    assert coded.texts.rows() == [
        ("a", "价格", "rule", None, "negative", "请核对"),
        ("a", "物流", "rule", None, "positive", "请核对"),
        ("c", "物流", "rule", None, "negative", "请核对"),
        ("d", "价格", "rule", None, "neutral", "请核对"),
    ]


def test_what_a_person_coded_wins_over_the_rules():
    codes = _codes(("d", "甲", "code", []), ("b", "甲", "code", ["w"]))
    coded = coded_of(SAID, Dataset(codes=codes), BOOK)
    assert [row[:3] for row in coded.texts.rows()] == [
        ("a", "价格", "rule"),
        ("a", "物流", "rule"),
        ("b", "物流", "person"),
        ("c", "物流", "rule"),
    ]


def test_codes_of_the_audit_never_teach_and_are_measured_blind():
    codes = _codes(("d", "甲", "audit", []), ("a", "甲", "audit", ["p"]))
    coded = coded_of(SAID, Dataset(codes=codes), BOOK)
    assert not coded.coder.truth
    assert "d" in coded.texts["text_id"]


def test_the_audit_gives_wilson_intervals_and_kappa():
    """Tool: a p,w  b -  c w  d p; people: a p  b w  c w  d -: 2 of 4 right, 2 of 3 found."""
    given = {"a": frozenset("pw"), "c": frozenset("w"), "d": frozenset("p")}
    checked = {"a": frozenset("p"), "b": frozenset("w"), "c": frozenset("w"), "d": frozenset()}
    codes = _codes(("a", "甲", "code", ["p"]), ("a", "乙", "code", ["p", "w"]), ("b", "甲", "code", ["w"]), ("b", "乙", "code", ["w"]))  # fmt: skip
    row = audited(given, checked, BOOK, codes=codes).row(0, named=True)
    assert (row["n"], row["n_given"], row["n_right"], row["n_true"]) == (4, 4, 2, 3)
    low, high = proportion_confint(2, 4, method="wilson")
    assert (row["precision_low"], row["precision_high"]) == pytest.approx((low, high))
    low, high = proportion_confint(2, 3, method="wilson")
    assert (row["recall"], row["recall_low"], row["recall_high"]) == pytest.approx(
        (2 / 3, low, high)
    )
    assert row["kappa"] == pytest.approx(cohen_kappa_score([1, 1, 0, 1], [1, 0, 0, 1]))
    assert row["n_twice"] == 2


def test_nothing_given_has_no_precision():
    row = audited({}, {"a": frozenset("p")}, BOOK, codes=None).row(0, named=True)
    assert (row["precision"], row["recall"], row["kappa"]) == (None, 0.0, None)


def test_sure_is_where_nine_of_ten_held_out_codes_are_right():
    scores = np.array([[0.9]] * 9 + [[0.8]] + [[0.5]] * 2)
    truth = np.array([[True]] * 9 + [[False]] + [[False]] * 2)
    assert sure_from(scores, truth) == 0.8
    assert sure_from(np.array([[0.9]]), np.array([[False]])) is None


def test_the_sample_to_check_is_the_same_in_any_order():
    ids = [str(n) for n in range(200)]
    assert audit_sample(ids, n=50, seed=1) == audit_sample(ids[::-1], n=50, seed=1)
    assert len(set(audit_sample(ids, n=50, seed=1))) == 50
    assert audit_sample(ids, n=50, seed=2) != audit_sample(ids, n=50, seed=1)


def test_the_next_texts_are_new_different_and_the_same_in_any_order():
    texts = pl.DataFrame({"text_id": [str(n) for n in range(60)], "text": [f"{what}{n % 30}号真的{how}" for n, (what, how) in enumerate([("物流", "很慢"), ("味道", "不错"), ("价格", "太贵")] * 20)]})  # fmt: skip
    given = {"done": {"3"}, "most": 10}
    first = next_texts(texts, clauses_of(texts["text"]), BOOK, **given)
    turned = texts.reverse()
    assert next_texts(turned, clauses_of(turned["text"]), BOOK, **given) == first
    assert "3" not in first
    assert len(set(first)) == len(first) <= 10


def _learns(texts: list[str], truth: np.ndarray, book: Codebook, *, n_coded: int) -> tuple[float, float]:  # fmt: skip
    """Macro-F1 of the codebook alone, and of what is learnt from coded texts, on the others."""
    keys = [c.key for c in book.codes]
    hits = raised(clauses_of(pl.Series(texts)), trees_of(book), n_texts=len(texts)).select(keys).to_numpy()  # fmt: skip
    given = features(texts, reader_of(texts, tag=tagger()), tag=tagger())
    coded = list(range(n_coded))
    learned = learning.by_model(hits, given, coded=coded, truth=truth[:n_coded], seed=0)
    rest = slice(n_coded, None)
    ours = learning.likely(learned.judge, hits, given)[rest] >= learning.CUT
    marks = [f1_score(truth[rest], said, average="macro", zero_division=0) for said in (hits[rest], ours)]  # fmt: skip
    return marks[0], marks[1]


KINDS = {"camera": "相机|镜头|快门|像素|照片|拍摄|闪光灯|对焦|成像", "car": "车|发动机|油耗|座椅|悬挂|内饰|动力|底盘", "notebook": "笔记本|键盘|散热|接口|硬盘|显卡|触摸板|处理器", "phone": "手机|铃声|短信|通话|信号|待机|按键|蓝牙"}  # fmt: skip


@pytest.mark.parametrize("n_coded", [50, 200])
def test_coded_answers_beat_the_codebook_alone_on_short_answers(n_coded):
    rows = []
    for kind in KINDS:
        lines = shared(f"data/absa_zh/{kind}.train.txt").read_text("utf-8-sig").splitlines()
        for start in range(0, len(lines) - 2, 3):
            said, term = (lines[start + at].replace(" ", "") for at in (0, 1))
            rows.append((said.replace("$T$", term), kind))
    chosen = random.Random(1).sample(sorted(rows), 450)
    book = Codebook(codes=tuple(Code(name=k, key=k, rules=(w,)) for k, w in KINDS.items()))
    truth = np.array([[kind == k for k in KINDS] for _, kind in chosen])
    alone, learnt = _learns([text for text, _ in chosen], truth, book, n_coded=n_coded)
    assert learnt >= alone + 0.08


def test_a_codebook_is_a_step_of_the_recipe_and_codes_outlive_a_new_name(study):
    pipeline.set_codebook(study, BOOK)
    store.keep_codes(study, [PersonCode("a", "甲", ("p",))])
    renamed = Code(name="值不值", rules=("贵",))
    pipeline.save_code(study, renamed, instead_of="价格")
    book = pipeline.codebook(study)
    assert [(c.name, c.key) for c in book.codes] == [("值不值", "p"), ("物流", "w")]
    pipeline.save_code(study, Code(name="价格"))
    assert len({c.key for c in pipeline.codebook(study).codes}) == 3
    pipeline.remove_code(study, "物流")
    assert pipeline.codebook(study).named("物流") is None
    with pytest.raises(UnknownName):
        pipeline.remove_code(study, "物流")
    with pytest.raises(BadCodebook, match="有两个需求都叫“价格”"):
        pipeline.save_code(study, Code(name="价格"))
    with pytest.raises(BadCodebook, match="左括号"):
        pipeline.save_code(study, Code(name="包装", rules=("(盒子",)))
    with pytest.raises(Conflict):
        pipeline.set_codebook(study, BOOK, parent=1)


def test_the_newest_code_of_a_person_counts_and_can_be_taken_back(study):
    assert store.codes_of(study) == ()
    store.keep_codes(study, [PersonCode("a", "甲", ("p",)), PersonCode("a", "乙", ())])
    store.keep_codes(study, [PersonCode("a", "甲", ("w", "p"), "negative")])
    assert PersonCode("a", "甲", ("p", "w"), "negative") in store.codes_of(study)
    assert store.undo_code(study, coder="甲") == "a"
    assert store.codes_of(study) == (PersonCode("a", "乙", ()), PersonCode("a", "甲", ("p",)))
    assert store.undo_code(study, coder="丙") is None


def test_the_example_codes_its_texts_and_needs_follow_the_codebook(demo_study):
    dataset = pipeline.load(demo_study)
    result = answer(find("coding"), dataset)
    needs, texts = result.tables["needs"], result.tables["texts"]
    assert needs["n_texts"].sum() == len(texts)
    assert texts.columns[:5] == ["text_id", "need", "source", "confidence", "polarity"]
    first = needs.row(0, named=True)
    mine = texts.filter(pl.col("need") == first["need"])
    assert first["n_texts"] == mine["text_id"].n_unique()
    assert any("通用编码本" in note for note in result.notes)


def test_needs_of_a_codebook_count_customers_and_leave_noise_out():
    said = pl.DataFrame({"text_id": ["1", "2", "3"], "text": ["价格太贵了", "无", "包装盒子设计漂亮"], "customer_id": ["x", "y", "z"]})  # fmt: skip
    told = from_codes(
        said, pl.DataFrame({"text_id": ["1"], "need": ["价格"]}), names=["物流", "价格"]
    )
    assert [n.label for n in told.needs] == ["价格"]
    assert told.people.rows() == [("x", True), ("z", False)]
    assert told.said.select("at", "customer_id", "text_id").rows() == [("0", "x", "1")]


def test_codes_go_out_and_come_in_from_a_file(demo_study, tmp_path):
    import shutil

    from insight.study import open_study

    shutil.copytree(demo_study.path, tmp_path / "copy")
    study = open_study(tmp_path / "copy")
    pipeline.set_codebook(study, BOOK)
    sheet = pipeline.sheet_to_code(study, n_audit=5)
    assert sheet.columns == ["文本编号", "需求", "情感", "用途", "原话"]
    filled = sheet.with_columns(需求=pl.lit("价格、物流"), 情感=pl.lit("负面"))
    buffer = io.StringIO()
    csv_module.writer(buffer).writerows([filled.columns, *filled.rows()])
    assert pipeline.import_codes(study, buffer.getvalue().encode(), "codes.csv", coder="甲") == 5
    assert {c.needs for c in pipeline.coded(study)} == {("p", "w")}
    assert {c.purpose for c in pipeline.coded(study)} == {"audit"}
    assert pipeline.codes_table(study)["需求"].unique().to_list() == ["价格、物流"]
    audit = pipeline.run(study, "coding").tables["audit"]
    assert audit["n"][0] == 5
    with pytest.raises(BadCodebook, match="没有“包装”这项需求"):
        pipeline.import_codes(study, "文本编号,需求\n{},包装\n".format(sheet["文本编号"][0]).encode(), "x.csv")  # fmt: skip
    with pytest.raises(BadCodebook, match="不在这个研究里"):
        pipeline.import_codes(study, "文本编号,需求\n没有,价格\n甲,物流\n".encode(), "x.csv")


def test_a_rule_is_edited_as_rows_and_comes_back_the_same():
    rule = 'near(物流|快递, 慢, 8) & !("不慢 了"|快)'
    rows = pipeline.rule_rows(rule)
    assert [(row.how, row.words, row.other) for row in rows] == [("near", ("物流", "快递"), ("慢",)), ("none", ("不慢 了", "快"), ())]  # fmt: skip
    back = [(r.how, *r.listed_words, r.within) for r in rows]
    assert pipeline.rule_of_rows(back) == rule
    assert pipeline.rule_of_rows([*back, ("any", "", "", 8), ("near", "慢", "", 8)]) == rule
    assert pipeline.rule_of_rows([("all", "价格、贵", "", 8)]) == "价格 & 贵"
    assert pipeline.rule_rows("") == ()
    assert pipeline.rule_rows("(价格 & 贵) | 划算") is None
    assert pipeline.rule_rows("(价格") is None
    with pytest.raises(BadRule):
        pipeline.try_rule("价格 贵", pipeline.Searchable(SAID, clauses_of(SAID["text"])))
