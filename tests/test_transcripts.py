"""Conversations become turns: who said what, when, in which line, and who of them asks."""

from __future__ import annotations

import io
import json
import re

import pytest
from conftest import SHARED, shared
from docx import Document
from raw_files import archive, hostile, table

from insight.errors import EmptyFile
from insight.readers import LINE, RawTable, read
from insight.readers.speakers import roles

MEETINGS = SHARED / "data" / "vcsum" / "transcripts_dev"
IN_BOTH_FORMS = sorted(path.stem for path in MEETINGS.glob("*.docx"))


def turns(raw: RawTable) -> list[tuple[str | None, str | None, str]]:
    """(speaker, said_at, text) of every turn."""
    assert raw.kind == "transcript"
    return raw.frame.select("speaker", "said_at", "text").rows()


def told(text: str, name: str = "访谈.txt") -> list[tuple[str | None, str | None, str]]:
    return turns(table(text, name))


def asking(text: str) -> list[str]:
    frame = table(text, "访谈.txt").frame
    return frame.filter(role="interviewer")["speaker"].unique(maintain_order=True).to_list()


def word(document: object) -> RawTable:
    file = io.BytesIO()
    document.save(file)
    (only,) = read(file.getvalue(), "访谈.docx")
    return only


# How the tools of the trade write a conversation.
FORMS = {
    "讯飞听见": "说话人1 00:00:05\n你好。\n说话人2 00:00:09\n好的。\n",
    "飞书妙记": "说话人1 00:05\n你好。\n说话人2 00:09\n好的。\n",
    "腾讯会议": "说话人1(00:00:05): 你好。\n说话人2(00:00:09): 好的。\n",
    "time in brackets first": "[00:00:05] 说话人1: 你好。\n[00:00:09] 说话人2：好的。\n",
    "bare time first": "00:05 说话人1：你好。\n00:09 说话人2：好的。\n",
    "bare time and a blank": "00:05 说话人1 你好。\n00:09 说话人2 好的。\n",
    "tabs": "00:00:05\t说话人1\t你好。\n00:00:09\t说话人2\t好的。\n",
    "a range of time": "[00:00:05 --> 00:00:09] 说话人1：你好。\n[00:00:09 --> 00:00:12] 说话人2：好的。\n",
    "date and time": "2024-01-05 00:00:05 说话人1：你好。\n2024-01-05 00:00:09 说话人2：好的。\n",
    "full-width colons": "说话人1 00：00：05\n你好。\n说话人2 00：00：09\n好的。\n",
    "SRT": "1\n00:00:05,000 --> 00:00:09,000\n说话人1：你好。\n\n2\n00:00:09,000 --> 00:00:12,000\n说话人2：好的。\n",
    "腾讯会议, a day before the time": "2024-01-05 00:00:05 说话人1\n你好。\n2024-01-05 00:00:09 说话人2\n好的。\n",
    "钉钉": "说话人1 2024-01-05 00:00:05\n你好。\n说话人2 2024-01-05 00:00:09\n好的。\n",
    "Zoom": "[说话人1] 00:00:05\n你好。\n\n[说话人2] 00:00:09\n好的。\n",
    "angle brackets": "[00:00:05.12] <说话人1> 你好。\n[00:00:09.00] <说话人2> 好的。\n",
    "name, tab, time, tab": "说话人1\t00:00:05\t你好。\n说话人2\t00:00:09\t好的。\n",
    "a list": "1. 说话人1 00:00:05：你好。\n2. 说话人2 00:00:09：好的。\n",
    "quoted": "> 说话人1 00:00:05：你好。\n> 说话人2 00:00:09：好的。\n",
    "WebVTT": "WEBVTT\n\n00:05.000 --> 00:09.000\n<v 说话人1>你好。</v>\n\n00:09.000 --> 00:12.000\n<v.loud 说话人2>好的。\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_way_of_writing_a_turn_gives_the_same_turns(form):
    assert told(FORMS[form]) == [
        ("说话人1", "00:00:05", "你好。"),
        ("说话人2", "00:00:09", "好的。"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "主持人：您好。\n受访者：嗯。",
        "【主持人】您好。\n【受访者】嗯。",
        "**主持人**: 您好。\n**受访者**: 嗯。",
    ],
)
def test_words_for_a_role_need_no_second_proof(text):
    assert told(text) == [("主持人", None, "您好。"), ("受访者", None, "嗯。")]
    assert asking(text) == ["主持人"]


def test_two_voices_in_one_cue_are_two_turns():
    text = "WEBVTT\n\n00:05.000 --> 00:09.000\n<v 张三>您好。</v>\n<v 李四>好的。</v>\n"
    assert told(text, "会议.vtt") == [
        ("张三", "00:00:05", "您好。"),
        ("李四", "00:00:05", "好的。"),
    ]


def test_a_number_within_the_words_is_no_mark_of_a_list():
    text = "张三(00:00:05)：第 1. 您好。\n李四(00:00:09)：3) 好的。\n"
    assert [words for _, _, words in told(text)] == ["第 1. 您好。", "3) 好的。"]


def test_a_label_that_comes_once_without_a_time_is_part_of_the_text():
    text = "小王说：你好\n然后他走了\n地点：北京\n时间：10:30\n"
    assert told(text) == [(None, None, line) for line in text.splitlines()]


def test_a_label_that_comes_again_is_a_speaker_and_lines_without_one_go_on():
    text = "P07：我常买\n嗯\nP07：对\n"
    assert told(text) == [("P07", None, "我常买\n嗯"), ("P07", None, "对")]
    assert table(text, "a.txt").frame[LINE].to_list() == [1, 3]


def test_lines_above_the_first_speaker_stay_apart():
    text = "访谈对象：P07\n会员号：M000123\n主持人：你好\nP07：你好\n主持人：再见\nP07：嗯\n"
    assert told(text)[:3] == [
        (None, None, "访谈对象：P07"),
        (None, None, "会员号：M000123"),
        ("主持人", None, "你好"),
    ]


@pytest.mark.parametrize("word_again", ["例如", "优点", "姓名", "http", "2024年3月5日 14"])
def test_words_that_come_again_before_a_colon_are_not_all_people(word_again):
    text = f"{word_again}：甲\n{word_again}：乙\n"
    assert {speaker for speaker, _, _ in told(text)} == {None}


def test_short_words_after_a_time_are_words_not_names():
    text = "[00:00:01] 好的\n[00:00:03] 您常来吗\n[00:00:05] 好的\n"
    assert told(text) == [
        (None, "00:00:01", "好的"),
        (None, "00:00:03", "您常来吗"),
        (None, "00:00:05", "好的"),
    ]


def test_words_that_come_again_by_chance_in_long_prose_are_no_people():
    prose = "今天说到天气。\n" * 40
    assert told(f"{prose}北京：晴\n{prose}北京：雨\n")[0] == (None, None, "今天说到天气。")
    assert {speaker for speaker, _, _ in told(f"{prose}北京：晴\n{prose}北京：雨\n")} == {None}


def test_a_letter_is_a_person_where_somebody_asks():
    assert told("Q：您多大？\nA：三十。\n") == [("Q", None, "您多大？"), ("A", None, "三十。")]
    assert told("A：甲级\n随后\n") == [(None, None, "A：甲级"), (None, None, "随后")]
    assert asking("Q1：您多大？\nA1：三十。\nQ2：在哪买？\nA2：超市。\n") == ["Q1", "Q2"]


def test_the_interviewer_is_who_asks_most_in_short_turns():
    questions = ("你常去吗？", "为什么？", "还有吗？")
    answers = (
        "我一般每周去两三次，主要买菜。",
        "因为离家近，价格便宜，也新鲜。",
        "没有了，就是排队太久。",
    )
    pairs = [
        turn for q, a in zip(questions, answers, strict=True) for turn in (("王", q), ("刘", a))
    ]
    assert roles(pairs) == {"王": "interviewer", "刘": "participant"}
    assert roles(pairs[:4]) == {"王": "participant", "刘": "participant"}  # two questions are few
    assert roles([("王", q) for q in questions]) == {"王": "participant"}  # nobody to ask


def test_a_known_interviewer_leaves_nobody_else_to_guess():
    said = [("主持人", "请说。"), *[("张三", "为什么？")] * 5, ("李四", "因为这样那样的很多原因。")]
    assert roles(said) == {"主持人": "interviewer", "张三": "participant", "李四": "participant"}


def test_a_phone_number_as_speaker_is_masked():
    text = "13812345678：你好\n用户13812345678：嗯\n13812345678：再见\n用户13812345678：好\n"
    speakers = [speaker for speaker, _, _ in told(text)]
    assert speakers == ["138****5678", "用户138****5678"] * 2


def test_personal_data_in_the_words_are_counted():
    raw = table("受访者：我的电话 13812345678\n受访者：好\n", "a.txt")
    assert raw.notes[-1].startswith("有 1 段话疑似含个人信息")


def test_the_notes_tell_how_many_turns_have_a_speaker():
    raw = table("访谈记录\n主持人：你好\n受访者：好\n", "a.txt")
    assert raw.notes == (
        "按对话读入：2 段话，100% 识别出说话人（共 2 位）。",
        "提问的一方：主持人。",
    )


def test_even_commas_below_names_make_a_table_even_in_a_txt():
    assert table("姓名,年龄,城市\n张三,20,北京\n李四,30,上海\n", "a.txt").kind == "table"
    assert table("Hello, world\nThis is, fine\nAnd so, on\n", "a.txt").kind == "transcript"


def test_speakers_make_a_conversation_even_in_a_csv():
    assert (
        table("主持人：你好吗\n受访者：还行\n主持人：好\n受访者：嗯\n", "a.csv").kind
        == "transcript"
    )


def test_roles_named_within_one_paragraph_begin_a_turn():
    assert told("主持人：您好。受访者：嗯。主持人：为什么？受访者：便宜。\n") == [
        ("主持人", None, "您好。"),
        ("受访者", None, "嗯。"),
        ("主持人", None, "为什么？"),
        ("受访者", None, "便宜。"),
    ]


# ---- Word ------------------------------------------------------------------------------------


def test_a_word_table_with_speaker_and_words_gives_turns():
    document = Document()
    document.add_paragraph("第一场")
    cells = [
        ("时间", "说话人", "内容"),
        ("00:00:05", "P01", "你好"),
        ("00:00:09", "主持人", "请讲"),
    ]
    grid = document.add_table(rows=3, cols=3)
    for row, texts in zip(grid.rows, cells, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph("结束")
    raw = word(document)
    assert turns(raw)[:3] == [
        (None, None, "第一场"),
        ("P01", "00:00:05", "你好"),
        ("主持人", "00:00:09", "请讲\n结束"),
    ]


def test_a_word_table_of_two_columns_gives_turns_where_the_first_repeats():
    document = Document()
    grid = document.add_table(rows=4, cols=2)
    for row, texts in zip(
        grid.rows, [("王", "你好"), ("刘", "嗯"), ("王", "吃了吗"), ("刘", "吃了")], strict=True
    ):
        row.cells[0].text, row.cells[1].text = texts
    assert turns(word(document)) == [
        ("王", None, "你好"), ("刘", None, "嗯"), ("王", None, "吃了吗"), ("刘", None, "吃了"),
    ]  # fmt: skip


def test_tracked_insertions_are_read_and_deletions_are_not():
    body = (
        "<w:p><w:r><w:t>主持人：</w:t></w:r><w:ins><w:r><w:t>您好</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>滚</w:delText></w:r></w:del><w:r><w:br/><w:t>受访者：嗯</w:t></w:r></w:p>"
    )
    xml = f'<w:document xmlns:w="w"><w:body>{body}</w:body></w:document>'
    (raw,) = read(archive({"word/document.xml": xml}), "a.docx")
    assert turns(raw) == [("主持人", None, "您好"), ("受访者", None, "嗯")]


def test_subtitles_without_words_are_empty():
    with pytest.raises(EmptyFile):
        table("1\n00:00:01,000 --> 00:00:03,000\n\n", "a.srt")


def test_a_document_without_words_is_empty():
    with pytest.raises(EmptyFile):
        word(Document())


def test_hostile_documents_are_read_in_the_order_of_the_page():
    assert [text for _, _, text in turns(hostile("docx/tables.docx")[0])] == [
        "前", "主持0", "受访0", "主持1", "受访1", "主持2", "受访2", "后",
    ]  # fmt: skip
    assert turns(hostile("docx/ok.docx")[0]) == [
        (None, None, "访谈记录"),
        ("主持人", None, "您好，请介绍一下自己。"),
        ("受访者", None, "我叫张三，电话 13812345678。"),
    ]
    assert "文本框里的话" in turns(hostile("docx/textbox.docx")[0])[-1][2]
    assert hostile("docx/footnote_header_field.docx")[0].notes[0] == "文档的页眉没有读入。"
    assert turns(hostile("docx/html_as_doc.doc")[0]) == [("主持人", None, "您好")]


def test_mixed_ways_of_writing_in_one_document_are_all_recognised():
    raw = hostile("docx/speaker_variants.docx")[0]
    assert turns(raw) == [
        ("主持人", None, "问"),
        ("主持人", None, "问"),
        ("M", None, "问"),
        ("受访者A", None, "答"),
        ("A", None, "答"),
        ("张三", "00:01:23", "答"),
        (None, "00:01:25", "答\n没有说话人的续行"),
    ]
    assert raw.frame["role"].to_list() == ["interviewer"] * 3 + ["participant"] * 4


def test_a_paragraph_of_two_million_characters_is_cut_into_its_turns():
    raw = hostile("docx/one_para_2MB.docx")[0]
    assert raw.frame["speaker"].value_counts().sort("speaker").rows() == [
        ("主持人", 60_000),
        ("受访者", 60_000),
    ]


def test_hostile_texts_are_read():
    assert turns(hostile("txt/srt.srt")[0]) == [(None, "00:00:01", "您好")]
    assert turns(hostile("txt/utf16.txt")[0]) == [("主持人", None, "您好")]
    assert turns(hostile("txt/short_ambiguous.txt")[0]) == [(None, None, "联通")]


# ---- real meetings ---------------------------------------------------------------------------


def test_22_real_meetings_have_the_turns_and_speakers_of_their_gold_annotation():
    gold = json.loads(shared("data/vcsum/transcripts_dev/gold_segments.json").read_text("utf-8"))
    expected = {item["meeting"]: (item["turns"], item["speakers"]) for item in gold}
    found = {}
    for path in MEETINGS.glob("meeting_*.txt"):
        (raw,) = read(path.read_bytes(), path.name)
        number = re.findall(r"\d+", path.stem)[0]
        found[number] = (raw.frame.height, raw.frame["speaker"].n_unique())
    assert found == expected
    assert len(found) == 22


@pytest.mark.parametrize("meeting", IN_BOTH_FORMS)
def test_a_meeting_has_the_same_turns_as_text_and_as_word_file(meeting):
    text, document = (
        read((MEETINGS / f"{meeting}.{suffix}").read_bytes(), f"{meeting}.{suffix}")[0]
        for suffix in ("txt", "docx")
    )
    assert text.frame.drop(LINE).equals(document.frame.drop(LINE))
