"""Before the answers leave: how many of them stand out by what others may know, counted by hand, and without it."""

from __future__ import annotations

from pathlib import Path

import pyreadstat
import pytest
from streamlit.testing.v1 import AppTest

from insight import pipeline
from insight.cli import main
from insight.disclosure import describes
from insight.errors import UnknownName
from insight.pipeline import jobs
from insight.settings import settings
from insight.study import Study, Terms
from pages.ui import places

ROOT = Path(__file__).parents[1]
NAME = "谁会被认出"
GENDER, AGE, OPINION = "您的性别", "您的年龄段", "您最满意哪一点"
# 6 women of 25 to 34, 3 men of 25 to 34, 1 man of 35 to 44, 1 woman of 35 to 44; half of them from the east
PEOPLE = [("女", "25-34岁")] * 6 + [("男", "25-34岁")] * 3 + [("男", "35-44岁"), ("女", "35-44岁")]
ANSWERS = f"会员号,1、{GENDER},2、{AGE},3、{OPINION}\n" + "".join(f"M{at},{gender},{age},{('价格', '质量', '物流')[at % 3]}\n" for at, (gender, age) in enumerate(PEOPLE))  # fmt: skip
MEMBERS = "会员号,地区,会员等级\n" + "".join(f"M{at},{'华东' if at < 6 else '华北'},{'金卡' if at == 0 else '普通'}\n" for at in range(11))  # fmt: skip
ORDERS = "订单号,会员号,下单时间,实付金额\n" + "".join(f"A{at},M{at % 11},2025-0{at % 9 + 1}-03,{100 + at}\n" for at in range(33))  # fmt: skip


@pytest.fixture(scope="module")
def study(own_folders) -> Study:
    made = pipeline.new(settings().studies_dir / NAME)
    pipeline.add(made, ORDERS.encode(), "订单.csv")
    pipeline.add(made, MEMBERS.encode(), "会员.csv")
    pipeline.add(made, ANSWERS.encode(), "答卷.csv")
    return made


def counted(study: Study, **how: object) -> tuple[int, int, int]:
    found = pipeline.rare_answers(study, **how)
    return found.n, found.n_unique, found.n_few


def names(data: bytes, folder: Path) -> set[str]:
    (folder / "a.sav").write_bytes(data)
    return set(pyreadstat.read_sav(str(folder / "a.sav"))[0].columns)


@pytest.mark.parametrize(
    "wording",
    ["您的性别", "您的年龄段是？", "您今年多少岁", "您目前居住的城市", "您的职业是", "您的最高学历", "您的家庭月收入", "您有几个孩子", "您的婚姻状况", "地區", "What is your gender?", "Age"],
)  # fmt: skip
def test_a_question_about_who_somebody_is_describes(wording):
    assert describes(wording)


@pytest.mark.parametrize(
    "wording",
    ["您对所在地区的配送满意吗", "您会推荐给同城的朋友吗", "您为孩子买过哪些产品", "您购买的原因", "这个产品适合什么年龄的人", "您最看重什么", "Which pages do you visit?", "您认为家庭装的价格如何"],
)  # fmt: skip
def test_a_question_about_what_somebody_thinks_does_not(wording):
    assert not describes(wording)


def test_what_describes_a_person_is_found_among_questions_and_attributes(study):
    assert list(pipeline.describing(study).values()) == [GENDER, AGE, "地区", "会员等级"]
    assert list(pipeline.describing(study, purchases=False).values()) == [GENDER, AGE]


def test_answers_that_stand_out_are_counted(study):
    # by sex and age: 6 women are enough, 3 men are too few, 1 and 1 are alone
    assert counted(study, purchases=False) == (11, 2, 5)
    # the gold card tells one of the six women from the others, who are still five
    assert counted(study) == (11, 3, 6)
    assert counted(study, without=["会员等级"]) == (11, 2, 5)
    # by sex alone: 7 women, 4 men; by nothing: nobody
    assert counted(study, purchases=False, without=[AGE]) == (11, 0, 4)
    assert counted(study, purchases=False, without=[AGE, GENDER]) == (11, 0, 0)


def test_a_sensitive_study_wants_larger_groups(study):
    before = pipeline.terms(study)
    pipeline.agree(study, Terms(sensitive=True))
    try:
        assert counted(study, purchases=False, without=[AGE]) == (11, 0, 11)
    finally:
        pipeline.agree(study, before)


def test_one_sentence_says_so(study):
    known = pipeline.describing(study, purchases=False)
    told = pipeline.rare_in_words(study, pipeline.rare_answers(study, purchases=False), known)
    assert told == "按“您的性别”、“您的年龄段”的组合，11 份答卷里有 5 份相同的不到 5 份（含自己），其中 2 份独一无二，别人可能认出是谁。"  # fmt: skip
    none = pipeline.rare_answers(study, purchases=False, without=[GENDER, AGE])
    assert pipeline.rare_in_words(study, none, known) == "文件里没有性别、年龄、地区一类别人可能知道的内容。"  # fmt: skip


def test_what_is_left_out_is_not_in_the_file_and_the_rest_is(study, tmp_path):
    whole = names(pipeline.build_sav(study), tmp_path)
    left = names(pipeline.build_sav(study, without=[AGE, "会员等级"]), tmp_path)
    assert whole - left == {"Q2", "SEG_level"}
    assert {"Q1", "Q3", "SEG_region"} <= left


def test_the_job_leaves_out_the_same(study, tmp_path):
    job = jobs.sav(study, without=("Q2",))
    job.wait(60)
    assert "Q2" not in names(job.result(), tmp_path)


def test_leaving_out_what_is_not_there_is_told(study):
    with pytest.raises(UnknownName, match="没有叫“星座”的描述个人的题目或属性"):
        pipeline.build_sav(study, without=["星座"])


def test_the_command_says_whom_the_file_gives_away_and_leaves_out(study, tmp_path, capsys):
    out = ["export", str(study.path), "--sav", str(tmp_path / "b.sav"), "--answers-only"]
    assert main(out) == 0
    assert "5 份相同的不到 5 份（含自己），其中 2 份独一无二" in (said := capsys.readouterr().out)
    assert "--without" in said
    assert main([*out, "--without", f"{AGE}，{GENDER}"]) == 0
    assert "文件里没有性别" in (said := capsys.readouterr().out)
    assert "--without" not in said
    assert not {"Q1", "Q2"} & names((tmp_path / "b.sav").read_bytes(), tmp_path)


def test_the_list_of_an_audience_says_so_too(study, tmp_path, capsys):
    assert main(["audience", str(study.path), "--name", "都算", "--where", "消费>=1"]) == 0
    assert main(["audience", str(study.path), "--name", "都算", "--out", str(tmp_path / "a.csv")]) == 0  # fmt: skip
    assert "别人可能认出是谁" in capsys.readouterr().out


def test_the_page_says_so_beside_the_button_and_counts_again(study):
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=300)
    app.query_params["study"] = NAME
    app.run()
    app.switch_page(places.REPORT.file)
    app.query_params["study"] = NAME
    app.run()
    assert not app.exception
    assert any(
        "6 份相同的不到 5 份（含自己），其中 3 份独一无二" in str(one.value) for one in app.caption
    )
    app.multiselect(key="handed:without").set_value(["customers.level"]).run()
    assert any(
        "5 份相同的不到 5 份（含自己），其中 2 份独一无二" in str(one.value) for one in app.caption
    )
