"""Reviews, comments and transcripts become utterances with unique ids and masked text."""

from __future__ import annotations

import pytest
from clean_tables import SECRET, cleaned, raw_table, reasons

from insight.clean import clean, propose
from insight.errors import NoUsableColumn
from insight.privacy import token


def reviews(**columns):
    usual = {
        "评论编号": ["r1", "r2", "r3"],
        "会员号": ["u1", "u2", None],
        "评论内容": ["味道不错，包装也好", "太慢了，打13812345678没人接", "一般"],
        "评分": ["5", "1", "3"],
    }
    return raw_table(usual | columns)


def test_a_review_has_id_masked_text_author_and_rating():
    frame = cleaned(reviews()).frame
    assert frame.columns == ["text_id", "text", "rating", "role", "key_customer_id"]
    assert frame["text"].to_list() == ["味道不错，包装也好", "太慢了，打138****5678没人接", "一般"]
    assert frame["role"].unique().to_list() == ["participant"]
    assert frame["key_customer_id"].to_list() == [
        token("customer_id", "u1", secret=SECRET), token("customer_id", "u2", secret=SECRET), None,
    ]  # fmt: skip


def test_empty_texts_are_left_out_with_their_line():
    result = cleaned(reviews(评论内容=["好吃好吃", None, " - "]))
    assert result.frame["text_id"].to_list() == ["r1"]
    assert reasons(result) == [(3, "内容为空", "未导入"), (4, "内容为空", "未导入")]


def test_ids_made_from_the_content_are_unique_and_do_not_depend_on_the_row_order():
    texts = ["很好", "一般", "很好", "太慢"]
    first = cleaned(raw_table({"评论": texts})).frame
    second = cleaned(raw_table({"评论": texts[::-1]})).frame
    assert first["text_id"].n_unique() == 4
    assert first.sort("text_id").equals(second.sort("text_id"))


def test_a_repeated_id_is_dropped_with_equal_text_and_numbered_with_another():
    raw = reviews(评论编号=["r1", "r1", "r1"], 评论内容=["很好很好", "很好很好", "追评：还是很好"])
    result = cleaned(raw)
    assert result.frame["text_id"].to_list() == ["r1", "r1-2"]
    assert reasons(result) == [
        (3, "文本编号和内容都重复，保留了第一条", "未导入"),
        (4, "文本编号重复但内容不同，编号后加了序号", "已更正"),
    ]


def test_a_column_of_roles_tells_interviewers_from_participants():
    raw = raw_table(
        {"内容": ["您多久买一次？", "一个月一次吧", "嗯"], "角色": ["访问员", "受访者", "主持人"]}
    )
    roles = cleaned(raw, table="texts").frame["role"].to_list()
    assert roles == ["interviewer", "participant", "interviewer"]


def test_without_a_text_column_the_table_is_refused():
    raw = raw_table({"评分": ["1", "2"]})
    with pytest.raises(NoUsableColumn, match="作为文本缺少必需的列：内容"):
        clean(raw, propose(raw, table="texts"), secret=SECRET)


@pytest.fixture
def interview():
    turns = [
        ("主持人", "interviewer", "00:00:05", "您平时怎么买茶叶？"),
        ("张女士", "participant", "00:00:12", "主要在网上。"),
        ("主持人", "interviewer", "00:00:20", "嗯嗯，好的。"),
        ("张女士", "participant", "00:01:23", "偶尔去店里。"),
        ("主持人", "interviewer", None, "为什么呢？"),
        ("张女士", "participant", "01:00:00", "看得见摸得着。"),
        ("主持人", "interviewer", None, "包装上有什么不满意的吗？"),
        ("张女士", "participant", None, "太难拆了。"),
    ]
    columns = dict(zip(("speaker", "role", "said_at", "text"), zip(*turns, strict=True), strict=True))  # fmt: skip
    return raw_table(columns, name="访谈01", kind="transcript")


def test_an_answer_carries_the_last_question_that_is_more_than_an_aside(interview):
    frame = cleaned(interview).frame
    answers = frame.filter(role="participant")
    assert answers["question"].to_list() == [
        "您平时怎么买茶叶？", "您平时怎么买茶叶？", "您平时怎么买茶叶？", "包装上有什么不满意的吗？",
    ]  # fmt: skip
    assert frame.filter(role="interviewer")["question"].is_null().all()


def test_turns_have_document_speaker_and_seconds_from_the_start(interview):
    result = cleaned(interview)
    assert result.frame["document"].unique().to_list() == ["访谈01"]
    assert result.frame["speaker"][1] == "张女士"
    assert result.frame["said_at"].to_list() == [5, 12, 20, 83, None, 3600, None, None]
    assert result.frame["text_id"].n_unique() == 8
    assert result.issues.is_empty()


def test_the_member_number_above_an_interview_is_its_participants_key_and_no_text():
    raw = raw_table(
        {
            "speaker": [None, "主持人", "受访者"],
            "role": ["participant", "interviewer", "participant"],
            "said_at": [None, None, None],
            "text": ["会员号：M000123", "您平时怎么买？", "在门店买。"],
        },
        kind="transcript",
    )
    result = cleaned(raw)
    assert result.frame["text"].to_list() == ["您平时怎么买？", "在门店买。"]
    key = token("customer_id", "m000123", secret=SECRET)
    assert result.frame["key_customer_id"].to_list() == [None, key]
    assert reasons(result) == [(2, "访谈对象的标识，用于匹配，不计入文本", "保留")]
    assert "M000123" not in str(result.issues.to_dicts())


@pytest.mark.parametrize(
    "texts",
    [["无"] * 12, ["好评"] * 200, ["好", "差"] * 10, ["5"] * 12],
    ids=["twelve", "two hundred", "two in turn", "numbers"],
)
@pytest.mark.parametrize("header", ["评论内容", "评价内容", "反馈"])
def test_an_exact_name_of_a_text_beside_its_id_needs_no_variety(texts, header):
    raw = raw_table({"评论编号": [str(i) for i in range(len(texts))], header: texts})
    assert propose(raw).table == "texts"
    assert cleaned(raw).frame["text"].to_list() == texts


def test_a_vague_name_of_a_text_needs_an_id_beside_it():
    same = ["无"] * 12
    alone = raw_table({"性别": ["男", "女"] * 6, "满意度": ["4", "5"] * 6, "建议": same})
    assert propose(alone).table == "responses"
    beside = raw_table({"评论编号": [f"r{i}" for i in range(12)], "建议": same})
    assert propose(beside).table == "texts"
