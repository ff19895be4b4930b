"""A report of whatever there is: no orders, no answers, no texts, no match; and what changed since the last wave."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest
import report_sample as sample
from scipy.stats import false_discovery_control, norm

from insight import pipeline
from insight.analysis import Result
from insight.cli import main
from insight.errors import InsightError, UnknownName
from insight.report import Lineage, composed
from insight.report.blocks import Grid, Heading
from insight.report.changes import NOISE, REAL, SMALL, Former, changes
from insight.report.facts import Chapter

ORDERS = "订单编号,会员号,下单时间,实付金额\n" + "".join(
    f"D{i}-{j},M{i:03d},2025-{1 + (i * 7 + j) % 12:02d}-{1 + i % 28:02d} 10:00:00,{50 + i * 10}\n"
    for i in range(60)
    for j in range(1 + i % 5)
)
ANSWERS = "序号,所用时间,会员号,1、您的性别？\n" + "".join(
    f"{i + 1},{40 + i},@{i:03d},{'男女'[i % 2]}\n" for i in range(60)
)
REVIEWS = "评价编号,会员号,评价内容\n" + "".join(f"R{i},M{i:03d},等候时间太长，口味不错第{i}次\n" for i in range(40))  # fmt: skip
KEYS = ("rfm", "topline", "word_frequency", "needs_by_segment", "match")


def page_of(tmp_path, **tables):
    """What the report of these files says."""
    study = pipeline.new(tmp_path / "s")
    for table, text in tables.items():
        pipeline.add(study, text.encode(), f"{table}.csv", hints=pipeline.Hints(table=table))
    known = {one.key for one in pipeline.listing()}
    page = pipeline.build_report(study, "html", only=[k for k in KEYS if k in known]).decode()
    return re.sub(r"<(style|script)\b.*?</\1>|<[^>]+>", "", page, flags=re.DOTALL)


def test_a_report_without_orders_has_the_answers_and_says_what_is_missing(tmp_path):
    said = page_of(tmp_path, responses=ANSWERS.replace("@", "M"))
    assert "本期没有订单：没有消费行为" in said
    assert "您的性别" in said
    assert "RFM 客户分层（未收录）" in said
    assert "没有纳入客户价值分析：需要带有客户编号" in said


def test_a_report_without_answers_has_the_segments_and_says_what_is_missing(tmp_path):
    said = page_of(tmp_path, orders=ORDERS)
    assert "本期没有问卷：" in said
    assert "消费金额最高的是" in said or "RFM 客户分层" in said
    assert "问卷总表（未收录）" in said
    assert "本期没有订单" not in said


def test_a_report_without_texts_says_so(tmp_path):
    said = page_of(tmp_path, orders=ORDERS, responses=ANSWERS.replace("@", "M"))
    assert "本期没有文本：没有主题、情感和原话" in said
    assert "没有一份能与订单里的客户对应" not in said


def test_a_report_of_people_nobody_could_match_says_so(tmp_path):
    said = page_of(tmp_path, orders=ORDERS, responses=ANSWERS.replace("@", "X"))
    assert "答卷里没有一份能与订单里的客户对应" in said
    assert "您的性别" in said


def test_a_study_without_any_file_has_no_report(tmp_path):
    with pytest.raises(InsightError, match="报告"):
        pipeline.build_report(pipeline.new(tmp_path / "s"), "html")


def _chapter(shares, bases):
    names = [f"选项{i}" for i in range(len(shares))]
    table = pl.DataFrame({"option": names, "share": shares, "base": bases, "n": [round(s * b) for s, b in zip(shares, bases, strict=True)]})  # fmt: skip
    return Chapter("topline", "survey", "问卷总表", "？", Result({"Q1": table}), lineage=Lineage("topline"))  # fmt: skip


def test_changes_between_waves_are_tested_and_corrected_as_by_scipy():
    now, before, bases = [0.30, 0.52, 0.11, 0.5], [0.45, 0.50, 0.10, 0.9], [400, 400, 400, 20]
    chapter = _chapter(now, bases)
    found = changes([chapter], Former("上期", {"topline": _chapter(before, bases).result}))
    pooled = (np.array(now) + before) / 2
    z = (np.array(now) - before) / np.sqrt(pooled * (1 - pooled) * 2 / np.array(bases))
    wanted = false_discovery_control(2 * norm.sf(abs(z)))
    assert [c.p_adjusted for c in found] == pytest.approx(list(wanted), rel=1e-9)
    assert [c.verdict for c in found] == [REAL, NOISE, NOISE, SMALL]


def test_what_changed_and_what_is_noise_stand_first():
    chapter = _chapter([0.30, 0.52], [400, 400])
    former = Former("研究“去年”", {"topline": _chapter([0.45, 0.50], [400, 400]).result})
    blocks = composed(sample.facts(), [chapter], former=former).body
    heads = [b.text for b in blocks if isinstance(b, Heading) and b.level == 1]
    assert heads[:2] == ["与上期相比", "摘要"]
    grids = {b.number: b for b in blocks if isinstance(b, Grid)}
    assert [[s.text for s in row] for row in grids["W.1"].rows] == [[REAL, "1"], [NOISE, "1"], [SMALL, "0"]]  # fmt: skip
    assert [s.text for s in grids["W.2"].rows[0]][1:5] == ["选项0", "45.0%\n400 人", "30.0%\n400 人", "-15.0 个百分点"]  # fmt: skip
    assert grids["W.3"].rows[0][1].text == "选项1"


def test_equal_waves_differ_in_nothing():
    chapter = _chapter([0.0, 1.0, 0.4], [50, 50, 50])
    found = changes([chapter], Former("上期", {"topline": chapter.result}))
    assert {c.verdict for c in found} == {NOISE}
    assert {c.p_adjusted for c in found} == {1.0}


def test_of_two_hundred_waves_without_a_change_few_name_one():
    """FDR at 5 %: under the null a whole report names anything in about one wave of twenty."""
    rng = np.random.default_rng(7)
    loud = 0
    for _ in range(200):
        drawn = rng.binomial(300, 0.4, size=(2, 12)) / 300
        chapter, past = (_chapter(list(one), [300] * 12) for one in drawn)
        found = changes([chapter], Former("上期", {"topline": past.result}))
        loud += any(c.verdict == REAL for c in found)
    assert loud <= 20  # 200 × 5 % = 10, and three standard errors of 3.1


def test_waves_without_a_common_share_say_so():
    other = Result({"Q9": pl.DataFrame({"a": [1]})})
    blocks = composed(sample.facts(), [sample.rfm()], former=Former("上期", {"rfm": other})).body
    assert any("两期没有可以逐项比较的占比" in r.text for b in blocks if hasattr(b, "runs") for r in b.runs)  # fmt: skip


def test_the_next_wave_is_compared_with_another_study_or_a_former_report(tmp_path, capsys):
    first, second = pipeline.new(tmp_path / "春"), pipeline.new(tmp_path / "秋")
    women = ANSWERS.replace("@", "M")
    for study, text in ((first, women), (second, women.replace("男", "女"))):
        pipeline.add(study, text.encode(), "答卷.csv", hints=pipeline.Hints(table="responses"))
        pipeline.pick(study, "topline")
    out = tmp_path / "out"
    assert main(["report", str(second.path), "--format", "html", "--against", str(first.path), "--out", str(out)]) == 0  # fmt: skip
    page = (out / "report.html").read_text("utf-8")
    assert "上期：研究“春”。" in page
    assert "50.0%<br>60 人" in page
    assert pipeline.reported(second) == ()
    pipeline.unpick(second, "topline")
    (revision,) = pipeline.reported(second)
    assert main(["report", str(second.path), "--only", "topline", "--format", "html", "--against", str(revision), "--out", str(out)]) == 0  # fmt: skip
    assert f"上期：本研究第 {revision} 版的报告。" in re.sub("<[^>]+>", "", (out / "report.html").read_text("utf-8"))  # fmt: skip
    with pytest.raises(UnknownName, match="99"):
        pipeline.build_reports(second, ["html"], only=["topline"], against=99)
