"""Word cloud and voices: people behind texts, words without overlap, the same picture every time."""

from __future__ import annotations

from itertools import combinations

import polars as pl
import pytest
from PIL import ImageFont

from insight import charts
from insight.analyses.text import word_cloud as page
from insight.analyses.text.word_cloud import HEIGHT, WIDTH, layout
from insight.analysis import answer
from insight.dataset import Dataset
from insight.errors import MissingColumns, TooFewRows
from insight.voices import voices


def texts(*rows, columns=("text_id", "text", "customer_id")):
    return Dataset(texts=pl.DataFrame(rows, schema=list(columns), orient="row"))


def test_a_person_is_the_customer_else_the_respondent_else_the_speaker_else_the_text():
    said = texts(
        ("1", "甲", "c1", "r1", None, None),
        ("2", "乙", None, "r1", None, None),
        ("3", "丙", None, None, "访谈一", "发言人1"),
        ("4", "丁", None, None, "访谈二", "发言人1"),
        ("5", "戊", None, None, None, "发言人1"),
        columns=("text_id", "text", "customer_id", "respondent_id", "document", "speaker"),
    )
    people = voices(said)["person"].to_list()
    assert people[:2] == ["customer_id:c1", "respondent_id:r1"]
    assert len(set(people)) == 5


def test_interviewers_and_empty_texts_are_left_out_and_phones_are_masked():
    said = texts(
        ("2", "打我电话13812345678", "participant"), ("1", "您觉得呢？", "interviewer"),
        ("3", " ", "participant"), ("4", None, "participant"), ("5", "很好", None),
        columns=("text_id", "text", "role"),
    )  # fmt: skip
    assert voices(said)["text"].to_list() == ["打我电话138****5678", "很好"]


def test_without_texts_the_message_says_what_is_missing():
    with pytest.raises(MissingColumns, match="文本"):
        voices(Dataset())


WORDS = ["物流", "包装", "价格", "性价比", "iPhone", "售后服务态度", "gypsy"] + [
    a + b for a in "东南西北春夏秋冬" for b in "山水火土木"
]


def boxes(placed):
    """The ink of every word as Vega draws it: left, top, right, bottom."""
    for word, x, y, size in placed.rows():
        font = ImageFont.truetype(str(charts.FONT_FILE), size)
        left, top, right, bottom = font.getbbox(word, anchor="ls")
        start, baseline = x - font.getlength(word) / 2, y + 0.3 * size
        yield start + left, baseline + top, start + right, baseline + bottom


def test_words_neither_overlap_nor_leave_the_picture():
    placed = layout(WORDS, list(range(len(WORDS), 0, -1)))
    assert placed["word"].to_list() == WORDS
    for a, b in combinations(boxes(placed), 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
    for left, top, right, bottom in boxes(placed):
        assert 0 <= left < right <= WIDTH
        assert 0 <= top < bottom <= HEIGHT


def test_the_area_of_a_word_grows_with_the_people_who_use_it():
    placed = layout(["包装", "物流"], [40, 10])
    assert placed["font_size"].to_list() == [96, 48]


def test_the_same_seed_gives_the_same_picture_and_another_seed_another():
    people = list(range(len(WORDS), 0, -1))
    assert layout(WORDS, people, seed=1).equals(layout(WORDS, people, seed=1))
    assert not layout(WORDS, people, seed=1).equals(layout(WORDS, people, seed=2))


@pytest.fixture
def said():
    return texts(
        ("1", "包装很精美，包装好看", "a"),
        ("2", "包装破了，物流慢", "b"),
        ("3", "物流慢，不错不错", "c"),
        ("4", "不错，味道清淡", "c"),
        ("5", "不错", "b"),
    )


def test_words_are_counted_by_people_and_by_mentions(said):
    table = answer(page.ANALYSIS, said).tables["words"]
    assert table.columns[:4] == ["word", "document_frequency", "share", "term_frequency"]
    rows = {r[0]: r[1:4] for r in table.rows()}
    assert rows["包装"] == (2, 2 / 3, 3)
    assert rows["物流"] == (2, 2 / 3, 2)
    assert "味道" not in rows  # only one person


def test_the_cloud_shows_what_is_spoken_of_and_prints_chinese(said):
    result = answer(page.ANALYSIS, said)
    svg = charts.to_svg(result.charts["words"])
    assert "包装" in svg
    assert "物流" in svg
    assert "不错" not in svg
    assert charts.to_png(result.charts["words"]).startswith(b"\x89PNG")


def test_a_part_of_speech_can_be_chosen(said):
    nouns = answer(page.ANALYSIS, said, page.Params(kind="名词")).tables["words"]
    assert set(nouns["word"]) == {"物流"}


def test_findings_prove_their_numbers(said):
    result = answer(page.ANALYSIS, said)
    first = result.findings[0]
    cells = [result.tables[c.table][c.column][c.row] for c in first.evidence]
    assert first.text.startswith("2 人提到“包装”，占 66.7%")
    assert cells == [2, 2 / 3, 3]


def test_texts_without_common_words_make_no_cloud():
    with pytest.raises(TooFewRows, match="至少 2 人提到的词"):
        answer(page.ANALYSIS, texts(("1", "包装", "a"), ("2", "物流", "b")))
