"""Opinion pairs: which noun a word judges, and whether it praises, also where that depends on the noun."""

from __future__ import annotations

import polars as pl
import pytest
from conftest import shared

from insight.analyses import find
from insight.analysis import answer
from insight.coders import coded_of
from insight.dataset import Dataset
from insight.members import behind
from insight.schema.codebook import Code, Codebook
from insight.schema.lexicon import Lexicon
from insight.sentiment.measures import judged_about, of_size
from insight.sentiment.scoring import lexicon
from insight.statements.grouping import whole_tagger
from insight.statements.pairs import pair_counts, pairs
from insight.text.plain import plain

TAG, GENERAL = whole_tagger(Lexicon()), lexicon()
SETS = ("camera", "car", "notebook", "phone")


def told(text: str) -> list[tuple[str, str, str]]:
    return [(p.aspect, p.opinion, p.polarity) for p in pairs(text, tag=TAG, using=GENERAL)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("屏幕清晰,但是客服态度不好", [("屏幕", "清晰", "positive"), ("态度", "不好", "negative")]),
        ("屏幕不够大", [("屏幕", "不够大", "negative")]),
        ("百公里油耗太高", [("油耗", "太高", "negative")]),
        ("性价比高", [("性价比", "高", "positive")]),
        ("噪音小", [("噪音", "小", "positive")]),
        ("很漂亮的外观", [("外观", "漂亮", "positive")]),
        ("散热很好", [("散热", "好", "positive")]),
        ("希望价格低一点", []),
        ("送货快就好了", []),
        ("", []),
    ],
)  # fmt: skip
def test_a_noun_is_paired_with_the_word_that_judges_it(text, expected):
    assert told(text) == expected


def test_what_a_measure_says_depends_on_the_end_of_its_noun():
    assert of_size("平均百公里油耗", "高") == "negative"
    assert of_size("屏幕分辨率", "高") == "positive"
    assert of_size("楼层", "高") == "neutral"


def test_each_noun_of_a_sentence_has_its_own_judgement():
    said = "屏幕很清晰,价格有点贵,物流没说"
    assert [judged_about(said, [w], GENERAL) for w in ("屏幕", "价格")] == ["positive", "negative"]
    assert judged_about("价格,真的太贵了", ["价格"], GENERAL) == "negative"
    assert judged_about("希望价格低一点", ["价格"], GENERAL) == "neutral"


def test_a_need_is_judged_by_the_part_of_the_sentence_that_names_it():
    book = Codebook(codes=(Code(name="屏幕", key="s", rules=("屏幕",)), Code(name="价格", key="p", rules=("价格|贵",))))  # fmt: skip
    said = pl.DataFrame({"text_id": ["a"], "text": ["屏幕很清晰,价格太贵"]})
    coded = coded_of(said, Dataset(), book)
    assert coded.texts.select("need", "polarity").rows() == [("价格", "negative"), ("屏幕", "positive")]  # fmt: skip
    assert coded.said["said"].to_list() == ["价格太贵", "屏幕很清晰"]


def test_pairs_of_the_same_people_are_counted_once():
    rows = [("a", "1", "屏幕", "清晰", "positive"), ("a", "2", "屏幕", "清晰", "positive"), ("b", "3", "屏幕", "清晰", "positive"), ("b", "3", "价格", "贵", "negative")]  # fmt: skip
    found = pl.DataFrame(rows, schema=["person", "text_id", "aspect", "opinion", "polarity"], orient="row")  # fmt: skip
    assert pair_counts(found, most=1).rows() == [("屏幕", "清晰", "positive", 2, 3)]


@pytest.mark.parametrize("key", ["sentiment", "coding"])
def test_the_people_behind_a_pair_are_those_who_say_it(key):
    texts = ["质量很好，物流太慢", "质量很好", "物流太慢", "价格贵"]
    rows = [(f"t{at}", text, f"c{at}") for at, text in enumerate(texts)]
    dataset = Dataset(texts=pl.DataFrame(rows, schema=["text_id", "text", "customer_id"], orient="row"))  # fmt: skip
    analysis = find(key)
    result = answer(analysis, dataset)
    table = result.tables["pairs"]
    assert ("质量", "好", "正面", 2, 2) in table.select("aspect", "opinion", "polarity", "n_people", "n_texts").rows()  # fmt: skip
    of = analysis.members(dataset, analysis.params(), result)["pairs"]
    for row in table.iter_rows(named=True):
        assert behind(of, row)["person"].n_unique() == row["n_people"]


def marked(kind: str) -> list[tuple[str, str, str]]:
    """Sentence, the term that people marked in it, and their judgement; the test part of a set."""
    lines = shared(f"data/absa_zh/{kind}.test.txt").read_text("utf-8-sig").splitlines()
    rows = []
    for start in range(0, len(lines) - 2, 3):
        said, term, mood = (lines[start + at].replace(" ", "") for at in range(3))
        rows.append((plain(said.replace("$T$", term)), plain(term), mood.lower()))
    return [row for row in rows if row[2] in ("positive", "negative")]


@pytest.mark.parametrize("kind", SETS)
def test_what_people_mark_is_judged_as_they_judge_it(kind):
    """Right among the decided, and how many are decided; the share of praise is .66 to .77."""
    rows = marked(kind)
    said = [judged_about(text, [term], GENERAL) for text, term, _ in rows]
    right = [one == mood for one, (_, _, mood) in zip(said, rows, strict=True) if one != "neutral"]
    assert sum(right) / len(right) >= 0.93
    assert len(right) / len(rows) >= 0.66


def test_pairs_find_what_people_mark_and_are_right_about_it():
    found, right = [], []
    for kind in SETS:
        for text, term, mood in marked(kind):
            mine = [p for p in told(text) if p[0] in term or term in p[0]]
            decided = [p[2] for p in mine if p[2] != "neutral"]
            found.append(bool(mine))
            right += [one == mood for one in decided[:1]]
    assert sum(found) / len(found) >= 0.6
    assert sum(right) / len(right) >= 0.94
