"""The user names each speaker's role; it is a revision, and the words count accordingly."""

from __future__ import annotations

import json

import polars as pl
import pytest
from clean_tables import SECRET, raw_table, reasons
from raw_files import archive

from insight import cli, pipeline
from insight import study as store
from insight.clean import clean, propose, with_roles
from insight.errors import BadParameter, Conflict, UnknownName
from insight.readers import read
from insight.schema import Decisions

TALK = """记录：访谈一
会员号：M000123

张三 00:00:05
您平时喝什么咖啡？
李四 00:00:09
我喝拿铁，因为奶味足，一天两杯。
王五 00:00:15
插一句，今天的录音先到这里。
张三 00:00:20
在哪里买的呢？
李四 00:01:05
楼下的店，等候时间太长了。电话 13800000001。
"""
ROLES = {"张三": "interviewer", "王五": "", "": ""}


def told(speakers: dict[str, str]):
    (raw,) = read(TALK.encode(), "访谈一.txt")
    return clean(raw, propose(raw, decisions=Decisions(speakers=speakers)), secret=SECRET)


def test_without_decisions_nobody_asks_and_every_speaker_counts():
    found = told({})
    assert found.frame["role"].unique().to_list() == ["participant"]
    assert found.frame.height == 5
    above = found.issues.filter(reason="第一位说话人之前的文字，不是任何人的发言")
    assert above.select("line", "action").rows() == [(1, "未导入")]


def test_a_line_above_the_first_speaker_counts_once_somebody_is_said_to_say_it():
    frame = told({"": "participant"}).frame
    assert frame.filter(pl.col("speaker").is_null())["role"].to_list() == ["participant"]
    assert frame.height == 6


def test_roles_as_decided_make_questions_and_leave_out_who_does_not_count():
    found = told(ROLES)
    assert found.frame.select("speaker", "role", "question").rows() == [
        ("张三", "interviewer", None),
        ("李四", "participant", "您平时喝什么咖啡？"),
        ("张三", "interviewer", None),
        ("李四", "participant", "在哪里买的呢？"),
    ]
    out = found.issues.filter(reason="指定为不计入的说话人")
    assert out["line"].to_list() == [1, 8]
    assert out["action"].unique().to_list() == ["未导入"]


def test_the_key_above_the_talk_belongs_to_who_is_decided_to_answer():
    frame = told(ROLES).frame
    assert frame.select("speaker", has_key=frame["key_customer_id"].is_not_null()).unique().sort("speaker").rows() == [
        ("张三", False), ("李四", True),
    ]  # fmt: skip


def test_a_name_that_nobody_has_is_said():
    assert (None, "没有说话人“赵六”，为其指定的身份没有用上", "保留") in reasons(
        told({"赵六": "interviewer"})
    )


def test_speakers_of_a_table_have_roles_too():
    raw = raw_table(
        {"发言人": ["甲", "乙", "甲"], "内容": ["您多久买一次？", "一个月一次吧", "好的呢"]}
    )
    decided = propose(raw, table="texts", decisions=Decisions(speakers={"甲": "interviewer"}))
    frame = clean(raw, with_roles(decided, {"发言人": "speaker"}), secret=SECRET).frame
    assert frame["role"].to_list() == ["interviewer", "participant", "interviewer"]


def test_speakers_are_listed_with_what_they_said(study):
    pipeline.add(study, TALK.encode(), "访谈一.txt")
    assert pipeline.interviews(study) == {0: "访谈一.txt"}
    found = pipeline.speakers(study, 0)
    assert [(s.label, s.role, s.n_turns) for s in found] == [
        ("李四", "participant", 2), ("张三", "participant", 2), ("王五", "participant", 1), ("（没有标明）", "", 1),
    ]  # fmt: skip
    assert found[0].n_characters == len("我喝拿铁，因为奶味足，一天两杯。") + len(
        "楼下的店，等候时间太长了。电话 13800000001。"
    )
    shown = "".join(s.sample for s in found)
    assert "13800000001" not in shown
    assert "M000123" not in shown


