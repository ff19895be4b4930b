"""Praise or blame: negation, degree, contrast, words of a trade, and how often it is right on real reviews."""

from __future__ import annotations

import csv
import random

import polars as pl
import pytest
from conftest import shared

from insight.sentiment.learned import LEARN_FROM, learn
from insight.sentiment.scoring import judged, lexicon
from insight.text.plain import plain_each

GENERAL = lexicon()


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("质量很好", "positive"), ("质量不好", "negative"), ("不是很好", "negative"), ("不贵", "positive"),
        ("非常不满意", "negative"), ("没有异味", "positive"), ("快递慢", "negative"), ("不错", "positive"),
        ("虽然有点贵,但是质量很好", "positive"), ("物流很快,但是屏幕坏了", "negative"),
        ("", "neutral"), ("收到了", "neutral"), ("😀", "neutral"), ("贵州好吗", "neutral"),
    ],
)  # fmt: skip
def test_words_are_turned_by_what_stands_before_them(text, polarity):
    assert judged(text, GENERAL).polarity == polarity


def test_the_score_is_the_sum_of_its_words():
    """很好 is a word of its own: 1; behind 但, 慢 is -1 · 1.5; (1 - 1.5) / (2.5 + 1)."""
    found = judged("很好,但慢", GENERAL)
    assert found.words == (("很好", 1.0), ("慢", -1.5))
    assert found.score == pytest.approx(-0.5 / 3.5)
    assert not judged("有快递", GENERAL).decided
    assert judged("非常漂亮", GENERAL).score == pytest.approx(1.5 / 2.5)


def test_a_negation_reaches_four_characters_and_never_over_a_comma():
    assert judged("不,漂亮", GENERAL).polarity == "positive"
    assert judged("没有觉得漂亮", GENERAL).polarity == "negative"
    assert judged("没有人会去说它漂亮", GENERAL).polarity == "positive"


def test_words_of_a_trade_win_over_the_general_ones():
    trade = lexicon(("油耗低",), ("油耗高",))
    assert judged("油耗高", trade).polarity == "negative"
    assert judged("油耗高", GENERAL).polarity == "neutral"
    assert judged("漂亮", lexicon((), ("漂亮",))).polarity == "negative"


@pytest.mark.parametrize(
    ("file", "step", "least"),
    [
        ("online_shopping_10_cats/online_shopping_10_cats.csv", 9, 0.86),
        ("waimai_10k/waimai_10k.csv", 3, 0.84),
    ],
)
def test_real_reviews_that_no_word_was_chosen_by_are_judged_right(file, step, least):
    """A text that is not decided counts as no praise; the words were chosen by other rows of the files."""
    with shared(f"data/{file}").open(encoding="utf-8-sig", newline="") as lines:
        rows = [row for at, row in enumerate(csv.DictReader(lines)) if at % step == 1]
    texts = plain_each(pl.Series([row["review"] for row in rows]))
    right = [(judged(text, GENERAL).score > 0) == (row["label"] == "1") for text, row in zip(texts, rows, strict=True)]  # fmt: skip
    assert sum(right) / len(right) >= least


def test_a_study_learns_its_own_words_from_two_hundred_coded_texts():
    rng = random.Random(0)
    texts = [
        f"{'绝绝子' if at % 2 else '下头'}{rng.choice('甲乙丙丁')}{at % 7}" for at in range(300)
    ]
    truth = ["positive" if at % 2 else "negative" for at in range(LEARN_FROM)]
    model = learn(texts, coded=range(LEARN_FROM), truth=truth)
    assert (model.accuracy, model.kappa) == (1.0, 1.0)
    assert model.polarity[250:252] == ("negative", "positive")
    assert learn(texts, coded=range(199), truth=truth[:199]) is None
    assert learn(texts, coded=range(LEARN_FROM), truth=["positive"] * LEARN_FROM) is None
