"""Markdown of an interview: headings, rules and quotes are no words of anybody, bold names are speakers."""

from __future__ import annotations

import polars as pl
from clean_tables import SECRET
from raw_files import table

from insight import pipeline
from insight import study as store
from insight.clean import Cleaned, clean, propose
from insight.readers import read

TALK = """# 咖啡访谈

会员号：M000123
日期：2024-03-05

---

## 一、习惯

**主持人**：您平时怎么买？
> **受访者**：我一般在**直播间**买。
> 价格便宜。

## 二、建议

**主持人：** 还有什么建议？
- 受访者：没有了。
***
"""


def cleaned(text: str, name: str = "访谈.md") -> Cleaned:
    (raw,) = read(text.encode(), name)
    return clean(raw, propose(raw), secret=SECRET)


def test_headings_rules_quotes_and_bold_names_are_taken_for_what_they_are():
    raw = table(TALK, "访谈.md")
    assert raw.frame.select("speaker", "role", "text", "__line__").rows() == [
        (None, None, "会员号：M000123", 3),
        (None, None, "日期：2024-03-05", 4),
        ("主持人", "interviewer", "您平时怎么买？", 10),
        ("受访者", "participant", "我一般在直播间买。\n价格便宜。", 11),
        ("主持人", "interviewer", "还有什么建议？", 16),
        ("受访者", "participant", "没有了。", 17),
    ]
    assert raw.notes[-3:] == (
        "标题“咖啡访谈”等 3 行不是发言，没有计入。",
        "按对话读入：4 段话，100% 识别出说话人（共 2 位）。",
        "提问的一方：主持人。",
    )


def test_lines_above_the_first_speaker_are_nobodys_words():
    result = cleaned(TALK)
    assert result.frame["text"].to_list() == ["您平时怎么买？", "我一般在直播间买。\n价格便宜。", "还有什么建议？", "没有了。"]  # fmt: skip
    assert result.frame["key_customer_id"].is_not_null().to_list() == [False, True, False, True]
    above = result.issues.filter(reason="第一位说话人之前的文字，不是任何人的发言")
    assert above.select("line", "action").rows() == [(4, "未导入")]


def test_headings_that_come_again_or_name_roles_or_times_are_speakers():
    again = "# 访谈\n\n### 李四\n我是老用户。\n\n### 王五\n我也是。\n\n### 李四\n快。\n\n### 王五\n好。\n"
    roles = "## 主持人\n您好。\n## 受访者\n你好。\n"
    times = "## 张三 00:05\n你好\n## 李四 00:09\n好的\n"
    for text, speakers in ((again, ["李四", "王五"] * 2), (roles, ["主持人", "受访者"]), (times, ["张三", "李四"])):  # fmt: skip
        assert table(text, "a.md").frame["speaker"].to_list() == speakers


def test_without_speakers_every_paragraph_but_the_headings_counts():
    frame = cleaned("# 笔记\n\n产品不错。\n\n## 小节\n就是贵。\n").frame
    assert frame.select("text", "role").rows() == [("产品不错。", "participant"), ("就是贵。", "participant")]  # fmt: skip


def test_a_text_without_headings_keeps_its_stars_and_lines():
    raw = table("主持人：打几颗星？\n受访者：*****\n主持人：**很**好\n", "a.txt")
    assert raw.frame["text"].to_list() == ["打几颗星？", "*****", "**很**好"]


def test_what_stands_above_reaches_no_analysis_unless_somebody_said_it(study):
    pipeline.add(study, TALK.encode(), "访谈.md")
    assert pipeline.load(study).texts.height == 4
    unnamed = next(s for s in pipeline.speakers(study, 0) if not s.name)
    assert unnamed.role == ""
    pipeline.set_speakers(study, 0, {"": "participant"}, parent=store.head(study).id)
    said = pipeline.load(study).texts.filter(pl.col("text").str.contains("日期"))
    assert said["role"].to_list() == ["participant"]