def test_saving_roles_is_a_revision_that_can_be_undone(study):
    pipeline.add(study, TALK.encode(), "访谈一.txt")
    before = store.head(study)
    saved = pipeline.set_speakers(
        study, 0, {"张三": "访问员", "王五": "不计入", "": ""}, parent=before.id
    )
    assert saved.recipe.sources[0].decisions.speakers == {"张三": "interviewer", "王五": ""}
    assert "指定说话人" in saved.note
    assert pipeline.load(study).texts.height == 4
    assert {s.name: s.role for s in pipeline.speakers(study, 0)} == {**ROLES, "李四": "participant"}
    back = pipeline.set_speakers(
        study, 0, dict.fromkeys(("张三", "王五", ""), "participant"), parent=saved.id
    )
    assert back.recipe.sources[0].decisions.speakers == {"": "participant"}
    assert pipeline.load(study).texts.height == 6


def test_wrong_names_roles_and_old_parents_change_nothing(study):
    pipeline.add(study, TALK.encode(), "访谈一.txt")
    head = store.head(study)
    with pytest.raises(UnknownName, match="没有叫“赵六”的说话人"):
        pipeline.set_speakers(study, 0, {"赵六": "interviewer"}, parent=head.id)
    with pytest.raises(BadParameter, match="身份“老板”不存在"):
        pipeline.set_speakers(study, 0, {"张三": "老板"}, parent=head.id)
    assert store.head(study) == head
    named = pipeline.set_speakers(study, 0, {"李四": "interviewer"}, parent=head.id)
    with pytest.raises(Conflict):
        pipeline.set_speakers(study, 0, {"张三": "interviewer"}, parent=head.id)
    assert store.head(study) == named


def test_the_reader_shows_time_speaker_role_and_masked_words(study):
    pipeline.add(study, TALK.encode(), "访谈一.txt")
    pipeline.set_speakers(study, 0, ROLES, parent=store.head(study).id)
    assert pipeline.turns(study, 0).rows()[-1] == (
        "00:01:05", "李四", "受访者", "楼下的店，等候时间太长了。电话 138****0001。",
    )  # fmt: skip


def test_a_zip_of_interviews_is_one_upload_with_a_document_each(study):
    other = TALK.replace("张三", "赵六").replace("M000123", "M000124").replace("拿铁", "美式")
    data = archive({"访谈/访谈一.txt": TALK, "访谈/访谈二.txt": other})
    added = pipeline.add(study, data, "访谈.zip")
    assert [s.sheet for s in added.sources] == ["访谈一", "访谈二"]
    assert pipeline.interviews(study) == {0: "访谈.zip｜访谈一", 1: "访谈.zip｜访谈二"}
    pipeline.set_speakers(study, 1, {"赵六": "interviewer"}, parent=store.head(study).id)
    texts = pipeline.load(study).texts
    assert texts["document"].unique().sort().to_list() == ["访谈一", "访谈二"]
    asking = texts.filter(role="interviewer")
    assert asking["speaker"].unique().to_list() == ["赵六"]


def test_the_command_line_names_roles_on_the_way_in_and_later(study, tmp_path, capsys):
    path = tmp_path / "访谈一.txt"
    path.write_text(TALK, "utf-8")
    where = str(study.path)
    add = ["add", where, str(path), "--speaker", "张三=interviewer", "--speaker", "没有标明=不计入"]
    assert cli.main(add) == 0
    assert store.head(study).recipe.sources[0].decisions.speakers == {"张三": "interviewer", "": ""}
    assert cli.main(["speakers", where, "--speaker", "王五=不计入"]) == 0
    assert "王五：不计入（识别为受访者），1 段" in capsys.readouterr().out
    assert cli.main(["speakers", where, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out).values()
    assert {one["name"]: one["role"] for one in found} == {**ROLES, "李四": "participant"}
    assert cli.main(["speakers", where, "--speaker", "张三=老板"]) == 1
    assert "身份“老板”不存在" in capsys.readouterr().err


def test_a_study_without_interviews_says_so(study, capsys):
    assert cli.main(["speakers", str(study.path)]) == 1
    assert "请先导入访谈" in capsys.readouterr().err
