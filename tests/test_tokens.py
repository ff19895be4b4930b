"""Words are those of jieba, and those of the study: parity, its own words, stop words, synonyms, phrases."""

from __future__ import annotations

import csv
import logging
import random

import jieba
import pytest
from conftest import shared

from insight.schema.lexicon import Lexicon, lexicon_of
from insight.text import tokenize
from insight.text.jieba_engine import Jieba
from insight.text.locks import spans
from insight.text.normalize import normalise
from insight.text.tokenize import STOP, content_words, cutter, plain_form, tagger

jieba.setLogLevel(logging.ERROR)


def _words(text: str, **fields: object) -> list[str]:
    return [word for word, _ in tagger(lexicon_of(fields))(text)]


def _sample(path: str, column: str, *, n: int) -> list[str]:
    with shared(path).open(encoding="utf-8-sig", newline="") as lines:
        texts = [row[column] for row in csv.DictReader(lines)]
    return random.Random(3).sample(texts, n)


@pytest.mark.parametrize(
    ("path", "column"),
    [
        ("data/online_shopping_10_cats/online_shopping_10_cats.csv", "review"),
        ("data/waimai_10k/waimai_10k.csv", "review"),
    ],
)
def test_999_of_1000_reviews_are_cut_as_jieba_cuts_them(path, column):
    texts = _sample(path, column, n=2_500)
    cut, tag = cutter(), tagger()
    wanted = [jieba.lcut(text) for text in texts]
    same = sum(cut(text) == words for text, words in zip(texts, wanted, strict=True))
    tagged = sum([w for w, _ in tag(t)] == words for t, words in zip(texts, wanted, strict=True))
    assert same >= 0.999 * len(texts)
    assert tagged >= 0.999 * len(texts)


def test_tags_are_those_of_the_dictionary():
    texts = _sample("data/waimai_10k/waimai_10k.csv", "review", n=500)
    reference, tag = Jieba(), tagger()
    pairs = [p for text in texts for p in zip(tag(text), reference.tag(text), strict=False)]
    told = [
        (ours, theirs)
        for (word, ours), (_, theirs) in pairs
        if ours != STOP and reference.has_word(word)
    ]
    assert all(ours == theirs for ours, theirs in told)


@pytest.mark.parametrize(
    "text",
    ["看t.cn吧", "2-3天到", "用Wi-Fi", "等了...", "AT&T的卡", "3.5%的糖", "a_b--c", "CD-ROM,E-mail", "", "\x00\x07\n 好"],
)  # fmt: skip
def test_runs_of_ascii_are_cut_at_their_connectors_as_jieba_does(text):
    assert cutter()(text) == jieba.lcut(text)
    assert [word for word, _ in tagger()(text)] == jieba.lcut(text)


def test_without_the_fast_engine_jieba_cuts_and_tags(monkeypatch):
    text = "续航焦虑的iPhone用户2-3天充一次电,t.cn"
    own = lexicon_of({"words": [{"word": "续航焦虑"}], "stop_words": ["用户"]})
    fast = tagger(own)(text)
    monkeypatch.setattr(tokenize, "_new_engine", Jieba)
    slow = tagger(own)(text)
    assert [word for word, _ in slow] == [word for word, _ in fast]
    assert ("用户", STOP) in slow
    assert ("续航焦虑", "n") in fast


def test_a_word_that_the_dictionary_knows_but_cuts_is_kept_whole_once_it_is_a_word_of_the_study():
    assert _words("物流很慢") == ["物流", "很", "慢"]
    own = tagger(lexicon_of({"words": [{"word": "很慢"}]}))("物流很慢")
    assert content_words(own) == [
        "物流",
        "很慢",
    ]  # an adverb of the dictionary, which nobody counts


@pytest.mark.parametrize("frequency", [0, 1, 3, 5_000, 10**8])
def test_a_word_takes_effect_with_and_without_a_frequency(frequency):
    word = {"word": "大过年", "frequency": frequency, "tag": "t"}
    assert ("绝绝子款", "t") in tagger(lexicon_of({"words": [word | {"word": "绝绝子款"}]}))("买了绝绝子款很好")  # fmt: skip


def test_a_word_of_a_huge_frequency_pushes_no_other_word_aside():
    texts = _sample("data/waimai_10k/waimai_10k.csv", "review", n=300)
    own = cutter(lexicon_of({"words": [{"word": "绝绝子款", "frequency": 10**9}]}))
    assert sum(own(text) == jieba.lcut(text) for text in texts) >= 298


def test_a_word_of_the_dictionary_can_be_cut_apart():
    assert "不锈钢" in _words("不锈钢杯子")
    assert "不锈钢" not in _words("不锈钢杯子", apart=["不锈钢"])


def test_a_locked_phrase_is_whole_wherever_it_stands():
    text = "这款台中是一台中等手机"
    assert "台中等" not in _words(text, words=[{"word": "中等"}])
    assert _words(text, phrases=["一台中等"]).count("一台中等") == 1
    assert "USB C" in _words("这个USB C口usb cable", phrases=["usb c"])


def test_phrases_are_found_the_longest_first_and_never_inside_a_latin_word():
    find = spans(["type-c", "Type-C 口", "usb"])
    assert list(find("TYPE-C 口,usbx,xusb,usb口")) == [(0, 8), (19, 22)]
    assert list(spans([])("随便")) == []


def test_stop_words_go_and_built_in_ones_can_stay():
    told = tagger(lexicon_of({"stop_words": ["物流"], "kept_words": ["我们"]}))("我们的物流很慢")
    assert dict(told) == {"我们": "r", "的": STOP, "物流": STOP, "很": STOP, "慢": "a"}
    assert content_words(told) == ["慢"]


def test_synonyms_count_as_the_word_that_stands_for_them():
    own = {"synonyms": [{"word": "iPhone", "variants": ["爱疯", "水果机", "i phone"]}]}
    told = content_words(tagger(lexicon_of(own))("爱疯和水果机还有I Phone都是iphone"))
    assert told.count("iphone") == 4


def test_traditional_and_full_width_words_are_those_of_simplified_texts():
    own = lexicon_of({"words": [{"word": "續航焦慮"}], "stop_words": ["ＡＰＰ"]})
    assert plain_form("續航焦慮，ＡＰＰ") == "续航焦虑,APP"
    assert dict(tagger(own)(plain_form("續航焦慮的ＡＰＰ"))) == {"续航焦虑": "n", "的": STOP, "APP": STOP}  # fmt: skip
    assert plain_form("續航", Lexicon(simplify=False)) == "續航"


def test_words_of_one_study_never_reach_another():
    before = tagger()("云感棉很软")
    tagger(lexicon_of({"words": [{"word": "云感棉"}], "stop_words": ["软"], "apart": ["很"]}))
    assert tagger()("云感棉很软") == before


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "\x00\x01\x02", "𠮷" * 50, "好" * 50_000, "A" * 50_000, "3.5%" * 9_000])  # fmt: skip
def test_odd_texts_are_cut_and_lose_nothing(text):
    plain = plain_form(text)
    own = tagger(lexicon_of({"phrases": ["好好好", "a%"], "words": [{"word": "云感棉"}]}))
    assert "".join(word for word, _ in own(plain)) == plain
    assert "".join(cutter()(text)) == text


def test_the_plain_form_keeps_two_of_many_repeats():
    assert normalise("好好好好用") == "好好用"
    assert plain_form("ＶＩＰ　會員👍👍真真真真的好！！！") == "VIP 会员 真真的好!"
