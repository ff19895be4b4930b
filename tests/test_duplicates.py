"""Copies are found and nothing else is; junk is flagged, kept in the base and counted."""

from __future__ import annotations

import csv
import random

import polars as pl
import pytest
from conftest import shared
from sklearn.feature_extraction.text import TfidfVectorizer

from insight.analyses import find
from insight.analysis import answer
from insight.dataset import Dataset
from insight.text.copies import copies
from insight.text.junk import DIGITS, MASHED, PICTURES, REPEATS, junk
from insight.text.noise import NON_ANSWER
from insight.text.tokenize import plain_form, tagger

TAG = tagger()
LONG = "这款手机的屏幕非常清楚,物流也很快,就是电池不太耐用,充一次电只能用半天"


def _junk(*texts):
    plain = [plain_form(text) for text in texts]
    return junk(plain, [TAG(text) for text in plain])


def _reviews(n: int, *, least: int) -> list[str]:
    with shared("data/online_shopping_10_cats/online_shopping_10_cats.csv").open(encoding="utf-8-sig") as lines:  # fmt: skip
        known = sorted({row["review"] for row in csv.DictReader(lines)})
    return random.Random(5).sample([t for t in known if least <= len(t) <= 200], n)


def test_equal_texts_are_paired_with_the_first_of_them():
    found = copies([LONG, "很好", LONG + "!!!", LONG.replace(",", " "), "很好"])
    assert found.select("at", "other_at", "is_exact").rows() == [(2, 0, True), (3, 0, True)]


def test_short_texts_that_many_people_say_are_no_copies():
    assert copies(["很好很满意"] * 50).is_empty()


def test_the_similarity_is_the_cosine_of_scikit_learn():
    texts = [
        LONG,
        LONG.replace("手机", "平板"),
        "物流太慢了,等了一个星期,客服也不理人,再也不买了",
        LONG[:30],
    ]
    bare = [text.replace(",", "") for text in texts]
    weighted = TfidfVectorizer(analyzer="char", ngram_range=(1, 3)).fit_transform(bare)
    wanted = (weighted @ weighted.T).toarray()
    found = copies(texts)
    assert {frozenset((r["at"], r["other_at"])) for r in found.to_dicts()} == {frozenset(p) for p in ((0, 1), (0, 3), (1, 3))}  # fmt: skip
    for row in found.to_dicts():
        assert row["similarity"] == pytest.approx(wanted[row["at"], row["other_at"]], abs=1e-4)


def test_every_pair_above_the_bound_is_found():
    texts = _reviews(600, least=25)
    texts += [text[: len(text) * 3 // 4] for text in texts[:200]]
    bare = ["".join(c for c in text.lower() if c.isalnum()) for text in texts]
    weighted = TfidfVectorizer(analyzer="char", ngram_range=(1, 3)).fit_transform(bare)
    alike = (weighted @ weighted.T).toarray()
    wanted = {
        frozenset((i, j))
        for i in range(len(texts)) for j in range(i)
        if bare[i] != bare[j]
        and alike[i, j] >= (0.6 if min(len(bare[i]), len(bare[j])) >= 25 else 0.8)
    }  # fmt: skip
    found = copies(texts).filter(~pl.col("is_exact"))
    assert {frozenset(pair) for pair in found.select("at", "other_at").rows()} == wanted


def test_precision_and_recall_on_long_texts_are_97_percent():
    texts, rng = _reviews(1_200, least=40), random.Random(1)
    copied = []
    for text in texts[:300]:
        letters = [c for c in text if rng.random() > 0.05]  # one in twenty lost
        copied.append("".join(letters) + rng.choice(["", "!!", "。总之就这样", " 好评"]))
    found = {tuple(sorted(pair)) for pair in copies([*texts, *copied]).select("at", "other_at").rows()}  # fmt: skip
    right = {(at, len(texts) + at) for at in range(300)}
    among_originals = {pair for pair in found if pair[1] < len(texts)}  # real copies in the data
    assert len(found & right) >= 0.97 * len(right)
    assert len(found & right) >= 0.97 * len(found - among_originals)
    assert len(among_originals) <= 0.01 * len(texts)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("😀👍", PICTURES), ("……", PICTURES), ("", PICTURES), ("13145", DIGITS), ("666", DIGITS), ("好好好好好好", NON_ANSWER),
        ("不错不错不错不错不错不错不错", REPEATS), ("asdfghjkl", MASHED), ("qwrtpsdf jklzxcv", MASHED), ("无", NON_ANSWER),
        ("挺好的", NON_ANSWER), (LONG, ""), ("iPhone电池不耐用", ""), ("物流太慢", ""),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_flagged_with_its_reason(text, reason):
    assert _junk(text) == [reason]


def test_at_most_two_percent_of_real_reviews_are_flagged():
    reviews = _reviews(3_000, least=15)
    assert sum(map(bool, _junk(*reviews))) <= 0.02 * len(reviews)


def test_keys_hit_at_random_surprise():
    odd = "锟斤拷烫屯第三方水电费个红酒看来去玩儿体育馆不能"
    reasons = _junk(*_reviews(1_500, least=15), odd)
    assert reasons[-1] == "用字反常"


@pytest.mark.parametrize("texts", [[], [""], [LONG], [LONG] * 40, ["😀"] * 30, ["长" * 50_000, "长" * 50_000], ["\x00\x01"] * 3])  # fmt: skip
def test_odd_texts_are_judged_without_an_error(texts):
    assert len(_junk(*texts)) == len(texts)
    assert len(copies(texts)) <= max(len(texts) - 1, 0)


def test_flagged_texts_stay_in_the_base_and_are_counted():
    said = [LONG, LONG, "无", "666", "物流太慢了,客服不理人"]
    texts = pl.DataFrame({"text_id": list("abcde"), "text": said})
    result = answer(find("duplicates"), Dataset(texts=texts))
    assert result.tables["summary"].select("reason", "n_texts", "base").rows() == [
        ("复制了其他文本", 1, 5), (DIGITS, 1, 5), (NON_ANSWER, 1, 5), ("正常", 2, 5),
    ]  # fmt: skip
    assert result.tables["pairs"].select("text_id", "other_text_id", "kind").rows() == [("b", "a", "完全相同")]  # fmt: skip


def test_words_are_counted_by_people_and_by_mentions():
    texts = pl.DataFrame({
        "text_id": list("abcd"), "customer_id": ["1", "1", "2", "3"],
        "text": ["物流慢,物流真慢", "物流慢", "物流快", "屏幕碎"],
    })  # fmt: skip
    words = answer(find("tokens"), Dataset(texts=texts), find("tokens").params(min_people=1)).tables["words"]  # fmt: skip
    (row,) = words.filter(word="物流").to_dicts()
    assert (row["pos"], row["n_people"], row["n_mentions"], row["base"]) == ("名词", 2, 4, 3)
    assert row["share"] == pytest.approx(2 / 3)
    assert row["tf_idf"] == pytest.approx(4 * 0.405465, abs=1e-4)  # 4 · ln(3/2)
    nouns = answer(find("tokens"), Dataset(texts=texts), find("tokens").params(min_people=1, kind="n"))  # fmt: skip
    assert set(nouns.tables["words"]["pos"]) == {"名词"}
